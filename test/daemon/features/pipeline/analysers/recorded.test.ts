// What linters printed of a small file, as it was recorded (recorded.json, but for the folder's name), and the drafts that come of it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { textIn } from '../../../../../daemon/base/snippet.ts';
import { draftFrom } from '../../../../../daemon/features/pipeline/analysers/placing.ts';
import { analyserTable } from '../../../../../daemon/features/pipeline/analysers/table.ts';
import { targetOf } from '../../../../../daemon/features/pipeline/target.ts';
import { snippetOf } from '../parts.ts';

interface Recording {
  document: string;
  stdout: string;
  stderr: string;
}

const recordings = JSON.parse(readFileSync(new URL('recorded.json', import.meta.url), 'utf8')) as Record<
  string,
  Recording
>;

/** Rule, evidence, severity, and what the code is replaced with. The name begins with the tool's. */
const expected: Record<string, [rule: string, evidence: string, severity: string, replacement?: string][]> = {
  oxlint: [
    ['eslint(no-unused-vars)', 'é', 'warning'],
    ['eslint(no-unused-vars)', 'unused', 'warning'],
    ['eslint(no-debugger)', 'debugger;', 'warning'],
    ['eslint(use-isnan)', 'NaN', 'warning'],
  ],
  'oxlint, on broken code': [['syntax', ';', 'error']],
  mypy: [
    ['import-not-found', 'import', 'error'],
    ['return-value', 'a + 1', 'error'],
  ],
  'mypy, on broken code': [
    ['syntax', 'def f(:', 'error'],
    ['syntax', 'def f(:', 'error'],
  ],
  pyright: [
    ['reportAssignmentType', '"s"', 'error'],
    ['reportReturnType', 'a + 1', 'error'],
  ],
  staticcheck: [
    ['S1003', 'strings.Index(s, "x") != -1', 'warning'],
    ['U1000', 'unused', 'warning'],
  ],
  clippy: [
    ['unused_variables', 'é', 'warning'],
    ['clippy::len_zero', 'a.len() == 0', 'warning'],
  ],
  javac: [
    ['rawtypes', 'List', 'warning'],
    ['rawtypes', 'ArrayList', 'warning'],
    ['unchecked', 'o', 'warning'],
    ['unchecked', 'raw', 'warning'],
  ],
  'javac, without the libraries': [['syntax', '"s"', 'error']],
  cppcheck: [
    ['arrayIndexOutOfBounds', '[', 'error'],
    ['invalidPrintfArgType_s', 'printf', 'warning'],
    ['wrongPrintfScanfArgNum', 'printf', 'warning'],
    ['nullPointer', 'p', 'error'],
  ],
  'cppcheck, on broken code': [['syntax', '{', 'error']],
  'clang-tidy': [
    ['bugprone-assignment-in-if-condition', '=', 'warning'],
    ['bugprone-assignment-in-selection-statement', '=', 'warning'],
  ],
  hadolint: [
    ['DL3006', 'FROM', 'warning'],
    ['DL3003', 'RUN', 'warning'],
    ['DL3009', 'RUN', 'info'],
    ['DL4006', 'RUN', 'warning'],
    ['DL4000', 'MAINTAINER', 'error'],
  ],
  'hadolint, on a broken file': [['syntax', 'COPPY', 'error']],
  yamllint: [
    ['document-start', 'é', 'warning'],
    ['key-duplicates', 'a', 'error'],
    ['truthy', 'yes', 'warning'],
    ['trailing-spaces', 'b: yes', 'error'],
    ['anchors', '*', 'error'],
  ],
  'yamllint, on a broken file': [['syntax', 'a: [', 'error']],
  semgrep: [
    ['no-eval', 'eval("1")', 'error'],
    ['eq-none', 'eval("1") == None', 'warning', '(eval("1") is None)'],
  ],
};

describe('what was recorded of', () => {
  for (const [name, findings] of Object.entries(expected))
    it(`${name} becomes findings at their code`, () => {
      const row = analyserTable.find((candidate) => candidate.name === name.split(',')[0]);
      const recording = recordings[name];
      assert.ok(row && recording);
      const target = targetOf(snippetOf(recording.document));
      const drafts = row.parse(recording, recording.document).flatMap((report) => draftFrom(report, target, row) ?? []);
      assert.deepEqual(
        drafts.map(({ rule, range, severity, replacement }) => [
          rule,
          textIn(recording.document, range),
          severity,
          ...(replacement === undefined ? [] : [replacement]),
        ]),
        findings,
      );
    });
});
