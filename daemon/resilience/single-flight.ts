// Equal requests at the same time make one call: later ones are given the parts so far and then the rest as it comes. Each may
// leave alone; the call ends with the last. Parts are fetched when the fastest reader wants one, so nothing is read ahead.
import { throwIfCancelled } from '../base/errors.ts';
import type { StreamPart } from '../providers/provider.ts';
import { Waiter } from './waiter.ts';

const sharedNote = 'Answered together with an equal request that was running; its tokens are counted there.';

/** Lives as long as its provider is wrapped; holds nothing but the calls that run. */
export class SingleFlight {
  readonly #flights = new Map<string, Flight>();

  /** Streams the answer to the request that `key` stands for; `open` is called unless it is under way already. */
  async *stream(key: string, open: (signal: AbortSignal) => AsyncIterable<StreamPart>, signal: AbortSignal): AsyncGenerator<StreamPart> {
    throwIfCancelled(signal);
    const flight = this.#flights.get(key) ?? new Flight(open);
    this.#flights.set(key, flight);
    flight.readers++;
    try {
      yield* flight.read(signal);
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
  readonly #parts: StreamPart[] = [];
  readonly #abort = new AbortController();
  readonly #source: AsyncIterator<StreamPart>;
  #next: Promise<void> | undefined;
  #failure: { error: unknown } | undefined;
  #isUsageTold = false;

  constructor(open: (signal: AbortSignal) => AsyncIterable<StreamPart>) {
    this.#source = open(this.#abort.signal)[Symbol.asyncIterator]();
  }

  async *read(signal: AbortSignal): AsyncGenerator<StreamPart> {
    using waiter = new Waiter(signal);
    for (let index = 0; ; index++) {
      while (index >= this.#parts.length && !this.isOver) await waiter.wait(this.#fetch());
      const part = this.#parts[index];
      if (!part && this.#failure) throw this.#failure.error;
      if (!part) return;
      yield part.kind === 'usage' ? this.#usageOnce(part) : part;
    }
  }

  /** Tokens are counted for one of the readers only: they were paid once. */
  #usageOnce(part: StreamPart): StreamPart {
    if (this.#isUsageTold) return { kind: 'warning', message: sharedNote };
    this.#isUsageTold = true;
    return part;
  }

  /** Fetches one part, for all who wait for it. A failure is kept: readers who are behind get the parts before it first. */
  #fetch(): Promise<void> {
    this.#next ??= this.#source.next().then(
      ({ done, value }) => {
        this.#next = undefined;
        if (done) this.isOver = true;
        else this.#parts.push(value);
      },
      (error: unknown) => {
        this.#failure = { error };
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
