// Two rankings of the same documents as one: reciprocal rank fusion, which needs no scores that can be compared.
// Cormack, Clarke and Büttcher, "Reciprocal rank fusion outperforms Condorcet and individual rank learning methods", SIGIR 2009.
//
// While vectors are missing, a document without one keeps the place that its words give it, and those with one are ordered anew among
// the places that are theirs: neither has an advantage. A rank by vectors counts for as many documents as it would be among if all had
// one, and for the less the fewer have: with the cube of that share a search never was worse than by words alone (test/bench/README.md).
import type { FusionWeights } from '../../../search.ts';
import type { RankedText } from './bm25.ts';
import type { RankedDocument } from './top.ts';

/** That paper's constant: how little the first places count for more than those behind them. */
const fusionK = 60;

/** Both count alike until a measurement says otherwise. */
const defaultWeights: FusionWeights = { text: 1, vector: 1 };

export interface FusedDocument extends RankedDocument {
  /** Which rankings have it. */
  by: ('text' | 'vector')[];
}

export interface VectorRanking {
  /** Best first. */
  documents: readonly RankedDocument[];
  /** Which part of all documents has a vector, from 0 to 1. */
  share: number;
  has(document: number): boolean;
}

/** Best first: those that have all the words, then those with some of them or the meaning. The score is at most 1. */
export function fuse(
  text: RankedText,
  vector: VectorRanking,
  weights: FusionWeights = defaultWeights,
): FusedDocument[] {
  const vectorWeight = weights.vector * vector.share ** 3;
  const most = (weights.text + vectorWeight || 1) / (fusionK + 1);
  const share = Math.max(vector.share, 1e-6);
  const ranks = new Map(vector.documents.map(({ document }, rank) => [document, (rank + 0.5) / share - 0.5]));
  const byText = text.documents.map(({ document }, rank): FusedDocument => {
    const rankByVector = ranks.get(document);
    const score = weights.text / (fusionK + rank + 1);
    if (rankByVector === undefined) return { document, score: score / most, by: ['text'] };
    return { document, score: (score + vectorWeight / (fusionK + rankByVector + 1)) / most, by: ['text', 'vector'] };
  });
  const found = new Set(text.documents.map(({ document }) => document));
  const byVector = vector.documents.flatMap(({ document }): FusedDocument[] => {
    const score = vectorWeight / (fusionK + (ranks.get(document) ?? 0) + 1);
    return found.has(document) ? [] : [{ document, score: score / most, by: ['vector'] }];
  });
  const complete = ordered(byText.slice(0, text.complete), vector);
  return descending([...complete, ...ordered([...byText.slice(text.complete), ...byVector], vector)]);
}

/** Sorts those that have a vector among their own places. */
function ordered(documents: readonly FusedDocument[], vector: VectorRanking): FusedDocument[] {
  const sorted = documents
    .filter(({ document }) => vector.has(document))
    .sort((a, b) => b.score - a.score || b.document - a.document);
  let next = 0;
  return documents.map((one) => (vector.has(one.document) ? (sorted[next++] ?? one) : one));
}

/** Scores that fall from place to place, since hits are compared by them. */
function descending(documents: readonly FusedDocument[]): FusedDocument[] {
  const scores = documents.map(({ score }) => score);
  for (let place = scores.length - 2; place >= 0; place--)
    scores[place] = Math.max(scores[place] ?? 0, scores[place + 1] ?? 0);
  return documents.map((one, place) => ({ ...one, score: scores[place] ?? one.score }));
}
