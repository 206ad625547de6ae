// Gradient-boosted regression trees over a text's shape: few numbers, but their combinations carry over to subjects
// never seen. Squared loss, histograms of `maxBins` bins, random halves of rows and random columns for each tree
// (Friedman 2002).
import { createRandom } from './random.ts';

export interface TreesOptions {
  count: number;
  depth: number;
  rate: number;
  /** A leaf has at least this many rows. */
  minRows: number;
  /** Every leaf counts this many rows of value 0 besides its own. */
  shrinkage: number;
  seed: number;
}

/** All nodes of all trees in one place; a leaf has no feature (-1). Plain arrays, so that it can be written as JSON. */
export interface Trees {
  roots: number[];
  feature: number[];
  /** A row goes left when its value is below this. */
  threshold: number[];
  left: number[];
  right: number[];
  value: number[];
}

const maxBins = 32;
const rowShare = 0.5;
const columnShare = 0.3;

/** Trees whose sum follows the targets, yielding after each tree. `targets` should have mean 0. */
export function* fitTrees(
  rows: readonly (readonly number[])[],
  targets: Float64Array,
  options: TreesOptions,
): Generator<void, Trees> {
  const trees: Trees = { roots: [], feature: [], threshold: [], left: [], right: [], value: [] };
  const binned = binsOf(rows);
  const random = createRandom(options.seed);
  const residuals = Float64Array.from(targets);
  for (let tree = 0; tree < options.count; tree++) {
    const sample = Int32Array.from(residuals.keys()).filter(() => random() < rowShare);
    const root = new Grower({ trees, binned, residuals, random, options }).grow(sample, options.depth);
    trees.roots.push(root);
    rows.forEach((row, index) => {
      residuals[index] = (residuals[index] ?? 0) - leafValue(trees, root, row);
    });
    yield;
  }
  return trees;
}

/** A function for the sum of all trees for a row. It uses typed arrays, which are several times faster to read. */
export function predictorOf({
  roots,
  feature,
  threshold,
  left,
  right,
  value,
}: Trees): (row: readonly number[]) => number {
  const starts = Int32Array.from(roots);
  const features = Int16Array.from(feature);
  const thresholds = Float64Array.from(threshold);
  const children = Int32Array.from(
    { length: 2 * left.length },
    (_, place) => (place % 2 === 0 ? left : right)[place >> 1] ?? 0,
  );
  const values = Float64Array.from(value);
  return (row) => {
    const numbers = Float64Array.from(row);
    let sum = 0;
    for (let tree = 0; tree < starts.length; tree++) {
      let node = starts[tree] ?? 0;
      for (let column = features[node] ?? -1; column >= 0; column = features[node] ?? -1) {
        const side = (numbers[column] ?? 0) < (thresholds[node] ?? 0) ? 0 : 1;
        node = children[2 * node + side] ?? 0;
      }
      sum += values[node] ?? 0;
    }
    return sum;
  };
}

function leafValue({ feature, threshold, left, right, value }: Trees, root: number, row: readonly number[]): number {
  let node = root;
  for (let column = feature[node] ?? -1; column >= 0; column = feature[node] ?? -1) {
    node = ((row[column] ?? 0) < (threshold[node] ?? 0) ? left[node] : right[node]) ?? 0;
  }
  return value[node] ?? 0;
}

interface BinnedRows {
  columns: number;
  /** For each column, the ascending values at which a new bin begins. */
  cuts: number[][];
  /** Row by row, the bin of each column. */
  bins: Uint8Array;
}

function binsOf(rows: readonly (readonly number[])[]): BinnedRows {
  const columns = rows[0]?.length ?? 0;
  const cuts = Array.from({ length: columns }, (_, column) =>
    cutsOf(Float64Array.from(rows, (row) => row[column] ?? 0).sort()),
  );
  const bins = new Uint8Array(rows.length * columns);
  rows.forEach((row, index) => {
    for (let column = 0; column < columns; column++)
      bins[index * columns + column] = binOf(cuts[column] ?? [], row[column] ?? 0);
  });
  return { columns, cuts, bins };
}

