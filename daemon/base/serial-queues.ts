// Work that must not overlap, by key: the next begins when the one before has ended, however it ended.
import { CancelledError } from './errors.ts';

/** Lives as long as its owner; a key takes no room once its queue is empty. */
export class SerialQueues {
  readonly #tails = new Map<string, Promise<unknown>>();

  /** Who is cancelled while still waiting leaves at once, with CancelledError; work that has begun ends in its own way. */
  run<T>(key: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    let hasBegun = false;
    const begin = async (): Promise<T> => {
      if (signal?.aborted) throw new CancelledError();
      hasBegun = true;
      return work();
    };
    const mine = before.then(begin, begin);
    const tail = mine.catch(() => {});
    this.#tails.set(key, tail);
    void tail.then(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    });
    const left = new Promise<never>((_, reject) => {
      signal?.addEventListener('abort', () => !hasBegun && reject(new CancelledError()), { once: true });
    });
    return signal ? Promise.race([mine, left]) : mine;
  }
}
