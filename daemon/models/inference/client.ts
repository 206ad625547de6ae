// The daemon's side of local inference: starts the host when it is needed, again after a crash, and speaks to it.
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import type { AllLocalSettings } from '../../base/config/local-settings.ts';
import { CancelledError, throwIfCancelled } from '../../base/errors.ts';
import { type ChildFailure, ChildHost } from '../../base/process/child-host.ts';
import { KnownHeaders } from './gguf/known.ts';
import type { HostActivity, HostPart, HostProtocol, HostSettings } from './host-messages.ts';
import {
  type GgufInfo,
  type Inference,
  type InferenceChat,
  type InferenceCode,
  InferenceError,
  type InferenceErrorCode,
  type InferencePart,
  type InferenceRequest,
  type LoadedModelInfo,
  type LocalAnswer,
  type LocalAnswerUse,
} from './inference.ts';
import { LocalAnswers } from './local-answers.ts';
import { removeSavedStates, type StateKey } from './saved-states.ts';
import { HostWatch } from './watchdog.ts';

export interface InferenceOptions {
  /** The host's script: `inference-host.js` beside the bundle, or `host.ts` from source. */
  hostPath: string;
  /** Minutes without a request after which a model is unloaded. */
  idleUnloadMinutes?: number;
  /** Where what was read is kept; left out, it stays in memory. */
  statesFolder?: string;
  /** Where packages for GPUs are, if any are installed. */
  gpuFolder?: string;
  /** Called when a model was loaded or unloaded. */
  onLoaded?: (models: LoadedModelInfo[]) => void;
}

export interface HostInference extends Inference {
  /** What the host is doing now; nothing while there is no process. */
  activity(): Promise<HostActivity>;
  /** Has the next request start a new process, once nothing is under way: what it loads has changed. */
  renew(): Promise<void>;
}

const defaultIdleUnloadMinutes = 15;
/** How long the end of the daemon waits for what was read to be saved. */
const restTimeoutMs = 3000;
const probeTimeoutMs = 30_000; // the first load of a GPU's driver takes seconds

const mostCoresForOneThread = 4;

/**
 * Steps and sampling take turns among the threads of libuv's pool (four), and each wakes another one: with as many of llama.cpp's own
 * threads as cores, two of them then share a core and wait for each other by spinning. On two cores, one thread in the pool nearly
 * doubles the tokens a second. Its price: while one model is loaded, the others wait. With more cores there is room for all.
 */
function nativeThreads(): Record<string, string> {
  return availableParallelism() > mostCoresForOneThread ? {} : { UV_THREADPOOL_SIZE: '1' };
}

export function createInference(options: InferenceOptions): HostInference {
  return new Client(options);
}

type Probe = Awaited<ReturnType<Inference['probe']>>;

/** Lives as long as the daemon. */
class Client implements HostInference {
  readonly #options: InferenceOptions;
  readonly #host: ChildHost<HostProtocol>;
  #models: AllLocalSettings = {};
  #memoryBytes: number | undefined;
  #loaded: LoadedModelInfo[] = [];
  #probe: Promise<Probe> | undefined;
  #isDisposed = false;
  readonly #watch = new HostWatch({ activity: () => this.activity(), onStuck: () => void this.#endStuck() });
  /** How many requests use each file. */
  readonly #inUse = new Map<string, number>();
  /** Files at whose loading or answering the process ended: none is tried again unasked. */
  readonly #suspects = new Set<string>();
  readonly #answers = new LocalAnswers();
  readonly #headers = new KnownHeaders();
  #isStuck = false;
  #isOutdated = false;

