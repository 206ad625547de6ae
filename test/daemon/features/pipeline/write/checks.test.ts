// The outside checks look at a candidate in a copy: what they see is compared with the document as it was, and nothing of them is left in
// the project.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { CancelledError } from '../../../../../daemon/base/errors.ts';
import { faultsIn } from '../../../../../daemon/code-index/chunk/faults.ts';
import { Parsers } from '../../../../../daemon/code-index/chunk/parsers.ts';
import { type Analysers, createAnalysers } from '../../../../../daemon/features/pipeline/analysers/analysers.ts';
import { Checks, type ChecksRequest } from '../../../../../daemon/features/pipeline/write/checks.ts';
import type { CheckReport } from '../../../../../daemon/features/pipeline/write/report.ts';
import { strictLog } from '../parts.ts';

const parsers = new Parsers((sentence) => {
  throw new Error(sentence);
});

/** Reports each `bad` as a warning and each `worse` as an error, where the file on the disk has it. */
const wordAnalyser: Analysers = {
  begin: () => ({
    async analyse({ snippet }, onDrafts) {
      const lines = readFileSync(new URL(snippet.uri), 'utf8').split('\n');
      const found = lines.flatMap((text, line) =>
        [...text.matchAll(/bad|worse/g)].map(([word]) => ({
          range: { start: { line, character: 0 }, end: { line, character: text.length } },
          severity: word === 'worse' ? ('error' as const) : ('warning' as const),
          category: 'words',
          message: `no ${word}`,
          source: 'words',
          confidence: 1,
        })),
      );
      await onDrafts(found);
      return { looks: [{ by: 'words', state: 'read' as const }], missing: [], notes: [] };
    },
  }),
};

