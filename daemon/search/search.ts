// A search as the daemon does it: the query's meaning from the embedding model, where there is one, then both ways in storage.
// Without a model, or when it fails, words alone are searched, and a note says so.
import { CancelledError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Search, SearchRequest, SearchResult } from '../memory/search/types.ts';

/** What turns texts into vectors of length 1. */
export interface Embedder {
  /** Its name; vectors of different models are never compared. */
  readonly model: string;
  /** 0 until the model has embedded something. */
  readonly dimensions: number;
  embed(texts: readonly string[], options: { signal: AbortSignal; priority: 'interactive' | 'background' }): Promise<Float32Array[]>;
}

/** A profile's search. Without `meaning` (it is true when left out) no model is asked, nor waited for. */
export type Find = (request: Omit<SearchRequest, 'vector'> & { profile: string; meaning?: boolean }, signal: AbortSignal) => Promise<SearchResult>;

const mostWaitMs = 3000; // for the model, which may have to be loaded: words alone are better than nothing after so long

export function createFind({ searchOf, embedder, log }: { searchOf(profile: string): Pick<Search, 'find'>; embedder?: Embedder; log: Log }): Find {
  return async ({ profile, meaning = true, ...request }, signal) => {
    const { vector, note } = meaning ? await meaningOf(request.query, { embedder, log, signal }) : {};
    const result = await searchOf(profile).find({ ...request, ...(vector && { vector }) }, signal);
    return note ? { ...result, notes: [...result.notes, note] } : result;
  };
}

async function meaningOf(query: string, { embedder, log, signal }: { embedder: Embedder | undefined; log: Log; signal: AbortSignal }): Promise<{ vector?: Float32Array; note?: string }> {
  if (!embedder || query.trim() === '') return {};
  const timeout = AbortSignal.timeout(mostWaitMs);
  try {
    const [vector] = await embedder.embed([query.slice(0, 2000)], { signal: AbortSignal.any([signal, timeout]), priority: 'interactive' });
    return vector ? { vector } : {};
  } catch (error) {
    if (signal.aborted) throw new CancelledError();
    log.warn({ error: String(error) }, 'a query was not embedded');
    return { note: 'The embedding model did not answer in time; only words were searched.' };
  }
}
