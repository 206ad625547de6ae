// `switchyard mcp list`, `approve`, `add`, `remove`, `restart`, `login` and `logout`: the MCP servers whose tools the agent may call.
import {
  McpApprove,
  McpConfigure,
  McpList,
  McpLogin,
  McpLogout,
  McpRestart,
  type McpServerState,
  type McpToolState,
} from '../../../shared/protocol/mcp.ts';
import { counted } from '../../../shared/words/counted.ts';
import { shellWord } from '../../base/paths.ts';
import { askAtTerminal, isYes } from '../kit/ask-trust.ts';
import type { DaemonClient } from '../kit/client.ts';
import { HintedError, UsageError } from '../kit/command.ts';
import { printJson, printLine, printNote } from '../kit/terminal.ts';

interface Wants {
  json?: boolean | undefined;
}

export async function listServers(client: DaemonClient, { json }: Wants): Promise<void> {
  const { servers } = await client.call(McpList, {});
  if (json) return printJson({ servers });
  if (servers.length === 0)
    printLine('No MCP servers are set up. To add one, run `switchyard mcp add NAME -- COMMAND`.');
  for (const server of servers) {
    printLine(`${server.name}  ${targetOf(server)}  ${stateOf(server)}`);
    for (const tool of server.tools)
      printLine(
        `  ${tool.on ? tool.state : 'off'}  ${tool.name}, ${tool.tokens} tokens${tool.why ? `. ${tool.why}` : ''}`,
      );
    if (server.tools.length === 0)
      printLine(`  To see its tools and approve them, run \`switchyard mcp approve ${server.name}\`.`);
  }
}

function targetOf({ target }: McpServerState): string {
  return target.kind === 'address' ? target.url : target.argv.map(shellWord).join(' ');
}

function stateOf({ state, pid, protocol, why }: McpServerState): string {
  if (state === 'failed') return `failed: ${why}`;
  return [state, ...(pid === undefined ? [] : [`process ${pid}`]), ...(protocol ? [`protocol ${protocol}`] : [])].join(
    ', ',
  );
}

interface WantedApproval extends Wants {
  /** `SERVER` or `SERVER.TOOL`. */
  what: string;
  yes: boolean;
  revoke: boolean;
}

export async function approveTools(client: DaemonClient, { what, yes, revoke, json }: WantedApproval): Promise<void> {
  const [server = '', ...rest] = what.split('.'); // the name of a server has no dot; that of a tool may
  const named = rest.length > 0 ? rest.join('.') : undefined;
  const { servers } = await client.call(McpList, revoke ? {} : { server });
  const found = servers.find(({ name }) => name === server);
  if (!found)
    throw new HintedError('no-server', `There's no MCP server ${server}.`, 'To list them, run `switchyard mcp list`.');
  const tools = found.tools.filter(({ name }) => named === undefined || name === named);
  if (tools.length === 0)
    throw new HintedError(
      'no-tool',
      `${what} isn't a tool that ${server} offers.`,
      `To list them, run \`switchyard mcp approve ${server}\`.`,
    );
  const wanted = tools.filter(({ state }) => (revoke ? state !== 'new' : state === 'new' || state === 'changed'));
  const chosen = revoke || yes ? wanted : await askAbout(wanted, { server, print: json ? printNote : printLine });
  const shown = chosen.map(({ name, hash }) => ({ name, hash }));
  if (shown.length > 0) await client.call(McpApprove, { server, tools: shown, approved: !revoke });
  if (json) return printJson({ server, approved: !revoke, tools: shown.map(({ name }) => name) });
  if (wanted.length === 0)
    return printLine(revoke ? 'None of them was approved.' : `All tools of ${what} are approved.`);
  printLine(
    revoke
      ? `The agent may no longer call ${counted(shown.length, 'tool')} of ${server}.`
      : `${counted(shown.length, 'tool')} of ${server} approved. The agent still asks before it calls one.`,
  );
}

