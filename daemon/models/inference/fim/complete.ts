// Code that a loaded model writes into a hole. Of what is asked for one place only the newest goes on, in the slot that has read most of it.
import { throwIfCancelled } from '../../../base/errors.ts';
import { type AnswerOptions, continueFrom } from '../answer.ts';
import type { HostCode, HostPart } from '../host-messages.ts';
import type { LoadedModel } from '../models.ts';
import { renderCode } from './prompt.ts';

/** Streams code; the last part is `finish`. Throws InferenceError, or CancelledError. */
export async function* complete(loaded: LoadedModel, code: HostCode, options: AnswerOptions): AsyncGenerator<HostPart> {
  yield* continueFrom(
    loaded,
    { ...code, ...renderCode(loaded, code), temperature: code.temperature ?? 0, tellsReading: true },
    options,
  );
}

/** Has a completion wait until the one before it, for the same place, has left its slot. Lives as long as the host. */
export class LatestTurns {
  readonly #last = new Map<string, Promise<void>>();

  /** The one before it was ended already: what it waits for is a step of the prompt at most. Throws CancelledError. */
  async take(
    { owner = '', latest = '' }: Pick<HostCode, 'owner' | 'latest'>,
    signal: AbortSignal,
  ): Promise<Disposable> {
    const place = JSON.stringify([owner, latest]);
    const before = this.#last.get(place);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last.set(place, promise);
    const leave = (): void => {
      resolve();
      if (this.#last.get(place) === promise) this.#last.delete(place);
    };
    try {
      await before;
      throwIfCancelled(signal);
      return { [Symbol.dispose]: leave };
    } catch (error) {
      leave();
      throw error;
    }
  }
}
