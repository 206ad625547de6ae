// What the history says a past review has looked at.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { ReviewCoverage } from '../../shared/protocol/review.ts';
import { coverageLines, furtherNotes } from '../../shared/review-words.ts';

const entry = (name: string, by: string, state: ReviewCoverage['state'], why?: string): ReviewCoverage => ({
  uri: `file:///shop/${name}`,
  by,
  state,
  ...(why !== undefined && { why }),
});

describe('what a past review has looked at', () => {
  const cases: [claim: string, coverage: ReviewCoverage[], lines: string[]][] = [
    ['what was read by whom', [entry('a.ts', 'tsc', 'read')], ['Checked by tsc: a.ts.']],
    [
      'what failed, before what did not',
      [entry('a.py', 'python', 'read'), entry('a.py', 'ruff', 'failed', 'took longer than 30 seconds')],
      ['Not checked by ruff: a.py (took longer than 30 seconds).', 'Checked by python: a.py.'],
    ],
    [
      'what was left out by a linter, and what by a rule for all',
      [
        entry('a.css', 'biome', 'left-out', 'leaves it out by the configuration'),
        entry('b.png', 'all', 'left-out', 'Binary.'),
      ],
      ['Left out by biome: a.css (leaves it out by the configuration).', 'Left out: b.png (Binary).'],
    ],
    [
      'what needs a trusted folder',
      [entry('a.ts', 'tsc', 'untrusted', "didn't run because the folder isn't trusted")],
      ["Not checked by tsc: a.ts (didn't run because the folder isn't trusted)."],
    ],
    [
      'what was kept from models',
      [entry('.env', 'model', 'left-out', 'Kept from models')],
      ['Left out: .env (Kept from models).'],
    ],
    [
      'that no model answered',
      [entry('a.ts', 'model', 'failed', 'No answer.')],
      ['Not checked by a model: a.ts (No answer).'],
    ],
    [
      'what was read in part',
      [entry('a.ts', 'lab/tiny', 'partly', 'lines 3 to 9: it was cut.')],
      ['Checked only in part by lab/tiny: a.ts (lines 3 to 9: it was cut).'],
    ],
    [
      'how many files there are beyond the first',
      ['a', 'b', 'c', 'd', 'e'].map((name) => entry(name, 'tsc', 'read')),
      ['Checked by tsc: a, b, c, and 2 more.'],
    ],
  ];
  for (const [claim, coverage, lines] of cases)
    it(`says ${claim}`, () => assert.deepEqual(coverageLines(coverage), lines));
});

describe('the notes of a review', () => {
  const coverage = [
    entry('a.ts', 'tsc', 'failed', "isn't installed"),
    entry('a.py', 'ruff', 'failed', 'timed out.'),
    entry('b.ts', 'lab/tiny', 'read'),
  ];
  const cases: [string, string[], string[]][] = [
    ['leave out what the coverage says of a linter', ["tsc isn't installed."], []],
    ['leave it out with its period, too', ['ruff timed out'], []],
    ['say what it does not', ['Text here reads like instructions.'], ['Text here reads like instructions.']],
    ['say the rest beside it', ["tsc isn't installed.", 'Not priced.'], ['Not priced.']],
  ];
  for (const [what, notes, said] of cases) it(what, () => assert.deepEqual(furtherNotes(notes, coverage), said));
});
