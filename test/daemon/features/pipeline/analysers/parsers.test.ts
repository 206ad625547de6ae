// What the analysers print, as they printed it, and the drafts that come of it.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { textIn } from '../../../../../daemon/base/snippet.ts';
import { draftFrom } from '../../../../../daemon/features/pipeline/analysers/placing.ts';
import type { AnalyserRow } from '../../../../../daemon/features/pipeline/analysers/row.ts';
import { analyserTable } from '../../../../../daemon/features/pipeline/analysers/table.ts';
import { targetOf } from '../../../../../daemon/features/pipeline/target.ts';
import { snippetOf } from '../parts.ts';

interface Case {
  tool: string;
  document: string;
  stdout?: string;
  stderr?: string;
  /** rule, evidence, severity, replacement */
  expected: [string | undefined, string, string, string?][];
}

const cases: Record<string, Case> = {
  'tsc, with its explanation on further lines': {
    tool: 'tsc',
    document: 'const é😀 = 1; f(x.y);\n',
    stdout: 'src/a.ts(1,18): error TS2345: Argument of type A.\n  Types differ.\n    Deeply.\nerror TS5058: no file.\n',
    expected: [['TS2345', 'x', 'error']],
  },
  'eslint, with a fix': {
    tool: 'eslint',
    document: 'var a = 1;\r\nif (a == 2) {}\r\n',
    stdout: JSON.stringify([
      {
        messages: [
          {
            ruleId: 'no-var',
            severity: 2,
            message: 'No var.',
            line: 1,
            column: 1,
            endLine: 1,
            endColumn: 11,
            fix: { range: [0, 3], text: 'let' },
          },
          { ruleId: 'eqeqeq', severity: 1, message: 'Eq.', line: 2, column: 7, endLine: 2, endColumn: 9 },
          { ruleId: null, severity: 1, message: 'File ignored.' },
        ],
      },
    ]),
    expected: [
      ['no-var', 'var a = 1;', 'error', 'let a = 1;'],
      ['eqeqeq', '==', 'warning'],
    ],
  },
  'biome, which counts characters': {
    tool: 'biome',
    document: 'const e = "é😀"; export const q: number = e; debugger;\n',
    stdout: JSON.stringify({
      diagnostics: [
        {
          code: { value: 'lint/suspicious/noDebugger' },
          severity: 'ERROR',
          message: 'No.',
          location: { path: 'a.ts', range: { start: { line: 1, column: 45 }, end: { line: 1, column: 54 } } },
        },
        { message: 'No files.', location: {} },
      ],
    }),
    expected: [['lint/suspicious/noDebugger', 'debugger;', 'error']],
  },
  'ruff, with a deletion as its fix': {
    tool: 'ruff',
    document: 'import os\nimport sys\n',
    stdout: JSON.stringify([
      {
        code: 'F401',
        message: 'Unused.',
        location: { row: 1, column: 8 },
        end_location: { row: 1, column: 10 },
        fix: { edits: [{ content: '', location: { row: 1, column: 1 }, end_location: { row: 2, column: 1 } }] },
      },
    ]),
    expected: [['F401', 'import os\n', 'warning', '']],
  },
  'python, on code that ends too early': {
    tool: 'python',
    document: 'def f(:\n  pass\n',
    stdout: '{"line": 1, "column": 7, "message": "invalid syntax"}\n',
    expected: [['syntax', ':', 'error']],
  },
  'node, at the end of the file': {
    tool: 'node',
    document: 'const a = 1;\nfunction f() {\n',
    stderr: '/x/s.js:3\n\n\n\nSyntaxError: Unexpected end of input\n    at wrapSafe (node:internal)\n',
    expected: [['syntax', 'function f() {', 'error']],
  },
  'go vet, which counts bytes': {
    tool: 'go vet',
    document: 'package x\nfunc F() { fmt.Printf("é%d", "a") }\n',
    stdout:
      '# x\n{\n\t"x": {\n\t\t"printf": [\n\t\t\t{\n\t\t\t\t"posn": "/p/a.go:2:24",\n\t\t\t\t"end": "/p/a.go:2:28",\n\t\t\t\t"message": "wrong type"\n\t\t\t}\n\t\t]\n\t}\n}\n',
    expected: [['printf', 'é%d', 'warning']],
  },
  'go vet, on code that does not compile': {
    tool: 'go vet',
    document: 'package x\nvar y = }\n',
    stderr: "# x\nvet: ./a.go:2:9: expected operand, found '}'\n",
    expected: [['syntax', '}', 'error']],
  },
  shellcheck: {
    tool: 'shellcheck',
    document: 'echo $x\n',
    stdout: JSON.stringify({
      comments: [{ line: 1, column: 6, endLine: 1, endColumn: 8, level: 'info', code: 2086, message: 'Quote.' }],
    }),
    expected: [['SC2086', '$x', 'info']],
  },
};

describe('the output of', () => {
  for (const [name, { tool, document, stdout = '', stderr = '', expected }] of Object.entries(cases)) {
    it(`${name}, becomes findings at their code`, () => {
      const row = rowOf(tool);
      const target = targetOf(snippetOf(document));
      const drafts = row.parse({ stdout, stderr }, document).flatMap((report) => draftFrom(report, target, row) ?? []);
      assert.deepEqual(
        drafts.map(({ rule, range, severity, replacement }) => [
          rule,
          textIn(document, range),
          severity,
          ...(replacement === undefined ? [] : [replacement]),
        ]),
        expected,
      );
    });
  }

  it('any analyser, when it is not its own, is refused or empty', () => {
    for (const row of analyserTable) {
      for (const stdout of [
        '',
        '{',
        'Segmentation fault',
        '[[]]',
        '[null]',
        '{"diagnostics":[null, 5, {"location":{"range":{"start":{"line":-1}}}}]}',
      ]) {
        try {
          assert.deepEqual(row.parse({ stdout, stderr: stdout }, ''), []);
        } catch (error) {
          assert.ok(error instanceof SyntaxError, `${row.name}: ${String(error)}`);
        }
      }
    }
  });
});

function rowOf(name: string): AnalyserRow {
  const row = analyserTable.find((candidate) => candidate.name === name);
  assert.ok(row);
  return row;
}
