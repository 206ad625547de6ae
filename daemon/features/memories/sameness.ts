// Whether two facts mean the same, by their embeddings. Without an embedding model only equal words count.
import { LinkedAbort } from '../../base/listeners.ts';
import type { Log } from '../../base/log.ts';
import type { Embedder } from '../../models/embedding/embedder.ts';
import { denies } from './propose.ts';

/**
 * Two facts with at least this cosine are the same. With the model that ships, paraphrases are above, other tools for a
 * purpose below.
 */
const minSameness = 0.9;
const maxCompared = 64;
const maxWaitMs = 1500;

/**
 * Compares with the newest facts. A fact is never the same as one that denies something it does not, or that has other
 * numbers.
 */
export async function isKnownByMeaning(
  text: string,
  known: readonly { text: string }[],
  { embedder, signal, log }: { embedder: Pick<Embedder, 'embed'>; signal: AbortSignal; log: Log },
): Promise<boolean> {
  const others = known
    .slice(-maxCompared)
    .map((one) => one.text)
    .filter((other) => denies(other) === denies(text) && numbersIn(other) === numbersIn(text));
  if (others.length === 0) return false;
  using abort = new LinkedAbort([signal], maxWaitMs);
  try {
    const options = { signal: abort.signal, priority: 'interactive' } as const;
    const [own, ...vectors] = await embedder.embed([text, ...others], options);
    return own !== undefined && vectors.some((vector) => cosine(own, vector) >= minSameness);
  } catch (error) {
    if (!signal.aborted) log.warn({ error: String(error) }, 'a proposed memory was not compared by its meaning');
    return false;
  }
}

function numbersIn(text: string): string {
  return (text.match(/\d+/g) ?? []).sort().join();
}

function cosine(a: Float32Array, b: Float32Array): number {
  return a.length === b.length ? a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0) : 0;
}
