// The models in the host's memory. Each is loaded at its first use, answers as many requests at a time as it has slots, and is unloaded
// when it is idle or when another one needs the room.
import { stat } from 'node:fs/promises';
import os from 'node:os';
import { basename } from 'node:path';
import type { LlamaContext, LlamaEmbeddingContext, LlamaModel, LlamaRankingContext } from 'node-llama-cpp';
import type { AllLocalSettings, LocalSettings } from '../../base/config/local-settings.ts';
import { throwIfCancelled } from '../../base/errors.ts';
import { expandHome } from '../../base/paths.ts';
import { BatchShares } from './batch-shares.ts';
import { readGgufHeader } from './gguf/header.ts';
import type { LoadedModelInfo } from './host-messages.ts';
import { type GgufInfo, InferenceError } from './inference.ts';
import { type ChatTemplate, firstLine, maxThreadsOf, type Native } from './native.ts';
import type { SavedStates, StateKey } from './saved-states.ts';
import { contextOf, isLoadedAlike, settingsFor } from './settings.ts';
import { Slots } from './slots.ts';
import type { WordPieces } from './texts/word-pieces.ts';
import { ThreadTuner } from './thread-tuner.ts';

/** A window of text is embedded in one step, whose buffers grow with its length. */
const maxWindowTokens = 2048;
/** Of a query and a text: the time grows with them. */
const maxRankedTokens = 512;
/** Texts of short windows are embedded beside each other; Node runs four native calls at a time, and one is left to files. */
const shortWindowTokens = 512;
const mostEmbeddingContexts = 3;
const mostSlots = 4;
/** All slots together take no more than this, or than the weights where those are larger. */
const slotsBytes = 1e9;

/** What a loaded model needs of the host around it. */
export interface HostParts {
  native: Native;
  states: SavedStates | undefined;
  /** The user's, for this model. */
  settings: LocalSettings;
  /** Called whenever native code has done something. */
  onProgress: () => void;
}

/** A model in memory. Its contexts are made when they are first needed. Lives until it is unloaded. */
export class LoadedModel {
  readonly info: GgufInfo;
  readonly model: LlamaModel;
  readonly native: Native;
  /** Made from the file by the first prompt: reading a template takes longer than filling it. */
  chatTemplate: ChatTemplate | undefined;
  /** Made by the first text to embed; `none` where llama.cpp's own splitting holds. */
  wordPieces: WordPieces | 'none' | undefined;
  readonly settings: LocalSettings;
  /** On a CPU, where the user has set no number of threads. */
  threads: ThreadTuner | undefined;
  readonly #parts: HostParts;
  #context: LlamaContext | undefined;
  #shares: BatchShares | undefined;
  #slots: Promise<Slots> | undefined;
  #embedding: Promise<LlamaEmbeddingContext[]> | undefined;
  #ranking: Promise<LlamaRankingContext> | undefined;

  constructor(parts: HostParts, info: GgufInfo, model: LlamaModel) {
    this.#parts = parts;
    this.settings = parts.settings;
    this.native = parts.native;
    this.info = info;
    this.model = model;
  }

  /** Whether its first steps, of which nobody knows how long they take, are over or not asked for. */
  get isWarm(): boolean {
    return this.#shares?.isWarm ?? true;
  }

  /** Where answers are generated. */
  slots(): Promise<Slots> {
    this.#slots ??= this.#openSlots();
    this.#slots.catch(() => (this.#slots = undefined));
    return this.#slots;
  }

  /** Several where they embed sooner so: llama.cpp gives node-llama-cpp no more than one vector a step. */
  embeddingContexts(): Promise<LlamaEmbeddingContext[]> {
    this.#embedding ??= this.#openEmbedding();
    this.#embedding.catch(() => (this.#embedding = undefined));
    return this.#embedding;
  }

