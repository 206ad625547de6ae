// The daemon's side of local inference: starts the host when it is needed, again after a crash, and speaks to it.
import { basename } from 'node:path';
import { CancelledError, throwIfCancelled } from '../../base/errors.ts';
import { type ChildFailure, ChildHost } from '../../base/process/child-host.ts';
import { readGgufHeader } from './gguf/header.ts';
import type { HostActivity, HostProtocol, LoadedModelInfo } from './host-messages.ts';
import {
  type GgufInfo,
  type Inference,
  type InferenceChat,
  InferenceError,
  type InferenceErrorCode,
  type InferencePart,
} from './inference.ts';

export interface InferenceOptions {
  /** The host's script: `inference-host.js` beside the bundle, or `host.ts` from source. */
  hostPath: string;
  /** Minutes without a request after which a model is unloaded. */
  idleUnloadMinutes?: number;
  /** Called when a model was loaded or unloaded. */
  onLoaded?: (models: LoadedModelInfo[]) => void;
}

export interface HostInference extends Inference {
  /** What the host is doing now; nothing while there is no process. */
  activity(): Promise<HostActivity>;
}

const defaultIdleUnloadMinutes = 15;
const probeTimeoutMs = 30_000; // the first load of a GPU's driver takes seconds

export function createInference(options: InferenceOptions): HostInference {
  return new Client(options);
}

type Probe = Awaited<ReturnType<Inference['probe']>>;

/** Lives as long as the daemon. */
class Client implements HostInference {
  readonly #options: InferenceOptions;
  readonly #host: ChildHost<HostProtocol>;
  #loaded: LoadedModelInfo[] = [];
  #probe: Promise<Probe> | undefined;
  #isDisposed = false;

  constructor(options: InferenceOptions) {
    this.#options = options;
    const idleUnloadMs = (options.idleUnloadMinutes ?? defaultIdleUnloadMinutes) * 60_000;
    this.#host = new ChildHost({
      path: options.hostPath,
      toError,
      greeting: () => ({ idleUnloadMs }),
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
    return await readGgufHeader(path);
  }

  async *chat(chat: InferenceChat, signal: AbortSignal): AsyncGenerator<InferencePart> {
    throwIfCancelled(signal);
    const host = this.#running();
    const left = new AbortController();
    // Holds the parts that the reader has not taken yet: at most the tokens of one answer.
    const parts = new ReadableStream<InferencePart>({
      start(controller) {
        host
          .request('chat', chat, {
            signal: AbortSignal.any([signal, left.signal]),
            onPart: (part) => controller.enqueue(part),
          })
          .then(
            () => controller.close(),
            (error: unknown) => controller.error(error),
          );
      },
    });
    try {
      for await (const part of parts.values({ preventCancel: true })) yield part;
    } finally {
      left.abort();
    }
  }

  async embed(
    { path, texts, windowTokens, maxWindows }: Parameters<Inference['embed']>[0],
    signal: AbortSignal,
  ): Promise<Float32Array[]> {
    const request = { path, texts, ...(windowTokens && { windowTokens }), ...(maxWindows && { maxWindows }) };
    return await this.#running().request('embed', request, { signal });
  }

  loaded(): LoadedModelInfo[] {
    return this.#loaded;
  }

  async unload(path: string): Promise<void> {
    if (this.#hasProcess) await this.#host.request('unload', { path });
  }

  async activity(): Promise<HostActivity> {
    if (!this.#hasProcess) return { running: 0, generatedTokens: 0 };
    return await this.#host.request('activity', undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    await this.#host[Symbol.asyncDispose]();
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

function toError(failure: ChildFailure): Error {
  switch (failure.kind) {
    case 'ended':
      return new InferenceError(
        'inference-crashed',
        `The process that runs local models stopped unexpectedly (${failure.how}). Try again: it restarts.`,
        failure.lastWords === '' ? undefined : new Error(failure.lastWords),
      );
    case 'error':
      return new InferenceError(failure.code as InferenceErrorCode, failure.message); // the host throws no other UserErrors
    case 'bug':
      return new Error(`in the inference host: ${failure.stack}`);
  }
}
