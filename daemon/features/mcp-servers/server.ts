// One configured server as one profile uses it.
import type { CallToolResult, Tool } from '@modelcontextprotocol/client';
import { cleanMessage } from '../../base/clean-text.ts';
import { CancelledError, throwIfCancelled, UserError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { McpConnection } from './connection/open.ts';

export interface McpServerDeps {
  name: string;
  open(events: { onWords(stderr: string): void; onToolsChanged(): void }): Promise<McpConnection>;
  /** Why nothing may be asked of it now, if so. */
  refusal(): UserError | undefined;
  redact(text: string): string;
  log: Log;
  /** How long it stays without being asked anything. */
  idleMs: number;
  now(): number;
}

export interface McpCallOptions {
  signal: AbortSignal;
  /** Says what the server says of its progress. */
  report?(sentence: string): void;
}

type ServerState = 'stopped' | 'starting' | 'running' | 'failed';

const callMs = 120_000; // without a word of progress
const maxCallMs = 600_000;
const firstRestartMs = 1000;
const maxRestartMs = 60_000;
const maxLastWords = 4000; // characters
const maxLogged = 2000; // characters of a process's stderr in the log

/**
 * Lives until its configuration changes, or its profile or the daemon ends. Has a process or a connection from the first use on, until
 * nobody has used it for a while; all that use it at once share it.
 */
export class McpServer implements AsyncDisposable {
  readonly #deps: McpServerDeps;
  readonly #disposed = new AbortController();
  #opening: Promise<McpConnection> | undefined;
  #connection: McpConnection | undefined;
  /** What it offers, until it says that this has changed. */
  #tools: Promise<Tool[]> | undefined;
  #known: Tool[] | undefined;
  #uses = 0;
  #idle: NodeJS.Timeout | undefined;
  /** Ends since something was last answered. */
  #failures = 0;
  #notBefore = 0;
  #failure: string | undefined;
  #lastWords = '';

  constructor(deps: McpServerDeps) {
    this.#deps = deps;
  }

  get state(): ServerState {
    if (this.#connection) return 'running';
    if (this.#opening) return 'starting';
    return this.#failure === undefined ? 'stopped' : 'failed';
  }

  /** Of one that failed: why. */
  get failure(): string | undefined {
    return this.#failure;
  }

  get connection(): Pick<McpConnection, 'pid' | 'protocol'> | undefined {
    return this.#connection;
  }

  /** What it offered last, as long as it runs. */
  get knownTools(): readonly Tool[] | undefined {
    return this.#known;
  }

  /** What it offers. Throws UserError, and CancelledError. */
  async tools(signal: AbortSignal): Promise<readonly Tool[]> {
    return await this.#use(signal, (connection) => {
      this.#tools ??= this.#list(connection);
      return unlessAborted(this.#tools, signal);
    });
  }

  /** Throws UserError, CancelledError, and errors in the server's own words. */
  async call(
    name: string,
    given: Record<string, unknown>,
    { signal, report }: McpCallOptions,
  ): Promise<CallToolResult> {
    return await this.#use(signal, async ({ client }) => {
      const onprogress = ({ message }: { message?: string | undefined }): void => {
        if (message !== undefined) report?.(cleanMessage(message, 200));
      };
      const limits = { timeout: callMs, resetTimeoutOnProgress: true, maxTotalTimeout: maxCallMs };
      return await client.callTool({ name, arguments: given }, { signal, onprogress, ...limits });
    });
  }

  /** Ends what runs of it; its next use starts it again, without a pause. */
  async stop(): Promise<void> {
    const opening = this.#opening;
    this.#forget();
    this.#failures = 0;
    this.#notBefore = 0;
    this.#failure = undefined;
    await (await opening?.catch(() => undefined))?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed.abort();
    await this.stop();
  }

  async #use<T>(signal: AbortSignal, work: (connection: McpConnection) => Promise<T>): Promise<T> {
    throwIfCancelled(signal);
    if (this.#disposed.signal.aborted) throw this.#gone('its configuration changed');
    const refusal = this.#deps.refusal();
    if (refusal) {
      void this.stop();
      throw refusal;
    }
    this.#uses++;
    clearTimeout(this.#idle);
    try {
      const connection = await unlessAborted(this.#open(), signal);
      const result = await work(connection);
      this.#failures = 0;
      return result;
    } catch (error) {
      throw this.#toError(error, signal);
    } finally {
      this.#uses--;
      this.#leave();
    }
  }

  #leave(): void {
    if (this.#uses > 0 || this.#disposed.signal.aborted) return;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => void this.stop(), this.#deps.idleMs).unref();
  }

  #open(): Promise<McpConnection> {
    if (this.#opening) return this.#opening;
    const waitMs = this.#notBefore - this.#deps.now();
    if (waitMs > 0)
      throw new UserError(
        'mcp-server-failed',
        `The MCP server ${this.#deps.name} failed: ${this.#failure ?? 'it ended'} It's tried again in ${Math.ceil(waitMs / 1000)} s.`,
        { retryable: true },
      );
    const opening = this.#begin();
    this.#opening = opening;
    opening.catch((error: unknown) => {
      if (this.#opening === opening) this.#failed(this.#reasonOf(error));
    });
    return opening;
  }

  async #begin(): Promise<McpConnection> {
    this.#lastWords = '';
    const { open, log, name } = this.#deps;
    let logged = 0;
    const connection = await open({
      onWords: (stderr) => {
        this.#lastWords = (this.#lastWords + stderr).slice(-maxLastWords);
        if (logged >= maxLogged) return;
        const words = this.#deps.redact(cleanMessage(stderr, maxLogged - logged));
        logged += Math.max(words.length, 1);
        if (words !== '') log.info({ server: name, words }, 'an MCP server wrote to stderr');
      },
      onToolsChanged: () => {
        this.#tools = undefined;
        this.#known = undefined;
      },
    });
    if (this.#disposed.signal.aborted) {
      await connection.close();
      throw this.#gone('its configuration changed');
    }
    this.#connection = connection;
    this.#failure = undefined;
    void connection.ended.then((how) => {
      if (this.#connection === connection) this.#failed(`it ended (${how}).${this.#quoted()}`);
    });
    return connection;
  }

  async #list({ client }: McpConnection): Promise<Tool[]> {
    const listing = client.listTools().then(({ tools }) => usableTools(tools));
    listing.then(
      (tools) => {
        if (this.#tools) this.#known = tools;
      },
      () => {
        this.#tools = undefined; // the next one asks again
      },
    );
    return await listing;
  }

  #failed(why: string): void {
    this.#forget();
    this.#failures++;
    this.#failure = why;
    this.#notBefore = this.#deps.now() + Math.min(firstRestartMs * 2 ** (this.#failures - 1), maxRestartMs);
    this.#deps.log.warn({ server: this.#deps.name, why }, 'an MCP server failed');
  }

  #forget(): void {
    clearTimeout(this.#idle);
    this.#opening = undefined;
    this.#connection = undefined;
    this.#tools = undefined;
    this.#known = undefined;
  }

  /** What the user is told; errors in the server's own words stay as they are. */
  #toError(error: unknown, signal: AbortSignal): unknown {
    if (signal.aborted) return new CancelledError();
    const own = userErrorIn(error);
    if (own) return own;
    const { name } = this.#deps;
    const code = codeOf(error);
    if (code === 'REQUEST_TIMEOUT')
      return new UserError('mcp-timeout', `The MCP server ${name} didn't answer in time. Try again.`, {
        retryable: true,
      });
    if (isUnauthorized(error))
      return new UserError('mcp-signed-out', `Sign in to ${name} first: run \`switchyard mcp login ${name}\`.`);
    if (typeof code === 'number') return error; // of the protocol
    return this.#gone(this.#failure ?? this.#reasonOf(error));
  }

  #gone(why: string): UserError {
    return new UserError('mcp-server-failed', `The MCP server ${this.#deps.name} failed: ${why}`, { retryable: true });
  }

  #reasonOf(error: unknown): string {
    const own = userErrorIn(error);
    if (own) return own.message;
    if (isUnauthorized(error)) return 'it asks you to sign in.';
    const message = error instanceof Error ? error.message : String(error);
    return `${cleanMessage(this.#deps.redact(message), 300).replace(/\.$/, '')}.${this.#quoted()}`;
  }

  /** The end of what it wrote to stderr. One line that comes again is told once: a server is started anew for an older protocol. */
  #quoted(): string {
    const lines = [...new Set(this.#lastWords.split(/\r?\n/).filter((line) => line.trim() !== ''))].join('\n');
    const words = this.#deps.redact(cleanMessage(lines.slice(-300), 300));
    return words === '' ? '' : ` It said: ${words}`;
  }
}