  /** As long as a step again: a query and a text are read together. */
  rankingContext(): Promise<LlamaRankingContext> {
    const tokens = Math.min(this.model.trainContextSize, maxRankedTokens);
    const threads = maxThreadsOf(this.native);
    this.#ranking ??= this.model.createRankingContext({ contextSize: tokens, batchSize: tokens, threads });
    this.#ranking.catch(() => (this.#ranking = undefined));
    return this.#ranking;
  }

  /** A step is as long as the window: models that look both ways cannot read one in two. Short ones keep few threads busy. */
  async #openEmbedding(): Promise<LlamaEmbeddingContext[]> {
    const tokens = Math.min(this.model.trainContextSize, maxWindowTokens);
    const { llama } = this.native;
    const maxThreads = maxThreadsOf(this.native);
    const count = tokens > shortWindowTokens || llama.gpu !== false ? 1 : Math.min(mostEmbeddingContexts, maxThreads);
    const threads = count === 1 ? Math.max(1, maxThreads - 1) : Math.floor(maxThreads / count);
    llama.maxThreads = Math.max(llama.maxThreads, count * threads);
    const contexts: LlamaEmbeddingContext[] = [];
    try {
      while (contexts.length < count)
        contexts.push(await this.model.createEmbeddingContext({ contextSize: tokens, batchSize: tokens, threads }));
    } catch (error) {
      if (contexts.length === 0) throw error; // else there is no room for more of them
    }
    return contexts;
  }

  /** How much one window of text to embed may hold: node-llama-cpp keeps one token's room. */
  get maxEmbeddingTokens(): number {
    return Math.min(this.model.trainContextSize, maxWindowTokens) - 1;
  }

  get bytes(): number {
    const usage = [this.model.memoryUsage, ...(this.#context ? [this.#context.memoryUsage] : [])];
    return usage.reduce((sum, { ram, vram }) => sum + ram + vram, 0);
  }

  /** Saves what its chats have read. */
  async rest(): Promise<void> {
    await (await this.#slots?.catch(() => undefined))?.rest();
  }

  /** Has a waiting answer begin before its owner's others. */
  async prefer(id: string): Promise<void> {
    (await this.#slots?.catch(() => undefined))?.prefer(id);
  }

  async forget(key: Partial<StateKey>): Promise<void> {
    await (await this.#slots?.catch(() => undefined))?.forget(key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.rest();
    await this.model.dispose(); // and its contexts with it
  }

  async #openSlots(): Promise<Slots> {
    const shares = new BatchShares((generating) => this.#beginStep(generating));
    this.#shares = shares;
    const { contextTokens, slots, threads, flashAttention, loras } = this.settings;
    const contextSize = contextOf(this.settings, this.model.trainContextSize);
    const sequences = slots ?? (await this.#countSlots(contextSize));
    const { llama } = this.native;
    const maxThreads = threads ?? maxThreadsOf(this.native);
    llama.maxThreads = Math.max(llama.maxThreads, maxThreads); // else it would hold the context down
    if (threads === undefined && llama.gpu === false) this.threads = new ThreadTuner(maxThreads);
    const context = await this.model.createContext({
      sequences,
      contextSize: sequences > 1 || contextTokens ? contextSize : { max: contextSize },
      threads: maxThreads,
      ...(flashAttention !== undefined && { flashAttention }),
      ...this.#kvTypes(),
      ...(loras && { lora: { adapters: loras.map(({ path, scale }) => ({ filePath: expandHome(path), scale })) } }),
      batching: { itemPrioritizationStrategy: shares.share },
    });
    this.#context = context;
    return new Slots({ context, states: this.#parts.states, model: await this.#identity(context) });
  }

  #beginStep(generating: number): void {
    this.#parts.onProgress();
    if (!this.threads) return;
    this.threads.begin(generating);
    this.native.llama.maxThreads = this.threads.threads; // taken over when the step begins, right after this
  }

  /** As many as fit the bounds and half of the free memory; a single one is fitted by its length. */
  async #countSlots(contextSize: number): Promise<number> {
    const { llama } = this.native;
    const free = llama.gpu === false ? os.freemem() : (await llama.getVramState()).free;
    const most = Math.min(free / 2, Math.max(slotsBytes, this.info.sizeBytes));
    for (let sequences = mostSlots; sequences > 1; sequences--) {
      const { cpuRam, gpuVram } = await this.model.fileInsights.estimateContextResourceRequirementsV2({
        contextSize,
        sequences,
        modelGpuLayers: this.model.gpuLayers,
      });
      if (cpuRam + gpuVram <= most) return sequences;
    }
    return 1;
  }

  #kvTypes() {
    const { kvType } = this.settings;
    return kvType ? { experimentalKvCacheKeyType: kvType, experimentalKvCacheValueType: kvType } : {};
  }

  /** A state fits the very file, build and settings it was made with. */
  async #identity(context: LlamaContext): Promise<string> {
    const { size, mtimeMs } = await stat(this.info.path);
    const { release } = this.native.llama.llamaCppRelease;
    const made = [context.contextSize, context.flashAttention, this.settings.kvType, this.settings.loras];
    return JSON.stringify([this.info.path, size, mtimeMs, release, ...made]);
  }
}

/** A file, and the model while it is loaded. */
interface Place {
  readonly path: string;
  loaded: LoadedModel | undefined;
  /** The last load or unload; the next begins after it. */
  busy: Promise<unknown>;
  users: number;
  /** Set when it is to be unloaded as soon as nobody uses it. */
  leaving: PromiseWithResolvers<void> | undefined;
  lastUsedMs: number;
  idleTimer: NodeJS.Timeout | undefined;
}

export interface LoadedModelsDeps {
  native: () => Promise<Native>;
  states: () => SavedStates | undefined;
  onProgress: () => void;
  onChange: (models: LoadedModelInfo[]) => void;
}

/** Lives as long as the host process. */
export class LoadedModels {
  idleUnloadMs = Number.POSITIVE_INFINITY;
  /** Files that are being loaded now. */
  readonly loading = new Set<string>();
  readonly #places = new Map<string, Place>();
  readonly #deps: LoadedModelsDeps;
  #settings: AllLocalSettings = {};
  #lastReport = '[]';

  constructor(deps: LoadedModelsDeps) {
    this.#deps = deps;
  }

  /** Does something with a model, beside whatever else is done with it. Throws InferenceError, or CancelledError. */
  async use<Result>(path: string, signal: AbortSignal, task: (model: LoadedModel) => Promise<Result>): Promise<Result> {
    const place = this.#place(path);
    clearTimeout(place.idleTimer);
    place.users++;
    try {
      const model = await this.#loaded(place);
      throwIfCancelled(signal);
      return await task(model);
    } finally {
      this.#report();
      place.users--;
      place.lastUsedMs = performance.now();
      if (place.users === 0) this.#rest(place);
    }
  }

  async prefer(path: string, id: string): Promise<void> {
    await this.#places.get(path)?.loaded?.prefer(id);
  }

  /** Frees a model's memory, after the tasks that were asked of it. */
  async unload(path: string): Promise<void> {
    const place = this.#places.get(path);
    if (!place) return;
    place.leaving ??= Promise.withResolvers();
    const { promise } = place.leaving;
    if (place.users === 0) this.#rest(place);
    await promise;
  }

  /** A model that must be loaded anew for its settings is unloaded once nobody uses it. */
  configure(settings: AllLocalSettings): void {
    this.#settings = settings;
    for (const place of this.#places.values()) {
      const { path, loaded, users } = place;
      if (!loaded) continue;
      if (!isLoadedAlike(loaded.settings, settingsFor(path, settings))) void this.unload(path);
      else if (users === 0) this.#rest(place);
    }
  }

  /** What the user has set for a model now. */
  settingsOf(path: string): LocalSettings {
    return settingsFor(path, this.#settings);
  }

  /** Every model in memory. */
  get all(): LoadedModel[] {
    return [...this.#places.values()].flatMap(({ loaded }) => loaded ?? []);
  }

  #place(path: string): Place {
    const place = this.#places.get(path) ?? {
      path,
      loaded: undefined,
      busy: Promise.resolve(),
      users: 0,
      leaving: undefined,
      lastUsedMs: 0,
      idleTimer: undefined,
    };
    this.#places.set(path, place);
    return place;
  }

  /** Nobody uses it now. */
  #rest(place: Place): void {
    clearTimeout(place.idleTimer);
    if (place.leaving) this.#free(place);
    else if (place.loaded && Number.isFinite(this.#idleMsOf(place)))
      place.idleTimer = setTimeout(() => this.#free(place), this.#idleMsOf(place));
  }

  #idleMsOf({ path }: Place): number {
    const { idleUnloadMinutes, keepLoaded } = this.settingsOf(path);
    if (keepLoaded) return Number.POSITIVE_INFINITY;
    return idleUnloadMinutes === undefined ? this.idleUnloadMs : idleUnloadMinutes * 60_000;
  }

  #free(place: Place): void {
    const { loaded, leaving } = place;
    clearTimeout(place.idleTimer);
    Object.assign(place, { loaded: undefined, leaving: undefined });
    this.#report();
    place.busy = place.busy
      .catch(() => {})
      .then(() => loaded?.[Symbol.asyncDispose]())
      .finally(() => leaving?.resolve());
  }

  #loaded(place: Place): Promise<LoadedModel> {
    const loaded = place.busy
      .catch(() => {}) // whoever asked for that is told of its failure
      .then(async () => {
        place.loaded ??= await this.#load(place.path, place);
        this.#report(); // now, not when its first answer has ended
        return place.loaded;
      });
    place.busy = loaded;
    return loaded;
  }

  /** Our own check comes first: native code must not see a malformed file. */
  async #load(path: string, place: Place): Promise<LoadedModel> {
    const info = await readGgufHeader(path);
    const native = await this.#deps.native();
    const { onProgress } = this.#deps;
    const settings = settingsFor(path, this.#settings);
    this.loading.add(path);
    try {
      for (;;) {
        try {
          const { gpuLayers } = settings;
          const layers = gpuLayers === undefined ? {} : { gpuLayers };
          const model = await native.llama.loadModel({ modelPath: path, onLoadProgress: onProgress, ...layers });
          return new LoadedModel({ native, states: this.#deps.states(), settings, onProgress }, info, model);
        } catch (error) {
          if (!(error instanceof native.module.InsufficientMemoryError)) throw notLoaded(path, error);
          if (!(await this.#makeRoom(place))) throw outOfMemory(path, error);
        }
      }
    } finally {
      this.loading.delete(path);
    }
  }

  /** Unloads the model that was not used for the longest time, unless every other one is at work. */
  async #makeRoom(forPlace: Place): Promise<boolean> {
    const idle = [...this.#places.values()].filter((place) => place !== forPlace && place.loaded && place.users === 0);
    const oldest = idle.toSorted((a, b) => a.lastUsedMs - b.lastUsedMs)[0];
    if (oldest) await this.unload(oldest.path);
    return oldest !== undefined;
  }

  #report(): void {
    const models = [...this.#places.values()].flatMap(({ path, loaded }) =>
      loaded ? [{ path, bytes: loaded.bytes }] : [],
    );
    const report = JSON.stringify(models);
    if (report === this.#lastReport) return;
    this.#lastReport = report;
    this.#deps.onChange(models);
  }
}

function notLoaded(path: string, error: unknown): InferenceError {
  return new InferenceError(
    'bad-model-file',
    `llama.cpp cannot load ${basename(path)} (${firstLine(error)}). Choose another file.`,
    error,
  );
}

export function outOfMemory(path: string, cause: unknown): InferenceError {
  return new InferenceError(
    'out-of-memory',
    `${basename(path)} doesn't fit into this machine's free memory. Close other programs, or choose a smaller model.`,
    cause,
  );
}
