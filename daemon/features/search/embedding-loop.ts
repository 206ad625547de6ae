// Gives every document a vector, after everything else that the embedding model is asked for: without a rest while nobody works here, one
// text at a time while somebody does. It starts when something was indexed and ends when nothing is left; it has no timer else.
import { setTimeout as setTimeoutOf } from 'node:timers/promises';
import type { Log } from '../../base/log.ts';
import type { Embedder } from '../../models/embedding/embedder.ts';
import type { SearchIndex } from '../../storage/search.ts';

const textsAtOnce = 16;
const restShare = 1; // beside work it rests as long as it worked
const defaultGatherMs = 2000; // what is stored together is embedded together
const restAfterFailureMs = 10 * 60_000; // a model that is missing is still missing at the next message

export interface EmbeddingLoopDeps {
  index: SearchIndex;
  embedder: Embedder;
  log: Log;
  /** What else happens on this machine. */
  load?: MachineLoad;
  gatherMs?: number;
  now?(): number;
}

export interface MachineLoad {
  /** False when there is no time for it for long, as on battery. */
  mayWork(): Promise<boolean>;
  /** Whether the user works with this daemon at this moment. */
  isBusy(): boolean;
  /** Resolves when the user has not worked with it for a while, so that a process may be started for what nobody waits for. */
  atRest(signal: AbortSignal): Promise<void>;
}

const restingMachine: MachineLoad = { mayWork: async () => true, isBusy: () => false, atRest: async () => {} };

/** Lives as long as the daemon. */
export class EmbeddingLoop {
  readonly #deps: EmbeddingLoopDeps;
  readonly #load: MachineLoad;
  readonly #closed = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #isWanted = false;
  #restsUntil = 0;

  constructor(deps: EmbeddingLoopDeps) {
    this.#deps = deps;
    this.#load = deps.load ?? restingMachine;
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
    const { index, embedder } = this.#deps;
    const { signal } = this.#closed;
    if ((await index.status()).documents === 0 || !(await this.#load.mayWork())) return;
    if (embedder.dimensions === 0) {
      await this.#load.atRest(signal);
      await embedder.embed(['ready'], { signal, priority: 'background' });
    }
    const { model, dimensions } = embedder;
    await index.useModel({ name: model, dimensions });
    while (!signal.aborted && embedder.model === model) {
      const pending = await index.pending(this.#load.isBusy() ? 1 : textsAtOnce);
      if (pending.length === 0 || !(await this.#load.mayWork())) return;
      if (embedder.ready === false) await this.#load.atRest(signal);
      const startedAt = performance.now();
      await this.#embed(pending);
      if (this.#load.isBusy()) await this.#rest((performance.now() - startedAt) * restShare);
    }
  }

  async #embed(pending: Awaited<ReturnType<SearchIndex['pending']>>): Promise<void> {
    const { index, embedder } = this.#deps;
    const vectors = await embedder.embed(
      pending.map(({ text }) => text),
      { signal: this.#closed.signal, priority: 'background' },
    );
    await index.store(
      pending.flatMap(({ document }, position) => {
        const vector = vectors[position];
        return vector ? [{ document, vector }] : [];
      }),
    );
  }

  async #rest(ms: number): Promise<void> {
    await setTimeoutOf(ms, undefined, { ref: false, signal: this.#closed.signal }).catch(() => {});
  }
}
