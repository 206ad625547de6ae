// Applied changes follow what is typed around them, until they are changed themselves.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { follow, isIn, matches, pendingIn, withLineEnds } from '../../../extension/change-sets/pending-hunks.ts';
import { applyTextEdits } from '../../../extension/logic/text-edits.ts';

const before = 'one\ntwo\nthree\nfour\n';
const at = (line: number, end: number) => ({ start: { line, character: 0 }, end: { line: end, character: 0 } });
const changed = { range: at(0, 1), oldText: 'one\n', newText: 'ONE\nand a half\n' };
const removed = { range: at(1, 2), oldText: 'two\n', newText: '' };
const added = { range: at(4, 4), oldText: '', newText: 'five\n' };
const hunks = [changed, removed, added];
const after = applyTextEdits(before, hunks) ?? '';

function pending() {
  let id = 0;
  return pendingIn(hunks, before, () => ++id);
}

/** The ids of those that are left once `text` stands in place of `length` characters, each where its text is. */
function leftAfter({ offset, length = 0, text = '' }: { offset: number; length?: number; text?: string }): number[] {
  const now = after.slice(0, offset) + text + after.slice(offset + length);
  const left = follow(pending(), [{ rangeOffset: offset, rangeLength: length, text }]);
  assert.ok(left.every((hunk) => isIn(hunk, now)));
  return left.map(({ id }) => id);
}

describe('applied changes', () => {
  it('are where the text has them', () => {
    assert.equal(after, 'ONE\nand a half\nthree\nfour\nfive\n');
    assert.deepEqual(
      pending().map(({ start, end }) => after.slice(start, end)),
      ['ONE\nand a half\n', '', 'five\n'],
    );
  });

  it('are not those that only others wrote, whose lines count all the same', () => {
    const authors = ['others', 'agent', 'both'] as const;
    const authored = hunks.map((hunk, at) => ({ ...hunk, by: authors[at] ?? 'agent' }));
    const left = pendingIn(authored, before, () => 1);
    assert.deepEqual(
      left.map(({ start, end, oldText }) => [after.slice(start, end), oldText]),
      [
        ['', 'two\n'],
        ['five\n', ''],
      ],
    );
    assert.equal(left[0]?.start, after.indexOf('three'));
  });

  it('are not those that are kept, and the others know what the daemon calls them', () => {
    const known = hunks.map((hunk, at) => ({ ...hunk, id: `h${at}`, by: 'agent' as const, isKept: at === 1 }));
    let id = 0;
    const left = pendingIn(known, before, () => ++id, 'j1');
    assert.deepEqual(
      left.map(({ ofRun }) => ofRun),
      [
        { jobId: 'j1', hunk: 'h0' },
        { jobId: 'j1', hunk: 'h2' },
      ],
    );
    assert.deepEqual(
      pending().map(({ ofRun }) => ofRun),
      [undefined, undefined, undefined],
    );
  });

  const typed: [string, Parameters<typeof leftAfter>[0], number[]][] = [
    ['in front of all', { offset: 0, text: '// x\n' }, [1, 2, 3]],
    ['between two', { offset: after.indexOf('four'), text: 'x' }, [1, 2, 3]],
    ['behind all', { offset: after.length, text: 'x' }, [1, 2, 3]],
    ['inside of one', { offset: 2, text: 'x' }, [2, 3]],
    ['over the end of one', { offset: after.indexOf('four'), length: 6, text: 'x' }, [1, 2]],
    ['where lines were removed', { offset: after.indexOf('three'), text: 'two\n' }, [1, 3]],
    ['over everything', { offset: 0, length: after.length, text: before }, []],
  ];
  for (const [where, change, left] of typed)
    it(`follow what is typed ${where}`, () => assert.deepEqual(leftAfter(change), left));

  it('follow several changes, the last of the text first', () => {
    const left = follow(pending(), [
      { rangeOffset: after.indexOf('four'), rangeLength: 0, text: '// x\n' },
      { rangeOffset: 0, rangeLength: 0, text: '// y\n' },
    ]);
    assert.deepEqual(
      left.map(({ start }) => start),
      [5, 5 + 'ONE\nand a half\n'.length, after.length - 5 + 10],
    );
  });

  it('have the line ends of their text', () => {
    const text = before.replaceAll('\n', '\r\n');
    assert.equal(matches(hunks, text), false);
    assert.equal(matches(withLineEnds(hunks, text), text), true);
    assert.equal(withLineEnds(hunks, text)[0]?.newText, 'ONE\r\nand a half\r\n');
  });

  it('are offered for no text that has changed where they are', () => {
    assert.equal(matches(hunks, before), true);
    assert.equal(matches(hunks, before.replace('one', 'uno')), false);
    assert.equal(matches(hunks, before.replace('three', 'drei')), true);
  });
});
