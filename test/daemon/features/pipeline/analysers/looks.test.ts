// Whether an analyser has looked at a file: a run that ended is no look, and a file is read once a review.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { endOf } from '../../../../../daemon/features/pipeline/analysers/outcome.ts';
import { runTool } from '../../../../../daemon/features/pipeline/analysers/run-tool.ts';
import { ownLinters, Project } from './project.ts';

describe('tsc', () => {
  const flawed = 'export const one: string = 1;\n';
  const projects: [what: string, files: Record<string, object | string>, state: string][] = [
    ['its own configuration names', { 'tsconfig.json': {} }, 'read'],
    [
      'a configuration that the nearest one refers to names',
      { 'tsconfig.json': { files: [], references: [{ path: './app.json' }] }, 'app.json': { include: ['src'] } },
      'read',
    ],
    [
      'a folder that the nearest one refers to names',
      {
        'tsconfig.json': { files: [], references: [{ path: './app' }] },
        'app/tsconfig.json': { include: ['../src'] },
      },
      'read',
    ],
    [
      'only what another file imports leads to',
      { 'tsconfig.json': { files: ['b.ts'] }, 'b.ts': "import './src/a.ts';" },
      'read',
    ],
    ['an include elsewhere leaves out', { 'tsconfig.json': { include: ['lib'] }, 'lib/b.ts': '' }, 'failed'],
    ['an exclude leaves out', { 'tsconfig.json': { exclude: ['src'] }, 'b.ts': '' }, 'failed'],
    ['a list of files leaves out', { 'tsconfig.json': { files: ['b.ts'] }, 'b.ts': '' }, 'failed'],
  ];
  for (const [what, files, state] of projects)
    it(`has ${state} a file that ${what}`, async () => {
      using project = new Project();
      for (const [path, content] of Object.entries(files))
        project.write(path, typeof content === 'string' ? content : JSON.stringify(content));
      project.write('src/a.ts', flawed);
      const { states, drafts } = await project.analyse(['src/a.ts'], { path: ownLinters });
      assert.equal(states['src/a.ts']?.['tsc'], state);
      assert.equal(
        drafts.some(({ rule }) => rule === 'TS2322'),
        state === 'read',
      );
    });
});

describe('node', () => {
  for (const [what, text] of [
    ['JSX', 'export const a = <b>1</b>;\n'],
    ['a fragment', 'export default () => (\n  <>1</>\n);\n'],
    ['Flow types', '// @flow\nexport const a = (b: number) => b;\n'],
    ['decorators', '@sealed\nexport class A {}\n'],
  ] as const)
    it(`does not take ${what} for an error, and says that it has not read the file`, async () => {
      using project = new Project();
      project.write('package.json', '{"type":"module"}');
      project.write('a.js', text);
      const { states, drafts } = await project.analyse(['a.js']);
      assert.deepEqual([states['a.js'], drafts], [{ node: 'left-out' }, []]);
    });
});

