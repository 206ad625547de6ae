// The vectors of the last queries: a search that is typed again, or paged through, asks no model.
import { LRUCache } from 'lru-cache';

const maxQueries = 200; // some 300 KB of vectors

/** Lives as long as the daemon. Drops the vector that was used the longest ago, and all of them when the model changes. */
export class RecentVectors {
  readonly #vectors = new LRUCache<string, Float32Array>({ max: maxQueries });
  #owner: object | undefined;

  /** A copy, so that no caller can change what the next one gets. */
  get(owner: object, text: string): Float32Array | undefined {
    return this.#owner === owner ? this.#vectors.get(text)?.slice() : undefined;
  }

  set(owner: object, text: string, vector: Float32Array): void {
    if (this.#owner !== owner) this.#vectors.clear();
    this.#owner = owner;
    this.#vectors.set(text, vector.slice());
  }
}
