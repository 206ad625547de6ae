// What a reranker makes of the first that a search has found, where SWITCHYARD_BENCH_RERANKER names its GGUF file.
import { fileURLToPath } from 'node:url';
import { createReranker } from '../../../daemon/models/embedding/reranker.ts';
import { createInference } from '../../../daemon/models/inference/client.ts';
import { localModelId } from '../../../daemon/models/setup/local-files.ts';
import type { DocumentedFunction } from './corpus.ts';
import { figuresOf, type SearchQuality } from './figures.ts';

const file = process.env['SWITCHYARD_BENCH_RERANKER'];
const rankedAtOnce = 30; // as for @codebase
const maxMs = 10 * 60_000; // the first loads it

interface RankedQuality extends SearchQuality {
  model: string;
  msAQuery: number;
  /** Queries whose order the reranker left as it was, since it failed. */
  failed: number;
}

/** Nothing where no file is named. */
export async function rerankedFigures(
  functions: readonly DocumentedFunction[],
  judged: readonly DocumentedFunction[],
  search: (query: string, limit: number) => Promise<string[]>,
): Promise<RankedQuality | undefined> {
  if (file === undefined) return undefined;
  const hostPath = fileURLToPath(new URL('../../../daemon/models/inference/host.ts', import.meta.url));
  await using inference = createInference({ hostPath });
  const model = localModelId(file);
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const reranker = createReranker({ configured: () => model, files: async () => [file], inference, log, maxMs });
  const texts = new Map(functions.map(({ reference, text }) => [reference, text]));
  const { signal } = new AbortController();
  let [totalMs, failed] = [0, 0];
  const figures = await figuresOf(judged, async (query) => {
    const found = await search(query, rankedAtOnce);
    const startedAt = performance.now();
    const { order, note } = await reranker.rank(
      query,
      found.map((reference) => texts.get(reference) ?? ''),
      signal,
    );
    totalMs += performance.now() - startedAt;
    if (note) failed++;
    return order.slice(0, 10).map((place) => found[place] ?? '');
  });
  return { ...figures, model, msAQuery: Math.round(totalMs / judged.length), failed };
}
