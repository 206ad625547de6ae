// Local inference that sees: chats with pictures go to our llama-server, everything else to the inference host. Of memory, both take by
// the same rule: for a picture idle models of no higher role make room, and where a model doesn't fit, an idle llama-server does.
import type { AllLocalSettings } from '../../base/config/local-settings.ts';
import type { Fetch } from '../../base/egress.ts';
import type { HostInference } from '../inference/client.ts';
import { modelNameOf } from '../inference/gguf/parts.ts';
import {
  type GgufInfo,
  type Inference,
  type InferenceChat,
  type InferenceCode,
  InferenceError,
  type InferencePart,
  type InferenceRequest,
  type LoadedModelInfo,
  type LocalAnswer,
  type LocalAnswerUse,
} from '../inference/inference.ts';
import { LocalAnswers } from '../inference/local-answers.ts';
import { admit, type LoadSize, type Resident } from '../inference/memory/admission.ts';
import { freeMainBytes } from '../inference/memory/host-memory.ts';
import { noRoom } from '../inference/memory/refusal.ts';
import { settingsFor } from '../inference/settings.ts';
import { projectorOf } from './projector.ts';
import type { ServerPrograms } from './server-program.ts';
import { VisionServer, type VisionServerDeps } from './vision-server.ts';

export interface SeeingInferenceDeps {
  host: HostInference;
  programs: ServerPrograms;
  fetch: Fetch;
  /** Minutes without a picture after which the process ends. */
  idleMinutes?: number;
}

const defaultIdleMinutes = 15; // as the host's models

/** Lives as long as the daemon, and disposes of the host. */
export class SeeingInference implements HostInference {
  readonly #host: HostInference;
  readonly #programs: ServerPrograms;
  readonly #server: VisionServer;
  readonly #answers = new LocalAnswers();
  readonly #uses = new Map<string, { running: number; lastMs: number }>();
  #models: AllLocalSettings = {};
  #memoryGb: number | undefined;

