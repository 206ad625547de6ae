// Learns to predict a number from a text (an outcome, or how much better one model was than another) with a linear
// model over words, trees over shape, and nearest neighbours. Words capture the subject, shape carries over to new
// subjects, and neighbours recall past requests.
import { hashSpace, type TextFeatures } from './features.ts';
import { Neighbours } from './neighbours.ts';
import { fitRidge } from './ridge.ts';
import { fitTrees, predictorOf, type Trees } from './trees.ts';
import { minToTrust, Trial } from './trial.ts';
import { inverseFrequencies, termWeightRows, termWeights } from './weighting.ts';

export interface Sample {
  text: TextFeatures;
  target: number;
}

/** Lives until the next fit. */
export interface Blend {
  predict(text: TextFeatures): number;
  /** Whether words alone predicted samples that were held out better than all parts together, so they alone are used. */
  readonly wordsAlone: boolean;
  /** Adds a sample to the neighbours. The other parts include it from the next fit on. */
  add(sample: Sample): void;
  /** Everything except the samples, which are in the decision records. */
  toJSON(): StoredBlend;
}

/** Only words with a weight are kept: hash, inverse document frequency, linear weight. */
export interface StoredBlend {
  mean: number;
  wordsAlone?: boolean;
  words: [hash: number, inverse: number, weight: number][];
  forests: Trees[];
}

/**
 * The linear part's share; a little more than half was best both within and across subjects, and the curve is flat
 * there.
 */
const linearShare = 0.6;
const ridge = { penalty: 8, rounds: 15 };
const boosting = { count: 100, depth: 4, rate: 0.07, minRows: 60, shrinkage: 30 };
/** One forest per seed. Their mean has a smaller error than either. */
const seeds = [1, 2];

/** Fits in short steps; the caller decides how many to run at a time. */
export function* fitBlend(samples: readonly Sample[]): Generator<void, Blend> {
  return createBlend({ ...(yield* fitParts(samples)), wordsAlone: yield* areWordsBetter(samples) }, samples);
}

/** One sample in so many is held out. Too few of them prove nothing, and the blend is the better guess. */
const heldOutEvery = 5;

/** Whether shape and neighbours do harm here: whether words alone predict the held out better, beyond chance. */
function* areWordsBetter(samples: readonly Sample[]): Generator<void, boolean> {
  const isHeldOut = (place: number): boolean => place % heldOutEvery === heldOutEvery - 1;
  const heldOut = samples.filter((_, place) => isHeldOut(place));
  if (heldOut.length < minToTrust) return false;
  const known = samples.filter((_, place) => !isHeldOut(place));
  const parts = yield* fitParts(known);
  const together = createBlend({ ...parts, wordsAlone: false }, known);
  const words = createBlend({ ...parts, wordsAlone: true }, []);
  const trial = new Trial();
  for (const { text, target } of heldOut) {
    trial.observe(target, { mean: together.predict(text), learned: words.predict(text) });
    yield;
  }
  return trial.isProven();
}

function* fitParts(samples: readonly Sample[]): Generator<void, BlendParts> {
  const texts = samples.map(({ text }) => text);
  const mean = samples.reduce((sum, { target }) => sum + target, 0) / Math.max(1, samples.length);
  const targets = Float64Array.from(samples, ({ target }) => target - mean);
  const inverse = inverseFrequencies(texts);
  yield;
  const weights = Float32Array.from(yield* fitRidge(termWeightRows(texts, inverse), targets, ridge));
  const shapes = texts.map(({ shape }) => shape);
  const forests: Trees[] = [];
  for (const seed of seeds) forests.push(yield* fitTrees(shapes, targets, { ...boosting, seed }));
  return { mean, inverse, weights, forests };
}

/** Runs a fit to its end at once. */
export function finish<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Restores a stored model with the samples it was fitted to. */
export function restoreBlend(
  { mean, wordsAlone = false, words, forests }: StoredBlend,
  samples: readonly Sample[],
): Blend {
  const inverse = new Float32Array(hashSpace);
  const weights = new Float32Array(hashSpace);
  for (const [hash, frequency, weight] of words) {
    inverse[hash] = frequency;
    weights[hash] = weight;
  }
  return createBlend({ mean, wordsAlone, inverse, weights, forests }, samples);
}

interface BlendParts {
  mean: number;
  inverse: Float32Array;
  weights: Float32Array;
  forests: Trees[];
}

function createBlend(
  { mean, wordsAlone, inverse, weights, forests }: BlendParts & { wordsAlone: boolean },
  samples: readonly Sample[],
): Blend {
  const neighbours = new Neighbours();
  const predictors = forests.map(predictorOf);
  const general = (text: TextFeatures, values: Float32Array): number =>
    mean +
    linearShare * linear(text, values, weights) +
    (1 - linearShare) * meanOf(predictors.map((predict) => predict(text.shape)));
  const add = ({ text, target }: Sample): void => neighbours.add({ text, weights: termWeights(text, inverse) }, target);
  samples.forEach(add);
  return {
    wordsAlone,
    predict(text) {
      const values = termWeights(text, inverse);
      if (wordsAlone) return mean + linear(text, values, weights);
      return neighbours.refine({ text, weights: values }, general(text, values));
    },
    add,
    toJSON: () => ({
      mean,
      ...(wordsAlone && { wordsAlone }),
      forests,
      words: Array.from(inverse.entries())
        .filter(([, frequency]) => frequency > 0)
        .map(([hash, frequency]) => [hash, frequency, weights[hash] ?? 0]),
    }),
  };
}

function linear({ hashes }: TextFeatures, values: Float32Array, weights: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] ?? 0) * (weights[hashes[i] ?? 0] ?? 0);
  return sum;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