describe('the checks of a candidate', () => {
  let project: string;
  let file: string;
  beforeEach(() => {
    project = mkdtempSync(join(realpathSync(tmpdir()), 'sy-checks-'));
    execFileSync('git', ['init', '--quiet'], { cwd: project });
    file = join(project, 'src', 'sum.js');
    put('src/sum.js', 'let bad = 1;\n');
    put('check.js', "process.exit(require('node:fs').readFileSync('src/sum.js', 'utf8').includes('ok') ? 0 : 1);\n");
  });
  afterEach(() => rmSync(project, { recursive: true, force: true }));

  function put(name: string, text: string): void {
    mkdirSync(dirname(join(project, name)), { recursive: true });
    writeFileSync(join(project, name), text);
  }

  async function open(over: Partial<ChecksRequest> = {}): Promise<Checks> {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const snippet = { uri: pathToFileURL(file).href, languageId: 'javascript', version: 1, text };
    const request = { snippet, tests: [], trusts: async () => true, signal: new AbortController().signal, ...over };
    const syntax = { faults: (asked: Parameters<typeof faultsIn>[0]) => faultsIn(asked, parsers) };
    return Checks.open({ syntax, analysers: wordAnalyser }, request);
  }

  async function check(text: string, over: Partial<ChecksRequest> = {}): Promise<CheckReport> {
    await using checks = await open(over);
    return await checks.check({ text });
  }

  const counted: [what: string, text: string, faults: [syntax: number, errors: number, warnings: number]][] = [
    ['nothing that was there before', 'let bad = 1;\n', [0, 0, 0]],
    ['nothing that only moved', '\n\nlet bad = 1;\n', [0, 0, 0]],
    ['a flaw more of a kind that was there', 'let bad = 1;\nlet x = bad;\n', [0, 0, 1]],
    ['a graver flaw', 'let worse = 1;\n', [0, 1, 0]],
    ['a syntax error', 'let bad = ;\n', [1, 0, 0]],
  ];
  for (const [what, text, faults] of counted)
    it(`count ${what}`, async () => {
      const { syntaxErrors, newErrors, newWarnings, failed, looked } = await check(text);
      assert.deepEqual([syntaxErrors, newErrors, newWarnings], faults);
      assert.equal(
        failed.length > 0,
        faults.some((count) => count > 0),
      );
      assert.deepEqual(looked, ['the parser', 'words']);
    });

  it('say of an answer that is no code why it is none, and ask nothing else', async () => {
    await using checks = await open();
    const report = await checks.check({ why: 'is empty' });
    assert.deepEqual([report.isEdit, report.failed], [false, [{ name: 'form', text: 'the answer is empty' }]]);
  });

  const node = process.execPath;
  const tested: [what: string, tests: string[][], text: string, passes: boolean | undefined, said: RegExp][] = [
    ['pass', [[node, 'check.js']], 'ok', true, /^$/],
    ['fail', [[node, 'check.js']], 'no', false, /exit code 1/],
    [
      'fail in the second command',
      [
        [node, 'check.js'],
        [node, '-e', 'console.log("why"); process.exit(3)'],
      ],
      'ok',
      false,
      /exit code 3\nwhy/,
    ],
    ['are not there', [['no-such-program-here']], 'ok', false, /couldn't start/],
    ['are not named', [], 'ok', undefined, /^$/],
  ];
  for (const [what, tests, text, passes, said] of tested)
    it(`tell of tests that ${what}`, async () => {
      const report = await check(text, { tests });
      assert.equal(report.passesTests, passes);
      assert.match(report.failed.map((failed) => failed.text).join('\n'), said);
    });

  it('hand a command over as it is, to no shell', async () => {
    await check('ok', { tests: [[node, '-e', 'process.exit(0)', '; touch made', '$(touch made)', '`touch made`']] });
    assert.ok(!existsSync(join(project, 'made')));
  });

  it('run no test in a folder that is not trusted, and say so', async () => {
    const report = await check('ok', { tests: [[node, 'check.js']], trusts: async () => false });
    assert.equal(report.passesTests, undefined);
    assert.match(report.notes.join(), /isn't trusted, so the tests didn't run/);
  });

  it('change nothing in the project, and leave no copy', async () => {
    put('node_modules/pkg/index.js', 'module.exports = 1;\n');
    put('.gitignore', 'node_modules\nkept.env\n');
    put('kept.env', 'SECRET=1\n');
    symlinkSync(join(project, 'check.js'), join(project, 'absolute.js'));
    symlinkSync('../../outside', join(project, 'src', 'outside'));
    const before = snapshot();
    const script = `
      const fs = require('node:fs');
      fs.writeFileSync('made.txt', 'x');
      fs.writeFileSync('src/sum.js', 'changed by a test');
      require('pkg');
      for (const name of ['kept.env', 'absolute.js', 'src/outside'])
        if (fs.existsSync(name)) process.exit(9);`;
    const temporary = mkdtempSync(join(realpathSync(tmpdir()), 'sy-temporary-'));
    const usual = process.env['TMPDIR'];
    process.env['TMPDIR'] = temporary; // copies of other suites are not ours
    const report = await check('ok', { tests: [[node, '-e', script]] });
    assert.equal(report.passesTests, true, JSON.stringify(report.failed));
    assert.deepEqual(snapshot(), before);
    assert.deepEqual(readdirSync(temporary), []);
    rmSync(temporary, { recursive: true });
    if (usual === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = usual;
  });

  it('check a file that is not there yet in its place', async () => {
    file = join(project, 'src', 'new', 'product.js');
    const script = "process.exit(require('node:fs').existsSync('src/new/product.js') ? 0 : 1)";
    assert.equal((await check('let a;\n', { tests: [[node, '-e', script]] })).passesTests, true);
    assert.ok(!existsSync(file));
  });

  it("include types, by the project's own compiler, of the file in its place", async () => {
    put('tsconfig.json', '{"compilerOptions":{"strict":true},"include":["src"]}');
    put('.gitignore', 'node_modules\n');
    put('src/two.ts', 'export const two: number = 2;\n');
    mkdirSync(join(project, 'node_modules'));
    symlinkSync(
      fileURLToPath(new URL('../../../../../node_modules/typescript', import.meta.url)),
      join(project, 'node_modules', 'typescript'),
    );
    put('src/sum.ts', "import { two } from './two.ts';\nexport const x: number = two;\n");
    file = join(project, 'src', 'sum.ts');
    const text = readFileSync(file, 'utf8');
    const snippet = { uri: pathToFileURL(file).href, languageId: 'typescript', version: 1, text };
    const analysers = createAnalysers({ log: strictLog, cacheFolder: join(project, 'cache') });
    const request = { snippet, tests: [], trusts: async () => true, signal: new AbortController().signal };
    await using checks = await Checks.open({ syntax: { faults: async () => undefined }, analysers }, request);
    const { newErrors, failed } = await checks.check({ text: text.replace('x: number', 'x: string') });
    assert.equal(newErrors, 1, JSON.stringify(failed));
    assert.match(failed[0]?.text ?? '', /TS2322/);
    assert.equal((await checks.check({ text: `${text}// fine\n` })).newErrors, 0);
  });

  it('end with the work, and leave no test running', async () => {
    const controller = new AbortController();
    const started = join(project, '..', `${project.split('/').at(-1)}-started`);
    const script = `require('node:fs').writeFileSync(${JSON.stringify(started)}, String(process.pid)); setInterval(() => {}, 1000)`;
    await using checks = await open({ tests: [[node, '-e', script]], signal: controller.signal });
    const checking = checks.check({ text: 'ok' });
    checking.catch(() => {});
    while (!existsSync(started) || readFileSync(started, 'utf8') === '')
      await new Promise((resolve) => setImmediate(resolve));
    const pid = Number(readFileSync(started, 'utf8'));
    controller.abort();
    await assert.rejects(checking, CancelledError);
    assert.throws(() => process.kill(pid, 0));
    rmSync(started);
  });

  function snapshot(): string[] {
    return readdirSync(project, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes('.git'))
      .map((entry) => `${entry.parentPath}/${entry.name} ${readFileSync(join(entry.parentPath, entry.name), 'utf8')}`)
      .toSorted();
  }
});
