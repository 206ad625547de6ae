// Nearest neighbours among past texts, by the cosine of their weighted words. The rarest words of a text lead to the few past texts
// that could be near it; only those are compared in full, so that the time does not grow with all that was ever asked.
import { hashSpace, type TextFeatures } from './features.ts';
import { weigh } from './weighting.ts';

/** Below this cosine two texts share a topic at most; near 1 they are the same request again. */
const leastSimilarity = 0.35;
const wordsLookedUp = 12;
const mostTextsOfWord = 40;
const mostCompared = 32;
/** Neighbours of similarity 1 that weigh as much as the general prediction does. */
const priorWeight = 3;

interface Remembered {
  text: TextFeatures;
  weights: Float32Array;
  target: number;
}

/** Lives as long as the model it belongs to. */
export class Neighbours {
  readonly #inverse: Float32Array;
  readonly #remembered: Remembered[] = [];
  readonly #textsOfWord = new Map<number, number[]>();
  /** The weights of the text that is asked about, by hash; empty between two questions. */
  readonly #asked = new Float32Array(hashSpace);

  /** `inverse` as the weighting of the same texts. */
  constructor(inverse: Float32Array) {
    this.#inverse = inverse;
  }

  /** Remembers one more text; the next question sees it. */
  add(text: TextFeatures, target: number): void {
    const weights = weigh(text, this.#inverse);
    const place = this.#remembered.push({ text, weights, target }) - 1;
    for (const hash of rarest(text, weights)) {
      const texts = this.#textsOfWord.get(hash) ?? [];
      texts.push(place);
      if (texts.length > mostTextsOfWord) texts.shift(); // the newest say most
      this.#textsOfWord.set(hash, texts);
    }
  }

  /** What the neighbours say of the text, drawn towards `expected` where they are few or far. */
  refine(text: TextFeatures, expected: number): number {
    const weights = weigh(text, this.#inverse);
    let evidence = 0;
    let sum = 0;
    for (const [hash, weight] of pairs(text, weights)) this.#asked[hash] = weight;
    for (const { similarity, target } of this.#near(text, weights)) {
      const weight = ((similarity - leastSimilarity) / (1 - leastSimilarity)) ** 2;
      evidence += weight;
      sum += weight * target;
    }
    for (const hash of text.hashes) this.#asked[hash] = 0;
    return (sum + priorWeight * expected) / (evidence + priorWeight);
  }

  #near(text: TextFeatures, weights: Float32Array): { similarity: number; target: number }[] {
    const shared = new Map<number, number>();
    for (const hash of rarest(text, weights)) for (const place of this.#textsOfWord.get(hash) ?? []) shared.set(place, (shared.get(place) ?? 0) + 1);
    const likely = [...shared].sort(([a, sharedA], [b, sharedB]) => sharedB - sharedA || a - b).slice(0, mostCompared);
    return likely.flatMap(([place]) => {
      const past = this.#remembered[place];
      const similarity = past ? this.#similarity(past) : 0;
      return past && similarity > leastSimilarity ? { similarity, target: past.target } : [];
    });
  }

  #similarity({ text: { hashes }, weights }: Remembered): number {
    let sum = 0;
    for (let i = 0; i < hashes.length; i++) sum += (this.#asked[hashes[i] ?? 0] ?? 0) * (weights[i] ?? 0);
    return sum;
  }
}

function* pairs({ hashes }: TextFeatures, weights: Float32Array): Generator<[hash: number, weight: number]> {
  for (let i = 0; i < hashes.length; i++) yield [hashes[i] ?? 0, weights[i] ?? 0];
}

/** The hashes of the greatest weight. */
function rarest({ hashes }: TextFeatures, weights: Float32Array): number[] {
  const least = Float32Array.from(weights).sort().at(-wordsLookedUp) ?? 0;
  const found: number[] = [];
  for (let i = 0; i < hashes.length && found.length < wordsLookedUp; i++) {
    const weight = weights[i] ?? 0;
    if (weight > 0 && weight >= least) found.push(hashes[i] ?? 0);
  }
  return found;
}
