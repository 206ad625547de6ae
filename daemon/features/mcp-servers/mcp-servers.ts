// The MCP servers of config.json, as each profile uses them: what they offer, what of it is approved, and who runs.
//
// A process serves one profile, and all windows in it. Servers keep things for whom they serve (notes, a browser's cookies, an account
// that was signed in to), and one process for two profiles would show one what the other did there.

import type { ConfigFile } from '../../base/config/config.ts';
import { changeConfig } from '../../base/config/edit.ts';
import type { McpServerConfig } from '../../base/config/mcp.ts';
import { mcpServerName, McpServerConfig as ServerSchema } from '../../base/config/mcp.ts';
import type { Fetch } from '../../base/egress.ts';
import { UserError } from '../../base/errors.ts';
import type { Log, Redactor } from '../../base/log.ts';
import { groupUsage } from '../../base/process/process-group.ts';
import type { Storage } from '../../storage/storage.ts';
import type { AgentTool, ToolRun } from '../agent/tools/tool.ts';
import { selectTools, toolTokens, type UsableServer } from './agent-tools.ts';
import { openConnection } from './connection/open.ts';
import { configHash, type JudgedTool, judgeTools, toPin } from './pins.ts';
import { McpServer } from './server.ts';
import { type CredentialKeys, SignIns } from './sign-in.ts';

export interface McpServersDeps {
  config: ConfigFile;
  storage: Pick<Storage, 'in'>;
  keys: CredentialKeys;
  redactor: Pick<Redactor, 'add' | 'redact'>;
  egress: { readonly fetch: Fetch };
  network: { localOnly(): boolean };
  log: Log;
  /** How long a server stays without being asked anything; ten minutes when left out. */
  idleMs?: number;
  /** The clock of pauses after failures. */
  now?: () => number;
}

interface ListedTool extends JudgedTool {
  /** False where config.json names other tools of the server. */
  isOn: boolean;
  /** What it adds to each prompt. */
  tokens: number;
}

export interface ListedServer {
  name: string;
  config: McpServerConfig;
  state: McpServer['state'];
  /** Of one that failed: why. */
  why: string | undefined;
  protocol: string | undefined;
  pid: number | undefined;
  tools: ListedTool[];
  /** Whether `tools` are what it offers now; else they are what was approved. */
  isAsked: boolean;
}

/** One that runs, or failed. */
export interface ServerStatus {
  name: string;
  state: McpServer['state'];
  why?: string;
  protocol?: string;
  tools?: number;
  pid?: number;
  processes?: number;
  memoryBytes?: number;
}

interface LiveServer {
  profile: string;
  name: string;
  config: string;
  server: McpServer;
}

const defaultIdleMs = 600_000;
const maxTools = 300; // of a server

/** Lives as long as the daemon. */
export class McpServers implements AsyncDisposable {
  readonly #deps: McpServersDeps;
  readonly #signIns: SignIns;
  readonly #live = new Map<string, LiveServer>();

  constructor(deps: McpServersDeps) {
    this.#deps = deps;
    this.#signIns = new SignIns({ ...deps, fetch: deps.egress.fetch });
    deps.config.onChange(() => this.#reconsider());
  }

  /** The configured servers. The one that is named is started if need be, and asked what it offers. */
  async list(profile: string, asked?: { server: string; signal: AbortSignal }): Promise<ListedServer[]> {
    if (asked) await this.#toolsOf(profile, asked.server, asked.signal);
    const pins = await this.#deps.storage.in(profile).mcpPins.list();
    return Object.entries(this.#configured).map(([name, config]) => {
      const server = this.#live.get(keyOf(profile, name))?.server;
      const own = pins.filter((pin) => pin.server === name);
      const judged = judgeTools(server?.knownTools?.slice(0, maxTools), own, config);
      return {
        name,
        config,
        state: server?.state ?? 'stopped',
        why: server?.failure,
        protocol: server?.connection?.protocol,
        pid: server?.connection?.pid,
        isAsked: server?.knownTools !== undefined,
        tools: judged.map((tool) => ({ ...tool, isOn: isOn(config, tool.name), tokens: toolTokens(name, tool) })),
      };
    });
  }

