// The daemon's side of local inference: starts the host when it is needed, again after a crash, and speaks to it.
import { basename } from 'node:path';
import { CancelledError, throwIfCancelled } from '../../base/errors.ts';
import { readGgufHeader } from './gguf/header.ts';
import type { HostActivity, LoadedModelInfo } from './host-messages.ts';
import { HostProcess } from './host-process.ts';
import { type GgufInfo, type Inference, type InferenceChat, InferenceError, type InferencePart } from './inference.ts';

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
  #host: HostProcess | undefined;
  #loaded: LoadedModelInfo[] = [];
  #probe: Promise<Probe> | undefined;
  #isDisposed = false;

  constructor(options: InferenceOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#host?.pid;
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
    // Parts that nobody has taken yet wait here: never more than the tokens of one answer.
    const parts = new ReadableStream<InferencePart>({
      start(controller) {
        host
          .request(
            { kind: 'chat', chat },
            { signal: AbortSignal.any([signal, left.signal]), onPart: (part) => controller.enqueue(part) },
          )
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
    { path, texts, windowTokens }: Parameters<Inference['embed']>[0],
    signal: AbortSignal,
  ): Promise<Float32Array[]> {
    return await this.#running().request(
      { kind: 'embed', path, texts, ...(windowTokens && { windowTokens }) },
      { signal },
    );
  }

  loaded(): LoadedModelInfo[] {
    return this.#loaded;
  }

  async unload(path: string): Promise<void> {
    await this.#host?.request({ kind: 'unload', path });
  }

  async activity(): Promise<HostActivity> {
    return (await this.#host?.request({ kind: 'activity' })) ?? { running: 0, generatedTokens: 0 };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    await this.#host?.kill();
  }

  #running(): HostProcess {
    if (this.#isDisposed)
      throw new InferenceError('inference-missing', 'Switchyard is shutting down. Start it again and ask once more.');
    if (this.#host) return this.#host;
    const host: HostProcess = new HostProcess({
      path: this.#options.hostPath,
      idleUnloadMs: (this.#options.idleUnloadMinutes ?? defaultIdleUnloadMinutes) * 60_000,
      onLoaded: (models) => this.#setLoaded(models),
      onExit: () => {
        if (this.#host !== host) return;
        this.#host = undefined;
        this.#setLoaded([]);
      },
    });
    this.#host = host;
    return host;
  }

  #setLoaded(models: LoadedModelInfo[]): void {
    this.#loaded = models;
    this.#options.onLoaded?.(models);
  }

  /** A native part that crashes or hangs while it loads takes the child with it, and nothing else. */
  async #probeNow(): Promise<Probe> {
    const host = this.#running();
    try {
      return { ok: true, ...(await host.request({ kind: 'probe' }, { signal: AbortSignal.timeout(probeTimeoutMs) })) };
    } catch (error) {
      if (!(error instanceof CancelledError))
        return { ok: false, detail: error instanceof Error ? error.message : String(error) };
      await host.kill();
      return {
        ok: false,
        detail: `${basename(this.#options.hostPath)} did not load llama.cpp within ${probeTimeoutMs / 1000} seconds.`,
      };
    }
  }
}
