// What a judge's number is worth, learned from what users kept: no number before there are enough outcomes, and an honest one after.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
  fitCalibration,
  type JudgedOutcome,
  minOutcomes,
} from '../../../../../daemon/features/pipeline/judge/calibration.ts';
import { randomFrom } from './mutations.ts';

/** How often users keep what a judge gives this number. */
type Truth = (confidence: number) => number;

/** A judge that gives high numbers whatever the code is worth. */
function outcomesOf(truth: Truth, count: number, random: () => number): JudgedOutcome[] {
  return Array.from({ length: count }, () => {
    const confidence = Math.round((0.7 + 0.3 * random()) * 100) / 100;
    return { confidence, kept: random() < truth(confidence) };
  });
}

/** Expected calibration error over ten bins of the number that is shown (Naeini et al. 2015). */
function calibrationError(outcomes: readonly JudgedOutcome[], shown: (confidence: number) => number): number {
  const bins = Array.from({ length: 10 }, () => ({ count: 0, shown: 0, kept: 0 }));
  for (const { confidence, kept } of outcomes) {
    const value = shown(confidence);
    const bin = bins[Math.min(9, Math.floor(value * 10))];
    if (!bin) continue;
    bin.count++;
    bin.shown += value;
    bin.kept += Number(kept);
  }
  return bins.reduce((sum, bin) => sum + Math.abs(bin.shown - bin.kept) / outcomes.length, 0);
}

/** Knows the judge, and of its outcomes only how often they were kept, as anybody has to learn from them: the error that is left is chance. */
function perfectBut(truth: Truth, known: readonly JudgedOutcome[]): (confidence: number) => number {
  const luck = known.reduce((sum, { confidence, kept }) => sum + Number(kept) - truth(confidence), 0) / known.length;
  return (confidence) => Math.min(1, Math.max(0, truth(confidence) + luck));
}

function summaryOf(errors: readonly number[]): { mean: number; p95: number } {
  const sorted = errors.toSorted((a, b) => a - b);
  const mean = sorted.reduce((sum, error) => sum + error, 0) / sorted.length;
  return { mean, p95: sorted[Math.floor(sorted.length * 0.95)] ?? 0 };
}

const truths: Readonly<Record<string, Truth>> = {
  'knows nothing': () => 0.5,
  'is right a third of the time': () => 0.35,
  'knows a little': (confidence) => 0.2 + 0.5 * (confidence - 0.7),
  'knows much, and says too much': (confidence) => (confidence > 0.9 ? 0.7 : 0.3),
  'is wrong where it is sure': (confidence) => 0.9 - confidence * 0.5,
};

describe("a judge's confidence", () => {
  for (const [name, truth] of Object.entries(truths)) {
    it(`is off by little more than chance makes it after 200 outcomes of an over-confident judge that ${name}`, () => {
      const random = randomFrom(7);
      const [errors, floor]: [number[], number[]] = [[], []];
      for (let seed = 0; seed < 200; seed++) {
        const known = outcomesOf(truth, 200, random);
        const held = outcomesOf(truth, 2000, random);
        const calibrated = fitCalibration(known);
        assert.ok(calibrated);
        const raw = calibrationError(held, (confidence) => confidence);
        assert.ok(raw >= 0.25, `raw ${raw}`);
        errors.push(calibrationError(held, calibrated));
        floor.push(calibrationError(held, perfectBut(truth, known)));
      }
      const [own, least] = [summaryOf(errors), summaryOf(floor)];
      const words = `mean ${own.mean.toFixed(3)} (floor ${least.mean.toFixed(3)}), p95 ${own.p95.toFixed(3)} (floor ${least.p95.toFixed(3)})`;
      assert.ok(own.mean <= 0.045 && own.mean <= least.mean + 0.015, words);
      assert.ok(own.p95 <= least.p95 + 0.015, words);
    });
  }

  it('tells numbers apart once enough outcomes do', () => {
    const random = randomFrom(5);
    const calibrated = fitCalibration(outcomesOf((confidence) => 0.2 + 2 * (confidence - 0.7), 2000, random));
    const expected = [0.24, 0.4, 0.56, 0.72];
    const shown = [0.72, 0.8, 0.88, 0.96].map((confidence) => calibrated?.(confidence) ?? 0);
    for (const [i, value] of shown.entries()) assert.ok(Math.abs(value - (expected[i] ?? 0)) < 0.09, shown.join());
  });

  it(`is no number before there are ${minOutcomes} outcomes`, () => {
    const outcomes = outcomesOf(() => 0.5, minOutcomes, randomFrom(1));
    assert.equal(fitCalibration(outcomes.slice(1)), undefined);
    assert.equal(typeof fitCalibration(outcomes)?.(0.9), 'number');
  });

  it('never means less where it is higher, and stays between 0 and 1', () => {
    const random = randomFrom(3);
    for (let round = 0; round < 200; round++) {
      const count = minOutcomes + Math.floor(random() * 300);
      const outcomes = Array.from({ length: count }, () => ({ confidence: random(), kept: random() < 0.5 }));
      const calibrated = fitCalibration(outcomes);
      const shown = Array.from({ length: 101 }, (_, i) => calibrated?.(i / 100) ?? Number.NaN);
      for (const [i, value] of shown.entries()) assert.ok(value >= (shown[i - 1] ?? 0) && value <= 1, String(value));
    }
  });

  it('of outcomes that are all alike is near to what they were', () => {
    const all = (kept: boolean) => fitCalibration(Array.from({ length: 100 }, () => ({ confidence: 0.9, kept })));
    assert.ok((all(true)?.(0.9) ?? 0) > 0.9);
    assert.ok((all(false)?.(0.9) ?? 1) < 0.1);
  });
});