  constructor({ host, programs, fetch, idleMinutes = defaultIdleMinutes }: SeeingInferenceDeps) {
    this.#host = host;
    this.#programs = programs;
    this.#server = new VisionServer({
      programs,
      fetch,
      defaultIdleMs: idleMinutes * 60_000,
      makeRoom: (model, sizes) => this.#makeRoom(model, sizes),
      onChange: () => this.#configureHost(),
    });
  }

  get pid(): number | undefined {
    return this.#host.pid;
  }

  /** Of llama-server, while there is one. */
  get serverPid(): number | undefined {
    return this.#server.pid;
  }

  probe: Inference['probe'] = () => this.#host.probe();

  async describe(path: string): Promise<GgufInfo> {
    const info = await this.#host.describe(path);
    if ((await projectorOf(path, this.#models)) === undefined) return info;
    const program = await this.#programs.find();
    return { ...info, vision: 'missing' in program ? { sees: false, why: program.missing } : { sees: true } };
  }

  /** For `doctor`, of these files: which of them can see, and by which program. */
  async examineVision(files: readonly string[]): Promise<{ ok: boolean; detail: string; fix?: string }> {
    const projectors = await Promise.all(files.map((file) => projectorOf(file, this.#models)));
    const names = files.filter((_, i) => projectors[i] !== undefined).map(modelNameOf);
    if (names.length === 0) return { ok: true, detail: 'none; `switchyard models pull smolvlm-256m` gets a small one' };
    const program = await this.#programs.find();
    if ('missing' in program)
      return { ok: false, detail: `${names.join(', ')} can't see pictures yet`, fix: program.missing };
    return { ok: true, detail: `${names.join(', ')}, with llama-server ${program.version} at ${program.path}` };
  }

  chat(chat: InferenceChat, signal: AbortSignal, use: LocalAnswerUse = {}): AsyncIterable<InferencePart> {
    if (chat.messages.some(({ images }) => images?.length)) return this.#see(chat, signal, use);
    return this.#stream(chat.path, () => this.#host.chat(chat, signal, use));
  }

  complete(code: InferenceCode, signal: AbortSignal, use?: LocalAnswerUse): AsyncIterable<InferencePart> {
    return this.#stream(code.path, () => this.#host.complete(code, signal, use));
  }

  answers(owner: string): LocalAnswer[] {
    return [...this.#host.answers(owner), ...this.#answers.of(owner)];
  }

  async prefer(owner: string, id: string): Promise<void> {
    if (!this.#isOurs(owner, id)) return await this.#host.prefer(owner, id);
    this.#server.prefer(id);
  }

  stop(owner: string, id: string): void {
    if (this.#isOurs(owner, id)) this.#answers.stop(owner, id);
    else this.#host.stop(owner, id);
  }

  embed: Inference['embed'] = (request, signal) => this.#use(request.path, () => this.#host.embed(request, signal));

  rank: Inference['rank'] = (request, signal) => this.#use(request.path, () => this.#host.rank(request, signal));

  load(path: string, signal: AbortSignal): Promise<void> {
    return this.#use(path, () => this.#host.load(path, signal));
  }

  loaded(): LoadedModelInfo[] {
    const server = this.#server.loaded;
    const models = this.#host.loaded();
    if (!server) return models;
    const isInBoth = models.some(({ path }) => path === server.path);
    if (!isInBoth) return [...models, { ...server, role: 'vision', slots: 1 }];
    return models.map((model) =>
      model.path === server.path ? { ...model, bytes: model.bytes + server.bytes } : model,
    );
  }

  async unload(path: string): Promise<void> {
    await Promise.all([this.#host.unload(path), this.#server.unload(path)]);
  }

  configure(models: AllLocalSettings, memoryGb?: number): void {
    this.#models = models;
    this.#memoryGb = memoryGb;
    this.#configureHost();
  }

  forget: Inference['forget'] = (key) => this.#host.forget(key);

  activity: HostInference['activity'] = () => this.#host.activity();

  renew: HostInference['renew'] = () => this.#host.renew();

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#server[Symbol.asyncDispose](), this.#host[Symbol.asyncDispose]()]);
  }

  /** Of what the user lets all models take, the host gets what llama-server leaves. */
  #configureHost(): void {
    const { bytes = 0 } = this.#server.loaded ?? {};
    const left = this.#memoryGb === undefined ? undefined : Math.max(0, this.#memoryGb - bytes / 1e9);
    this.#host.configure(this.#models, left);
  }

  #isOurs(owner: string, id: string): boolean {
    return this.#answers.of(owner).some((answer) => answer.id === id);
  }

  async *#see(chat: InferenceChat, signal: AbortSignal, use: LocalAnswerUse): AsyncGenerator<InferencePart> {
    const projector = await projectorOf(chat.path, this.#models);
    if (projector === undefined)
      throw new InferenceError(
        'no-projector',
        `${modelNameOf(chat.path)} can't see pictures. Choose a model with vision, or remove the picture.`,
      );
    const left = new AbortController();
    let arrived!: ReadableStreamDefaultController<InferencePart>;
    const parts = new ReadableStream<InferencePart>({
      // at most the tokens of one answer
      start(controller) {
        arrived = controller;
      },
    });
    using answer = this.#answers.begin(chat, use, { end: () => left.abort(), tell: (part) => arrived.enqueue(part) });
    const asked = { chat, projector, settings: settingsFor(chat.path, this.#models) };
    const answering = this.#server.chat(asked, {
      ...queueOptions(chat),
      id: answer.id,
      signal: AbortSignal.any([signal, left.signal]),
      onWait: (ahead) => answer.waits(ahead),
      onBegin: () => answer.runs(),
    });
    void forward(answering, arrived)
      .finally(() => answer[Symbol.dispose]()) // what has ended is told nothing
      .then(
        () => arrived.close(),
        (error: unknown) => arrived.error(error),
      );
    try {
      for await (const part of parts.values({ preventCancel: true })) yield part;
    } finally {
      left.abort();
    }
  }

  /** Asks the host again if it had no room and llama-server has given way. */
  async *#stream(path: string, ask: () => AsyncIterable<InferencePart>): AsyncGenerator<InferencePart> {
    using _use = this.#began(path);
    try {
      yield* ask();
    } catch (error) {
      if (!(await this.#hasGivenWay(error))) throw error; // before its first part, since that comes from a loaded model
      yield* ask();
    }
  }

  async #use<Result>(path: string, ask: () => Promise<Result>): Promise<Result> {
    using _use = this.#began(path);
    try {
      return await ask();
    } catch (error) {
      if (!(await this.#hasGivenWay(error))) throw error;
      return await ask();
    }
  }

  async #hasGivenWay(error: unknown): Promise<boolean> {
    return error instanceof InferenceError && error.code === 'out-of-memory' && (await this.#server.giveWay());
  }

  #began(path: string): Disposable {
    const use = this.#uses.get(path) ?? { running: 0, lastMs: 0 };
    this.#uses.set(path, use);
    use.running++;
    return {
      [Symbol.dispose]: () => {
        use.running--;
        use.lastMs = performance.now();
      },
    };
  }

  /** By the rule of `admission.ts`, of main memory: how a GPU shares a model is llama-server's own business. */
  async #makeRoom(model: Parameters<VisionServerDeps['makeRoom']>[0], sizes: LoadSize[]): Promise<LoadSize> {
    const loaded = this.#host.loaded();
    const takenBytes = loaded.reduce((sum, { bytes }) => sum + bytes, 0);
    const limitBytes = this.#memoryGb === undefined ? undefined : this.#memoryGb * 1e9;
    const freeBytes = limitBytes === undefined ? freeMainBytes(takenBytes, this.#host.pid) : limitBytes - takenBytes;
    const residents = loaded.map(({ path, role, bytes }): Resident => {
      const { running, lastMs } = this.#uses.get(path) ?? { running: 0, lastMs: 0 };
      const isSame = path === model.info.path; // what it said without pictures is no reason to keep it twice
      return { path, role: isSame ? 'vision' : role, bytes, isBusy: running > 0, lastUsedMs: lastMs };
    });
    const admission = admit({ role: 'vision', sizes }, residents, freeBytes);
    if (!admission.size) throw noRoom(model, admission, limitBytes);
    for (const path of admission.unload) await this.#host.unload(path);
    return admission.size;
  }
}

function queueOptions({ owner, priority = 'interactive' }: InferenceRequest) {
  return { priority, ...(owner !== undefined && { owner }) };
}

async function forward(
  parts: AsyncIterable<InferencePart>,
  to: ReadableStreamDefaultController<InferencePart>,
): Promise<void> {
  for await (const part of parts) to.enqueue(part);
}
