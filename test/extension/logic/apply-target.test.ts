// Where the code of a chat answer goes.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { chooseApplyTarget, indentedAs } from '../../../extension/logic/apply-target.ts';

describe('code from a chat', () => {
  const fileText = 'import a from "a";\n\nexport function add(x, y) {\n  return x - y;\n}\n';

  it('replaces the selection, if there is one', () => {
    assert.equal(chooseApplyTarget({ hasSelection: true, fileText, code: fileText }), 'selection');
  });
  it('replaces the file when half of its lines stand in the code', () => {
    assert.equal(chooseApplyTarget({ hasSelection: false, fileText, code: fileText.replace('-', '+') }), 'file');
    assert.equal(chooseApplyTarget({ hasSelection: false, fileText: '', code: 'anything' }), 'file');
  });
  it('goes to the cursor when it is something else, brackets or not', () => {
    assert.equal(chooseApplyTarget({ hasSelection: false, fileText, code: 'function sub() {\n}\n' }), 'cursor');
  });

  const shop = `import { a } from 'a';

/** Adds. */
export function add(x: number, y: number) {
  return x - y;
}

class Cart {
  total(items: Item[]) {
    let sum = 0;
    for (const item of items) sum += item.price;
    return sum;
  }

  clear() {
    this.items = [];
  }
}

const rate = 0.2;
`;
  const versions: [string, string, [number, number] | undefined][] = [
    ['a function of the same name', 'export function add(x: number, y: number) {\n  return x + y;\n}', [3, 6]],
    [
      'a function with other parameters',
      'function add(x: number, y: number, z = 0) {\n  const n = x + y;\n  return n + z;\n}\n',
      [3, 6],
    ],
    [
      'a function with its comment',
      '/** Adds up. */\nexport function add(...all: number[]) {\n  return sum(all);\n}',
      [2, 6],
    ],
    ['a method, indented or not', 'total(items: Item[]) {\n  return sumOf(items);\n}', [8, 13]],
    ['a line that stands alone', 'const rate = 0.19;', undefined],
    [
      'lines that begin and end alike',
      'let sum = 0;\nfor (const { price } of items) sum += price;\nreturn sum;',
      [9, 12],
    ],
    ['a class of the same name', 'class Cart {\n  clear() {}\n}', [7, 18]],
    ['a function that is not there', 'function sub(x, y) {\n  return x - y;\n}', undefined],
  ];
  for (const [what, code, expected] of versions) {
    it(`${expected ? 'replaces' : 'goes to the cursor as'} ${what}`, () => {
      const target = chooseApplyTarget({ hasSelection: false, fileText: shop, code });
      assert.deepEqual(target, expected ? { startLine: expected[0], endLine: expected[1] } : 'cursor');
    });
  }

  it('replaces a block of Python by its indentation', () => {
    const fileText =
      'def a(x):\n    if x:\n        return 1\n    return 2\n\ndef b(x):\n    return a(x)\n\nprint(b(1))\nprint(b(2))\n';
    const target = chooseApplyTarget({ hasSelection: false, fileText, code: 'def a(x):\n    return 1 if x else 2' });
    assert.deepEqual(target, { startLine: 0, endLine: 4 });
  });

  it('goes to the cursor when the name stands in two places', () => {
    const fileText = 'class A {\n  run() {\n    a();\n  }\n}\nclass B {\n  run() {\n    b();\n  }\n}\n';
    assert.equal(chooseApplyTarget({ hasSelection: false, fileText, code: 'run() {\n  c();\n}' }), 'cursor');
  });

  it('takes the indentation of the lines that it replaces', () => {
    assert.equal(indentedAs('    total() {', 'total() {\n  x();\n\n}\n'), '    total() {\n      x();\n\n    }');
  });
});