  /** Approves tools that still are what the user was shown. Returns how many. Throws UserError `mcp-tool-changed` where one isn't. */
  async approve(
    profile: string,
    {
      server: name,
      tools,
      signal,
    }: { server: string; tools: readonly { name: string; hash: string }[]; signal: AbortSignal },
  ): Promise<number> {
    const config = this.#configOf(name);
    const offered = await this.#toolsOf(profile, name, signal);
    const pins = tools.map((wanted) => {
      const tool = offered.find((one) => one.name === wanted.name);
      const pin = tool && toPin(tool, { server: name, config, now: Date.now() });
      if (pin?.hash === wanted.hash) return pin;
      throw new UserError(
        'mcp-tool-changed',
        `${wanted.name.slice(0, 100)} changed while you looked at it. Look again.`,
      );
    });
    await this.#deps.storage.in(profile).mcpPins.put(pins);
    return pins.length;
  }

  /** Takes approvals back: of all tools of a server where none are named. */
  async revoke(profile: string, name: string, tools?: readonly string[]): Promise<void> {
    await this.#deps.storage.in(profile).mcpPins.remove(name, tools);
  }

  /** Adds a server to config.json, or changes it; without one, removes it. Throws UserError that names what is wrong. */
  configure(name: string, given: unknown): void {
    if (!mcpServerName.test(name))
      throw new UserError(
        'wrong-server',
        'Name a server with letters, digits, and single dashes or underscores between them, at most 30.',
      );
    const read = given === undefined ? undefined : ServerSchema.safeParse(given);
    const issue = read?.error?.issues[0];
    if (issue)
      throw new UserError(
        'wrong-server',
        `mcpServers.${[name, ...issue.path.map(String)].join('.')}: ${issue.message.replace(/^Invalid input: /, '')}`,
      );
    if (!read) this.#configOf(name);
    changeConfig(this.#deps.config, ['mcpServers', name], read?.data);
  }

  /** Calls that are under way fail. Returns how many tools it offers. */
  async restart(profile: string, name: string, signal: AbortSignal): Promise<number> {
    await this.#server(profile, name).stop();
    return (await this.#toolsOf(profile, name, signal)).length;
  }

  /** Has the user sign in to a server with an address. */
  async signIn(
    profile: string,
    { server: name, signal, show }: { server: string; signal: AbortSignal; show(address: string): void },
  ): Promise<void> {
    const { url } = this.#configOf(name);
    if (url === undefined)
      throw new UserError('no-sign-in', `${name} is a program on this machine. There's nothing to sign in to.`);
    await this.#signIns.signIn({ server: name, url, profile, signal, show });
    await this.#server(profile, name).stop(); // what runs was let in as somebody else
  }

  /** Returns whether somebody was signed in. */
  async signOut(profile: string, name: string): Promise<boolean> {
    const wasSignedIn = await this.#signIns.signOut(name, profile);
    await this.#live.get(keyOf(profile, name))?.server.stop();
    return wasSignedIn;
  }

  /** The approved tools of a run's profile as tools of the agent. Starts nothing. */
  async tools(run: ToolRun): Promise<AgentTool[]> {
    const listed = await this.list(run.profile);
    const usable = listed.map(({ name, config, tools }): UsableServer => {
      const server = this.#server(run.profile, name);
      return {
        name,
        config: configHash(config),
        server,
        tools: tools.filter(({ state, isOn: isWanted }) => isWanted && state === 'approved'),
        judge: (tool, signal) => this.#judge(run.profile, { server: name, tool, signal }),
      };
    });
    const { tools, notes } = selectTools(usable);
    for (const note of notes) run.report(note);
    return tools;
  }

  /** Those that run or failed, of all profiles. */
  async status(): Promise<ServerStatus[]> {
    const live = [...this.#live.values()].filter(({ server }) => server.state !== 'stopped');
    return await Promise.all(
      live.map(async ({ name, server: { state, failure, connection, knownTools } }) => ({
        name,
        state,
        ...(failure !== undefined && { why: failure }),
        ...(connection && { protocol: connection.protocol }),
        ...(knownTools && { tools: knownTools.length }),
        ...(connection?.pid !== undefined && { pid: connection.pid, ...(await groupUsage(connection.pid)) }),
      })),
    );
  }

  /** Ends what runs for a profile, and forgets who it was signed in as. */
  forget(profile: string): void {
    for (const [key, live] of this.#live)
      if (live.profile === profile) {
        this.#live.delete(key);
        void live.server[Symbol.asyncDispose]();
      }
    for (const name of Object.keys(this.#configured)) void this.#signIns.signOut(name, profile).catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled([...this.#live.values()].map(({ server }) => server[Symbol.asyncDispose]()));
  }

  get #configured(): Readonly<Record<string, McpServerConfig>> {
    return this.#deps.config.config.mcpServers;
  }

  #configOf(name: string): McpServerConfig {
    const config = Object.hasOwn(this.#configured, name) ? this.#configured[name] : undefined;
    if (config) return config;
    throw new UserError(
      'no-server',
      `There's no MCP server ${name.slice(0, 100)}. \`switchyard mcp list\` shows those there are.`,
    );
  }

  #server(profile: string, name: string): McpServer {
    const config = this.#configOf(name);
    const key = keyOf(profile, name);
    const known = this.#live.get(key);
    if (known) return known.server;
    const server = this.#create(profile, name, config);
    this.#live.set(key, { profile, name, config: configHash(config), server });
    return server;
  }

  #create(profile: string, name: string, config: McpServerConfig): McpServer {
    const { egress, keys, log, redactor, idleMs = defaultIdleMs, now = () => performance.now() } = this.#deps;
    const { url } = config;
    return new McpServer({
      name,
      open: async (events) =>
        await openConnection({
          config,
          fetch: egress.fetch,
          sources: { key: (key) => keys.get(key), env: process.env },
          authProvider: url === undefined ? undefined : await this.#signIns.provider({ server: name, url }, profile),
          ...events,
        }),
      refusal: () => this.#refusal(name, config),
      redact: (text) => redactor.redact(text),
      log,
      idleMs,
      now,
    });
  }

  /** A program connects by itself, to whom it likes; an address is asked through our way out, which knows what is allowed. */
  #refusal(name: string, { command, local }: McpServerConfig): UserError | undefined {
    if (command === undefined || local === true) return undefined;
    const rule = this.#deps.network.localOnly()
      ? '"Local only" is on'
      : this.#deps.config.config.network.allowHosts && '"network.allowHosts" is set';
    if (!rule) return undefined;
    return new UserError(
      'local-only',
      `${rule}, and Switchyard can't see what the program of the MCP server ${name} connects to, so it wasn't started. If it stays on this machine, set "local": true for it in config.json.`,
    );
  }

  async #toolsOf(profile: string, name: string, signal: AbortSignal) {
    return (await this.#server(profile, name).tools(signal)).slice(0, maxTools);
  }

  async #judge(
    profile: string,
    { server: name, tool, signal }: { server: string; tool: string; signal: AbortSignal },
  ): Promise<JudgedTool | undefined> {
    const offered = (await this.#toolsOf(profile, name, signal)).filter((one) => one.name === tool);
    const pins = await this.#deps.storage.in(profile).mcpPins.list();
    const own = pins.filter((pin) => pin.server === name && pin.tool === tool);
    const config = this.#configOf(name);
    return isOn(config, tool) ? judgeTools(offered, own, config)[0] : undefined;
  }

  /** Ends what config.json has no more, or otherwise than when it was started. */
  #reconsider(): void {
    for (const [key, { name, config, server }] of this.#live) {
      const now = this.#configured[name];
      if (now && configHash(now) === config && !this.#refusal(name, now)) continue;
      this.#live.delete(key);
      void server[Symbol.asyncDispose]();
    }
  }
}

function isOn({ tools }: McpServerConfig, tool: string): boolean {
  return tools === undefined || tools.includes(tool);
}

function keyOf(profile: string, name: string): string {
  return `${profile}/${name}`;
}
