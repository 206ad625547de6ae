// Two rankings of the same documents as one: reciprocal rank fusion, which needs no scores that can be compared.
// Cormack, Clarke and Büttcher, "Reciprocal rank fusion outperforms Condorcet and individual rank learning methods", SIGIR 2009.
import type { FusionWeights } from '../../../search.ts';
import type { RankedDocument } from './top.ts';

/** That paper's constant: how little the first places count for more than those behind them. */
const fusionK = 60;

/** Both count alike until a measurement says otherwise. */
const defaultWeights: FusionWeights = { text: 1, vector: 1 };

export interface FusedDocument extends RankedDocument {
  /** Which rankings have it. */
  by: ('text' | 'vector')[];
}

/** Best first; the score is at most 1, for what is first in both. */
export function fuse(
  text: readonly RankedDocument[],
  vector: readonly RankedDocument[],
  weights: FusionWeights = defaultWeights,
): FusedDocument[] {
  const fused = new Map<number, FusedDocument>();
  const most = (weights.text + weights.vector) / (fusionK + 1);
  for (const [by, ranking] of [
    ['text', text],
    ['vector', vector],
  ] as const) {
    for (const [rank, { document }] of ranking.entries()) {
      const known = fused.get(document) ?? { document, score: 0, by: [] };
      known.score += weights[by] / (fusionK + rank + 1) / most;
      known.by.push(by);
      fused.set(document, known);
    }
  }
  return [...fused.values()].sort((a, b) => b.score - a.score || b.document - a.document);
}