describe('a linter of the project', () => {
  const linters: [name: string, program: string, configuration: string, prints: string][] = [
    [
      'typescript',
      'tsc',
      'tsconfig.json',
      "['a', 'b', 'c'].map((name) => process.cwd() + '/' + name + '.ts').join('\\n')",
    ],
    [
      'eslint',
      'eslint',
      'eslint.config.js',
      "JSON.stringify(process.argv.filter((given) => given.endsWith('.ts')).map((filePath) => ({ filePath, messages: [] })))",
    ],
    [
      '@biomejs/biome',
      'biome',
      'biome.json',
      `JSON.stringify({ diagnostics: ['a', 'b', 'c'].map((name) => ({ message: 'x', location: { path: name + '.ts', range: { start: { line: 1, column: 1 }, end: { line: 1, column: 2 } } } })) })`,
    ],
  ];
  for (const [name, program, configuration, prints] of linters)
    it(`runs once for all files of a review: ${program}`, async () => {
      using project = new Project();
      const runs = join(project.folder, 'runs');
      project.write(configuration, '{}');
      project.install(
        name,
        program,
        `require('node:fs').appendFileSync(${JSON.stringify(runs)}, 'x'); process.stdout.write(${prints});`,
      );
      const files = ['a.ts', 'b.ts', 'c.ts'];
      for (const file of files) project.write(file, 'export {};\n');
      const { states } = await project.analyse(files);
      for (const file of files) assert.equal(states[file]?.[program], 'read');
      assert.equal(readFileSync(runs, 'utf8'), 'x');
    });

  const faults: [what: string, code: string, why: RegExp][] = [
    ['is killed', 'process.kill(process.pid, "SIGKILL")', /was killed|couldn't run/],
    ['fails without a word', 'process.exitCode = 2', /couldn't run/],
    ['prints the fixed code instead of its report', 'console.log("let a = 1;")', /couldn't run/],
    ['prints its report to the other stream', 'console.error("[]")', /couldn't run/],
    ['prints half of a report', 'process.stdout.write("[{")', /couldn't run/],
    [
      'prints more than anyone reads',
      'const x = "x".repeat(1e6); for (let i = 0; i < 20; i++) console.log(x)',
      /printed too much/,
    ],
    ['does not start', 'require("no-such-package")', /couldn't run: .*no-such-package/],
  ];
  for (const [what, code, why] of faults)
    it(`has not looked where it ${what}`, async () => {
      using project = new Project();
      project.write('eslint.config.js', '');
      project.write('a.ts', 'let a = 1;\n');
      project.install('eslint', 'eslint', code);
      const { outcomes } = await project.analyse(['a.ts']);
      const look = outcomes[0]?.looks.find(({ by }) => by === 'eslint');
      assert.equal(look?.state, 'failed');
      assert.match(look?.why ?? '', why);
    });

  for (const [program, configuration, file] of [
    ['tsc', 'tsconfig.json', 'a.ts'],
    ['eslint', '.eslintrc.json', 'a.ts'],
    ['biome', 'biome.jsonc', 'a.css'],
    ['ruff', 'ruff.toml', 'a.py'],
    ['go vet', 'go.mod', 'a.go'],
  ] as const)
    it(`has not looked where the project is set up for it and it is not installed: ${program}`, async () => {
      using project = new Project();
      project.write(configuration, '{}');
      project.write(file, '');
      assert.equal((await project.analyse([file])).states[file]?.[program], 'failed');
    });

  it('that reads the disk has not looked at what is not saved; one that reads its input has', async () => {
    using project = new Project();
    project.write('eslint.config.js', '');
    project.write('tsconfig.json', '{}');
    project.write('a.ts', 'let a = 1;\n');
    project.install('eslint', 'eslint', 'process.stdout.write(JSON.stringify([{ filePath: "a.ts", messages: [] }]))');
    const unsaved = await project.analyse(['a.ts'], { path: ownLinters, unsaved: 'let a = 2;\n' });
    assert.deepEqual(unsaved.states['a.ts'], { eslint: 'read', tsc: 'failed', biome: 'failed' });
  });

  it('has looked at a document without a file where it needs no project, and at others not', async () => {
    using project = new Project();
    const looked: [languageId: string, text: string, source: string | undefined][] = [
      ['javascript', 'let a = ;', 'node'],
      ['shellscript', 'echo $1', 'shellcheck'],
      ['typescript', 'let a: string = 1;', undefined],
    ];
    if (process.platform !== 'win32')
      project.program('shellcheck', `console.log('{"comments":[{"line":1,"column":1,"level":"info","code":2086}]}')`);
    for (const [languageId, text, source] of looked) {
      if (source === 'shellcheck' && process.platform === 'win32') continue; // the stand-in is a script
      const { drafts, looks } = await project.analyseUntitled(languageId, text);
      assert.deepEqual(
        [drafts.map((draft) => draft.source), looks.map(({ by }) => by)],
        source ? [[source], [source]] : [[], []],
      );
    }
  });

  it('that takes too long is ended, and that is no look', async () => {
    const hangs = { file: process.execPath, arguments: ['-e', 'setInterval(() => {}, 1000)'], folder: process.cwd() };
    const output = await runTool({ ...hangs, timeoutMs: 50 }, new AbortController().signal);
    assert.equal(endOf(output, 50_000), 'took longer than 50 seconds');
  });
});
