// The MCP servers of a configuration, with programs that are real and a storage that is not.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigFile } from '../../../daemon/base/config/config.ts';
import { Redactor } from '../../../daemon/base/log.ts';
import type { AgentTool, PreparedCall, ToolOutcome, ToolRun } from '../../../daemon/features/agent/tools/tool.ts';
import { McpServers, type McpServersDeps } from '../../../daemon/features/mcp-servers/mcp-servers.ts';
import type { McpPin, McpPins } from '../../../daemon/storage/profiles.ts';
import type { Storage } from '../../../daemon/storage/storage.ts';
import { sessionView } from '../session-view.ts';
import type { McpScript } from './peers/scripted.ts';

export const echo = { name: 'echo', description: 'Says it again.', inputSchema: { type: 'object', properties: {} } };

/** Lives as long as a test. */
export class McpWorkbench implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'switchyard-mcp-'));
  readonly configFile = join(this.folder, 'config.json');
  readonly keys = new Map<string, string>();
  readonly logged: string[] = [];
  readonly redactor = new Redactor();
  isLocalOnly = false;
  readonly #pins = new Map<string, McpPin[]>();
  readonly servers: McpServers;
  readonly config: ConfigFile;

  constructor(configured: Record<string, unknown>, others: Partial<McpServersDeps> & { config?: never } = {}) {
    writeFileSync(this.configFile, JSON.stringify({ mcpServers: configured }));
    this.config = new ConfigFile(this.configFile);
    const say = (fields: Record<string, unknown>): void => void this.logged.push(JSON.stringify(fields));
    const { keys } = this;
    this.servers = new McpServers({
      config: this.config,
      storage: { in: (profile: string) => ({ mcpPins: this.pinsOf(profile) }) } as unknown as Pick<Storage, 'in'>,
      keys: {
        get: async (name) => keys.get(name),
        set: async (name, value) => keys.set(name, value),
        delete: async (name) => keys.delete(name),
      },
      redactor: this.redactor,
      egress: { fetch: async () => Promise.reject(new Error('nothing is fetched')) },
      network: { localOnly: () => this.isLocalOnly },
      log: { debug: say, info: say, warn: say, error: say },
      ...others,
    });
  }

  configure(configured: Record<string, unknown>): void {
    writeFileSync(this.configFile, JSON.stringify({ mcpServers: configured }));
    this.config.reload();
  }

  pinsOf(profile: string): McpPins {
    const all = (): McpPin[] => this.#pins.get(profile) ?? [];
    const without = (server: string, tools?: readonly string[]): McpPin[] =>
      all().filter((pin) => pin.server !== server || (tools && !tools.includes(pin.tool)));
    return {
      list: async () => all(),
      put: async (pins) => {
        const others = all().filter(
          (old) => !pins.some(({ server, tool }) => server === old.server && tool === old.tool),
        );
        this.#pins.set(profile, [...others, ...pins]);
      },
      remove: async (server, tools) => void this.#pins.set(profile, without(server, tools)),
    };
  }

  /** Approves all that a server offers. */
  async approveAll(server: string, profile = 'p'): Promise<void> {
    const { signal } = new AbortController();
    const listed = await this.servers.list(profile, { server, signal });
    const tools = listed.find(({ name }) => name === server)?.tools ?? [];
    await this.servers.approve(profile, { server, tools, signal });
  }

  run(changes: Partial<ToolRun> = {}): ToolRun {
    return {
      jobId: 'j',
      profile: 'p',
      session: sessionView(),
      root: this.folder,
      signal: new AbortController().signal,
      report: () => {},
      ...changes,
    };
  }

  /** The tool by the name that a model calls it, prepared. Throws where there is none. */
  async prepare(name: string, given: unknown = {}, run: ToolRun = this.run()): Promise<PreparedCall> {
    const tools: AgentTool[] = await this.servers.tools(run);
    const tool = tools.find((one) => one.name === name);
    if (!tool) throw new Error(`no ${name} among ${tools.map((one) => one.name).join(', ')}`);
    return await tool.prepare(given, run);
  }

  async call(name: string, given: unknown = {}, run: ToolRun = this.run()): Promise<ToolOutcome> {
    return await (await this.prepare(name, given, run)).perform();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.servers[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const program = fileURLToPath(new URL('peers/scripted.ts', import.meta.url));
const stateless = fileURLToPath(new URL('peers/stateless.ts', import.meta.url));

/** The script of a server, which a test may change while it runs. Lives as long as a test. */
export class ScriptedServer implements Disposable {
  readonly file: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'switchyard-mcp-script-'));
  #script: McpScript;

  constructor(script: Partial<McpScript> = {}) {
    this.file = join(this.#folder, 'script.json');
    this.#script = { protocol: '2025-11-25', tools: [echo], ...script };
    this.change({});
  }

  /** As config.json has it. */
  get config(): { command: string; args: string[] } {
    return { command: process.execPath, args: [program, this.file] };
  }

  change(script: Partial<McpScript>): void {
    this.#script = { ...this.#script, ...script };
    writeFileSync(this.file, JSON.stringify(this.#script));
  }

  /** What it was asked, a line each. */
  get log(): string[] {
    try {
      return readFileSync(`${this.file}.log`, 'utf8').trim().split('\n');
    } catch {
      return [];
    }
  }

  /** Of the processes that were started, the first first. */
  pids(kind: 'start' | 'child' = 'start'): number[] {
    return this.log.flatMap((line) => (line.startsWith(`${kind} `) ? [Number(line.split(' ')[1])] : []));
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export const statelessServer = { command: process.execPath, args: [stateless] };

const memory = new URL('dist/index.js', import.meta.resolve('@modelcontextprotocol/server-memory/package.json'));

/** A real one, which keeps what it is told in a file. */
export const memoryServer = { command: process.execPath, args: [fileURLToPath(memory)] };
