// Entry of the inference host: the child process that runs llama.cpp. Answers the daemon's requests; knows nothing of chats.
import { type ChildPeer, serveParent } from '../../base/process/child-peer.ts';
import { type AnswerOptions, answer, slotsOf } from './answer.ts';
import { Crowding } from './crowding.ts';
import { complete, LatestTurns } from './fim/complete.ts';
import type { HostPart, HostProtocol } from './host-messages.ts';
import { InferenceError } from './inference.ts';
import type { LocalRole } from './memory/admission.ts';
import { type LoadedModel, LoadedModels } from './models.ts';
import { describeNative, loadNative, type Native } from './native.ts';
import { SavedStates } from './saved-states.ts';
import { embed } from './texts/embed.ts';
import { rank } from './texts/rank.ts';

/** Text is sent in parts of this length: a message for each token would take longer than making it. */
const partMs = 10;

/** Whoever reads an answer gives it up after some silence, so waiting is told again and again. */
const waitingMs = 30_000;

/** Lives as long as one answer. */
class Waiting {
  readonly #send: (part: HostPart) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(send: (part: HostPart) => void) {
    this.#send = send;
  }

  begin(ahead: number): void {
    clearInterval(this.#timer);
    const tell = (): void => this.#send({ kind: 'waiting', ahead });
    tell();
    this.#timer = setInterval(tell, waitingMs);
  }

  end(): void {
    if (this.#timer) this.#send({ kind: 'begins' });
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/** Lives as long as the host process. */
class Host {
  readonly #models = new LoadedModels({
    native: () => this.#native(),
    states: () => this.#states,
    onProgress: () => void this.#progress++,
    onChange: (models) => this.#peer.notify(models),
  });
  readonly #peer: ChildPeer<HostProtocol> = serveParent<HostProtocol>({
    answers: {
      probe: async () => describeNative(await this.#native()),
      chat: (chat, { signal, send }) =>
        this.#use(chat.path, { role: chat.priority === 'completion' ? 'completion' : 'chat', signal }, (model) =>
          this.#stream(chat.path, { signal, send }, (options) => answer(model, chat, options)),
        ),
      complete: async (code, { signal, send }) => {
        using _turn = await this.#latestTurns.take(code, signal);
        return await this.#use(code.path, { role: 'completion', signal }, (model) =>
          this.#stream(code.path, { signal, send }, (options) => complete(model, code, options)),
        );
      },
      prefer: async ({ path, id }) => void (await this.#models.prefer(path, id)),
      embed: (request, { signal }) =>
        this.#use(request.path, { role: 'embedding', signal }, (model) =>
          this.#silently(embed(model, request, signal)),
        ),
      load: ({ path }, { signal }) => this.#use(path, { role: 'chat', signal }, (model) => this.#warmUp(model)),
      rank: (request, { signal }) =>
        this.#use(request.path, { role: 'rerank', signal }, (model) => this.#silently(rank(model, request, signal))),
      unload: async ({ path }) => void (await this.#models.unload(path)),
      forget: async (key) => {
        for (const model of this.#models.all) await model.forget(key);
        await this.#states?.forget(key);
        return undefined;
      },
      rest: async () => {
        for (const model of this.#models.all) await model.rest();
        return undefined;
      },
      activity: async () => ({
        running: this.#working.size,
        isSlow: this.#isSlow,
        isCrowded: this.#crowding.isCrowded,
        progress: this.#progress,
        generatedTokens: this.#generatedTokens,
      }),
    },
    onNotice: ({ idleUnloadMs, statesFolder, gpuFolder, models, memoryBytes }) => {
      this.#gpuFolder = gpuFolder;
      this.#models.idleUnloadMs = idleUnloadMs;
      this.#models.configure(models, memoryBytes);
      if (statesFolder !== undefined) this.#states ??= new SavedStates(statesFolder);
    },
    // Nothing here needs saving, and llama.cpp's threads may be at work: leaving in order could hang or crash.
    onDisconnect: () => process.kill(process.pid, 'SIGKILL'),
  });
  readonly #latestTurns = new LatestTurns();
  readonly #crowding = new Crowding();
  #loadedNative: Promise<Native> | undefined;
  #states: SavedStates | undefined;
  #gpuFolder: string | undefined;
  #generatedTokens = 0;
  #progress = 0;
  /** What is done with models, by who may stop it. */
  readonly #working = new Map<AbortSignal, Promise<unknown>>();
  #silent = 0;

  async #warmUp(model: LoadedModel): Promise<undefined> {
    await (model.info.embeddingOnly ? model.embeddingContexts() : slotsOf(model));
    return undefined;
  }

  async #stream(
    path: string,
    { signal, send }: { signal: AbortSignal; send: (part: HostPart) => void },
    begin: (options: AnswerOptions) => AsyncIterable<HostPart>,
  ): Promise<undefined> {
    const onToken = (): void => {
      this.#generatedTokens++;
      this.#progress++;
    };
    using wait = new Waiting(send);
    const onWait = (ahead: number): void => wait.begin(ahead);
    const settings = this.#models.settingsOf(path);
    let text = '';
    let sentAt = 0;
    const flush = (): void => {
      if (text === '') return;
      send({ kind: 'text', text });
      text = '';
      sentAt = performance.now();
    };
    const onBegin = (): void => wait.end();
    for await (const part of begin({ signal, settings, onToken, onWait, onBegin })) {
      if (part.kind === 'text') text += part.text;
      if (part.kind !== 'text' || performance.now() - sentAt >= partMs) flush();
      if (part.kind !== 'text') send(part);
    }
    return undefined;
  }

  /** Counts work of which nothing is seen until it's done. */
  async #silently<Result>(work: Promise<Result>): Promise<Result> {
    this.#silent++;
    return await work.finally(() => this.#silent--);
  }

  get #isSlow(): boolean {
    return this.#models.loading.size > 0 || this.#silent > 0 || this.#models.all.some(({ isWarm }) => !isWarm);
  }

  async #use<Result>(
    path: string,
    use: { role: LocalRole; signal: AbortSignal },
    task: (model: LoadedModel) => Promise<Result>,
  ): Promise<Result> {
    const run = (): Promise<Result> => this.#models.use(path, use, (model) => this.#counted(use.signal, task(model)));
    try {
      return await run();
    } catch (error) {
      const ending = [...this.#working].filter(([signal]) => signal.aborted).map(([, work]) => work);
      if (!(error instanceof InferenceError && error.code === 'out-of-memory') || ending.length === 0) throw error;
      await Promise.allSettled(ending); // what was stopped holds its memory for a step more
      return await run();
    }
  }

  async #counted<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> {
    this.#working.set(signal, work);
    return await work.finally(() => this.#working.delete(signal));
  }

  #native(): Promise<Native> {
    this.#loadedNative ??= loadNative(this.#gpuFolder);
    return this.#loadedNative;
  }
}

new Host();
