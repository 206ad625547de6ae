// What a review is called, and how a stored one can be run again.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { type ReviewedThing, thingName, thingOfPast } from '../../../extension/review/subject.ts';
import type { PastReview } from '../../../shared/protocol/review.ts';

const nameOf = (uri: string): string => uri.replace('file:///shop/', '');
const lines = (first: number, last: number, character = 0) => ({
  start: { line: first, character: 0 },
  end: { line: last, character },
});

describe('the name of what was reviewed', () => {
  const cases: [string, ReviewedThing][] = [
    ['src/cart.ts', { kind: 'document', uri: 'file:///shop/src/cart.ts' }],
    ['src/cart.ts, line 3', { kind: 'document', uri: 'file:///shop/src/cart.ts', range: lines(2, 2, 9) }],
    ['src/cart.ts, line 3', { kind: 'document', uri: 'file:///shop/src/cart.ts', range: lines(2, 3) }],
    ['src/cart.ts, lines 3–5', { kind: 'document', uri: 'file:///shop/src/cart.ts', range: lines(2, 4, 9) }],
    ['2 files', { kind: 'documents', uris: ['file:///shop/a.ts', 'file:///shop/b.ts'] }],
    ['staged changes', { kind: 'changes', root: 'file:///shop', changes: { diff: 'staged' } }],
    ['commit 1a2b3c4', { kind: 'changes', root: 'file:///shop', changes: { commit: '1a2b3c4' } }],
    ['v1..v2', { kind: 'changes', root: 'file:///shop', changes: { commit: 'v1..v2' } }],
    ['changes since main', { kind: 'changes', root: 'file:///shop', changes: { base: 'main' } }],
  ];
  for (const [name, thing] of cases) it(`is "${name}"`, () => assert.equal(thingName(thing, nameOf), name));
});

describe('a stored review', () => {
  const uri = 'file:///shop';
  const cases: [PastReview['subject'], ReviewedThing | undefined][] = [
    [{ kind: 'file' }, { kind: 'document', uri }],
    [
      { kind: 'selection', lines: { first: 2, last: 4 } },
      { kind: 'document', uri, range: lines(2, 5) },
    ],
    [
      { kind: 'files', files: ['file:///shop/a.ts', 'file:///shop/b.ts'] },
      { kind: 'documents', uris: ['file:///shop/a.ts', 'file:///shop/b.ts'] },
    ],
    [{ kind: 'staged' }, { kind: 'changes', root: uri, changes: { diff: 'staged' } }],
    [{ kind: 'unstaged' }, { kind: 'changes', root: uri, changes: { diff: 'unstaged' } }],
    [
      { kind: 'commit', revision: 'HEAD' },
      { kind: 'changes', root: uri, changes: { commit: 'HEAD' } },
    ],
    [
      { kind: 'range', revision: 'a..b' },
      { kind: 'changes', root: uri, changes: { commit: 'a..b' } },
    ],
    [
      { kind: 'base', revision: 'main' },
      { kind: 'changes', root: uri, changes: { base: 'main' } },
    ],
    [{ kind: 'diff' }, undefined],
    [undefined, undefined],
  ];
  for (const [subject, thing] of cases)
    it(`of ${JSON.stringify(subject)} can ${thing ? '' : 'not '}be run again`, () =>
      assert.deepEqual(thingOfPast({ uri, ...(subject && { subject }) }), thing));
});
