// Bounds how many requests one provider works on at a time. The others wait in order of arrival. When the queue is full, the next is
// refused.
import { CancelledError, throwIfCancelled } from '../../base/errors.ts';

export interface BulkheadSettings {
  concurrency: number;
  queue: number;
}

/** Lives as long as its provider is known. */
export class Bulkhead {
  #running = 0;
  readonly #waiting = new Set<() => void>();

  get load(): { running: number; waiting: number } {
    return { running: this.#running, waiting: this.#waiting.size };
  }

  /** A place, given back by disposing of it; undefined when the queue is full. Throws CancelledError while it waits. */
  async enter({ concurrency, queue }: BulkheadSettings, signal: AbortSignal): Promise<Disposable | undefined> {
    throwIfCancelled(signal);
    if (this.#running < concurrency && this.#waiting.size === 0) this.#running++;
    else if (this.#waiting.size >= queue) return undefined;
    else await this.#turn(signal);
    return { [Symbol.dispose]: () => this.#leave() };
  }

  /** Hands the place on to the first in the queue, so that no newcomer takes it in between. */
  #leave(): void {
    const [next] = this.#waiting;
    if (next) next();
    else this.#running--;
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const take = () => {
        this.#waiting.delete(take);
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = () => {
        this.#waiting.delete(take);
        reject(new CancelledError());
      };
      this.#waiting.add(take);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }
}