const maxToolChars = 50_000;
const maxNameChars = 200;
const maxSchemaDepth = 30;

/** What no honest server offers is left out before anything looks into it: of tools with one name, all but the first, too. */
function usableTools(tools: readonly Tool[]): Tool[] {
  const byName = new Map(tools.toReversed().map((tool) => [tool.name, tool]));
  return tools.filter((tool) => byName.get(tool.name) === tool && isUsable(tool));
}

function isUsable({ name, description = '', inputSchema }: Tool): boolean {
  return (
    name !== '' &&
    name.length <= maxNameChars &&
    isShallow(inputSchema, maxSchemaDepth) &&
    description.length + JSON.stringify(inputSchema).length <= maxToolChars
  );
}

function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((each) => isShallow(each, depth - 1));
}

/** Leaves others waiting where one gives up. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(new CancelledError());
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

const maxCauseDepth = 8;

/** Among its causes, since the SDK wraps what is thrown below it. */
function userErrorIn(error: unknown): UserError | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < maxCauseDepth; at = at.cause, depth++)
    if (at instanceof UserError) return at;
  return undefined;
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | undefined)?.code;
}

/** The SDK says so by an error of that name, or by the status where nobody is signed in. */
function isUnauthorized(error: unknown): boolean {
  const { name, data } = (error ?? {}) as { name?: unknown; data?: { status?: unknown } };
  return name === 'UnauthorizedError' || data?.status === 401;
}
