// Entry of the inference host: the child process that runs llama.cpp. Answers the daemon's requests; knows nothing of chats.
import { type ChildPeer, serveParent } from '../../base/process/child-peer.ts';
import { answer } from './answer.ts';
import { embed } from './embed.ts';
import type { HostProtocol } from './host-messages.ts';
import { type LoadedModel, LoadedModels } from './models.ts';
import { describeNative, loadNative, type Native } from './native.ts';

/** Lives as long as the host process. */
class Host {
  readonly #models = new LoadedModels({
    native: () => this.#native(),
    onChange: (models) => this.#peer.notify(models),
  });
  readonly #peer: ChildPeer<HostProtocol> = serveParent<HostProtocol>({
    answers: {
      probe: async () => describeNative(await this.#native()),
      chat: (chat, { signal, send }) =>
        this.#use(chat.path, signal, async (model) => {
          const onToken = () => void this.#generatedTokens++;
          for await (const part of answer(model, chat, { signal, onToken })) send(part);
          return undefined;
        }),
      embed: (request, { signal }) => this.#use(request.path, signal, (model) => embed(model, request, signal)),
      unload: async ({ path }) => void (await this.#models.unload(path)),
      activity: async () => ({ running: this.#using, generatedTokens: this.#generatedTokens }),
    },
    onNotice: ({ idleUnloadMs }) => {
      this.#models.idleUnloadMs = idleUnloadMs;
    },
    // Nothing here needs saving, and llama.cpp's threads may be at work: leaving in order could hang or crash.
    onDisconnect: () => process.kill(process.pid, 'SIGKILL'),
  });
  #loadedNative: Promise<Native> | undefined;
  #generatedTokens = 0;
  #using = 0;

  async #use<Result>(
    path: string,
    signal: AbortSignal,
    task: (model: LoadedModel) => Promise<Result>,
  ): Promise<Result> {
    return await this.#models.use(path, signal, async (model) => {
      this.#using++;
      try {
        return await task(model);
      } finally {
        this.#using--;
      }
    });
  }

  #native(): Promise<Native> {
    this.#loadedNative ??= loadNative();
    return this.#loadedNative;
  }
}

new Host();
