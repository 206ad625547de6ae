// A supervised child process: requests with parts and one result, notices both ways, restart with back-off. The other end is
// `child-peer.ts`. Both ends come from the same build, so their messages have no version.
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { childEnvironment } from '../child-environment.ts';
import { CancelledError } from '../errors.ts';

/** What the daemon and one kind of child say to each other; a type literal with exactly these members. */
export interface ChildProtocol {
  /** By name: what is asked, the parts that may come before the result, and the result. */
  requests: Record<string, { params: unknown; part: unknown; result: unknown }>;
  /** Sent by the daemon, and answered by nothing. */
  toChild: unknown;
  /** Sent by the child without having been asked. */
  fromChild: unknown;
}

export type RequestName<P extends ChildProtocol> = keyof P['requests'] & string;
type Part<P extends ChildProtocol> = P['requests'][string]['part'];
type Result<P extends ChildProtocol> = P['requests'][string]['result'];

export type ToChild<P extends ChildProtocol> =
  | { kind: 'request'; id: number; name: RequestName<P>; params: P['requests'][string]['params'] }
  | { kind: 'cancel'; id: number }
  | { kind: 'notice'; notice: P['toChild'] };

export type FromChild<P extends ChildProtocol> =
  | { kind: 'part'; id: number; part: Part<P> }
  | { kind: 'result'; id: number; result: Result<P> }
  | { kind: 'cancelled'; id: number }
  | { kind: 'failure'; id: number; failure: ThrownFailure }
  | { kind: 'notice'; notice: P['fromChild'] };

/** `error` is a UserError of the child's, by its code and sentence; `bug` is anything else it threw. */
export type ThrownFailure = { kind: 'error'; code: string; message: string } | { kind: 'bug'; stack: string };

/** `ended`: the process ended, or could not be started, while the request was under way; `lastWords` is the end of its stderr. */
export type ChildFailure = ThrownFailure | { kind: 'ended'; how: string; lastWords: string };

export interface ChildHostOptions<P extends ChildProtocol> {
  /** The child's script: bundled, or its source. */
  path: string;
  /** What a request is rejected with. */
  toError(failure: ChildFailure): Error;
  /** The first notice that each new process gets. */
  greeting?(): P['toChild'];
  onNotice?(notice: P['fromChild']): void;
  /** Called once for each process, when it has ended. */
  onEnd?(): void;
  /** The pause before the second start in a row that follows a crash; it doubles with each further one. */
  firstRestartDelayMs?: number;
  /** The program that runs the script; this Node where left out. */
  execPath?: string;
  /** Node's own options, before the script. */
  nodeOptions?: readonly string[];
  /** Variables beside those that every child gets. */
  environment?: Record<string, string>;
}

export interface RequestOptions<Part> {
  signal?: AbortSignal | undefined;
  /** Called in the order in which the child sent them, and never after the request has ended. */
  onPart?(part: Part): void;
}

const defaultFirstRestartDelayMs = 250;
const maxRestartDelayMs = 30_000;

/**
 * Lives as long as its owner, and has a process only from the first request on. A crash rejects the requests under way, and the next
 * request starts a new process: at once after the first crash, and after a growing pause when no request has succeeded since.
 */
export class ChildHost<P extends ChildProtocol> implements AsyncDisposable {
  readonly #options: ChildHostOptions<P>;
  readonly #disposed = new AbortController();
  #life: ChildLife<P> | undefined;
  /** Crashes since a request last succeeded. */
  #crashes = 0;
  #noStartBeforeMs = 0;

  constructor(options: ChildHostOptions<P>) {
    this.#options = options;
  }

  /** Of the process, while there is one. */
  get pid(): number | undefined {
    return this.#life?.pid;
  }

  /**
   * Throws what `toError` makes of a failure, or CancelledError: at once when aborted, whatever the child does (it is told to stop), and
   * when this is disposed of before a process has started.
   */
  async request<Name extends RequestName<P>>(
    name: Name,
    params: P['requests'][Name]['params'],
    options: RequestOptions<P['requests'][Name]['part']> = {},
  ): Promise<P['requests'][Name]['result']> {
    const life = await this.#running(options.signal);
    const result = await life.request(name, params, options);
    this.#crashes = 0;
    return result;
  }

  /** Dropped while there is no process; what each new one must know is its greeting. */
  notify(notice: P['toChild']): void {
    this.#life?.send({ kind: 'notice', notice });
  }

  /** Ends the process whatever it does, and rejects what was under way; the next request starts a new one, without a pause. */
  async kill(): Promise<void> {
    await this.#life?.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed.abort();
    await this.kill();
  }

  async #running(signal: AbortSignal | undefined): Promise<ChildLife<P>> {
    for (;;) {
      if (signal?.aborted || this.#disposed.signal.aborted) throw new CancelledError();
      const life = this.#life;
      const waitMs = this.#noStartBeforeMs - performance.now();
      if (life?.isConnected) return life;
      if (!life && waitMs <= 0) return this.#start();
      if (life)
        await life.kill(); // it has exited, or closed its channel, and can hear nothing
      else await this.#pause(waitMs, signal);
    }
  }

