// Ridge regression on sparse rows by conjugate gradients. A generator, so that a long fit is spread over turns of the
// event loop.
import { hashSpace } from './features.ts';
import type { SparseRows } from './weighting.ts';

export interface RidgeOptions {
  /** Strength of the pull towards 0, in units of rows: rows have length 1. */
  penalty: number;
  /**
   * Rounds of conjugate gradients. Stopping early is itself a mild penalty; after some 15 the ranking no longer
   * changes.
   */
  rounds: number;
}

/** The weights of `min |Xw - targets|^2 + penalty |w|^2`, yielding after each round. `targets` should have mean 0. */
export function* fitRidge(
  rows: SparseRows,
  targets: Float64Array,
  { penalty, rounds }: RidgeOptions,
): Generator<void, Float64Array> {
  const weights = new Float64Array(hashSpace);
  const residual = transposedTimes(rows, targets, new Float64Array(hashSpace));
  const direction = Float64Array.from(residual);
  let energy = dot(residual, residual);
  for (let round = 0; round < rounds && energy > 1e-10; round++) {
    const image = Float64Array.from(direction, (value) => value * penalty);
    transposedTimes(rows, times(rows, direction), image);
    const step = energy / dot(direction, image);
    addScaled(weights, direction, step);
    addScaled(residual, image, -step);
    const next = dot(residual, residual);
    for (let i = 0; i < direction.length; i++)
      direction[i] = (residual[i] ?? 0) + (next / energy) * (direction[i] ?? 0);
    energy = next;
    yield;
  }
  return weights;
}

function times({ starts, columns, values }: SparseRows, vector: Float64Array): Float64Array {
  const product = new Float64Array(starts.length - 1);
  for (let row = 0; row < product.length; row++) {
    const end = starts[row + 1] ?? 0;
    let sum = 0;
    for (let i = starts[row] ?? 0; i < end; i++) sum += (values[i] ?? 0) * (vector[columns[i] ?? 0] ?? 0);
    product[row] = sum;
  }
  return product;
}

/** Adds to `into`, and returns it. */
function transposedTimes(
  { starts, columns, values }: SparseRows,
  vector: Float64Array,
  into: Float64Array,
): Float64Array {
  for (let row = 0; row < vector.length; row++) {
    const end = starts[row + 1] ?? 0;
    const factor = vector[row] ?? 0;
    for (let i = starts[row] ?? 0; i < end; i++) {
      const column = columns[i] ?? 0;
      into[column] = (into[column] ?? 0) + (values[i] ?? 0) * factor;
    }
  }
  return into;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

function addScaled(to: Float64Array, vector: Float64Array, scale: number): void {
  for (let i = 0; i < to.length; i++) to[i] = (to[i] ?? 0) + scale * (vector[i] ?? 0);
}