async function askAbout(
  tools: readonly McpToolState[],
  { server, print }: { server: string; print(line: string): void },
): Promise<McpToolState[]> {
  const ask = askAtTerminal();
  const chosen: McpToolState[] = [];
  for (const tool of tools) {
    for (const line of describeTool(server, tool)) print(line);
    if (ask && isYes(await ask('Let the agent use it? [y/n] '))) chosen.push(tool);
  }
  if (!ask && tools.length > 0)
    throw new HintedError(
      'not-asked',
      "Nothing was approved, since there's nobody to ask.",
      'Read what the tools say above, then add `--yes`.',
    );
  return chosen;
}

/** What a model would be told of it, and what it was told until now. */
function describeTool(
  server: string,
  { name, state, description, parameters, was, why, tokens }: McpToolState,
): string[] {
  return [
    `${server}.${name} (${state}, ${tokens} tokens)${why ? `. ${why}` : ''}`,
    ...(was ? [`  was: ${was.description}`, `       ${was.parameters}`] : []),
    `  ${was ? 'now: ' : ''}${description}`,
    `  ${was ? '     ' : ''}${parameters}`,
  ];
}

interface AddedServer extends Wants {
  name: string;
  command: readonly string[];
  url: string | undefined;
  /** `NAME=VALUE`. */
  env: readonly string[];
  headers: readonly string[];
  cwd: string | undefined;
  local: boolean;
}

export async function addServer(
  client: DaemonClient,
  { name, command: [program, ...args], url, env, headers, cwd, local, json }: AddedServer,
): Promise<void> {
  if ((program === undefined) === (url === undefined))
    throw new UsageError(
      'Add a server with its command, or with --url.',
      'For example, run `switchyard mcp add NAME -- COMMAND ARG…`.',
    );
  if (url !== undefined && !/^https?:\/\//.test(url))
    throw new UsageError(`--url takes an address such as https://docs.example/mcp, not "${url}".`);
  const server = {
    ...(url === undefined ? { command: program, args } : { url }),
    ...(env.length > 0 && { env: pairs(env) }),
    ...(headers.length > 0 && { headers: pairs(headers) }),
    ...(cwd !== undefined && { cwd }),
    ...(local && { local }),
  };
  const { servers } = await client.call(McpList, {});
  if (servers.some((known) => known.name === name))
    throw new HintedError(
      'server-known',
      `There's already an MCP server ${name}, so nothing was changed.`,
      `To replace it, run \`switchyard mcp remove ${name}\` first.`,
    );
  await client.call(McpConfigure, { name, server });
  if (json) return printJson({ added: name });
  printLine(`${name} is in config.json. To start it and approve its tools, run \`switchyard mcp approve ${name}\`.`);
}

function pairs(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=');
      if (at <= 0) throw new UsageError(`Write ${word} as NAME=VALUE.`);
      return [word.slice(0, at), word.slice(at + 1)];
    }),
  );
}

export async function removeServer(client: DaemonClient, name: string, { json }: Wants): Promise<void> {
  await client.call(McpConfigure, { name });
  if (json) return printJson({ removed: name });
  printLine(`${name} is no longer in config.json.`);
}

export async function restartServer(client: DaemonClient, server: string, { json }: Wants): Promise<void> {
  const { tools } = await client.call(McpRestart, { server });
  if (json) return printJson({ server, tools });
  printLine(`${server} is running again, and offers ${counted(tools, 'tool')}.`);
}

export async function logIn(client: DaemonClient, server: string, { json }: Wants): Promise<void> {
  await client.call(McpLogin, { server }, ({ url }) =>
    printNote(`Open this address in your browser to sign in: ${url}`),
  );
  if (json) return printJson({ server, signedIn: true });
  printLine(`You're signed in to ${server}.`);
}

export async function logOut(client: DaemonClient, server: string, { json }: Wants): Promise<void> {
  const { wasSignedIn } = await client.call(McpLogout, { server });
  if (json) return printJson({ server, wasSignedIn });
  printLine(wasSignedIn ? `You're signed out of ${server}.` : `You weren't signed in to ${server}.`);
}
