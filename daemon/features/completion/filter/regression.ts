// Logistic regression on a few named numbers: the same rows give the same weights. Pure.

export interface LabelledRow {
  values: Readonly<Record<string, number>>;
  label: boolean;
}

interface Term {
  name: string;
  mean: number;
  scale: number;
  /** Of the value in units of its spread, so that weights can be compared. */
  weight: number;
}

export interface FittedRegression {
  bias: number;
  terms: readonly Term[];
}

const ridge = 1; // keeps weights small where rows are few
const iterations = 8; // Newton's steps converge in about five

/** A number that does not vary has no term. */
export function fitRegression(rows: readonly LabelledRow[]): FittedRegression {
  const names = [...new Set(rows.flatMap(({ values }) => Object.keys(values)))].toSorted();
  const terms = names.flatMap((name) => {
    const values = rows.map((row) => scaled(row.values[name]));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const scale = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    return scale > 1e-6 ? [{ name, mean, scale, weight: 0 }] : [];
  });
  const inputs = rows.map(({ values }) => inputOf(terms, values));
  const labels = rows.map(({ label }) => Number(label));
  let weights: number[] = Array.from({ length: terms.length + 1 }, () => 0);
  for (let i = 0; i < iterations; i++) {
    const step = newtonStep(inputs, labels, weights);
    weights = weights.map((weight, at) => weight + (step[at] ?? 0));
  }
  return { bias: weights[0] ?? 0, terms: terms.map((term, at) => ({ ...term, weight: weights[at + 1] ?? 0 })) };
}

/** From 0 to 1. */
export function probabilityOf({ bias, terms }: FittedRegression, values: LabelledRow['values']): number {
  return logistic(
    terms.reduce((sum, { name, mean, scale, weight }) => sum + (weight * (scaled(values[name]) - mean)) / scale, bias),
  );
}

/** Times and lengths differ by orders of magnitude. */
function scaled(value = 0): number {
  return Math.sign(value) * Math.log1p(Math.abs(value));
}

function inputOf(terms: readonly Term[], values: LabelledRow['values']): number[] {
  return [1, ...terms.map(({ name, mean, scale }) => (scaled(values[name]) - mean) / scale)];
}

function logistic(z: number): number {
  return 1 / (1 + Math.exp(-z));
}

function newtonStep(inputs: readonly number[][], labels: readonly number[], weights: readonly number[]): number[] {
  const size = weights.length;
  const gradient = weights.map((weight, at) => (at === 0 ? 0 : -ridge * weight));
  const curvature = weights.map((_, at) => {
    const line = weights.map(() => 0);
    line[at] = at === 0 ? 0 : ridge; // the bias is free
    return line;
  });
  for (const [row, input] of inputs.entries()) {
    let z = 0;
    for (let i = 0; i < size; i++) z += (weights[i] ?? 0) * (input[i] ?? 0);
    const p = logistic(z);
    const error = (labels[row] ?? 0) - p;
    const spread = Math.max(p * (1 - p), 1e-6);
    for (let i = 0; i < size; i++) {
      const value = input[i] ?? 0;
      gradient[i] = (gradient[i] ?? 0) + error * value;
      const line = curvature[i] ?? [];
      for (let j = 0; j < size; j++) line[j] = (line[j] ?? 0) + spread * value * (input[j] ?? 0);
    }
  }
  return solve(curvature, gradient);
}

/** Gaussian elimination; the matrix is symmetric and positive definite, so that no rows need to change places. */
function solve(matrix: number[][], values: number[]): number[] {
  const size = values.length;
  for (let i = 0; i < size; i++) {
    const pivot = matrix[i] ?? [];
    for (let below = i + 1; below < size; below++) {
      const line = matrix[below] ?? [];
      const factor = (line[i] ?? 0) / (pivot[i] ?? 1);
      for (let j = i; j < size; j++) line[j] = (line[j] ?? 0) - factor * (pivot[j] ?? 0);
      values[below] = (values[below] ?? 0) - factor * (values[i] ?? 0);
    }
  }
  for (let i = size - 1; i >= 0; i--) {
    const line = matrix[i] ?? [];
    let rest = values[i] ?? 0;
    for (let j = i + 1; j < size; j++) rest -= (line[j] ?? 0) * (values[j] ?? 0);
    values[i] = rest / (line[i] ?? 1);
  }
  return values;
}
