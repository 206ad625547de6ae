import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { diffContent } from '../../../../daemon/cli/acp/diffs.ts';
import { unifiedDiff } from '../../../../daemon/features/agent/tools/unified-diff.ts';

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, i) => `${from + i}\n`).join('');

describe('diffs in the Agent Client Protocol', () => {
  const rows: [
    name: string,
    before: string | undefined,
    after: string | undefined,
    hunks: [string | null, string][],
  ][] = [
    ['a changed line', 'a\n', 'b\n', [['a\n', 'b\n']]],
    ['a new file', undefined, 'a\nb\n', [[null, 'a\nb\n']]],
    ['a deleted file', 'a\n', undefined, [['a\n', '']]],
    ['a last line without an end', 'a\nb', 'a\nc', [['a\nb', 'a\nc']]],
    ['a last line that gets an end', 'a', 'a\n', [['a', 'a\n']]],
    ['lines that look like a header', '-- a\n', '++ b\n', [['-- a\n', '++ b\n']]],
    ['an empty line', 'a\n\nb\n', 'a\n\nc\n', [['a\n\nb\n', 'a\n\nc\n']]],
    [
      'two places far apart',
      lines(1, 20),
      `x\n${lines(2, 19)}y\n`,
      [
        [lines(1, 4), `x\n${lines(2, 4)}`],
        [lines(17, 20), `${lines(17, 19)}y\n`],
      ],
    ],
  ];
  for (const [name, before, after, hunks] of rows)
    it(`show ${name}`, () => {
      const shown = diffContent(unifiedDiff('a.txt', before, after), '/shop/a.txt');
      assert.deepEqual(
        shown,
        hunks.map(([oldText, newText]) => ({ type: 'diff', path: '/shop/a.txt', oldText, newText })),
      );
    });
});
