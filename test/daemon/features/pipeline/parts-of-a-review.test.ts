// The pure parts: duplicates, placing, replacements, windows.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { fitReplacement } from '../../../../daemon/features/pipeline/edits/replacement.ts';
import { isDuplicate } from '../../../../daemon/features/pipeline/finding-filter.ts';
import { lineAt, targetOf } from '../../../../daemon/features/pipeline/target.ts';
import type { Finding } from '../../../../daemon/features/pipeline/types.ts';
import { windowsOf } from '../../../../daemon/features/pipeline/windows.ts';
import { snippetOf } from './parts.ts';

const finding = (over: Partial<Finding>): Finding => ({
  id: 'f',
  uri: 'file:///a/b.ts',
  range: { start: { line: 3, character: 0 }, end: { line: 3, character: 5 } },
  severity: 'error',
  category: 'correctness',
  message: 'Subtracts instead of adding.',
  evidence: 'a - b',
  source: 'lab/tiny',
  confidence: 0.9,
  ...over,
});

describe('two findings', () => {
  const at = (line: number, character: number): Partial<Finding> => ({
    range: { start: { line, character }, end: { line, character: character + 2 } },
  });
  const cases: [string, boolean, Partial<Finding>, Partial<Finding>][] = [
    [
      "one rule in two tools' spelling on one line are the same",
      true,
      { source: 'eslint', rule: 'no-debugger' },
      { source: 'biome', rule: 'lint/suspicious/noDebugger', message: 'x' },
    ],
    [
      'one rule twice on a line are two',
      false,
      { source: 'biome', rule: 'eq', ...at(3, 1) },
      { source: 'biome', rule: 'eq', ...at(3, 9) },
    ],
    [
      'two rules of one tool at one place are two',
      false,
      { source: 'tsc', rule: 'TS1' },
      { source: 'tsc', rule: 'TS2' },
    ],
    [
      'nearly the same words on one line are the same',
      true,
      {},
      { source: 'tsc', rule: 'TS9', message: 'It subtracts instead of adding' },
    ],
    ['the same words on other lines are two', false, {}, at(8, 0)],
    ['the same words in other files are two', false, {}, { uri: 'file:///z.ts' }],
  ];
  for (const [promise, expected, a, b] of cases)
    it(`with ${promise}`, () => assert.equal(isDuplicate(finding(a), finding(b)), expected));
});

describe('a replacement', () => {
  const fit = (text: string, line: number, code: string) => {
    const target = targetOf(snippetOf(text));
    return fitReplacement(
      target,
      { start: { line, character: 0 }, end: { line, character: lineAt(target, line).length } },
      code,
    );
  };
  it('takes the indentation of what it replaces', () =>
    assert.equal(fit('{\n    a();\n}', 1, 'if (x) {\n  a();\n}\n'), '    if (x) {\n      a();\n    }'));
  it('keeps indentation that is right already', () => assert.equal(fit('{\n    a();\n}', 1, '    b();'), '    b();'));
  it('keeps tabs', () => assert.equal(fit('{\n\ta();\n}', 1, 'b();\nc();'), '\tb();\n\tc();'));
  it('takes the line endings of the document', () =>
    assert.equal(fit('{\r\n  a();\r\n}', 1, 'b();\nc();'), '  b();\r\n  c();'));
});

describe('windows', () => {
  it('hold every line that fits, whatever the lengths', () => {
    for (let size = 40; size < 400; size += 7) {
      const text = Array.from({ length: 120 }, (_, i) => 'x'.repeat((i * 37) % 90)).join('\n');
      const target = targetOf(snippetOf(text));
      const { windows, leftOut } = windowsOf(target, size);
      const covered = new Set(
        [...windows, ...leftOut].flatMap(({ first, last }) =>
          Array.from({ length: last - first + 1 }, (_, i) => first + i),
        ),
      );
      assert.equal(covered.size, 120, `${size} characters`);
      for (const { first, last } of windows) {
        const chars = text
          .split('\n')
          .slice(first, last + 1)
          .reduce((sum, line) => sum + line.length + 8, 0);
        assert.ok(chars <= size, `${chars} of ${size}`);
      }
    }
  });
  it('show only what surrounds the reviewed lines', () => {
    const target = targetOf(snippetOf('x\n'.repeat(500)), [
      { first: 100, last: 101 },
      { first: 110, last: 110 },
      { first: 400, last: 400 },
    ]);
    assert.deepEqual(windowsOf(target, 10_000).windows, [
      { first: 80, last: 130 },
      { first: 380, last: 420 },
    ]);
  });
});
