// Entry of the inference host: the child process that runs llama.cpp. Answers the daemon's requests; knows nothing of chats.
import { CancelledError } from '../../base/errors.ts';
import { answer } from './answer.ts';
import { embed } from './embed.ts';
import type { FromHost, HostFailure, HostRequest, HostResults, ToHost } from './host-messages.ts';
import { InferenceError } from './inference.ts';
import { type LoadedModel, Models } from './models.ts';
import { describeNative, loadNative, type Native } from './native.ts';

/** Lives as long as the host process. */
class Host {
  readonly #running = new Map<number, AbortController>();
  readonly #models = new Models({
    native: () => this.#native(),
    onChange: (models) => send({ kind: 'loaded', models }),
  });
  #loadedNative: Promise<Native> | undefined;
  #generatedTokens = 0;
  #using = 0;

  receive(message: ToHost): void {
    switch (message.kind) {
      case 'configure':
        this.#models.idleUnloadMs = message.idleUnloadMs;
        break;
      case 'cancel':
        this.#running.get(message.id)?.abort();
        break;
      case 'request':
        void this.#answer(message.id, message.request);
        break;
    }
  }

  async #answer(id: number, request: HostRequest): Promise<void> {
    const controller = new AbortController();
    this.#running.set(id, controller);
    try {
      send({ kind: 'result', id, value: await this.#perform(id, request, controller.signal) });
    } catch (error) {
      send({ kind: 'failure', id, failure: toFailure(error) });
    } finally {
      this.#running.delete(id);
    }
  }

  async #perform(id: number, request: HostRequest, signal: AbortSignal): Promise<HostResults[keyof HostResults]> {
    switch (request.kind) {
      case 'probe':
        return describeNative(await this.#native());
      case 'unload':
        return void (await this.#models.unload(request.path));
      case 'activity':
        return { running: this.#using, generatedTokens: this.#generatedTokens };
      case 'embed':
        return await this.#use(request.path, signal, (model) => embed(model, request, signal));
      case 'chat':
        return await this.#use(request.chat.path, signal, async (model) => {
          const onToken = () => void this.#generatedTokens++;
          for await (const part of answer(model, request.chat, { signal, onToken })) send({ kind: 'part', id, part });
          return undefined;
        });
    }
  }

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

function toFailure(error: unknown): HostFailure {
  if (error instanceof CancelledError) return { kind: 'cancelled' };
  if (error instanceof InferenceError) return { kind: 'error', code: error.code, message: error.message };
  return { kind: 'bug', stack: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

function send(message: FromHost): void {
  process.send?.(message);
}

const host = new Host();
process.on('message', (message) => host.receive(message as ToHost));
// The daemon is gone. Nothing here needs saving, and llama.cpp's threads may be at work: leaving in order could hang or crash.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
