// Equal requests at the same time make one call: a later one is given the parts so far, and then the rest as it comes. Each may
// leave alone; the call ends with the last. Single flight stands above the meter, so that one call is checked against the budgets
// once, and counted once. A part is fetched when the fastest reader wants it, so nothing is read ahead.
import { CancelledError, throwIfCancelled } from '../../base/errors.ts';
import type { StreamPart } from '../providers/provider.ts';

const sharedNote = 'Shared with an identical request that was already running. Its tokens are counted there.';

/** Lives as long as the daemon; holds nothing but the calls that run. */
export class SingleFlight {
  readonly #flights = new Map<string, Flight>();

  /**
   * Streams the answer to the request that `key` stands for. `open` is called unless an equal request is under way: then
   * `onShared` is told at the end how many characters of text the answer had. Only the request that opened the call is told the
   * tokens, because they were paid once.
   */
  async *stream(
    key: string,
    open: (signal: AbortSignal) => AsyncIterable<StreamPart>,
    signal: AbortSignal,
    onShared?: (characters: number) => void,
  ): AsyncGenerator<StreamPart> {
    throwIfCancelled(signal);
    const running = this.#flights.get(key);
    const flight = running ?? new Flight(open);
    this.#flights.set(key, flight);
    flight.readers++;
    let characters = 0;
    try {
      using waiter = new Waiter(signal);
      for (let index = 0; ; index++) {
        while (index >= flight.parts.length && !flight.isOver) await waiter.wait(flight.fetch());
        const part = flight.parts[index];
        if (!part) break;
        if (part.kind === 'text') characters += part.text.length;
        yield part.kind === 'usage' && running ? { kind: 'warning', message: sharedNote } : part;
      }
      if (flight.failure) throw flight.failure.error; // after the parts before it
      if (running) onShared?.(characters);
    } finally {
      flight.readers--;
      const isEnded = flight.readers === 0 || flight.isOver;
      if (isEnded && this.#flights.get(key) === flight) this.#flights.delete(key);
      if (flight.readers === 0) await flight.end();
    }
  }
}

/** Lives as long as one call to a provider. */
class Flight {
  readers = 0;
  isOver = false;
  failure: { error: unknown } | undefined;
  /** What has come so far. */
  readonly parts: StreamPart[] = [];
  readonly #abort = new AbortController();
  readonly #source: AsyncIterator<StreamPart>;
  #next: Promise<void> | undefined;

  constructor(open: (signal: AbortSignal) => AsyncIterable<StreamPart>) {
    this.#source = open(this.#abort.signal)[Symbol.asyncIterator]();
  }

  /** Fetches one part, for all who wait for it. */
  fetch(): Promise<void> {
    this.#next ??= this.#source.next().then(
      ({ done, value }) => {
        this.#next = undefined;
        if (done) this.isOver = true;
        else this.parts.push(value);
      },
      (error: unknown) => {
        this.failure = { error };
        this.isOver = true;
      },
    );
    return this.#next;
  }

  /** Closes the call, if it still runs. */
  async end(): Promise<void> {
    if (this.isOver) return;
    this.#abort.abort();
    await this.#source.return?.();
  }
}

/**
 * Waits that end as soon as the signal says so, one after another. Lives as long as one reader of a stream, which waits for one
 * part at a time. All of its waits share one listener, where `whileWanted` would add one for each part.
 */
class Waiter implements Disposable {
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
