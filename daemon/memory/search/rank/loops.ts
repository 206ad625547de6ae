// The loops that run once for each posting, apart from all else so that they are compiled to a few instructions.
import type { Postings } from '../index/postings.ts';
import { Top } from './top.ts';

/** Some documents in ascending order, and their scores so far. */
export interface Scored {
  documents: Uint32Array;
  scores: Float32Array;
  count: number;
}

/** BM25 for one term: `factor * f / (f + base + slope * length)`. */
export interface Formula {
  factor: number;
  base: number;
  slope: number;
  lengths: Uint16Array;
}

export function scored({ documents, frequencies, count }: Postings, { factor, base, slope, lengths }: Formula): Scored {
  const scores = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const frequency = frequencies[i] as number;
    scores[i] = (factor * frequency) / (frequency + base + slope * (lengths[documents[i] as number] as number));
  }
  return { documents, scores, count };
}

/** The documents of both, with the sums of their scores. The first is changed. */
export function intersect(found: Scored, other: Postings, { factor, base, slope, lengths }: Formula): Scored {
  const { documents, scores } = found;
  let count = 0;
  for (let i = 0, j = 0; i < found.count; i++) {
    const document = documents[i] as number;
    while (j < other.count && (other.documents[j] as number) < document) j++;
    if (j === other.count) break;
    if (other.documents[j] !== document) continue;
    const frequency = other.frequencies[j] as number;
    documents[count] = document;
    scores[count++] = (scores[i] as number) + (factor * frequency) / (frequency + base + slope * (lengths[document] as number));
  }
  return { documents, scores, count };
}

/** Adds a term's scores by document; returns the documents that had none before, unless they are not wanted. */
export function accumulate(scores: Float32Array, { documents, frequencies, count }: Postings, formula: Formula, newcomers: Uint32Array | undefined): number {
  const { factor, base, slope, lengths } = formula;
  let added = 0;
  for (let i = 0; i < count; i++) {
    const document = documents[i] as number;
    const before = scores[document] as number;
    if (before === 0) {
      if (!newcomers) continue;
      newcomers[added++] = document;
    }
    const frequency = frequencies[i] as number;
    scores[document] = before + (factor * frequency) / (frequency + base + slope * (lengths[document] as number));
  }
  return added;
}

/** From the newest on, so that of the many with equal scores the first that comes is the one to keep. */
export function bestOf({ documents, scores, count }: Scored, most: number, admits: (document: number) => boolean): Top {
  const top = new Top(most);
  let least = top.least;
  for (let i = count - 1; i >= 0; i--) {
    const score = scores[i] as number;
    if (score <= least) continue;
    const document = documents[i] as number;
    if (!admits(document)) continue;
    top.offer(document, score);
    least = top.least;
  }
  return top;
}
