// The llama-server that looks at pictures: which model it has, whose turn it is, and when it goes. It has one model, and does one chat
// at a time.
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import type { LocalSettings } from '../../base/config/local-settings.ts';
import type { Fetch } from '../../base/egress.ts';
import { FairQueue, type QueueOptions } from '../../base/fair-queue.ts';
import { readGgufHeader } from '../inference/gguf/header.ts';
import { type GgufInfo, type InferenceChat, InferenceError, type InferencePart } from '../inference/inference.ts';
import type { LoadSize } from '../inference/memory/admission.ts';
import { chatSizes } from '../inference/memory/sizes.ts';
import { contextOf } from '../inference/settings.ts';
import { ProviderError } from '../providers/provider.ts';
import { askServer } from './server-chat.ts';
import { type ServerEnd, ServerProcess } from './server-process.ts';
import type { ServerPrograms } from './server-program.ts';

/** A chat with pictures in it, for a model that has a projector. */
export interface VisionChat {
  chat: InferenceChat;
  projector: string;
  /** The user's, for this model. */
  settings: LocalSettings;
}

export interface VisionServerDeps {
  programs: ServerPrograms;
  fetch: Fetch;
  defaultIdleMs: number;
  /** Which of these sizes there is room for; others may be unloaded for it. Throws InferenceError (`out-of-memory`). */
  makeRoom(model: { info: GgufInfo; settings: LocalSettings }, sizes: LoadSize[]): Promise<LoadSize>;
  /** Called when the process has begun to load a model, has loaded it, or has ended. */
  onChange(): void;
}

/** An allowance for what llama.cpp computes a picture in. Once a model is loaded, what the process takes counts instead. */
const pictureBytes = 300e6;
/** Of a file that doesn't say, as llama.cpp has it. */
const unknownContextTokens = 4096;

interface LoadedServer {
  readonly key: string;
  readonly info: GgufInfo;
  readonly contextTokens: number;
  readonly process: ServerProcess;
  bytes: number;
}

