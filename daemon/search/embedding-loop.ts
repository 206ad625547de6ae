// Gives every document a vector, a few at a time, behind everything else that the embedding model is asked for.
import type { Log } from '../base/log.ts';
import type { SearchIndex } from '../memory/search/types.ts';
import type { Embedder } from './search.ts';

const textsAtOnce = 16;
const restMs = 15_000; // when nothing is pending, or something failed

/** Lives as long as the daemon. */
export class EmbeddingLoop {
  readonly #index: SearchIndex;
  readonly #embedder: Embedder;
  readonly #log: Log;
  readonly #closed = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor({ index, embedder, log }: { index: SearchIndex; embedder: Embedder; log: Log }) {
    this.#index = index;
    this.#embedder = embedder;
    this.#log = log;
  }

  /** Begins, and goes on until it is disposed of. */
  start(): void {
    void this.#run();
  }

  [Symbol.dispose](): void {
    this.#closed.abort();
    clearTimeout(this.#timer);
  }

  async #run(): Promise<void> {
    try {
      await this.fill();
    } catch (error) {
      if (!this.#closed.signal.aborted) this.#log.warn({ error: String(error) }, 'documents were not embedded');
    }
    if (!this.#closed.signal.aborted) this.#timer = setTimeout(() => void this.#run(), restMs).unref();
  }

  /** Embeds until nothing is pending. */
  async fill(): Promise<void> {
    const { signal } = this.#closed;
    if (this.#embedder.dimensions === 0) await this.#embedder.embed(['ready'], { signal, priority: 'background' });
    const { model, dimensions } = this.#embedder;
    await this.#index.useModel({ name: model, dimensions });
    while (!signal.aborted && this.#embedder.model === model) {
      const pending = await this.#index.pending(textsAtOnce);
      if (pending.length === 0) return;
      const vectors = await this.#embedder.embed(pending.map(({ text }) => text), { signal, priority: 'background' });
      await this.#index.store(pending.flatMap(({ document }, index) => {
        const vector = vectors[index];
        return vector ? [{ document, vector }] : [];
      }));
    }
  }
}
