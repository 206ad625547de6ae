// Search-and-replace blocks: what is read from an answer, and what they make of lines.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { placeBlocks, searchBlocksIn } from '../../../shared/edits/search-blocks.ts';

const block = (search: string, replace: string): string =>
  `<<<<<<< SEARCH\n${search}\n=======\n${replace}\n>>>>>>> REPLACE`;
const code = ['function f(a) {', '  if (a) {', '    return 1;', '  }', '  return 1;', '}'];

describe('search-and-replace blocks', () => {
  const placed: [what: string, answer: string, lines: string[]][] = [
    ['one', block('  if (a) {', '  if (a > 0) {'), code.with(1, '  if (a > 0) {')],
    ['one in a fence', `\`\`\`js\n${block('  if (a) {', '  if (!a) {')}\n\`\`\``, code.with(1, '  if (!a) {')],
    ['with words around', `Sure!\n${block('}', '};')}\nDone.`, code.with(5, '};')],
    [
      'with Windows line ends',
      block('  if (a) {', '  if (!a) {').replaceAll('\n', '\r\n'),
      code.with(1, '  if (!a) {'),
    ],
    [
      'several, in any order',
      `${block('    return 1;\n  }', '    return 2;\n  }')}\n${block('function f(a) {', 'function g(a) {')}`,
      code.with(0, 'function g(a) {').with(2, '    return 2;'),
    ],
    ['in another indentation', block('if (a) {\n  return 1;', 'if (a) {\n  return 3;'), code.with(2, '    return 3;')],
    ['with blank lines at the ends', block('\n  if (a) {\n', '\n  if (!a) {\n'), code.with(1, '  if (!a) {')],
    ['without new lines', '<<<<<<< SEARCH\n  if (a) {\n=======\n>>>>>>> REPLACE', code.toSpliced(1, 1)],
  ];
  for (const [what, answer, lines] of placed)
    it(`replace what they name: ${what}`, () =>
      assert.deepEqual(placeBlocks(code, searchBlocksIn(answer) ?? []), { lines }));

  it('fill an empty place', () =>
    assert.deepEqual(placeBlocks([''], searchBlocksIn(block('', 'a();')) ?? []), { lines: ['a();'] }));

  const unplaced: [what: string, answer: string, why: RegExp][] = [
    ['lines that are not there', block('  if (b) {', ''), /aren't there/],
    ['lines that are there twice', block('return 1;', 'return 2;'), /more than once/],
    ['no lines', block('', 'return 2;'), /doesn't say/],
    ['the same lines twice', `${block(code.join('\n'), '')}\n${block('  if (a) {', '')}`, /twice/],
  ];
  for (const [what, answer, why] of unplaced)
    it(`are refused for ${what}`, () => {
      const outcome = placeBlocks(code, searchBlocksIn(answer) ?? []);
      assert.match('why' in outcome ? outcome.why : '', why);
    });

  for (const [what, answer] of [
    ['code', '```js\nreturn 1;\n```'],
    ['a block without an end', '<<<<<<< SEARCH\na\n=======\nb'],
    ['a block without a second part', '<<<<<<< SEARCH\na\n>>>>>>> REPLACE'],
  ] as const)
    it(`are not read from ${what}`, () => assert.equal(searchBlocksIn(answer), undefined));
});
