// Reviews of a diff: which lines may be commented on, and what is read for it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { UserError } from '../../../../daemon/base/errors.ts';
import { targetsOfDiff } from '../../../../daemon/features/pipeline/changes/diff-targets.ts';
import { parseDiff } from '../../../../daemon/features/pipeline/changes/parse-diff.ts';
import { answerWith, benchWith, ScriptedProvider } from './parts.ts';

let root = '';

const header = (path: string) => `diff --git a/${path} b/${path}\nindex 1..2 100644\n--- a/${path}\n+++ b/${path}\n`;
const diff = `${header('sum.ts')}@@ -1,3 +1,4 @@ context\n const one = 1;\n-const two = 1;\n+const two = 3;\n+const six = 6;\n const ten = 10;\n`;
const text = 'const one = 1;\nconst two = 3;\nconst six = 6;\nconst ten = 10;\n';

describe('a diff', () => {
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'switchyard-diff-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('is read with its names and line numbers', () => {
    const many = [
      diff,
      `${header('gone.ts').replace('+++ b/gone.ts', '+++ /dev/null')}@@ -1 +0,0 @@\n-x\n`,
      'diff --git "a/\\303\\251 b.ts" "b/\\303\\251 b.ts"\n--- /dev/null\n+++ "b/\\303\\251 b.ts"\n@@ -0,0 +1 @@\n++++ y\n\\ No newline at end of file\n',
      'diff --git a/p.png b/p.png\nBinary files a/p.png and b/p.png differ\n',
    ].join('');
    assert.deepEqual(parseDiff(many), [
      {
        path: 'sum.ts',
        hunks: [
          {
            firstLine: 0,
            lines: [
              { text: 'const one = 1;', isAdded: false },
              { text: 'const two = 3;', isAdded: true },
              { text: 'const six = 6;', isAdded: true },
              { text: 'const ten = 10;', isAdded: false },
            ],
          },
        ],
      },
      { path: 'é b.ts', hunks: [{ firstLine: 0, lines: [{ text: '+++ y', isAdded: true }] }] },
    ]);
  });

  it('that is broken anywhere is read without an error', () => {
    for (let cut = 0; cut < diff.length; cut++)
      assert.ok(Array.isArray(parseDiff(diff.slice(0, cut) + diff.slice(cut + 3))));
  });

  it('is reviewed on its changed lines only', async () => {
    writeFileSync(join(root, 'sum.ts'), text);
    const provider = new ScriptedProvider([
      answerWith(
        { line: 2, quote: 'const two = 3;', message: 'Two is not three.' },
        { line: 1, quote: 'const one = 1;', message: 'Not changed.' },
      ),
    ]);
    const { findings, suppressed } = await benchWith({ provider }).runDiff(diff, { root });
    assert.deepEqual(
      findings.map(({ uri, range, evidence }) => [uri, range.start.line, evidence]),
      [[pathToFileURL(join(root, 'sum.ts')).href, 1, 'const two = 3;']],
    );
    assert.equal(suppressed.unquoted, 1);
    assert.match(provider.requests[0]?.messages[1]?.content ?? '', /^ {4}1\| .*\n> {3}2\| .*\n> {3}3\| .*\n {4}4\| /m);
  });

  it('that is not what stands on the disk is reviewed as it is', async () => {
    writeFileSync(join(root, 'sum.ts'), `// edited after staging\n${text}`);
    const { targets } = await targetsOfDiff(diff, root);
    assert.deepEqual(
      targets.map(({ snippet, lines }) => [snippet.text, lines]),
      [[text.trimEnd(), [{ first: 1, last: 2 }]]],
    );
  });

  it('reads nothing outside the repository, by path or by link', async () => {
    const inside = join(root, 'repository');
    mkdirSync(inside);
    writeFileSync(join(root, 'secret.ts'), `${text}const secret = 1;\n`);
    symlinkSync(join(root, 'secret.ts'), join(inside, 'link.ts'));
    for (const path of ['../secret.ts', 'link.ts']) {
      const [target] = (await targetsOfDiff(diff.replaceAll('sum.ts', path), inside)).targets;
      assert.ok(target && !target.snippet.text.includes('secret'), path);
    }
  });

  it('is read by itself where there is a pipe in place of the file, or more than can be read', async function () {
    if (process.platform === 'win32') this.skip(); // no mkfifo there
    execFileSync('mkfifo', [join(root, 'sum.ts')]);
    writeFileSync(join(root, 'huge.ts'), '');
    truncateSync(join(root, 'huge.ts'), 2 ** 33);
    for (const path of ['sum.ts', 'huge.ts']) {
      const [target] = (await targetsOfDiff(diff.replaceAll('sum.ts', path), root)).targets;
      assert.equal(target?.snippet.text, text.trimEnd());
    }
  });

  it('that claims absurd line numbers takes no memory', async () => {
    const { targets, leftOut } = await targetsOfDiff(diff.replace('+1,4', '+999999999,4'), root);
    assert.deepEqual([targets, leftOut.map(({ state }) => state)], [[], ['failed']]);
  });

  it('of several files is stored as one run for each document', async () => {
    const bench = benchWith({ provider: new ScriptedProvider([answerWith()]) });
    const { runId, summary } = await bench.runDiff(diff + diff.replaceAll('sum.ts', 'other.ts'), { root });
    assert.deepEqual(
      bench.findings.runs.map(({ id }) => id),
      [`${runId}.1`, `${runId}.2`],
    );
    assert.equal(summary, 'No findings in 4 lines. Checked by lab/tiny.');
  });

  it('needs the folder of its repository', async () => {
    await assert.rejects(
      benchWith({}).runDiff(diff),
      (error) => error instanceof UserError && error.code === 'no-root',
    );
  });
});
