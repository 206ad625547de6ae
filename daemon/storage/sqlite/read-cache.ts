// Answers of storage that are kept on the daemon's side of the worker: every question needs them, and each call to the worker wakes two
// threads. The daemon is the database's one writer, so a cached answer holds until the daemon writes. `callTable` says which calls clear
// the cache.
import type { CallRow, PredictedCall } from './call-table.ts';
import type { StorageCall } from './calls.ts';
import { TurnPredictor } from './turn-predictor.ts';

const maxReads = 100;

/** Lives as long as the worker's client. Cached values are shared: nobody changes them. */
export class ReadCache {
  readonly predictor = new TurnPredictor();
  readonly #reads = new Map<string, unknown>();
  #writes = 0;

  /** Makes a call, unless its answer is cached. */
  call(call: StorageCall, effect: CallRow['cache'], make: () => Promise<unknown>): Promise<unknown> {
    switch (effect) {
      case 'none':
        return make();
      case 'cached':
        return this.#read(call, make);
      case 'predicted':
        return this.predictor.follow(call as unknown as PredictedCall, make()); // its row says that it is one
      case 'clears':
        return this.#write(make);
    }
  }

  clear(): void {
    this.#writes++;
    this.#reads.clear();
    this.predictor.clear();
  }

  async #read(call: StorageCall, make: () => Promise<unknown>): Promise<unknown> {
    const key = JSON.stringify([call.profile, call.part, call.name, call.args]);
    if (this.#reads.has(key)) return this.#reads.get(key);
    const asOf = this.#writes;
    const value = await make();
    if (asOf === this.#writes && this.#reads.size < maxReads) this.#reads.set(key, value);
    return value;
  }

  /** A read that overlaps a write may be stale, so it is not cached. */
  async #write(make: () => Promise<unknown>): Promise<unknown> {
    this.clear();
    try {
      return await make();
    } finally {
      this.clear();
    }
  }
}
