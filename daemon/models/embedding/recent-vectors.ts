// The vectors of the last queries: a search that is typed again, or paged through, asks no model.

const maxQueries = 200; // some 300 KB of vectors

/** Lives as long as the daemon; forgets what was not asked for the longest time, and everything when the model changes. */
export class RecentVectors {
  readonly #vectors = new Map<string, Float32Array>();
  #owner: object | undefined;

  /** A copy, so that no caller can change what the next one gets. */
  get(owner: object, text: string): Float32Array | undefined {
    const vector = this.#owner === owner ? this.#vectors.get(text) : undefined;
    if (vector) this.#put(text, vector);
    return vector?.slice();
  }

  set(owner: object, text: string, vector: Float32Array): void {
    if (this.#owner !== owner) this.#vectors.clear();
    this.#owner = owner;
    this.#put(text, vector.slice());
    const oldest = this.#vectors.keys().next();
    if (this.#vectors.size > maxQueries && !oldest.done) this.#vectors.delete(oldest.value);
  }

  #put(text: string, vector: Float32Array): void {
    this.#vectors.delete(text);
    this.#vectors.set(text, vector);
  }
}
