// Lines and the parts in which they differ.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { replaceIn } from '../../../../daemon/base/snippet.ts';
import { differences, hunkOf, textLines } from '../../../../daemon/features/change-sets/text-lines.ts';

/** Numbers that are the same in every run. */
function* random(seed: number): Generator<number> {
  for (let state = seed; ; ) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    yield state;
  }
}

describe('differences', () => {
  it('make one text of the other, whatever both are', () => {
    const numbers = random(7);
    const next = (below: number): number => (numbers.next().value as number) % below;
    for (let round = 0; round < 500; round++) {
      const lines = (): string[] => Array.from({ length: next(12) }, () => 'abcd'.charAt(next(4)));
      const [old, now] = [lines(), lines()];
      const ends = ['\n', '\r\n', '\n\n'][next(3)] ?? '';
      const text = old.join(ends) + (next(2) === 0 ? '' : ends);
      const before = textLines(text);
      const parts = differences(before.lines, now);
      const after = parts.toReversed().reduce((each, part) => replaceIn(each, hunkOf(before, part)), text);
      assert.deepEqual(
        textLines(after).lines,
        before.lines.length === 0 && now.length === 0 ? [] : now,
        JSON.stringify({ text, now }),
      );
    }
  });

  it('of what has little in common are one part', () => {
    const lines = (letter: string): string[] => Array.from({ length: 3000 }, (_, i) => `${letter}${i}`);
    assert.equal(differences(lines('a'), lines('b')).length, 1);
  });

  it('are apart by more than a line, or one', () => {
    assert.equal(differences(['a', 'b', 'c', 'd'], ['x', 'b', 'y', 'd']).length, 1);
    assert.equal(differences(['a', 'b', 'c', 'd'], ['x', 'b', 'c', 'y']).length, 2);
  });
});
