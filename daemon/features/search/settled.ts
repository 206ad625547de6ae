// Waits until what was just stored is indexed. Before that a search finds it only where it has all words of the query.
import { LinkedAbort, type Listeners } from '../../base/listeners.ts';
import type { SearchIndex } from '../../storage/search.ts';

interface SettledDeps {
  index: Pick<SearchIndex, 'status'>;
  /** Told whenever all that was stored is indexed. */
  indexed: Pick<Listeners<[]>, 'add'>;
}

/** Resolves with false where that takes too long, or the signal aborts. */
export type Settled = (signal: AbortSignal) => Promise<boolean>;

const maxWaitMs = 5000; // an import may keep the index busy for minutes

export function createSettled({ index, indexed }: SettledDeps): Settled {
  return async (signal) => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const stop = indexed.add(() => resolve(true));
    using limit = new LinkedAbort([signal], maxWaitMs);
    limit.signal.addEventListener('abort', () => resolve(false));
    if (limit.signal.aborted) resolve(false);
    try {
      return (await index.status()).queued === 0 || (await promise);
    } finally {
      stop();
    }
  };
}
