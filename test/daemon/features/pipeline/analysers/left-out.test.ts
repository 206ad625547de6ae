// A file that a tool's configuration leaves out was not read by that tool, however well the tool ended. Real tools where this machine has
// them; what ESLint, Ruff and ShellCheck print was recorded from ESLint 9, Ruff 0.17 and ShellCheck 0.11.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, it } from 'mocha';
import { ownLinters, Project } from './project.ts';

const machine = process.env['PATH'] ?? '';
const hasGo = machine.split(delimiter).some((folder) => existsSync(join(folder, 'go')));

describe('a file that is left out by the configuration of', () => {
  const biome: [how: string, configuration: object][] = [
    ['files.includes', { files: { includes: ['**', '!gen'] } }],
    ['linter.includes', { linter: { includes: ['**', '!**/gen/**'] } }],
    ['an override', { overrides: [{ includes: ['gen/**'], linter: { enabled: false } }] }],
    ['.gitignore', { vcs: { enabled: true, clientKind: 'git', useIgnoreFile: true } }],
    ['its size', { files: { maxSize: 100 } }],
  ];
  for (const [how, configuration] of biome)
    it(`Biome, by ${how}, is left out, beside others that are read`, async () => {
      using project = new Project();
      project.write('biome.json', JSON.stringify({ root: true, ...configuration }));
      project.write('.gitignore', 'gen\n');
      project.write('gen/a.css', `a { color: red; color: blue; }\n/* ${'x'.repeat(100)} */\n`);
      project.write('flawed.css', 'a { color: red; color: blue; }\n');
      project.write('clean.css', 'a { color: red; }\n');
      const { states, drafts } = await project.analyse(['gen/a.css', 'flawed.css', 'clean.css'], { path: ownLinters });
      assert.deepEqual(states, {
        'gen/a.css': { biome: 'left-out' },
        'flawed.css': { biome: 'read' },
        'clean.css': { biome: 'read' },
      });
      assert.equal(drafts.length, 1);
      assert.deepEqual((await project.analyse(['gen/a.css'], { path: ownLinters })).states, {
        'gen/a.css': { biome: 'left-out' },
      });
    });

  it('Biome, which is switched off, is left out', async () => {
    using project = new Project();
    project.write('biome.json', '{"root":true,"linter":{"enabled":false}}');
    project.write('a.css', 'a { color: red; color: blue; }\n');
    assert.deepEqual((await project.analyse(['a.css'], { path: ownLinters })).states, {
      'a.css': { biome: 'left-out' },
    });
  });

  const go: [file: string, text: string][] = [
    ['tagged.go', '//go:build neverwhere\n\npackage a\n'],
    ['system_plan9.go', 'package a\n'],
    ['processor_s390x_test.go', 'package a\n'],
    ['_hidden.go', 'package a\n'],
  ];
  for (const [file, text] of go)
    for (const isAlone of [false, true])
      it(`go (${file}${isAlone ? ', alone in its package' : ''}) is left out`, async function () {
        if (!hasGo) this.skip();
        using project = new Project();
        project.write('go.mod', 'module example.test/a\n\ngo 1.20\n');
        project.write(file, text);
        if (!isAlone) project.write('a.go', 'package a\n');
        const { states } = await project.analyse(isAlone ? [file] : [file, 'a.go'], { path: machine });
        assert.deepEqual(states, {
          [file]: { 'go vet': 'left-out' },
          ...(!isAlone && { 'a.go': { 'go vet': 'read' } }),
        });
      });

  const ignored = (message: string) => JSON.stringify([{ filePath: 'a.js', messages: [{ ruleId: null, message }] }]);
  const eslint: [how: string, stdout: string, stderr?: string][] = [
    ['a pattern', ignored('File ignored because of a matching ignore pattern. Use "--no-ignore" to disable …')],
    ['no configuration for it', ignored('File ignored because no matching configuration was supplied.')],
    ['its default', ignored('File ignored by default because it is located under the node_modules directory. …')],
    ['its base path', ignored('File ignored because outside of base path.')],
    ['a pattern, without a warning', '[]'],
    ['no rules', '[{"filePath":"a.js","messages":[]}]', '(node:1) ESLintEmptyConfigWarning: Running ESLint with …'],
  ];
  for (const [how, stdout, stderr = ''] of eslint)
    it(`ESLint, by ${how}, is left out`, async () => {
      using project = new Project();
      project.write('eslint.config.js', '');
      project.write('a.cjs', 'let a = 1;\n');
      project.install(
        'eslint',
        'eslint',
        `process.stdout.write(${JSON.stringify(stdout)}); process.stderr.write(${JSON.stringify(stderr)});`,
      );
      const { states } = await project.analyse(['a.cjs']);
      assert.deepEqual(states, { 'a.cjs': { eslint: 'left-out', node: 'read' } });
    });

  it('Ruff is left out, beside others that are read, in two runs for all of them', async function () {
    if (process.platform === 'win32') this.skip(); // the stand-in is a script
    using project = new Project();
    const report = {
      code: 'F401',
      message: 'unused',
      location: { row: 1, column: 8 },
      end_location: { row: 1, column: 10 },
    };
    project.program(
      'ruff',
      `const { resolve } = require('node:path');
      require('node:fs').appendFileSync(${JSON.stringify(join(project.folder, 'runs'))}, 'x');
      const files = process.argv.filter((given) => given.endsWith('.py') && !given.includes('gen'));
      const flawed = files.filter((file) => file.endsWith('flawed.py'));
      if (process.argv.includes('--show-files')) console.log(files.filter((file) => require('node:fs').existsSync(file)).map((file) => resolve(file)).join('\\n'));
      else console.log(JSON.stringify(flawed.map((filename) => ({ ...${JSON.stringify(report)}, filename }))));`,
    );
    for (const file of ['gen/a.py', 'flawed.py', 'clean.py']) project.write(file, 'import os\n');
    const { states, drafts } = await project.analyse(['gen/a.py', 'flawed.py', 'clean.py']);
    assert.deepEqual(states, {
      'gen/a.py': { ruff: 'left-out' },
      'flawed.py': { ruff: 'read' },
      'clean.py': { ruff: 'read' },
    });
    assert.equal(drafts.length, 1);
    assert.equal(readFileSync(join(project.folder, 'runs'), 'utf8').length, 2);
    assert.deepEqual((await project.analyse(['gen/a.py'])).states, { 'gen/a.py': { ruff: 'left-out' } });
    const unsaved = await project.analyse(['never-saved.py'], { unsaved: 'x = 1\n' });
    assert.deepEqual(unsaved.states, { 'never-saved.py': { ruff: 'read' } });
  });

  const shellcheck: [how: string, configuration: string, comments: object[], state: string][] = [
    ['all checks', 'disable=all\n', [], 'left-out'],
    ['some checks and all', '# ours\ndisable=SC2086,all\n', [], 'left-out'],
    ['some checks', 'disable=SC2086\n', [], 'read'],
    [
      'another shell',
      '',
      [{ line: 1, column: 1, level: 'error', code: 1071, message: 'ShellCheck only supports …' }],
      'left-out',
    ],
  ];
  for (const [how, configuration, comments, state] of shellcheck)
    it(`ShellCheck, which leaves out ${how}, is ${state}`, async function () {
      if (process.platform === 'win32') this.skip(); // the stand-in is a script
      using project = new Project();
      project.program('shellcheck', `console.log(${JSON.stringify(JSON.stringify({ comments }))})`);
      project.write('.shellcheckrc', configuration);
      project.write('tools/a.sh', 'echo $1\n');
      assert.deepEqual((await project.analyse(['tools/a.sh'])).states, {
        'tools/a.sh': { shellcheck: state },
      });
    });
});
