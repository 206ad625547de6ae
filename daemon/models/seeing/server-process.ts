// One llama-server of ours: one model with its projector, on a port of loopback that the system chooses, with a key that nobody else has.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { childEnvironment } from '../../base/child-environment.ts';
import type { Fetch } from '../../base/egress.ts';
import { CancelledError } from '../../base/errors.ts';
import { endGroup, groupUsage, guardGroup, ownGroup } from '../../base/process/process-group.ts';
import type { ServerProgram } from './server-program.ts';

export interface ServerOptions {
  program: ServerProgram;
  model: string;
  projector: string;
  contextTokens: number;
  threads: number;
  gpuLayers: number | undefined;
  fetch: Fetch;
}

const startLimitMs = 5 * 60_000; // a large model from a slow disk
const pollMs = 50;
const maxLastWords = 4000; // characters
/** A program that ends while it answers breaks its connections first. */
const endLimitMs = 1000;

/** What became of a process that has ended. */
export interface ServerEnd {
  how: string;
  lastWords: string;
}

/** Lives from its start until it is disposed of, or ends by itself. It ends with this process, however that ends. */
export class ServerProcess {
  /** Of its API. */
  url = '';
  readonly key = randomBytes(24).toString('hex');
  readonly #child: ChildProcess;
  readonly #fetch: Fetch;
  readonly #letBe: () => void;
  readonly #ended = Promise.withResolvers<ServerEnd>();
  #lastWords = '';
  #hasEnded = false;

  /** Begins to load the model; `ready` says when it is there. */
  constructor(options: ServerOptions) {
    this.#fetch = options.fetch;
    this.#child = spawn(options.program.path, parametersOf(options), {
      ...ownGroup,
      env: serverEnvironment(this.key),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#letBe = this.#child.pid === undefined ? () => {} : guardGroup(this.#child.pid);
    for (const output of [this.#child.stdout, this.#child.stderr])
      output?.setEncoding('utf8').on('data', (text: string) => this.#hear(text));
    this.#child.on('error', (error) => this.#child.pid === undefined && this.#end(error.message));
    this.#child.on('close', (code, signal) => this.#end(signal ?? `code ${code}`));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Resolves once the model is loaded. Rejects with what became of the process, or with CancelledError. */
  async ready(signal: AbortSignal): Promise<ServerEnd | undefined> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(startLimitMs)]);
    while (!this.#hasEnded && !limit.aborted) {
      if (this.url !== '' && (await this.#isHealthy(limit))) return undefined;
      await delay(pollMs, undefined, { signal: limit }).catch(() => {});
    }
    if (signal.aborted) throw new CancelledError();
    if (this.#hasEnded) return await this.#ended.promise;
    return { how: `not ready after ${startLimitMs / 60_000} minutes`, lastWords: this.#lastWords };
  }

  /** How it ended, where it did so just now. */
  async endedNow(): Promise<ServerEnd | undefined> {
    return await Promise.race([this.#ended.promise, delay(endLimitMs, undefined, { ref: false })]);
  }

  onEnd(listener: () => void): void {
    void this.#ended.promise.then(listener);
  }

  /** Undefined where the system doesn't say. */
  async memoryBytes(): Promise<number | undefined> {
    return this.pid === undefined ? undefined : (await groupUsage(this.pid))?.memoryBytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#hasEnded) endGroup(this.#child);
    await this.#ended.promise;
  }

  /** Older versions listen before the model is there, and say so in other words. */
  #hear(text: string): void {
    this.#lastWords = (this.#lastWords + text).slice(-maxLastWords);
    const [, port] = /listening\b.*?(?:127\.0\.0\.1:|port: )(\d+)/.exec(this.#lastWords) ?? [];
    if (this.url === '' && port !== undefined) this.url = `http://127.0.0.1:${port}`;
  }

  async #isHealthy(signal: AbortSignal): Promise<boolean> {
    return await this.#fetch(`${this.url}/health`, { signal }).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  #end(how: string): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#letBe();
    this.#ended.resolve({ how, lastWords: this.#lastWords });
  }
}

/** The user's, without what would change how the program runs; the key is no parameter, which others on this machine could read. */
function serverEnvironment(key: string): NodeJS.ProcessEnv {
  const kept = Object.entries(childEnvironment(process.env)).filter(([name]) => !/^(LLAMA|MTMD)_/.test(name));
  return { ...Object.fromEntries(kept), LLAMA_API_KEY: key };
}

function parametersOf({ program, model, projector, contextTokens, threads, gpuLayers }: ServerOptions): string[] {
  const first = (...options: string[][]): string[] => options.find(([name = '']) => program.has(name)) ?? [];
  return [
    ...['--model', model, '--mmproj', projector],
    ...['--host', '127.0.0.1', '--port', '0'],
    ...['--parallel', '1', '--ctx-size', `${contextTokens}`, '--threads', `${threads}`],
    ...(gpuLayers === undefined ? [] : ['--n-gpu-layers', `${gpuLayers}`]),
    ...first(['--load-mode', 'none'], ['--no-mmap']), // mapped weights would count as free memory
    ...first(['--no-ui'], ['--no-webui']),
    ...first(['--cache-ram', '0']), // what one profile asked stays in no cache
    ...first(['--no-slots']),
    ...first(['--offline']),
  ];
}
