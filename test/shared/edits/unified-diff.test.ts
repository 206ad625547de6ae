// Diffs from chat answers, as models write them.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { applyDiff, isDiff } from '../../../shared/edits/unified-diff.ts';

const file =
  'function total(items) {\n  let sum = 0;\n  for (let i = 0; i <= items.length; i++) {\n    sum += items[i];\n  }\n  return sum;\n}\n';
const fixed = file.replace('<=', '<');
const change = '-  for (let i = 0; i <= items.length; i++) {\n+  for (let i = 0; i < items.length; i++) {';

describe('a diff from a chat', () => {
  const applied: [string, string, string, string][] = [
    ['with its right line numbers', `@@ -2,3 +2,3 @@\n   let sum = 0;\n${change}\n     sum += items[i];`, file, fixed],
    ['with wrong line numbers', `@@ -40,3 +40,3 @@\n   let sum = 0;\n${change}`, file, fixed],
    ['with no line numbers', `@@ ... @@\n${change}`, file, fixed],
    ['of removed and added lines alone', change, file, fixed],
    [
      'with headers',
      `diff --git a/src/cart.ts b/src/cart.ts\n--- a/src/cart.ts\n+++ b/src/cart.ts\n@@ -3 +3 @@\n${change}`,
      file,
      fixed,
    ],
    ['without indentation', change.replace(/^([+-])\s+/gm, '$1'), file, fixed],
    ['with context that has no space before it', `@@ @@\n  let sum = 0;\n${change}`, file, fixed],
    ['of a file with CRLF', change, file.replaceAll('\n', '\r\n'), fixed.replaceAll('\n', '\r\n')],
    [
      'of two parts',
      '@@ -1 +1 @@\n-function total(items) {\n+function sum(items) {\n@@ -6 +6 @@\n-  return sum;\n+  return sum / 2;',
      file,
      file.replace('function total', 'function sum').replace('return sum;', 'return sum / 2;'),
    ],
    [
      'that only adds',
      '@@ -6,1 +6,2 @@\n+  log(sum);\n   return sum;',
      file,
      file.replace('  return', '  log(sum);\n  return'),
    ],
    [
      'that only removes',
      '@@ -2,2 +2,1 @@\n   let sum = 0;\n-  for (let i = 0; i <= items.length; i++) {',
      file,
      file.replace(/ {2}for.*\n/, ''),
    ],
    [
      'of a line that begins with dashes',
      '@@ -1 +1 @@\n--- SQL\n+-- PostgreSQL',
      '-- SQL\nselect 1;\n',
      '-- PostgreSQL\nselect 1;\n',
    ],
    ['without an end of line', '@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b', 'a', 'b'],
    [
      'of the second of two like places, by its line',
      '@@ -3,1 +3,1 @@\n-a();\n+c();',
      'a();\nb();\na();\n',
      'a();\nb();\nc();\n',
    ],
  ];
  for (const [what, diff, text, expected] of applied)
    it(`is applied ${what}`, () =>
      assert.deepEqual(applyDiff(text, diff, 'cart.ts'), { kind: 'patched', text: expected }));

  const refused: [string, string, string, RegExp][] = [
    ['it does not match', '-  x();\n+  y();', file, /doesn't match this file/],
    ['it matches several places', '-a();\n+c();', 'a();\nb();\na();\n', /more than one place/],
    ['it is for another file', `--- a/other.ts\n+++ b/other.ts\n@@ -3 +3 @@\n${change}`, file, /is for other\.ts/],
    ['it is for several files', `+++ b/cart.ts\n${change}\n+++ b/b.ts\n${change}`, file, /several files/],
    ['it has no changes', '@@ -1 +1 @@\n function total(items) {', file, /no changes/],
    ['one of its parts does not match', `@@ @@\n${change}\n@@ @@\n-x\n+y`, file, /Part 2 of the diff doesn't match/],
  ];
  for (const [why, diff, text, sentence] of refused) {
    it(`is refused when ${why}`, () => {
      const outcome = applyDiff(text, diff, 'cart.ts');
      assert.match(outcome.kind === 'refused' ? outcome.sentence : outcome.text, sentence);
    });
  }

  it('is known by its name, its headers or its marks, and code is none', () => {
    for (const [code, language] of [
      [change, 'diff'],
      [change, 'patch'],
      [`@@ -1 +1 @@\n${change}`, 'ts'],
    ] as const)
      assert.ok(isDiff(code, language), code);
    for (const code of ['const a = b - 1;\n-1;', '--x;\n++y;', '- a list\n- in YAML', '--- \ntitle: x'])
      assert.ok(!isDiff(code, 'ts'), code);
  });
});
