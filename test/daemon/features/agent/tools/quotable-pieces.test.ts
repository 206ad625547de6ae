// What of a file can be quoted for an edit: lines with what they open, since a model that quotes the first line of a function writes all of it.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { quotablePieces } from '../../../../../daemon/features/agent/tools/choices/quotable-pieces.ts';

const body = (count: number): string => Array.from({ length: count }, (_, i) => `  step${i}();\n`).join('');

describe('the pieces of a file that can be quoted', () => {
  const rows: readonly [name: string, text: string, has: readonly string[], hasNot: readonly string[]][] = [
    [
      'are a function as a whole, and the lines in it',
      'export function last(list) {\n  return list[list.length];\n}\n',
      ['export function last(list) {\n  return list[list.length];\n}', 'return list[list.length];'],
      ['export function last(list) {', '}', 'export function last(list) {\n  return list[list.length];'],
    ],
    [
      'are lines together, and what a line opens without what follows',
      '{\n  "port": 8080,\n  "name": "shop",\n  "features": {\n    "cart": true\n  },\n  "last": 1\n}\n',
      ['"port": 8080,\n  "name": "shop",', '"features": {\n    "cart": true\n  },'],
      [
        '"features": {\n    "cart": true\n  },\n  "last": 1',
        '"name": "shop",\n  "features": {\n    "cart": true\n  },',
      ],
    ],
    [
      'are a condition with its other case',
      'if a:\n    one()\nelse:\n    two()\n',
      ['if a:\n    one()\nelse:\n    two()', 'one()'],
      ['one()\nelse:'],
    ],
    [
      'are a function of Python as a whole',
      'def last(items):\n    return items[0]\n\nprint(last([1]))\n',
      ['def last(items):\n    return items[0]', 'return items[0]', 'print(last([1]))'],
      ['def last(items):'],
    ],
    [
      'are a field of JSON with its value, and the fields in it',
      '{\n  "port": 8080,\n  "features": {\n    "cart": true\n  }\n}\n',
      ['"port": 8080,', '"features": {\n    "cart": true\n  }', '"cart": true'],
      ['"features": {', '{'],
    ],
    [
      'are a statement that goes on in deeper lines as a whole',
      'const total = list\n  .map(one)\n  .reduce(two);\nend();\n',
      ['const total = list\n  .map(one)\n  .reduce(two);', 'end();'],
      ['const total = list'],
    ],
    [
      'are the first line of a function alone where it is too long to be quoted',
      `function long() {\n${body(20)}}\n`,
      ['function long() {', 'step3();'],
      ['}'],
    ],
    ['know brackets within quotes', "open('(');\nclose();\n", ["open('(');", 'close();'], []],
    ['are paragraphs and titles of a text', '# Title\n\nOne (two.\n', ['# Title', 'One (two.'], []],
  ];
  for (const [name, text, has, hasNot] of rows)
    it(name, () => {
      const pieces = quotablePieces(text);
      for (const piece of has) assert.ok(pieces.includes(piece), `${piece}\n\nin ${JSON.stringify(pieces)}`);
      for (const piece of hasNot) assert.ok(!pieces.includes(piece), piece);
    });

  it('take a short function as a whole in a file of 150 lines', () => {
    const text = `function short() {\n  return 1;\n}\n\n${body(150).replace(/^ {2}/gm, '')}`;
    const pieces = quotablePieces(text);
    assert.ok(pieces.includes('function short() {\n  return 1;\n}'));
    assert.ok(!pieces.includes('function short() {'));
  });
});
