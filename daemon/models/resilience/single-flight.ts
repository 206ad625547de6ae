// Equal requests at the same time make one call: later ones are given the parts so far and then the rest as it comes. Each may
// leave alone; the call ends with the last. It stands above the meter, so that one call is checked against the budgets and counted once. Parts are fetched when the fastest reader wants one, so nothing is read ahead.
import { throwIfCancelled } from '../../base/errors.ts';
import type { StreamPart } from '../providers/provider.ts';
import { Waiter } from './waiter.ts';

const sharedNote = 'Answered together with an equal request that was running; its tokens are counted there.';

/** Lives as long as the daemon; holds nothing but the calls that run. */
export class SingleFlight {
  readonly #flights = new Map<string, Flight>();

  /** Streams the answer to the request that `key` stands for; `open` is called unless it is under way already. */
  async *stream(
    key: string,
    open: (signal: AbortSignal) => AsyncIterable<StreamPart>,
    signal: AbortSignal,
  ): AsyncGenerator<StreamPart> {
    throwIfCancelled(signal);
    const running = this.#flights.get(key);
    const flight = running ?? new Flight(open);
    this.#flights.set(key, flight);
    flight.readers++;
    try {
      yield* flight.read({ opened: !running }, signal);
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

  constructor(open: (signal: AbortSignal) => AsyncIterable<StreamPart>) {
    this.#source = open(this.#abort.signal)[Symbol.asyncIterator]();
  }

  /** Tokens are told to the one that opened it only: they were paid once. */
  async *read({ opened }: { opened: boolean }, signal: AbortSignal): AsyncGenerator<StreamPart> {
    using waiter = new Waiter(signal);
    for (let index = 0; ; index++) {
      while (index >= this.#parts.length && !this.isOver) await waiter.wait(this.#fetch());
      const part = this.#parts[index];
      if (!part && this.#failure) throw this.#failure.error;
      if (!part) return;
      yield part.kind === 'usage' && !opened ? { kind: 'warning', message: sharedNote } : part;
    }
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
