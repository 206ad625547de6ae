// Waits that end when nobody wants them any more, many after another: one listener for all of them, where each would cost one.
import { CancelledError } from '../../base/errors.ts';

/** Lives as long as one reader of a stream, which waits for one thing at a time. */
export class Waiter implements Disposable {
  readonly #signal: AbortSignal;
  #giveUp: ((error: CancelledError) => void) | undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** The promise, or CancelledError as soon as the signal says so. */
  wait<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#signal.aborted) return reject(new CancelledError());
      this.#giveUp = reject;
      promise.then(resolve, reject);
    });
  }

  [Symbol.dispose](): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = (): void => this.#giveUp?.(new CancelledError());
}
