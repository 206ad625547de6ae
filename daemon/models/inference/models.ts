// The models in the host's memory. Each is loaded at its first use, answers one request at a time, and is unloaded when it is idle or
// when another one needs the room.
import { basename } from 'node:path';
import type { ChatWrapper, LlamaContextSequence, LlamaEmbeddingContext, LlamaModel } from 'node-llama-cpp';
import { FairQueue } from '../../base/fair-queue.ts';
import { readGgufHeader } from './gguf/header.ts';
import type { LoadedModelInfo } from './host-messages.ts';
import { type GgufInfo, InferenceError } from './inference.ts';
import { firstLine, type Native } from './native.ts';
import type { WordPieces } from './word-pieces.ts';

/** Larger contexts would take gigabytes that are better spent on a larger model. */
const maxContextTokens = 32_768;
/** A window of text is embedded in one step, whose buffers grow with its length. */
const maxWindowTokens = 2048;

/** A model in memory. Its contexts are made when they are first needed. Lives until it is unloaded. */
export class LoadedModel {
  readonly info: GgufInfo;
  readonly model: LlamaModel;
  readonly native: Native;
  /** Made from the file's chat template by the first prompt: trying the template out takes longer than filling it. */
  chatWrapper: ChatWrapper | undefined;
  /** Made by the first text to embed; `none` where llama.cpp's own splitting holds. */
  wordPieces: WordPieces | 'none' | undefined;
  #sequence: LlamaContextSequence | undefined;
  /** Whose prompt is in the sequence. */
  #owner: string | undefined;
  #embedding: LlamaEmbeddingContext | undefined;

  constructor(native: Native, info: GgufInfo, model: LlamaModel) {
    this.native = native;
    this.info = info;
    this.model = model;
  }

  /**
   * The one sequence that answers are generated in: what stays in it is the prefix that the next prompt need not read again, if that
   * is of the same owner. For another one it is empty.
   */
  async sequence(owner: string): Promise<LlamaContextSequence> {
    this.#sequence ??= (await this.model.createContext({ contextSize: { max: maxContextTokens } })).getSequence();
    if (this.#owner !== owner) await this.#sequence.clearHistory();
    this.#owner = owner;
    return this.#sequence;
  }

  /** The step is as long as the window: models that look both ways cannot read one in two. */
  async embeddingContext(): Promise<LlamaEmbeddingContext> {
    const tokens = Math.min(this.model.trainContextSize, maxWindowTokens);
    this.#embedding ??= await this.model.createEmbeddingContext({ contextSize: tokens, batchSize: tokens });
    return this.#embedding;
  }

  /** How much one window of text to embed may hold: node-llama-cpp keeps one token's room. */
  get maxEmbeddingTokens(): number {
    return Math.min(this.model.trainContextSize, maxWindowTokens) - 1;
  }

  get bytes(): number {
    const usage = [this.model.memoryUsage, ...(this.#sequence ? [this.#sequence.context.memoryUsage] : [])];
    return usage.reduce((sum, { ram, vram }) => sum + ram + vram, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.model.dispose(); // and its contexts with it
  }
}

interface Slot {
  readonly path: string;
  loaded: LoadedModel | undefined;
  readonly queue: FairQueue;
  lastUsedMs: number;
  idleTimer: NodeJS.Timeout | undefined;
}

export interface LoadedModelsDeps {
  native: () => Promise<Native>;
  onChange: (models: LoadedModelInfo[]) => void;
}

/** Lives as long as the host process. */
export class LoadedModels {
  idleUnloadMs = Number.POSITIVE_INFINITY;
  readonly #slots = new Map<string, Slot>();
  readonly #options: LoadedModelsDeps;
  #lastReport = '[]';

  constructor(options: LoadedModelsDeps) {
    this.#options = options;
  }

  /** Runs a task with a model, after all tasks that came before it. Throws InferenceError, or CancelledError while it waits. */
  use<Result>(path: string, signal: AbortSignal, task: (model: LoadedModel) => Promise<Result>): Promise<Result> {
    const slot = this.#slot(path);
    const run = async (): Promise<Result> => {
      if (!slot.loaded) {
        slot.loaded = await this.#load(path, slot);
        this.#report(); // now, not when its first answer has ended
      }
      try {
        return await task(slot.loaded);
      } finally {
        this.#report();
      }
    };
    return this.#exclusively(slot, run, signal);
  }

  /** Frees a model's memory, after the tasks that were asked of it. */
  async unload(path: string): Promise<void> {
    const slot = this.#slots.get(path);
    if (slot) await this.#exclusively(slot, () => this.#dispose(slot));
  }

  #slot(path: string): Slot {
    const slot = this.#slots.get(path) ?? {
      path,
      loaded: undefined,
      queue: new FairQueue(),
      lastUsedMs: 0,
      idleTimer: undefined,
    };
    this.#slots.set(path, slot);
    return slot;
  }

  async #exclusively<Result>(slot: Slot, task: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    clearTimeout(slot.idleTimer);
    try {
      return await slot.queue.run(task, { signal });
    } finally {
      slot.lastUsedMs = Date.now();
      if (isIdle(slot) && slot.loaded && Number.isFinite(this.idleUnloadMs)) {
        slot.idleTimer = setTimeout(() => void this.unload(slot.path), this.idleUnloadMs);
      }
    }
  }

  /** Our own check comes first: native code must not see a malformed file. */
  async #load(path: string, slot: Slot): Promise<LoadedModel> {
    const info = await readGgufHeader(path);
    const native = await this.#options.native();
    for (;;) {
      try {
        return new LoadedModel(native, info, await native.llama.loadModel({ modelPath: path }));
      } catch (error) {
        if (!(error instanceof native.module.InsufficientMemoryError)) {
          throw new InferenceError(
            'bad-model-file',
            `llama.cpp can't load ${basename(path)} (${firstLine(error)}). Choose another file.`,
            error,
          );
        }
        if (!(await this.#makeRoom(slot))) throw outOfMemory(path, error);
      }
    }
  }

  /** Unloads the model that was not used for the longest time, unless every other one is at work. */
  async #makeRoom(forSlot: Slot): Promise<boolean> {
    const idle = [...this.#slots.values()].filter((slot) => slot !== forSlot && slot.loaded && isIdle(slot));
    const oldest = idle.toSorted((a, b) => a.lastUsedMs - b.lastUsedMs)[0];
    if (oldest) await this.unload(oldest.path);
    return oldest !== undefined;
  }

  async #dispose(slot: Slot): Promise<void> {
    const { loaded } = slot;
    slot.loaded = undefined;
    await loaded?.[Symbol.asyncDispose]();
    this.#report();
  }

  #report(): void {
    const models = [...this.#slots.values()].flatMap(({ path, loaded }) =>
      loaded ? [{ path, bytes: loaded.bytes }] : [],
    );
    const report = JSON.stringify(models);
    if (report === this.#lastReport) return;
    this.#lastReport = report;
    this.#options.onChange(models);
  }
}

function isIdle({ queue: { load } }: Slot): boolean {
  return load.running + load.waiting === 0;
}

export function outOfMemory(path: string, cause: unknown): InferenceError {
  return new InferenceError(
    'out-of-memory',
    `${basename(path)} doesn't fit into this machine's free memory. Close other programs, or choose a smaller model.`,
    cause,
  );
}
