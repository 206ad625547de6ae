// Two reports of one flaw, by tools that name it differently.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { isSameFlaw, type ReportedFlaw } from '../../shared/same-flaw.ts';

const at = (from: number, to: number, line = 3) => ({
  start: { line, character: from },
  end: { line, character: to },
});
const flaw = (source: string, rule: string | undefined, range = at(6, 7), message = source): ReportedFlaw => ({
  source,
  rule,
  range,
  message,
});

describe('two reports', () => {
  const same: [string, ReportedFlaw, ReportedFlaw][] = [
    ['one rule in two spellings', flaw('eslint', 'no-debugger'), flaw('biome', 'lint/suspicious/noDebugger')],
    ['unused', flaw('ts', 'TS6133'), flaw('biome', 'lint/correctness/noUnusedVariables', at(6, 9))],
    ['unused in Python', flaw('ruff', 'F401'), flaw('Pylance', 'reportUnusedImport', at(0, 20))],
    ['undefined', flaw('tsc', 'TS2304'), flaw('eslint', 'no-undef')],
    ['unreachable', flaw('ts', 'TS7027'), flaw('eslint', 'no-unreachable', at(0, 40))],
    ['syntax on one line', flaw('ts', 'TS1005', at(9, 10)), flaw('biome', 'parse', at(30, 31))],
    [
      'nearly the same words',
      flaw('ts', 'TS9', at(0, 9), "Cannot find name 'x'."),
      flaw('m', undefined, at(0, 9), "It cannot find name 'x'"),
    ],
  ];
  for (const [what, one, other] of same) {
    it(`are one flaw: ${what}`, () => {
      assert.ok(isSameFlaw(one, other));
      assert.ok(isSameFlaw(other, one));
    });
  }
  const two: [string, ReportedFlaw, ReportedFlaw][] = [
    ['at other places of a line', flaw('ts', 'TS6133', at(0, 3)), flaw('biome', 'noUnusedVariables', at(9, 12))],
    ['on other lines', flaw('ts', 'TS6133'), flaw('biome', 'noUnusedVariables', at(6, 7, 4))],
    ['of different rules', flaw('ts', 'TS6133'), flaw('biome', 'noDoubleEquals')],
    ['of one tool', flaw('ts', 'TS6133', at(6, 7), 'x is unused'), flaw('ts', 'TS2304', at(6, 7), 'x is unused')],
  ];
  for (const [what, one, other] of two) it(`are two flaws: ${what}`, () => assert.ok(!isSameFlaw(one, other)));
});
