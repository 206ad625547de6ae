// Analysers as they run on a real project: the repository's own compiler and linter, and small programs that misbehave.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { CancelledError } from '../../../../../daemon/base/errors.ts';
import { type AnalyserOutcome, createAnalysers } from '../../../../../daemon/features/pipeline/analysers/analysers.ts';
import { targetOf } from '../../../../../daemon/features/pipeline/target.ts';
import type { Draft } from '../../../../../daemon/features/pipeline/types.ts';
import { benchWith, snippetOf, strictLog } from '../parts.ts';

const repository = resolve(dirname(fileURLToPath(import.meta.url)), '../../../../..');
const sample = join(repository, 'media', 'sample');
let folder = '';
let caches = '';

interface AnalysisRun extends AnalyserOutcome {
  ran: string[];
  drafts: Draft[];
}

async function analyse(
  path: string,
  options: { text?: string; trusted?: boolean; signal?: AbortSignal; env?: NodeJS.ProcessEnv; root?: string } = {},
): Promise<AnalysisRun> {
  const {
    text = readFileSync(path, 'utf8'),
    trusted = true,
    signal = new AbortController().signal,
    env = { PATH: '' },
    root = folder,
  } = options;
  const drafts: Draft[] = [];
  const target = targetOf(snippetOf(text, { uri: pathToFileURL(path).href }));
  const analysers = createAnalysers({ log: strictLog, env, cacheFolder: caches });
  const analysis = analysers.begin([target], { root, trusts: async () => trusted, signal });
  const outcome = await analysis.analyse(target, async (found) => void drafts.push(...found));
  const ran = outcome.looks.filter(({ state }) => state === 'read').map(({ by }) => by);
  return { ...outcome, ran, drafts };
}

function write(path: string, text: string): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** Installs a program of the test's own as a package of the project. */
function install(name: string, program: string, code: string): void {
  write(`node_modules/${name}/package.json`, JSON.stringify({ name, bin: { [program]: 'bin.cjs' } }));
  write(`node_modules/${name}/bin.cjs`, code);
}

/** Hooks of the describe that calls it. */
function useFreshFolder(): void {
  beforeEach(() => {
    folder = mkdtempSync(join(realpathSync(tmpdir()), 'switchyard-analysers-'));
    caches = mkdtempSync(join(tmpdir(), 'switchyard-caches-'));
  });
  afterEach(() => {
    for (const made of [folder, caches]) rmSync(made, { recursive: true });
  });
}

describe('the analysers of the sample workspace', () => {
  useFreshFolder();

  it('find its flaws without any model, and the summary says that there is none', async () => {
    const path = join(sample, 'src', 'cart.ts');
    const bench = benchWith({ analysers: createAnalysers({ log: strictLog, cacheFolder: caches }) });
    const { findings, summary, stages } = await bench.run(
      snippetOf(readFileSync(path, 'utf8'), { uri: pathToFileURL(path).href }),
      { root: sample },
    );
    const found = findings.map(({ source, rule, evidence }) => `${source} ${rule}: ${evidence}`);
    for (const expected of ['tsc TS2739: product', 'tsc TS2339: price', 'biome lint/suspicious/noDoubleEquals: =='])
      assert.ok(found.includes(expected), `${expected} in\n${found.join('\n')}`);
    assert.match(summary, /No model is set up yet, so only linters can check this/);
    assert.match(stages[0]?.detail ?? '', /^ran tsc, biome; not installed: eslint/);
  });

  it('read its JavaScript and its Python too', async () => {
    const stock = await analyse(join(sample, 'src', 'stock.js'), { root: sample });
    assert.deepEqual(stock.drafts.map(({ rule }) => rule).sort(), ['TS18048', 'lint/suspicious/noDebugger']);
    const report = await analyse(join(sample, 'src', 'report.py'), { root: sample });
    assert.deepEqual([report.ran, report.missing], [[], ['ruff', 'python']]);
  });
});

