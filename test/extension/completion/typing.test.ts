// What typing does to suggestions.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { isPartTaken, isStillThere, pauseMs, piecesLeft } from '../../../extension/completion/typing.ts';

describe('a suggestion', () => {
  it('is waited for longer from a slow model, and never long', () => {
    assert.deepEqual([undefined, 80, 400, 60_000].map(pauseMs), [0, 20, 100, 150]);
  });

  const text = 'first + second);\n  return sum;';
  const offered = { id: 'a', uri: 'file:///a.js', start: 10, text };
  const changes: [what: string, change: string, isTaken: boolean, before?: string, rangeLength?: number][] = [
    ['its first word', 'first', true],
    ['a later word', ' + second', true, 'first'],
    ['its first line', 'first + second);', true],
    ['a key', 'f', false],
    ['all of it, which VS Code tells', text, false],
    ['an indentation that comes with a new line', '\n  ', false, 'first + second);'],
    ['other words', 'third', false],
    ['what the suggest list puts in place of a word', 'first', false, '', 3],
    ['its words after something else', ' + second', false, 'third'],
  ];
  for (const [what, change, isTaken, before = '', rangeLength = 0] of changes)
    it(`${isTaken ? 'is' : 'is not'} taken in part by ${what}`, () => {
      const typed = { rangeOffset: offered.start + before.length, rangeLength, text: change };
      assert.equal(isPartTaken(offered, typed, before), isTaken);
    });
});

describe('a suggestion in other letters', () => {
  const offered = { id: 'a', uri: 'file:///a.js', start: 0, text: 'складываем числа' };
  it('is taken in part by its first word', () =>
    assert.ok(isPartTaken(offered, { rangeOffset: 0, rangeLength: 0, text: 'складываем' }, '')));
  it('is not taken by what an input method writes at once', () =>
    assert.ok(!isPartTaken({ ...offered, text: '合計を返す' }, { rangeOffset: 0, rangeLength: 0, text: '合計' }, '')));
});

describe('an accepted text', () => {
  const accepted = [{ start: 10, end: 20 }];
  const insert = (rangeOffset: number, text: string) => ({ rangeOffset, rangeLength: 0, text });
  const remove = (rangeOffset: number, rangeLength: number) => ({ rangeOffset, rangeLength, text: '' });
  const rows: [what: string, changes: Parameters<typeof piecesLeft>[1], left: [number, number][], isThere: boolean][] =
    [
      ['moves with what is written above', [insert(0, 'abc')], [[13, 23]], true],
      ['stays where something is written below', [insert(20, 'abc')], [[10, 20]], true],
      [
        'is there around what is written within',
        [insert(15, 'abc')],
        [
          [10, 15],
          [18, 23],
        ],
        true,
      ],
      [
        'is there when little is taken away',
        [remove(12, 2)],
        [
          [10, 12],
          [12, 18],
        ],
        true,
      ],
      ['is gone when most is taken away', [remove(8, 8)], [[8, 12]], false],
      ['is gone when it is undone', [remove(10, 10)], [], false],
      [
        'is gone when something else stands there',
        [{ rangeOffset: 10, rangeLength: 10, text: 'other text' }],
        [],
        false,
      ],
      [
        'is there after several changes at once, the last first',
        [insert(30, 'x'), insert(5, 'xx'), remove(0, 1)],
        [[11, 21]],
        true,
      ],
    ];
  for (const [what, changes, left, isThere] of rows)
    it(what, () => {
      const pieces = piecesLeft(accepted, changes);
      assert.deepEqual(
        pieces.map(({ start, end }) => [start, end]),
        left,
      );
      assert.equal(isStillThere(pieces, 10), isThere);
    });
});
