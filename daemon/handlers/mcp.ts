// Wire <-> domain for the MCP servers of config.json.
import { withoutHidden } from '../../shared/hidden-characters.ts';
import type {
  McpApprove,
  McpConfigure,
  McpList,
  McpLogin,
  McpLogout,
  McpRestart,
  McpServerState,
  McpToolState,
} from '../../shared/protocol/mcp.ts';
import type { ListedServer } from '../features/mcp-servers/mcp-servers.ts';
import type { Handler } from './handler.ts';

export const handleMcpList: Handler<typeof McpList, 'mcpServers'> = async (
  { server },
  { services, profile, signal },
) => {
  const asked = server === undefined ? undefined : { server, signal };
  return { servers: (await services.mcpServers.list(profile, asked)).map(toWireServer) };
};

export const handleMcpApprove: Handler<typeof McpApprove, 'mcpServers'> = async (
  { server, tools, approved },
  { services, profile, signal },
) => {
  if (approved) return { tools: await services.mcpServers.approve(profile, { server, tools, signal }) };
  const names = tools.map(({ name }) => name);
  await services.mcpServers.revoke(profile, server, names);
  return { tools: names.length };
};

export const handleMcpConfigure: Handler<typeof McpConfigure, 'mcpServers', 'none'> = (
  { name, server },
  { services },
) => {
  services.mcpServers.configure(name, server);
  return {};
};

export const handleMcpRestart: Handler<typeof McpRestart, 'mcpServers'> = async (
  { server },
  { services, profile, signal },
) => ({ tools: await services.mcpServers.restart(profile, server, signal) });

export const handleMcpLogin: Handler<typeof McpLogin, 'mcpServers'> = async (
  { server },
  { session, services, profile, signal, emit },
) => {
  const show = (url: string): void => {
    emit({ kind: 'open', url });
    if (session.capabilities.window?.showDocument?.support)
      session.peer.ask('window/showDocument', { uri: url, external: true }).catch(() => {}); // the part says it too
  };
  await services.mcpServers.signIn(profile, { server, signal, show });
  return {};
};

export const handleMcpLogout: Handler<typeof McpLogout, 'mcpServers'> = async ({ server }, { services, profile }) => ({
  wasSignedIn: await services.mcpServers.signOut(profile, server),
});

function toWireServer({ name, config, state, why, protocol, pid, tools, isAsked }: ListedServer): McpServerState {
  const { command = '', args = [], url } = config;
  return {
    name,
    target: url === undefined ? { kind: 'program', argv: [command, ...args] } : { kind: 'address', url },
    state,
    ...(why !== undefined && { why }),
    ...(protocol !== undefined && { protocol }),
    ...(pid !== undefined && { pid }),
    asked: isAsked,
    tools: tools.map(toWireTool),
  };
}

function toWireTool({ was, why, isOn, ...judged }: ListedServer['tools'][number]): McpToolState {
  return {
    ...judged,
    description: withoutHidden(judged.description),
    parameters: withoutHidden(judged.parameters),
    on: isOn,
    ...(why !== undefined && { why }),
    ...(was && { was: { description: withoutHidden(was.description), parameters: withoutHidden(was.parameters) } }),
  };
}