describe('an analyser', () => {
  useFreshFolder();

  for (const [name, compilerOptions] of Object.entries({
    'an incremental build': { incremental: true, tsBuildInfoFile: '../outside' },
    'a composite one': { composite: true, tsBuildInfoFile: '../outside' },
    'a build beside the sources': { incremental: true },
    'a trace of the compiler': { generateTrace: '../trace' },
    'declarations and output': { composite: true, declaration: true, outDir: '..', declarationDir: '..' },
  }))
    it(`writes nothing, in the workspace or outside of it, where tsc's configuration wants ${name}`, async () => {
      const project = join(folder, 'project');
      mkdirSync(project);
      writeFileSync(join(folder, 'outside'), 'as it was');
      writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['a.ts'] }));
      writeFileSync(join(project, 'a.ts'), 'export const one: string = 1;\n');
      const env = { PATH: join(repository, 'node_modules', '.bin') };
      const { drafts } = await analyse(join(project, 'a.ts'), { env, root: project });
      assert.deepEqual(
        drafts.map(({ rule }) => rule),
        ['TS2322'],
      );
      assert.deepEqual(readdirSync(folder, { recursive: true }).toSorted(), [
        'outside',
        'project',
        join('project', 'a.ts'),
        join('project', 'tsconfig.json'),
      ]);
      assert.equal(readFileSync(join(folder, 'outside'), 'utf8'), 'as it was');
    });

  it('of the project does not run in a workspace that is not trusted', async () => {
    install('typescript', 'tsc', `require('node:fs').writeFileSync(${JSON.stringify(join(folder, 'ran'))}, '')`);
    write('tsconfig.json', '{}');
    const path = write('a.ts', 'x');
    const { ran, notes } = await analyse(path, { trusted: false });
    assert.deepEqual([ran, existsSync(join(folder, 'ran'))], [[], false]);
    assert.match(notes.join(), /isn't trusted.*tsc.*switchyard trust/);
    await analyse(path);
    assert.ok(existsSync(join(folder, 'ran')), 'it does run once trusted');
  });

  it('on the PATH inside the workspace is passed over', async () => {
    const planted = write('bin/ruff', '#!/bin/sh\nexit 0\n');
    chmodSync(planted, 0o755);
    const { missing } = await analyse(write('a.py', 'x = 1\n'), {
      trusted: false,
      env: { PATH: [join(folder, 'bin'), 'bin', '.'].join(delimiter) },
    });
    assert.ok(missing.includes('ruff'));
  });

  it('that reads the disk is left out, with a note, while the document differs from its file', async () => {
    symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'), 'junction');
    write('tsconfig.json', '{}');
    const { ran, notes } = await analyse(write('a.ts', 'let a = 1;'), { text: 'let a = 2;' });
    assert.deepEqual(ran, []);
    assert.match(notes.join(), /To include tsc, biome, save the file/);
  });

  it('that fails costs a note with its own words', async () => {
    install('typescript', 'tsc', 'console.error("no such option: \\u001b[1m--pretty"); process.exit(3)');
    install('@biomejs/biome', 'biome', 'console.error("out of order"); process.exit(3)');
    write('tsconfig.json', '{}');
    const { notes } = await analyse(write('a.ts', 'x'));
    assert.deepEqual(notes, ["tsc couldn't run: no such option: [1m--pretty", "biome couldn't run: out of order"]);
  });

  it('is gone with its children when the review is cancelled', async () => {
    const pids = join(folder, 'pids');
    mkdirSync(pids);
    const program = `
      const { spawn } = require('node:child_process');
      const { writeFileSync, renameSync } = require('node:fs');
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
      writeFileSync(${JSON.stringify(join(folder, 'new'))}, JSON.stringify([process.pid, child.pid]));
      renameSync(${JSON.stringify(join(folder, 'new'))}, ${JSON.stringify(join(pids, 'pids.json'))});
      setInterval(() => {}, 1000);`;
    install('typescript', 'tsc', program);
    write('tsconfig.json', '{}');
    const controller = new AbortController();
    const watcher = watch(pids);
    const started = once(watcher, 'change');
    const running = analyse(write('a.ts', 'x'), { signal: controller.signal });
    await started;
    watcher.close();
    controller.abort();
    await assert.rejects(running, CancelledError);
    const processes = JSON.parse(readFileSync(join(pids, 'pids.json'), 'utf8')) as number[];
    for (const pid of processes) assert.ok(!isAlive(pid), `${pid} is gone`);
  });

  it('does not keep the review waiting for a child that it left behind', async () => {
    install(
      'typescript',
      'tsc',
      `require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' }); console.log(process.cwd() + '/a.ts'); process.exit(0)`,
    );
    write('tsconfig.json', '{}');
    assert.deepEqual((await analyse(write('a.ts', 'x'))).ran, ['tsc']);
  });

  it('of the repository is found when one package of it is open alone', async () => {
    install('typescript', 'tsc', 'console.log("a.ts(1,1): error TS1: Wrong.")');
    mkdirSync(join(folder, '.git'));
    write('packages/one/tsconfig.json', '{}');
    const path = write('packages/one/a.ts', 'x');
    const { drafts } = await analyse(path, { root: join(folder, 'packages', 'one') });
    assert.deepEqual(
      drafts.map(({ rule }) => rule),
      ['TS1'],
    );
  });

  it('says where code cannot be read at all, with nothing installed', async () => {
    const { drafts } = await analyse(write('a.mjs', 'const a = 1;\nconst b = await (;\n'));
    assert.deepEqual(
      drafts.map(({ source, rule, range }) => [source, rule, range.start]),
      [['node', 'syntax', { line: 1, character: 17 }]],
    );
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8')); // a zombie has ended and only waits to be counted
  } catch {
    return false;
  }
}
