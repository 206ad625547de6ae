// Which findings stand after a review of a document or of a part of it.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { findingsAfterReview } from '../../../extension/logic/findings-after-review.ts';
import type { Finding } from '../../../shared/protocol/review.ts';

const lines = (first: number, last: number, character = 3) => ({
  start: { line: first, character: 0 },
  end: { line: last, character },
});
const finding = (id: string, first: number, last = first): Finding => ({
  id,
  uri: 'file:///a.ts',
  range: lines(first, last),
  severity: 'error',
  category: 'c',
  message: 'm',
  evidence: 'e',
  source: 's',
  confidence: 1,
});
const before = [finding('top', 1), finding('across', 4, 6), finding('in', 6), finding('bottom', 9)];

describe('findings after a review', () => {
  const cases: [string, ReturnType<typeof lines> | undefined, string[]][] = [
    ['of the whole document are its own', undefined, ['new']],
    ['of a part are its own and those outside of it', lines(5, 7), ['top', 'bottom', 'new']],
    ['of lines up to the start of another leave the other', lines(2, 9, 0), ['top', 'bottom', 'new']],
    ['of one line leave all others', lines(9, 9), ['top', 'across', 'in', 'new']],
  ];
  for (const [what, range, expected] of cases)
    it(what, () => assert.deepEqual([...findingsAfterReview(before, [finding('new', 6)], range).keys()], expected));
});
