// Where the cursor is: how much is suggested there, and where a suggestion ends.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { SuggestionEnd } from '../../../../daemon/features/completion/answer/end.ts';
import { type Extent, extentAt } from '../../../../daemon/features/completion/place.ts';
import { spotAt } from './spot.ts';

describe('how much is suggested', () => {
  const rows: [at: string, extent: Extent | undefined, languageId?: string][] = [
    ['|', 'line'],
    ['const a = |', 'line'],
    ['const a = |;', 'line'],
    ['call(|)', 'line'],
    ['call("|")', 'line'],
    ['na|me', undefined],
    ['|name', undefined],
    ['call(| b)', undefined],
    ['function f() {|', 'block'],
    ['function f() {|}', 'block'],
    ['function f() {\n  |\n}', 'block'],
    ['const f = () =>|', 'block'],
    ['call(|', 'line'],
    ['call([|]);', 'line'],
    ['const list = [|', 'block'],
    ['on(() => {|});', 'block'],
    ['def f():|', 'block', 'python'],
    ['def f():\n    |', 'block', 'python'],
    ['case 1:|', 'line', 'javascript'],
    ['if x then|', 'block', 'lua'],
    ['// sums two numbers\n|', 'block'],
    ['# sums two numbers\n|', 'block', 'python'],
    ['#include <a.h>\n|', 'line', 'c'],
    ['// a comment {|', 'line'],
    ['const a = 1;\n|', 'line'],
  ];
  for (const [at, extent, languageId] of rows)
    it(`at ${JSON.stringify(at)}: ${extent ?? 'nothing'}`, () =>
      assert.equal(extentAt(spotAt(at, languageId), { isInvoked: false, multiline: true }), extent));

  it('is a line where the user asks for it before code', () =>
    assert.equal(extentAt(spotAt('na|me'), { isInvoked: true, multiline: true }), 'line'));
  it('is never a block where those are turned off', () =>
    assert.equal(extentAt(spotAt('function f() {|'), { isInvoked: false, multiline: false }), 'line'));
});

describe('a suggestion ends', () => {
  const rows: [what: string, at: string, extent: Extent, answer: string, suggestion: string][] = [
    ['with its line', 'const a = |', 'line', '1;\nconst b = 2;', '1;'],
    ['before it begins, where the line is whole', 'call();|', 'line', '\ncall();', ''],
    ['after the closer of its block', 'function f() {|', 'block', '\n  return 1;\n}\n\nf();\n', '\n  return 1;\n}'],
    ['before what stands at the block’s own depth', 'def f():|', 'block', '\n    return 1\nf()\n', '\n    return 1'],
    ['before what stands above the block', 'a:\n  def f():\n    |', 'block', 'return 1\n  def g():\n', 'return 1'],
    ['with its block where a comment announces it', '// one\n|', 'block', 'one();\n\n\ntwo();\n', 'one();\n'],
    ['where the model ends', 'function f() {|', 'block', '\n  return 1;', '\n  return 1;'],
    [
      'after nested blocks',
      'if (a) {|',
      'block',
      '\n  if (b) {\n    c();\n  }\n}\nd();\n',
      '\n  if (b) {\n    c();\n  }\n}',
    ],
    ['without a space that stands there', 'const a = |', 'line', ' 1;\nb', '1;'],
    ['without an indentation that stands there', 'def f():\n    |', 'line', '\t    return 1\n', 'return 1'],
    ['at its own depth after one', 'def f():\n    |', 'block', '    a()\n    b()\nc()\n', 'a()\n    b()'],
    ['with white space where none stands', 'return|', 'line', ' 1;\n', ' 1;'],
    ['at the depth of tabs', 'if a {|', 'block', '\n\tb()\n}\nc()\n', '\n\tb()\n}'],
  ];
  for (const [what, at, extent, answer, suggestion] of rows)
    it(`${what}: ${JSON.stringify(suggestion)}`, () => {
      const spot = spotAt(at, at.includes('def') ? 'python' : undefined);
      const byLetter = new SuggestionEnd(extent, spot);
      let ended: string | undefined;
      for (const letter of answer) ended ??= byLetter.add(letter);
      assert.equal(ended ?? byLetter.whole(), suggestion);
    });

  const cutOff: [what: string, extent: Extent, answer: string, suggestion: string][] = [
    ['a whole line', 'block', '\n  one();\n  const seco', '\n  one();'],
    ['a whole word, where no line is', 'block', '\n  const seco', '\n  const '],
    ['a whole word of a line', 'line', 'one + größ', 'one + '],
    ['nothing of its first word', 'line', 'seco', ''],
  ];
  for (const [what, extent, answer, suggestion] of cutOff)
    it(`with ${what} where the model was cut off: ${JSON.stringify(suggestion)}`, () => {
      const end = new SuggestionEnd(extent, spotAt('function f() {|'));
      assert.equal(end.add(answer), undefined);
      assert.equal(end.cutOff(), suggestion);
    });

  it('after so many lines', () => {
    const end = new SuggestionEnd('block', spotAt('function f() {|'));
    assert.equal(end.add('\n  call();'.repeat(100))?.split('\n').length, 24);
  });
});
