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

const truths: Readonly<Record<string, Truth>> = {
  'knows nothing': () => 0.5,
  'is right a third of the time': () => 0.35,
  'knows a little': (confidence) => 0.2 + 0.5 * (confidence - 0.7),
  'knows much, and says too much': (confidence) => (confidence > 0.9 ? 0.7 : 0.3),
  'is wrong where it is sure': (confidence) => 0.9 - confidence * 0.5,
};

describe("a judge's confidence", () => {
  for (const [name, truth] of Object.entries(truths))
    it(`is off by at most 0.05 after 200 outcomes of an over-confident judge that ${name}`, () => {
      const random = randomFrom(7);
      const errors = Array.from({ length: 40 }, () => {
        const known = outcomesOf(truth, 200, random);
        const held = outcomesOf(truth, 2000, random);
        const calibrated = fitCalibration(known);
        assert.ok(calibrated);
        const raw = calibrationError(held, (confidence) => confidence);
        assert.ok(raw >= 0.25, `raw ${raw}`);
        return calibrationError(held, calibrated);
      });
      const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
      assert.ok(mean <= 0.05, `${name}: ${mean.toFixed(3)}, at most ${Math.max(...errors).toFixed(3)}`);
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
