// Nearest neighbours among past texts, by the cosine of their weighted words. The rarest words of a text lead to the
// few past texts that could be near it. Only those are compared in full, so the time does not grow with the number of
// past texts.
import { hashSpace, type TextFeatures } from './features.ts';

/** Below this cosine two texts share at most a topic; near 1 they are the same request. */
const minSimilarity = 0.5;
const wordsLookedUp = 8;
const maxTextsOfWord = 40;
const maxCompared = 8;
/** Two texts are compared only when they share this many rare words. */
const minSharedWords = 2;
/** Neighbours of similarity 1 that weigh as much as the general prediction does. */
const priorWeight = 3;

/** A text with the weight of each of its hashes. */
interface WeightedText {
  text: TextFeatures;
  weights: Float32Array;
}

interface PastText {
  hashes: Int32Array;
  weights: Float32Array;
  target: number;
}

/** Lives as long as the model it belongs to. */
export class Neighbours {
  readonly #pastTexts: PastText[] = [];
  readonly #textsOfWord = new Map<number, number[]>();
  /** The weights of the queried text by hash; all 0 between two queries. */
  readonly #queryWeights = new Float32Array(hashSpace);

  /** Adds a text, which the next query can find. */
  add(query: WeightedText, target: number): void {
    const place =
      this.#pastTexts.push({ hashes: Int32Array.from(query.text.hashes), weights: query.weights, target }) - 1;
    for (const hash of rarest(query)) {
      const texts = this.#textsOfWord.get(hash) ?? [];
      texts.push(place);
      if (texts.length > maxTextsOfWord) texts.shift(); // the newest count most
      this.#textsOfWord.set(hash, texts);
    }
  }

  /** The neighbours' prediction, drawn towards `expected` when they are few or far. */
  refine(query: WeightedText, expected: number): number {
    const candidates = this.#candidatesFor(query);
    if (candidates.length === 0) return expected;
    const { hashes } = query.text;
    let evidence = 0;
    let sum = 0;
    for (let i = 0; i < hashes.length; i++) this.#queryWeights[hashes[i] ?? 0] = query.weights[i] ?? 0;
    for (const past of candidates) {
      const weight = (Math.max(0, this.#similarity(past) - minSimilarity) / (1 - minSimilarity)) ** 2;
      evidence += weight;
      sum += weight * past.target;
    }
    for (let i = 0; i < hashes.length; i++) this.#queryWeights[hashes[i] ?? 0] = 0;
    return (sum + priorWeight * expected) / (evidence + priorWeight);
  }

  /** The past texts that share the most of the rarest words. */
  #candidatesFor(query: WeightedText): PastText[] {
    const shared = new Map<number, number>();
    for (const hash of rarest(query))
      for (const place of this.#textsOfWord.get(hash) ?? []) shared.set(place, (shared.get(place) ?? 0) + 1);
    const ranked = [...shared]
      .filter(([, words]) => words >= minSharedWords)
      .sort(([a, sharedA], [b, sharedB]) => sharedB - sharedA || a - b);
    return ranked.slice(0, maxCompared).flatMap(([place]) => this.#pastTexts[place] ?? []);
  }

  #similarity({ hashes, weights }: PastText): number {
    let sum = 0;
    for (let i = 0; i < hashes.length; i++) sum += (this.#queryWeights[hashes[i] ?? 0] ?? 0) * (weights[i] ?? 0);
    return sum;
  }
}

/** The hashes of the greatest weight. One pass with a short sorted list beats sorting them all. */
function rarest({ text: { hashes }, weights }: WeightedText): number[] {
  const places: number[] = [];
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i] ?? 0;
    if (weight === 0 || (places.length === wordsLookedUp && weight <= (weights[places[wordsLookedUp - 1] ?? 0] ?? 0)))
      continue;
    let at = places.length;
    while (at > 0 && (weights[places[at - 1] ?? 0] ?? 0) < weight) at--;
    places.splice(at, 0, i);
    if (places.length > wordsLookedUp) places.pop();
  }
  return places.map((place) => hashes[place] ?? 0);
}
