// The exit code of `switchyard review`: with `--fail-on`, what was not looked at is no pass.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { exitCodeOf } from '../../../daemon/cli/review.ts';
import type { Finding, ReviewCoverage } from '../../../shared/protocol/review.ts';

const finding = (severity: Finding['severity']): Finding => ({
  id: 'f',
  uri: 'file:///a.ts',
  range: { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } },
  severity,
  category: 'correctness',
  message: 'wrong',
  evidence: 'x',
  source: 'tsc',
  confidence: 1,
});
const coverage = (...states: ReviewCoverage['state'][]): ReviewCoverage[] =>
  states.map((state, index) => ({ uri: 'file:///a.ts', by: `reader ${index}`, state }));

describe('the exit code of a review', () => {
  const looks: [what: string, states: ReviewCoverage['state'][], code: number][] = [
    ['everything was read', ['read', 'read'], 0],
    ['something was left out, and the rest read', ['read', 'left-out'], 0],
    ['there was nothing to review', [], 0],
    ['one of two failed', ['read', 'failed'], 3],
    ['a part was read', ['partly'], 3],
    ['all failed', ['failed', 'failed'], 3],
    ['one needs a trusted folder', ['read', 'untrusted'], 3],
    ['all was left out', ['left-out'], 3],
  ];
  for (const [what, states, code] of looks)
    it(`is ${code} where ${what}, and 0 without --fail-on`, () => {
      const run = { findings: [], coverage: coverage(...states) };
      assert.equal(exitCodeOf([run], { failOn: 'error', hasUnreadable: false }), code);
      assert.equal(exitCodeOf([run], { failOn: undefined, hasUnreadable: false }), 0);
      const whole = { findings: [], coverage: coverage('read') };
      assert.equal(
        exitCodeOf([whole, run], { failOn: 'error', hasUnreadable: false }),
        code,
        'beside one that is whole',
      );
    });

  const thresholds: [severity: Finding['severity'], failOn: string, code: number][] = [
    ['error', 'error', 1],
    ['error', 'hint', 1],
    ['warning', 'error', 0],
    ['warning', 'warning', 1],
    ['hint', 'info', 0],
  ];
  for (const [severity, failOn, code] of thresholds)
    it(`is ${code} for a finding of ${severity} with --fail-on ${failOn}`, () =>
      assert.equal(
        exitCodeOf([{ findings: [finding(severity)], coverage: coverage('read') }], { failOn, hasUnreadable: false }),
        code,
      ));

  it('is 1 for a finding also where something failed, and 3 where a file could not be read', () => {
    const found = { findings: [finding('error')], coverage: coverage('read', 'failed') };
    assert.equal(exitCodeOf([found], { failOn: 'error', hasUnreadable: true }), 1);
    assert.equal(exitCodeOf([], { failOn: undefined, hasUnreadable: true }), 3);
  });
});
