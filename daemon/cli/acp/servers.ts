// MCP servers that an editor would have the agent start. None is started unasked: the user is told, and adds one to their own configuration by a command.
import type { McpServer } from '@agentclientprotocol/sdk';
import { McpConfigure, McpList } from '../../../shared/protocol/mcp.ts';
import { counted } from '../../../shared/words/counted.ts';
import { UserError } from '../../base/errors.ts';
import type { Permission, SessionClient } from './client.ts';
import type { Call } from './history.ts';
import { isYes, ownQuestion } from './own-question.ts';
import { exactWords } from './permission.ts';
import { shown, textContent } from './updates.ts';

/** Lives as long as a session. */
export class EditorServers {
  readonly #named: readonly McpServer[];
  readonly #call: Call;
  #isTold = false;

  constructor(named: readonly McpServer[], call: Call) {
    this.#named = named;
    this.#call = call;
  }

  get isEmpty(): boolean {
    return this.#named.length === 0;
  }

  /** A sentence for the user, once. */
  async tell(): Promise<string | undefined> {
    if (this.#isTold || this.isEmpty) return undefined;
    this.#isTold = true;
    const known = await this.#known();
    const unused = this.#named.filter(({ name }) => !known.includes(name)).map(({ name }) => name);
    if (unused.length === 0) return undefined;
    const [names, are] = [unused.join(', '), unused.length === 1 ? "isn't" : "aren't"];
    return `Your editor's MCP servers (${names}) ${are} used here, since Switchyard starts only those of its own configuration. To add one, send \`/add-server ${unused[0]}\`.`;
  }

  /** Asks, and adds it. Returns a sentence. Throws UserErrors `no-such-server` and `server-kind`, and what `McpConfigure` throws. */
  async add(name: string, client: Pick<SessionClient, 'permission'>, signal: AbortSignal): Promise<string> {
    const server = this.#named.find((one) => one.name === name);
    const names = this.#named.map((one) => one.name).join(', ');
    if (!server)
      throw new UserError(
        'no-such-server',
        `Your editor names no MCP server "${shown(name)}". It names ${names || 'none'}.`,
      );
    if ((await this.#known()).includes(name)) return `${shown(name)} is in Switchyard's configuration already.`;
    const config = configOf(server);
    const isMeant = isYes(await client.permission(questionToAdd(name, config), signal));
    if (!isMeant) return `${shown(name)} wasn't added.`;
    await this.#call(McpConfigure, { name, server: { ...config } });
    return `${shown(name)} is in Switchyard's configuration now. To start it and approve its tools, run \`switchyard mcp approve ${name}\` in a terminal.`;
  }

  async #known(): Promise<string[]> {
    return (await this.#call(McpList, {})).servers.map(({ name }) => name);
  }
}

type ServerConfig =
  | { command: string; args?: string[]; env?: Record<string, string> }
  | { url: string; headers?: Record<string, string> };

function configOf(server: McpServer): ServerConfig {
  if ('command' in server) {
    const { command, args = [], env = [] } = server;
    return { command, ...(args.length > 0 && { args }), ...(env.length > 0 && { env: byName(env) }) };
  }
  const { url, headers = [] } = server as { url: string; headers?: { name: string; value: string }[] };
  if ((server as { type?: string }).type !== 'http')
    throw new UserError(
      'server-kind',
      `${shown(server.name)} speaks an older form of the protocol (SSE), which Switchyard can't use.`,
    );
  return { url, ...(headers.length > 0 && { headers: byName(headers) }) };
}

function byName(pairs: readonly { name: string; value: string }[]): Record<string, string> {
  return Object.fromEntries(pairs.map(({ name, value }) => [name, value]));
}

/** Values may be keys, so they aren't shown. */
function questionToAdd(name: string, config: ServerConfig): Permission {
  const isProgram = 'command' in config;
  const target = isProgram ? exactWords([config.command, ...(config.args ?? [])]) : config.url;
  const secret = Object.keys((isProgram ? config.env : config.headers) ?? {});
  const kept = isProgram ? 'variable' : 'header';
  const text = [
    `Add the MCP server ${name} to Switchyard's config.json?`,
    isProgram ? `The agent then starts ${target} when it needs it.` : `The agent then asks ${target}.`,
    ...(secret.length > 0
      ? [`${counted(secret.length, kept)} (${secret.join(', ')}) of your editor's settings go along.`]
      : []),
  ].join(' ');
  const yes = { kind: 'allow_once', name: 'Add' } as const;
  return ownQuestion({ id: `add-server-${name}`, title: text, text, content: [textContent(target)], yes });
}