  constructor(options: InferenceOptions) {
    this.#options = options;
    this.#host = new ChildHost({
      path: options.hostPath,
      environment: nativeThreads(),
      toError: (failure) => this.#toError(failure),
      greeting: () => this.#settings(),
      onNotice: (models) => this.#setLoaded(models),
      onEnd: () => this.#setLoaded([]),
    });
  }

  get pid(): number | undefined {
    return this.#host.pid;
  }

  async probe(): Promise<Probe> {
    this.#probe ??= this.#probeNow();
    return await this.#probe;
  }

  async describe(path: string): Promise<GgufInfo> {
    return await this.#headers.describe(path);
  }

  chat(chat: InferenceChat, signal: AbortSignal, use: LocalAnswerUse = {}): AsyncGenerator<InferencePart> {
    return this.#stream(chat, { signal, use }, (id, call) => this.#host.request('chat', { ...chat, id }, call));
  }

  complete(code: InferenceCode, signal: AbortSignal, use: LocalAnswerUse = {}): AsyncGenerator<InferencePart> {
    return this.#stream(code, { signal, use }, (id, call) => this.#host.request('complete', { ...code, id }, call));
  }

  async *#stream(
    asked: InferenceRequest,
    { signal, use }: { signal: AbortSignal; use: LocalAnswerUse },
    send: (id: string, call: { signal: AbortSignal; onPart: (part: HostPart) => void }) => Promise<undefined>,
  ): AsyncGenerator<InferencePart> {
    throwIfCancelled(signal);
    this.#running();
    this.#refuseSuspect(asked);
    using _use = this.#use(asked.path);
    const left = new AbortController();
    let arrived!: ReadableStreamDefaultController<InferencePart>;
    // Holds the parts that the reader has not taken yet: at most the tokens of one answer.
    const parts = new ReadableStream<InferencePart>({
      start(controller) {
        arrived = controller;
      },
    });
    const tell = (part: InferencePart): void => arrived.enqueue(part);
    using answer = this.#answers.begin(asked, use, { end: () => left.abort(), tell });
    const onPart = (part: HostPart): void => {
      if (part.kind === 'begins') answer.runs();
      else if (part.kind === 'waiting') answer.waits(part.ahead);
      else tell(part);
    };
    send(answer.id, { signal: AbortSignal.any([signal, left.signal]), onPart })
      .finally(() => answer[Symbol.dispose]()) // what has ended is told nothing
      .then(
        () => arrived.close(),
        (error: unknown) => arrived.error(error),
      );
    try {
      for await (const part of parts.values({ preventCancel: true })) yield part;
      this.#suspects.delete(asked.path);
    } finally {
      left.abort();
    }
  }

  async embed(
    { path, texts, windowTokens, maxWindows }: Parameters<Inference['embed']>[0],
    signal: AbortSignal,
  ): Promise<Float32Array[]> {
    const request = { path, texts, ...(windowTokens && { windowTokens }), ...(maxWindows && { maxWindows }) };
    using _use = this.#use(path);
    return await this.#running().request('embed', request, { signal });
  }

  async rank({ path, query, texts }: Parameters<Inference['rank']>[0], signal: AbortSignal): Promise<number[]> {
    using _use = this.#use(path);
    return await this.#running().request('rank', { path, query, texts }, { signal });
  }

  answers(owner: string): LocalAnswer[] {
    return this.#answers.of(owner);
  }

  async prefer(owner: string, id: string): Promise<void> {
    const { path } = this.#answers.find(owner, id);
    if (this.#hasProcess) await this.#host.request('prefer', { path, id });
  }

  stop(owner: string, id: string): void {
    this.#answers.stop(owner, id);
  }

  loaded(): LoadedModelInfo[] {
    return this.#loaded;
  }

  async load(path: string, signal: AbortSignal): Promise<void> {
    using _use = this.#use(path);
    await this.#running().request('load', { path }, { signal });
  }

  async unload(path: string): Promise<void> {
    if (this.#hasProcess) await this.#host.request('unload', { path });
  }

  configure(models: AllLocalSettings, memoryGb?: number): void {
    this.#models = models;
    this.#memoryBytes = memoryGb === undefined ? undefined : memoryGb * 1e9;
    this.#host.notify(this.#settings());
  }

  #settings(): HostSettings {
    const { idleUnloadMinutes = defaultIdleUnloadMinutes, statesFolder, gpuFolder } = this.#options;
    return {
      idleUnloadMs: idleUnloadMinutes * 60_000,
      statesFolder,
      gpuFolder,
      models: this.#models,
      memoryBytes: this.#memoryBytes,
    };
  }

  async forget(key: Partial<StateKey>): Promise<void> {
    if (this.#hasProcess) await this.#host.request('forget', key);
    else if (this.#options.statesFolder) await removeSavedStates(this.#options.statesFolder, key);
  }

  async activity(): Promise<HostActivity> {
    if (!this.#hasProcess) return { running: 0, isSlow: false, isCrowded: false, progress: 0, generatedTokens: 0 };
    return await this.#host.request('activity', undefined);
  }

  async renew(): Promise<void> {
    this.#probe = undefined;
    this.#isOutdated = true;
    await this.#endOutdated();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    await this.#rest();
    await this.#host[Symbol.asyncDispose]();
  }

  /** Has what was read saved, before the process is ended. */
  async #rest(): Promise<void> {
    if (this.#hasProcess && this.#options.statesFolder)
      await this.#host.request('rest', undefined, { signal: AbortSignal.timeout(restTimeoutMs) }).catch(() => {});
  }

  async #endOutdated(): Promise<void> {
    if (!this.#isOutdated || this.#inUse.size > 0) return;
    await this.#rest();
    if (this.#inUse.size > 0) return; // asked meanwhile: the end of that comes here again
    this.#isOutdated = false;
    await this.#host.kill();
  }

  /** A request starts the process where there is none; some are not worth that. */
  get #hasProcess(): boolean {
    return this.#host.pid !== undefined;
  }

  #running(): ChildHost<HostProtocol> {
    if (this.#isDisposed)
      throw new InferenceError('inference-missing', 'Switchyard is shutting down. Start it again, then try again.');
    return this.#host;
  }

  #setLoaded(models: LoadedModelInfo[]): void {
    this.#loaded = models;
    this.#options.onLoaded?.(models);
  }

  /** Marks a file as used until disposed of, and looks after the host meanwhile. */
  #use(path: string): Disposable {
    const watching = this.#watch.watch();
    this.#inUse.set(path, (this.#inUse.get(path) ?? 0) + 1);
    return {
      [Symbol.dispose]: () => {
        watching[Symbol.dispose]();
        const left = (this.#inUse.get(path) ?? 0) - 1;
        if (left > 0) this.#inUse.set(path, left);
        else this.#inUse.delete(path);
        void this.#endOutdated();
      },
    };
  }

  #refuseSuspect({ path, isNamed }: InferenceRequest): void {
    if (isNamed || !this.#suspects.has(path)) return;
    throw new InferenceError(
      'inference-crashed',
      `The process that runs local models ended while it used ${basename(path)}, so Switchyard does not choose that model by itself. Choose it by name to try it again.`,
    );
  }

  async #endStuck(): Promise<void> {
    this.#isStuck = true;
    await this.#host.kill();
    this.#isStuck = false;
  }

  /** The end of the process is held against the files that were being loaded, or else against those that were used. */
  #toError(failure: ChildFailure): Error {
    if (failure.kind !== 'ended' || this.#isDisposed) return toError(failure);
    const used = [...this.#inUse.keys()];
    const loading = used.filter((path) => !this.#loaded.some((loaded) => loaded.path === path));
    const blamed = loading.length > 0 ? loading : used;
    for (const path of blamed) this.#suspects.add(path);
    return toError(failure, { files: blamed.map((path) => basename(path)), isStuck: this.#isStuck });
  }

  /** A native part that crashes or hangs while it loads takes the child with it, and nothing else. */
  async #probeNow(): Promise<Probe> {
    const host = this.#running();
    try {
      return {
        ok: true,
        ...(await host.request('probe', undefined, { signal: AbortSignal.timeout(probeTimeoutMs) })),
      };
    } catch (error) {
      if (!(error instanceof CancelledError))
        return { ok: false, detail: error instanceof Error ? error.message : String(error) };
      await host.kill();
      return {
        ok: false,
        detail: `${basename(this.#options.hostPath)} didn't load llama.cpp within ${probeTimeoutMs / 1000} seconds.`,
      };
    }
  }
}

function toError(
  failure: ChildFailure,
  { files = [], isStuck = false }: { files?: string[]; isStuck?: boolean } = {},
): Error {
  switch (failure.kind) {
    case 'ended': {
      const at = files.length > 0 ? ` while it used ${files.join(' and ')}` : '';
      const what = isStuck
        ? `The process that runs local models made no progress${at}, so it was stopped.`
        : `The process that runs local models ended unexpectedly${at} (${failure.how}).`;
      return new InferenceError(
        'inference-crashed',
        `${what} Ask again to start it anew, or choose another model.`,
        failure.lastWords === '' ? undefined : new Error(failure.lastWords),
      );
    }
    case 'error':
      return new InferenceError(failure.code as InferenceErrorCode, failure.message); // the host throws no other UserErrors
    case 'bug':
      return new Error(`in the inference host: ${failure.stack}`);
  }
}
