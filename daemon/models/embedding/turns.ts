// Who may ask the embedding model next: one at a time, and a query that somebody waits for before any background work.
import { CancelledError, throwIfCancelled } from '../../base/errors.ts';

export type Priority = 'interactive' | 'background';

interface Waiting {
  priority: Priority;
  begin(): void;
}

/** Lives as long as the daemon. */
export class Turns {
  #waiting: Waiting[] = [];
  #isTaken = false;

  /** Resolves when it is the caller's turn, which lasts until the result is disposed of. Throws CancelledError while it waits. */
  async take(priority: Priority, signal: AbortSignal): Promise<Disposable> {
    throwIfCancelled(signal);
    if (this.#isTaken) await this.#wait(priority, signal);
    this.#isTaken = true;
    return { [Symbol.dispose]: () => this.#next() };
  }

  async #wait(priority: Priority, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting: Waiting = { priority, begin: resolve };
    const leave = (): void => {
      if (!this.#waiting.includes(waiting)) return; // its turn has come
      this.#waiting = this.#waiting.filter((other) => other !== waiting);
      reject(new CancelledError());
    };
    this.#waiting.push(waiting);
    signal.addEventListener('abort', leave, { once: true });
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  /** Hands the turn over without letting it go: whoever comes now waits behind those who waited. */
  #next(): void {
    const next = this.#waiting.find(({ priority }) => priority === 'interactive') ?? this.#waiting[0];
    this.#waiting = this.#waiting.filter((other) => other !== next);
    if (next) next.begin();
    else this.#isTaken = false;
  }
}
