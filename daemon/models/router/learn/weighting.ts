// TF-IDF over hashed features: rare words weigh more, repeats weigh little more than one occurrence, every text has
// length 1.
import { hashSpace, type TextFeatures } from './features.ts';

/** Rows of a sparse matrix, one after another. Row r is the entries from `starts[r]` to `starts[r + 1]`. */
export interface SparseRows {
  starts: Int32Array;
  columns: Int32Array;
  values: Float32Array;
}

/** Inverse document frequencies; 0 for what occurs in fewer than two texts, since it teaches nothing about a third. */
export function inverseFrequencies(texts: readonly TextFeatures[]): Float32Array {
  const frequencies = new Int32Array(hashSpace);
  for (const { hashes } of texts) for (const hash of hashes) frequencies[hash] = (frequencies[hash] ?? 0) + 1;
  return Float32Array.from(frequencies, (frequency) =>
    frequency < 2 ? 0 : Math.log((1 + texts.length) / (1 + frequency)) + 1,
  );
}

export function termWeightRows(texts: readonly TextFeatures[], inverse: Float32Array): SparseRows {
  const size = texts.reduce((sum, { hashes }) => sum + hashes.length, 0);
  const rows = {
    starts: new Int32Array(texts.length + 1),
    columns: new Int32Array(size),
    values: new Float32Array(size),
  };
  let place = 0;
  texts.forEach((text, row) => {
    const weights = termWeights(text, inverse);
    rows.columns.set(text.hashes, place);
    rows.values.set(weights, place);
    place += weights.length;
    rows.starts[row + 1] = place;
  });
  return rows;
}

/** The weight of each hash of the text, in its order. */
export function termWeights({ hashes, counts }: TextFeatures, inverse: Float32Array): Float32Array {
  const weights = new Float32Array(hashes.length);
  let squares = 0;
  for (let i = 0; i < hashes.length; i++) {
    const times = counts[i] ?? 1;
    const weight = (times === 1 ? 1 : 1 + Math.log(times)) * (inverse[hashes[i] ?? 0] ?? 0);
    weights[i] = weight;
    squares += weight * weight;
  }
  const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
  for (let i = 0; i < weights.length; i++) weights[i] = (weights[i] ?? 0) * scale;
  return weights;
}