  /** Resolves early when there is no more reason to wait. */
  async #pause(waitMs: number, signal: AbortSignal | undefined): Promise<void> {
    const stop = AbortSignal.any([this.#disposed.signal, ...(signal ? [signal] : [])]);
    await delay(waitMs, undefined, { signal: stop }).catch(() => {});
  }

  #start(): ChildLife<P> {
    const { greeting, onEnd } = this.#options;
    const life = new ChildLife<P>(this.#options, (isCrash) => {
      this.#life = undefined;
      if (isCrash) this.#backOff();
      onEnd?.();
    });
    this.#life = life;
    if (greeting) life.send({ kind: 'notice', notice: greeting() });
    return life;
  }

  #backOff(): void {
    const { firstRestartDelayMs = defaultFirstRestartDelayMs } = this.#options;
    this.#crashes++;
    const delayMs = this.#crashes === 1 ? 0 : firstRestartDelayMs * 2 ** (this.#crashes - 2);
    this.#noStartBeforeMs = performance.now() + Math.min(delayMs, maxRestartDelayMs);
  }
}

interface PendingRequest<P extends ChildProtocol> {
  resolve(result: Result<P>): void;
  reject(error: Error): void;
  onPart(part: Part<P>): void;
}

const maxLastWords = 4000; // characters
/** A grandchild may hold the ends of the pipes open after the process has exited. */
const drainMs = 500;

/** Lives from the start of one process to its end. */
class ChildLife<P extends ChildProtocol> {
  readonly #child: ChildProcess;
  readonly #options: ChildHostOptions<P>;
  readonly #pending = new Map<number, PendingRequest<P>>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #onEnd: (isCrash: boolean) => void;
  #lastId = 0;
  #lastWords = '';
  #isKilled = false;
  /** What requests are rejected with once the process has ended: it can fail to start before the first one is sent. */
  #failure: Error | undefined;

  constructor(options: ChildHostOptions<P>, onEnd: (isCrash: boolean) => void) {
    this.#options = options;
    this.#onEnd = onEnd;
    this.#child = spawn(options.execPath ?? process.execPath, [...(options.nodeOptions ?? []), options.path], {
      env: { ...childEnvironment(process.env), ...options.environment },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
      windowsHide: true,
    });
    this.#follow();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isConnected(): boolean {
    return this.#child.connected;
  }

  async request<Name extends RequestName<P>>(
    name: Name,
    params: P['requests'][Name]['params'],
    { signal, onPart = () => {} }: RequestOptions<P['requests'][Name]['part']>,
  ): Promise<P['requests'][Name]['result']> {
    if (signal?.aborted) throw new CancelledError();
    if (this.#failure) throw this.#failure;
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<P['requests'][Name]['result']>();
    const cancel = (): void => {
      this.#pending.delete(id);
      this.send({ kind: 'cancel', id });
      reject(new CancelledError());
    };
    this.#pending.set(id, { resolve, reject, onPart });
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      this.send({ kind: 'request', id, name, params });
      return await promise;
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.#pending.delete(id);
    }
  }

  /** What cannot be sent is lost: the end of the process, which is near then, rejects its request. */
  send(message: ToChild<P>): void {
    if (this.isConnected) this.#child.send(message, () => {});
  }

  async kill(): Promise<void> {
    this.#isKilled ||= this.#child.connected; // else it ended by itself
    this.#child.kill('SIGKILL');
    await this.#ended.promise;
  }

  #follow(): void {
    const child = this.#child;
    child.on('message', (message) => this.#receive(message as FromChild<P>));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-maxLastWords);
    });
    child.on('error', (error) => {
      if (child.pid === undefined) this.#end(`it could not be started: ${error.message}`);
    });
    // `exit` may come before the last messages and the last words; `close` comes after them.
    child.on('exit', (code, signal) => {
      const end = (): void => this.#end(signal ?? `code ${code}`);
      const timer = setTimeout(end, drainMs);
      child.on('close', () => {
        clearTimeout(timer);
        end();
      });
    });
  }

  #receive(message: FromChild<P>): void {
    if (message.kind === 'notice') return this.#options.onNotice?.(message.notice);
    const pending = this.#pending.get(message.id);
    if (!pending) return; // it was cancelled
    switch (message.kind) {
      case 'part':
        return pending.onPart(message.part);
      case 'result':
        return pending.resolve(message.result);
      case 'cancelled':
        return pending.reject(new CancelledError());
      case 'failure':
        return pending.reject(this.#options.toError(message.failure));
    }
  }

  #end(how: string): void {
    if (this.#failure) return;
    this.#failure = this.#options.toError({ kind: 'ended', how, lastWords: this.#lastWords });
    for (const { reject } of this.#pending.values()) reject(this.#failure);
    this.#onEnd(!this.#isKilled);
    this.#ended.resolve();
  }
}
