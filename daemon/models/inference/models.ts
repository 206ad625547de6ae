// The models in the host's memory. Each is loaded at its first use, answers as many requests at a time as it has slots, and is unloaded
// when it is idle or when another one needs the room.
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { LlamaContext, LlamaEmbeddingContext, LlamaModel, LlamaRankingContext } from 'node-llama-cpp';
import type { AllLocalSettings, LocalSettings } from '../../base/config/local-settings.ts';
import { throwIfCancelled } from '../../base/errors.ts';
import { FairQueue } from '../../base/fair-queue.ts';
import { expandHome } from '../../base/paths.ts';
import { BatchShares } from './batch-shares.ts';
import { readGgufHeader } from './gguf/header.ts';
import { type GgufInfo, InferenceError, type LoadedModelInfo } from './inference.ts';
import { type Admission, admit, higherRole, type LoadSize, type LocalRole, type Resident } from './memory/admission.ts';
import { HostMemory } from './memory/host-memory.ts';
import { noRoom } from './memory/refusal.ts';
import { chatSizes, embeddingSizes } from './memory/sizes.ts';
import { type ChatTemplate, firstLine, maxThreadsOf, type Native, openContext } from './native.ts';
import type { SavedStates, StateKey } from './saved-states.ts';
import { contextOf, isForCode, isLoadedAlike, settingsFor } from './settings.ts';
import { Slots } from './slots.ts';
import type { WordPieces } from './texts/word-pieces.ts';
import { ThreadTuner } from './thread-tuner.ts';

/** A window of text is embedded in one step, whose buffers grow with its length. */
const maxWindowTokens = 2048;
/** Of a file that doesn't say, as llama.cpp has it. */
const unknownContextTokens = 4096;
/** Of a query and a text: the time grows with them. */
const maxRankedTokens = 512;
/** Texts of short windows are embedded beside each other; Node runs four native calls at a time, and one is left to files. */
const shortWindowTokens = 512;
const mostEmbeddingContexts = 3;

/** What a loaded model needs of the host around it. */
export interface HostParts {
  native: Native;
  states: SavedStates | undefined;
  /** The user's, for this model. */
  settings: LocalSettings;
  /** Called whenever native code has done something. */
  onProgress: () => void;
}