/** Bins of about equally many rows. */
function cutsOf(sorted: Float64Array): number[] {
  const cuts = Array.from(
    { length: maxBins - 1 },
    (_, bin) => sorted[Math.floor(((bin + 1) * sorted.length) / maxBins)] ?? 0,
  );
  return [...new Set(cuts)];
}

function binOf(cuts: readonly number[], value: number): number {
  let bin = 0;
  while (bin < cuts.length && value >= (cuts[bin] ?? 0)) bin++;
  return bin;
}

interface GrowerDeps {
  trees: Trees;
  binned: BinnedRows;
  residuals: Float64Array;
  random: () => number;
  options: TreesOptions;
}

interface Split {
  column: number;
  /** Bins up to this one go left. */
  bin: number;
}

/** Lives while one tree is grown. */
class Grower {
  readonly #deps: GrowerDeps;

  constructor(deps: GrowerDeps) {
    this.#deps = deps;
  }

  /** Adds a subtree for these rows; returns its node. */
  grow(rows: Int32Array, depth: number): number {
    const { trees, binned, options } = this.#deps;
    const total = this.#sum(rows);
    const split = depth > 0 && rows.length >= 2 * options.minRows ? this.#bestSplit(rows, total) : undefined;
    const node = trees.value.length;
    trees.feature.push(split?.column ?? -1);
    trees.threshold.push(split ? (binned.cuts[split.column]?.[split.bin] ?? 0) : 0);
    trees.left.push(0);
    trees.right.push(0);
    trees.value.push(split ? 0 : (options.rate * total) / (rows.length + options.shrinkage));
    if (split) {
      const goesLeft = (row: number): boolean => (binned.bins[row * binned.columns + split.column] ?? 0) <= split.bin;
      trees.left[node] = this.grow(rows.filter(goesLeft), depth - 1);
      trees.right[node] = this.grow(
        rows.filter((row) => !goesLeft(row)),
        depth - 1,
      );
    }
    return node;
  }

  #sum(rows: Int32Array): number {
    const { residuals } = this.#deps;
    let sum = 0;
    for (const row of rows) sum += residuals[row] ?? 0;
    return sum;
  }

  #bestSplit(rows: Int32Array, total: number): Split | undefined {
    const { binned, random } = this.#deps;
    let best: (Split & { gain: number }) | undefined;
    for (let column = 0; column < binned.columns; column++) {
      if (random() >= columnShare) continue;
      const found = this.#bestInColumn(rows, total, column);
      if (found && found.gain > (best?.gain ?? 1e-9)) best = { ...found, column };
    }
    return best;
  }

  #bestInColumn(rows: Int32Array, total: number, column: number): { bin: number; gain: number } | undefined {
    const {
      binned,
      residuals,
      options: { minRows, shrinkage },
    } = this.#deps;
    const sums = new Float64Array(maxBins);
    const counts = new Int32Array(maxBins);
    for (const row of rows) {
      const bin = binned.bins[row * binned.columns + column] ?? 0;
      sums[bin] = (sums[bin] ?? 0) + (residuals[row] ?? 0);
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    const whole = total ** 2 / (rows.length + shrinkage);
    let best: { bin: number; gain: number } | undefined;
    let sum = 0;
    let count = 0;
    for (let bin = 0; bin < (binned.cuts[column]?.length ?? 0); bin++) {
      sum += sums[bin] ?? 0;
      count += counts[bin] ?? 0;
      const others = rows.length - count;
      if (count < minRows || others < minRows) continue;
      const gain = sum ** 2 / (count + shrinkage) + (total - sum) ** 2 / (others + shrinkage) - whole;
      if (gain > (best?.gain ?? 0)) best = { bin, gain };
    }
    return best;
  }
}
