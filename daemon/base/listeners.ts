// Who wants to hear of an event.

/** Lives as long as what it tells of. */
export class Listeners<Args extends unknown[], Result = void> {
  readonly #listeners = new Set<(...args: Args) => Result>();

  /** Returns how to stop listening. One function added twice is two listeners. */
  add(listener: (...args: Args) => Result): () => void {
    const own = (...args: Args): Result => listener(...args);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** Calls every listener, in the order in which they came, and returns their results. */
  notify(...args: Args): Result[] {
    return [...this.#listeners].map((listener) => listener(...args));
  }
}