/** A model in memory. Its contexts are opened as memory is given for them. Lives until it is unloaded. */
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
  /** Whether its flash attention is on, where llama.cpp decided that. */
  #isFlash: boolean | undefined;
  #shares: BatchShares | undefined;
  #slots: Promise<Slots> | undefined;
  #embedding: Promise<LlamaEmbeddingContext[]> | undefined;
  #ranking: Promise<LlamaRankingContext> | undefined;
  readonly #open = new Set<ContextKind>();

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

  /** Whether what a role needs is open. */
  has(role: LocalRole): boolean {
    return this.#open.has(contextFor(role));
  }

  /** Opens what a role needs. How that fails is told to whoever uses it; the next use tries again. */
  async open(role: LocalRole, size: LoadSize): Promise<void> {
    const context = contextFor(role);
    if (context === 'embedding') this.#embedding = this.#openEmbedding(size);
    else if (context === 'ranking') this.#ranking = this.#openRanking(size);
    else this.#slots = this.#openSlots(size);
    await { embedding: this.#embedding, ranking: this.#ranking, slots: this.#slots }[context]?.then(
      () => this.#open.add(context),
      () => {},
    );
  }

  /** Where answers are generated. */
  slots(): Promise<Slots> {
    if (!this.#slots) throw new Error('the slots are not open');
    return this.#slots;
  }

  /** Several where they embed sooner so: llama.cpp gives node-llama-cpp no more than one vector a step. */
  embeddingContexts(): Promise<LlamaEmbeddingContext[]> {
    if (!this.#embedding) throw new Error('the contexts are not open');
    return this.#embedding;
  }

  rankingContext(): Promise<LlamaRankingContext> {
    if (!this.#ranking) throw new Error('the context is not open');
    return this.#ranking;
  }

  /** As long as a step again: a query and a text are read together. */
  #openRanking({ contextTokens: tokens }: LoadSize): Promise<LlamaRankingContext> {
    const threads = maxThreadsOf(this.native);
    return this.model.createRankingContext({ contextSize: tokens, batchSize: tokens, threads });
  }

  /** A step is as long as the window: models that look both ways cannot read one in two. Short ones keep few threads busy. */
  async #openEmbedding({ slots: count, contextTokens: tokens }: LoadSize): Promise<LlamaEmbeddingContext[]> {
    const { llama } = this.native;
    const maxThreads = maxThreadsOf(this.native);
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

  /** What a chat finds here, once its slots are open. */
  get chatFacts(): Omit<LoadedModelInfo, 'path' | 'bytes' | 'role'> | undefined {
    if (!this.#context) return undefined;
    const { contextSize: contextTokens, totalSequences: slots, currentThreads: threads } = this.#context;
    return { contextTokens, slots, threads, ...(this.#isFlash !== undefined && { flashAttention: this.#isFlash }) };
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

  async #openSlots({ slots: sequences, contextTokens: contextSize }: LoadSize): Promise<Slots> {
    const shares = new BatchShares((generating) => this.#beginStep(generating));
    this.#shares = shares;
    const { contextTokens, threads, flashAttention, loras } = this.settings;
    const { llama } = this.native;
    const maxThreads = threads ?? maxThreadsOf(this.native);
    llama.maxThreads = Math.max(llama.maxThreads, maxThreads); // else it would hold the context down
    if (threads === undefined && llama.gpu === false) this.threads = new ThreadTuner(maxThreads);
    const options = {
      sequences,
      contextSize: sequences > 1 || contextTokens ? contextSize : { max: contextSize },
      threads: maxThreads,
      ...(flashAttention !== undefined && { flashAttention }),
      ...this.#kvTypes(),
      ...(loras && { lora: { adapters: loras.map(({ path, scale }) => ({ filePath: expandHome(path), scale })) } }),
      batching: { itemPrioritizationStrategy: shares.share },
    };
    const opened = await openContext(this.native, () => this.model.createContext(options));
    const { context } = opened;
    this.#context = context;
    this.#isFlash = opened.flashAttention;
    return new Slots({ context, states: this.#parts.states, model: await this.#identity(context) });
  }

  #beginStep(generating: number): void {
    this.#parts.onProgress();
    if (!this.threads) return;
    this.threads.begin(generating);
    this.native.llama.maxThreads = this.threads.threads; // taken over when the step begins, right after this
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

type ContextKind = 'slots' | 'embedding' | 'ranking';

function contextFor(role: LocalRole): ContextKind {
  return role === 'embedding' ? 'embedding' : role === 'rerank' ? 'ranking' : 'slots';
}

/** A file, and the model while it is loaded. */
interface Place {
  readonly path: string;
  loaded: LoadedModel | undefined;
  /** The highest that it was used for. */
  role: LocalRole;
  /** By the arithmetic of its header, and as the process grew. */
  computedBytes: number;
  takenBytes: number;
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
  readonly #memory = new HostMemory();
  /** Memory is given to one at a time, and given back in the same order. */
  readonly #gate = new FairQueue();
  #settings: AllLocalSettings = {};
  #lastReport = '[]';

  constructor(deps: LoadedModelsDeps) {
    this.#deps = deps;
  }

  /** Does something with a model, beside whatever else is done with it. Throws InferenceError, or CancelledError. */
  async use<Result>(
    path: string,
    { role, signal }: { role: LocalRole; signal: AbortSignal },
    task: (model: LoadedModel) => Promise<Result>,
  ): Promise<Result> {
    const place = this.#place(path);
    clearTimeout(place.idleTimer);
    place.users++;
    try {
      const model = await this.#ready(place, role);
      throwIfCancelled(signal);
      return await task(model);
    } finally {
      this.#measure(place);
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
  configure(settings: AllLocalSettings, memoryBytes?: number): void {
    this.#settings = settings;
    this.#memory.limitBytes = memoryBytes;
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
      role: 'embedding',
      computedBytes: 0,
      takenBytes: 0,
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
    const { leaving } = place;
    const dispose = this.#takeOut(place);
    void this.#gate.run(dispose).finally(() => leaving?.resolve());
  }

  /** Nobody begins to use it from now on. Returns what gives its memory back. */
  #takeOut(place: Place): () => Promise<void> {
    const { loaded } = place;
    clearTimeout(place.idleTimer);
    Object.assign(place, { loaded: undefined, leaving: undefined, role: 'embedding', computedBytes: 0, takenBytes: 0 });
    this.#report();
    return async () => {
      await loaded?.[Symbol.asyncDispose]().catch(() => {}); // it is gone for us in either case
      this.#memory.growth();
    };
  }

  async #ready(place: Place, role: LocalRole): Promise<LoadedModel> {
    const { loaded } = place;
    if (loaded?.has(role)) {
      place.role = higherRole(place.role, role);
      return loaded;
    }
    return await this.#gate.run(() => this.#open(place, role));
  }

  /** Our own check comes first: native code must not see a malformed file. */
  async #open(place: Place, role: LocalRole): Promise<LoadedModel> {
    const { path } = place;
    const info = place.loaded?.info ?? (await readGgufHeader(path));
    const native = await this.#deps.native();
    const settings = place.loaded?.settings ?? settingsFor(path, this.#settings);
    if (!place.loaded?.has(role)) {
      const size = await this.#makeRoom(place, role, { info, settings, native });
      this.#measure(undefined); // what the process took for something else is not held against it
      place.loaded ??= await this.#load(path, { info, settings, native });
      await place.loaded.open(role, size);
      place.computedBytes += size.bytes;
      this.#measure(place);
    }
    place.role = higherRole(place.role, role);
    this.#report(); // now, not when its first answer has ended
    return place.loaded;
  }

  async #load(path: string, { info, settings, native }: FileParts): Promise<LoadedModel> {
    const { onProgress, states } = this.#deps;
    this.loading.add(path);
    try {
      const { gpuLayers } = settings;
      const layers = gpuLayers === undefined ? {} : { gpuLayers };
      const model = await native.llama.loadModel({ modelPath: path, onLoadProgress: onProgress, ...layers });
      return new LoadedModel({ native, states: states(), settings, onProgress }, info, model);
    } catch (error) {
      if (error instanceof native.module.InsufficientMemoryError) throw outOfMemory(path, error);
      throw notLoaded(path, error);
    } finally {
      this.loading.delete(path);
    }
  }

  /** By the rule of `admission.ts`. Throws InferenceError (`out-of-memory`). */
  async #makeRoom(place: Place, role: LocalRole, parts: FileParts): Promise<LoadSize> {
    const { info, settings, native } = parts;
    const correction = this.#memory.correctionOf(keyOf(info.path, settings));
    const computed = sizesFor(role, parts, place.loaded ? 0 : info.sizeBytes);
    const sizes = computed.map((size) => ({ ...size, bytes: size.bytes * correction }));
    const takenBytes = [...this.#places.values()].reduce((sum, each) => sum + this.#bytesOf(each), 0);
    let admission: Admission | undefined;
    for (const freeBytes of await this.#memory.freeBytes(native, takenBytes, settings.gpuLayers)) {
      admission = admit({ role, sizes }, this.#residentsBeside(place), freeBytes);
      if (admission.size) break;
    }
    if (!admission?.size) throw noRoom(parts, admission, this.#memory.limitBytes);
    const leaving = admission.unload.flatMap((path) => this.#places.get(path) ?? []).map((each) => this.#takeOut(each));
    for (const dispose of leaving) await dispose();
    return computed[sizes.indexOf(admission.size)] ?? admission.size;
  }

  #residentsBeside(place: Place): Resident[] {
    const others = [...this.#places.values()].filter((other) => other !== place && other.loaded);
    return others.map((other) => ({ ...other, bytes: this.#bytesOf(other), isBusy: other.users > 0 }));
  }

  #bytesOf({ path, loaded, computedBytes }: Place): number {
    return loaded ? computedBytes * this.#memory.correctionOf(keyOf(path, loaded.settings)) : 0;
  }

  /** The process grew by what a place took, where no other was in use. Of a GPU's memory there is only the arithmetic. */
  #measure(place: Place | undefined): void {
    const isShared = [...this.#places.values()].some((other) => other !== place && other.loaded && other.users > 0);
    if (isShared) return;
    const growth = this.#memory.growth();
    if (!place?.loaded) return;
    if (place.loaded.native.llama.gpu !== false) return;
    place.takenBytes += growth;
    this.#memory.correct(keyOf(place.path, place.loaded.settings), place.computedBytes, place.takenBytes);
  }

  #report(): void {
    const models = [...this.#places.values()].flatMap((place) => {
      const { path, loaded, role } = place;
      return loaded ? [{ path, bytes: Math.round(this.#bytesOf(place)), role, ...loaded.chatFacts }] : [];
    });
    const report = JSON.stringify(models);
    if (report === this.#lastReport) return;
    this.#lastReport = report;
    this.#deps.onChange(models);
  }
}

interface FileParts {
  info: GgufInfo;
  settings: LocalSettings;
  native: Native;
}

function sizesFor(role: LocalRole, { info, settings, native }: FileParts, weightsBytes: number): LoadSize[] {
  const { shape, sizeBytes: fileBytes } = info;
  const trained = info.contextTokens || unknownContextTokens;
  if (role === 'rerank')
    return embeddingSizes(shape, { weightsBytes, windowTokens: Math.min(trained, maxRankedTokens), most: 1 });
  if (role === 'embedding') {
    const windowTokens = Math.min(trained, maxWindowTokens);
    const isOne = windowTokens > shortWindowTokens || native.llama.gpu !== false;
    const most = isOne ? 1 : Math.max(1, Math.min(mostEmbeddingContexts, maxThreadsOf(native)));
    return embeddingSizes(shape, { weightsBytes, windowTokens, most });
  }
  const contextTokens = contextOf(settings, trained, { isForCode: role === 'completion' && isForCode(info) });
  return chatSizes(shape, settings, { weightsBytes, fileBytes, contextTokens });
}

function keyOf(path: string, settings: LocalSettings): string {
  return `${path} ${JSON.stringify(settings)}`;
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
