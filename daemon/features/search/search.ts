// A search as the daemon does it: the query's meaning from the embedding model, where there is one, then both ways in storage.
// Without a model, while it starts, or when it fails, words alone are searched, and a note says so.
import { CancelledError } from '../../base/errors.ts';
import { LinkedAbort } from '../../base/listeners.ts';
import type { Log } from '../../base/log.ts';
import type { Embedder } from '../../models/embedding/embedder.ts';
import type { Search, SearchRequest, SearchResult } from '../../storage/search.ts';

interface FindRequest extends Omit<SearchRequest, 'vector' | 'minSimilarity'> {
  profile: string;
  /** What is asked, where the query is only its words; false where no model is to be asked, nor waited for. */
  meaning?: string | false;
  /** How long the model may take: words alone are better than nothing after so long. */
  waitMs?: number;
  /**
   * What a model that has no process yet is to do: start for the next search, which is what happens where this is left out, start for this
   * one, which waits, or stay as it is.
   */
  start?: 'for-next' | 'for-this' | 'never';
}

/** A profile's search. */
export type Find = (request: FindRequest, signal: AbortSignal) => Promise<SearchResult>;

const defaultWaitMs = 1000;
const startWaitMs = 3000; // the model has to be loaded
const maxEmbeddingMs = 60_000;
/**
 * The cosine below which a text that has no word of the query has nothing to do with it. By the model that ships 86 of 100 functions lie
 * above it for their own comment, and 2 of 100 for another's. Models whose vectors lie closer together are above it with everything.
 */
export const minSimilarity = 0.3;

interface FindDeps {
  searchOf(profile: string): Pick<Search, 'find'>;
  embedder?: Embedder;
  log: Log;
}

export function createFind({ searchOf, embedder, log }: FindDeps): Find {
  return async ({ profile, meaning, waitMs, start = 'for-next', ...request }, signal) => {
    const text = meaning ?? request.query;
    const asks = embedder && text !== false && text.trim() !== '' && (embedder.ready !== false || start !== 'never');
    const { vector, note } = asks ? await meaningOf(text, { embedder, log, waitMs, start, signal }) : {};
    const result = await searchOf(profile).find({ ...request, ...(vector && { vector, minSimilarity }) }, signal);
    return note ? { ...result, notes: [...result.notes, note] } : result;
  };
}

interface MeaningContext {
  waitMs: number | undefined;
  start: FindRequest['start'];
  embedder: Embedder;
  log: Log;
  signal: AbortSignal;
}

/** A vector that comes too late for this search is kept for the next one. */
async function meaningOf(
  query: string,
  { embedder, log, waitMs, start, signal }: MeaningContext,
): Promise<{ vector?: Float32Array; note?: string }> {
  const isReady = embedder.ready !== false;
  const abort = new LinkedAbort([signal], maxEmbeddingMs);
  const embedding = embedder
    .embed([query.slice(0, 2000)], { signal: abort.signal, priority: 'interactive' })
    .finally(() => abort[Symbol.dispose]());
  const warn = (error: unknown): void => log.warn({ error: String(error) }, 'a query was not embedded');
  if (!isReady && start !== 'for-this') {
    embedding.catch((error: unknown) => signal.aborted || warn(error));
    return { note: 'Search by meaning is still starting. These results match words only. Search again in a moment.' };
  }
  try {
    const [vector] = await inTime(embedding, waitMs ?? (isReady ? defaultWaitMs : startWaitMs));
    return vector ? { vector } : {};
  } catch (error) {
    if (signal.aborted) throw new CancelledError();
    warn(error);
    return { note: "The embedding model didn't respond in time, so these results match words only." };
  }
}

/** Throws when the time is over; the work goes on. */
async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no vector within ${ms} ms`)), ms);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

const maxQuestionCharacters = 1500;

/** A question's words, none of which is read as a filter, a phrase or an exclusion. */
export function asWords(text: string): string {
  return (text.slice(0, maxQuestionCharacters).match(/[\p{L}\p{N}_]+/gu) ?? []).join(' ');
}
