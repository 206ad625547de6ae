// Nearest neighbours among past texts, by the cosine of their weighted words, through an index from word to texts.
import type { TextFeatures } from './features.ts';
import { weigh } from './weighting.ts';

/** Below this cosine two texts share a topic at most; near 1 they are the same request again. */
const leastSimilarity = 0.3;
/** Words that stand in more texts than this share say nothing about which of them is near, and cost the most time. */
const commonShare = 0.02;
const leastCommon = 50;
/** Neighbours of similarity 1 that weigh as much as the general prediction does. */
const priorWeight = 3;

/** Lives as long as the model it belongs to. */
export class Neighbours {
  readonly #inverse: Float32Array;
  readonly #targets: number[] = [];
  readonly #postings = new Map<number, { rows: number[]; weights: number[] }>();

  /** `inverse` as the weighting of the same texts. */
  constructor(inverse: Float32Array) {
    this.#inverse = inverse;
  }

  /** Remembers one more text; the next question sees it. */
  add(text: TextFeatures, target: number): void {
    const row = this.#targets.push(target) - 1;
    weigh(text, this.#inverse).forEach((weight, i) => {
      if (weight === 0) return;
      const hash = text.hashes[i] ?? 0;
      const posting = this.#postings.get(hash) ?? { rows: [], weights: [] };
      posting.rows.push(row);
      posting.weights.push(weight);
      this.#postings.set(hash, posting);
    });
  }

  /** What the neighbours say of the text, drawn towards `expected` where they are few or far. */
  refine(text: TextFeatures, expected: number): number {
    let evidence = 0;
    let sum = 0;
    for (const [row, similarity] of this.#near(text)) {
      const weight = ((similarity - leastSimilarity) / (1 - leastSimilarity)) ** 2;
      evidence += weight;
      sum += weight * (this.#targets[row] ?? 0);
    }
    return (sum + priorWeight * expected) / (evidence + priorWeight);
  }

  #near(text: TextFeatures): [row: number, similarity: number][] {
    const similarities = new Map<number, number>();
    const mostRows = Math.max(leastCommon, this.#targets.length * commonShare);
    weigh(text, this.#inverse).forEach((weight, i) => {
      const posting = weight === 0 ? undefined : this.#postings.get(text.hashes[i] ?? 0);
      if (!posting || posting.rows.length > mostRows) return;
      posting.rows.forEach((row, at) => similarities.set(row, (similarities.get(row) ?? 0) + weight * (posting.weights[at] ?? 0)));
    });
    return [...similarities].filter(([, similarity]) => similarity > leastSimilarity);
  }
}
