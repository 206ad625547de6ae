// Gives every document a vector, a few at a time, after everything else that the embedding model is asked for. It starts when
// something was stored and ends when nothing is left; while it rests it has no timer.
import { setTimeout as setTimeoutOf } from 'node:timers/promises';
import type { Log } from '../../base/log.ts';
import type { Embedder } from '../../models/embedding/embedder.ts';
import type { SearchIndex } from '../../storage/search.ts';

const textsAtOnce = 16;
const restShare = 1; // as long as it worked: half of what it could take is left to the user
const defaultGatherMs = 2000; // what is stored together is embedded together
const restAfterFailureMs = 10 * 60_000; // a model that is missing is still missing at the next message

export interface EmbeddingLoopDeps {
  index: SearchIndex;
  embedder: Embedder;
  log: Log;
  /** Resolves when there is time for it; false when there will be none for long, as on battery. */
  quiet?(): Promise<boolean>;
  gatherMs?: number;
  now?(): number;
}

/** Lives as long as the daemon. */
export class EmbeddingLoop {
  readonly #deps: EmbeddingLoopDeps;
  readonly #closed = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #isWanted = false;
  #restsUntil = 0;

  constructor(deps: EmbeddingLoopDeps) {
    this.#deps = deps;
  }

  /** Something was stored that may lack a vector. */
  wake(): void {
    const { now = Date.now, gatherMs = defaultGatherMs } = this.#deps;
    this.#isWanted = true;
    if (this.#timer || this.#running || this.#closed.signal.aborted || now() < this.#restsUntil) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#running = this.#run().finally(() => {
        this.#running = undefined;
        if (this.#isWanted) this.wake();
      });
    }, gatherMs).unref();
  }

  [Symbol.dispose](): void {
    this.#closed.abort();
    clearTimeout(this.#timer);
  }

  async #run(): Promise<void> {
    const { log, now = Date.now } = this.#deps;
    this.#isWanted = false;
    try {
      await this.fill();
    } catch (error) {
      if (this.#closed.signal.aborted) return;
      this.#restsUntil = now() + restAfterFailureMs;
      log.warn({ error: String(error) }, 'documents were not embedded');
    }
  }

  /** Embeds until nothing is pending, or there is no time for it. */
  async fill(): Promise<void> {
    const { index, embedder, quiet = async () => true } = this.#deps;
    const { signal } = this.#closed;
    if (embedder.dimensions === 0) await embedder.embed(['ready'], { signal, priority: 'background' });
    const { model, dimensions } = embedder;
    await index.useModel({ name: model, dimensions });
    while (!signal.aborted && embedder.model === model) {
      const pending = await index.pending(textsAtOnce);
      if (pending.length === 0 || !(await quiet())) return;
      const startedAt = performance.now();
      const vectors = await embedder.embed(
        pending.map(({ text }) => text),
        { signal, priority: 'background' },
      );
      await index.store(
        pending.flatMap(({ document }, position) => {
          const vector = vectors[position];
          return vector ? [{ document, vector }] : [];
        }),
      );
      if (pending.length === textsAtOnce)
        await setTimeoutOf((performance.now() - startedAt) * restShare, undefined, { ref: false, signal }).catch(
          () => {},
        );
    }
  }
}