/** Lives as long as the daemon; has a process from the first picture until it was idle for a while, or others need the memory. */
export class VisionServer implements AsyncDisposable {
  readonly #deps: VisionServerDeps;
  readonly #queue = new FairQueue();
  readonly #disposed = new AbortController();
  #server: LoadedServer | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(deps: VisionServerDeps) {
    this.#deps = deps;
  }

  /** What is in memory, or being loaded. */
  get loaded(): { path: string; bytes: number; contextTokens: number } | undefined {
    if (!this.#server) return undefined;
    const { info, bytes, contextTokens } = this.#server;
    return { path: info.path, bytes, contextTokens };
  }

  /** Of the process, while there is one. */
  get pid(): number | undefined {
    return this.#server?.process.pid;
  }

  prefer(id: string): void {
    this.#queue.prefer(id);
  }

  /** Throws InferenceError, ProviderError of what the server says, or CancelledError. Leaving the loop ends the work. */
  async *chat(
    asked: VisionChat,
    { signal, onBegin, ...turn }: QueueOptions & { signal: AbortSignal; onBegin: () => void },
  ): AsyncGenerator<InferencePart> {
    const limit = AbortSignal.any([signal, this.#disposed.signal]);
    using _turn = await this.#queue.take({ ...turn, signal: limit });
    onBegin();
    clearTimeout(this.#idle);
    try {
      const server = await this.#serverFor(asked, limit);
      const { process, contextTokens, info } = server;
      yield* whileItLives(
        askServer({ ...asked, info, process, contextTokens, fetch: this.#deps.fetch }, limit),
        server,
      );
    } finally {
      this.#rest(asked.settings);
    }
  }

  /** Ends the process if nobody uses it; whether that freed anything. */
  async giveWay(): Promise<boolean> {
    const { running, waiting } = this.#queue.load;
    if (!this.#server || running + waiting > 0) return false;
    await this.#queue.run(() => this.#stop(), { priority: 'interactive' });
    return true;
  }

  /** After the chats that were asked of it before. */
  async unload(path: string): Promise<void> {
    if (this.#server?.info.path !== path) return;
    await this.#queue.run(() => this.#stop());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed.abort();
    await this.#stop();
  }

  async #serverFor({ chat: { path }, projector, settings }: VisionChat, signal: AbortSignal): Promise<LoadedServer> {
    const { contextTokens: asked, threads: given, gpuLayers } = settings;
    const key = JSON.stringify([path, projector, asked, given, gpuLayers]);
    if (this.#server?.key === key && !this.#server.process.hasEnded) return this.#server;
    await this.#stop();
    const { programs, fetch, makeRoom, onChange } = this.#deps;
    const program = await programs.find();
    if ('missing' in program) throw new InferenceError('inference-missing', program.missing);
    const info = await readGgufHeader(path);
    const { sizeBytes: projectorBytes } = await readGgufHeader(projector); // native code must see no malformed file
    const size = await makeRoom({ info, settings }, sizesOf(info, settings, projectorBytes));
    const threads = given ?? Math.max(1, availableParallelism() - 1); // they wait by spinning: one core is left to others
    const { contextTokens } = size;
    const process = new ServerProcess({ program, model: path, projector, contextTokens, threads, gpuLayers, fetch });
    const server: LoadedServer = { key, info, contextTokens, process, bytes: size.bytes };
    this.#server = server;
    onChange();
    process.onEnd(() => this.#forget(server));
    await this.#load(server, signal);
    return server;
  }

  async #load(server: LoadedServer, signal: AbortSignal): Promise<void> {
    const { process, info } = server;
    try {
      const end = await process.ready(signal);
      if (end) throw notLoaded(info.path, end);
    } catch (error) {
      await process[Symbol.asyncDispose]();
      throw error;
    }
    server.bytes = (await process.memoryBytes()) ?? server.bytes;
    this.#deps.onChange();
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#idle);
    const server = this.#server;
    await server?.process[Symbol.asyncDispose]();
    if (server) this.#forget(server);
  }

  #forget(server: LoadedServer): void {
    if (this.#server !== server) return;
    this.#server = undefined;
    this.#deps.onChange();
  }

  #rest({ idleUnloadMinutes, keepLoaded }: LocalSettings): void {
    clearTimeout(this.#idle);
    if (keepLoaded || !this.#server) return;
    const idleMs = idleUnloadMinutes === undefined ? this.#deps.defaultIdleMs : idleUnloadMinutes * 60_000;
    this.#idle = setTimeout(() => void this.giveWay(), idleMs).unref();
  }
}

/** One slot: the pictures of a chat take what other chats would. */
function sizesOf(info: GgufInfo, { contextTokens }: LocalSettings, projectorBytes: number): LoadSize[] {
  const weightsBytes = info.sizeBytes + projectorBytes + pictureBytes;
  const tokens = contextOf({ contextTokens }, info.contextTokens || unknownContextTokens);
  const settings = { slots: 1, ...(contextTokens !== undefined && { contextTokens }) };
  return chatSizes(info.shape, settings, { weightsBytes, fileBytes: info.sizeBytes, contextTokens: tokens });
}

/** A broken connection is told as what broke it. */
async function* whileItLives(
  parts: AsyncIterable<InferencePart>,
  { process, info }: LoadedServer,
): AsyncGenerator<InferencePart> {
  try {
    yield* parts;
  } catch (error) {
    const isBroken = error instanceof ProviderError && ['unavailable', 'network'].includes(error.code);
    const end = isBroken ? await process.endedNow() : undefined;
    if (!end) throw error;
    throw new InferenceError(
      'inference-crashed',
      `llama-server ended unexpectedly while it used ${basename(info.path)} (${end.how}). Ask again to start it anew, or choose another model.`,
      new Error(end.lastWords),
    );
  }
}

function notLoaded(path: string, { how, lastWords }: ServerEnd): InferenceError {
  const errors = lastWords.split('\n').filter((line) => /\bE\b|error|fail/i.test(line));
  const why = errors.at(0)?.trim().slice(0, 300) ?? how;
  return new InferenceError(
    'bad-model-file',
    `llama-server can't load ${basename(path)} with its mmproj file (${why}). Choose another model, or name the right mmproj file with \`switchyard models set\`.`,
    new Error(lastWords),
  );
}
