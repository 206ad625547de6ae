// A search as the daemon does it: the query's meaning from the embedding model, where there is one, then both ways in storage.
// Without a model, or when it fails, words alone are searched, and a note says so.
import { CancelledError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Embedder } from '../../models/embedding/embedder.ts';
import type { Search, SearchRequest, SearchResult } from '../../storage/search.ts';

interface FindRequest extends Omit<SearchRequest, 'vector'> {
  profile: string;
  /** What is asked, where the query is only its words; false where no model is to be asked, nor waited for. */
  meaning?: string | false;
  /** How long the model may take: words alone are better than nothing after so long. */
  waitMs?: number;
}

/** A profile's search. */
export type Find = (request: FindRequest, signal: AbortSignal) => Promise<SearchResult>;

const defaultWaitMs = 3000; // the model may have to be loaded

export function createFind({
  searchOf,
  embedder,
  log,
}: {
  searchOf(profile: string): Pick<Search, 'find'>;
  embedder?: Embedder;
  log: Log;
}): Find {
  return async ({ profile, meaning, waitMs = defaultWaitMs, ...request }, signal) => {
    const { vector, note } =
      meaning === false ? {} : await meaningOf(meaning ?? request.query, { embedder, log, waitMs, signal });
    const result = await searchOf(profile).find({ ...request, ...(vector && { vector }) }, signal);
    return note ? { ...result, notes: [...result.notes, note] } : result;
  };
}

async function meaningOf(
  query: string,
  { embedder, log, waitMs, signal }: { embedder: Embedder | undefined; log: Log; waitMs: number; signal: AbortSignal },
): Promise<{ vector?: Float32Array; note?: string }> {
  if (!embedder || query.trim() === '') return {};
  const timeout = AbortSignal.timeout(waitMs);
  try {
    const [vector] = await embedder.embed([query.slice(0, 2000)], {
      signal: AbortSignal.any([signal, timeout]),
      priority: 'interactive',
    });
    return vector ? { vector } : {};
  } catch (error) {
    if (signal.aborted) throw new CancelledError();
    log.warn({ error: String(error) }, 'a query was not embedded');
    return { note: 'The embedding model did not answer in time; only words were searched.' };
  }
}

const maxQuestionCharacters = 1500;

/** A question's words, none of which is read as a filter, a phrase or an exclusion. */
export function asWords(text: string): string {
  return (text.slice(0, maxQuestionCharacters).match(/[\p{L}\p{N}_]+/gu) ?? []).join(' ');
}
