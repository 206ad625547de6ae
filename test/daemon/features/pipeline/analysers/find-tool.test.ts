// Where an analyser's program is looked for on a machine, and what is never taken for one.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { describe, it } from 'mocha';
import { findMachineTool, type ToolLookup } from '../../../../../daemon/features/pipeline/analysers/find-tool.ts';
import { npmStarter } from '../../../base/process/starters.ts';
import { testFolder } from '../../../storage/open-storage.ts';

const eslint: ToolLookup = { kind: 'npm', package: 'eslint', program: 'eslint' };
const scoped: ToolLookup = { kind: 'npm', package: '@biomejs/biome', program: 'biome' };
const ruff: ToolLookup = { kind: 'path', programs: ['ruff'] };

function laidOut(folder: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

describe('a program of a machine with Windows', () => {
  const rows: Record<string, [ToolLookup, Record<string, string>, string | undefined, string | undefined]> = {
    'a real program': [ruff, { 'bin/ruff.exe': '' }, 'bin/ruff.exe', undefined],
    'a script for cmd.exe where there is none': [
      ruff,
      { 'bin/ruff.cmd': '', 'bin/ruff.bat': '', 'bin/ruff': '' },
      'bin/ruff.cmd',
      undefined,
    ],
    'no script for another shell': [ruff, { 'bin/ruff': '', 'bin/ruff.ps1': '' }, undefined, undefined],
    'a script that npm starts from elsewhere': [
      scoped,
      { 'bin/biome.cmd': npmStarter('..\\lib\\biome'), 'lib/biome': '' },
      process.execPath,
      'lib/biome',
    ],
    'what npm has installed for everybody': [
      eslint,
      {
        'bin/eslint.cmd': '',
        'bin/node_modules/eslint/package.json': '{"bin":{"eslint":"./bin/eslint.js"}}',
        'bin/node_modules/eslint/bin/eslint.js': '',
      },
      process.execPath,
      'bin/node_modules/eslint/bin/eslint.js',
    ],
    'the same with a scope': [
      scoped,
      {
        'bin/node_modules/@biomejs/biome/package.json': '{"bin":{"biome":"bin/biome"}}',
        'bin/node_modules/@biomejs/biome/bin/biome': '',
      },
      process.execPath,
      'bin/node_modules/@biomejs/biome/bin/biome',
    ],
    'a package that has no such program': [
      eslint,
      { 'bin/node_modules/eslint/package.json': '{"bin":{"other":"x.js"}}', 'bin/node_modules/eslint/x.js': '' },
      undefined,
      undefined,
    ],
    "nothing of the project's": [
      eslint,
      { 'project/bin/node_modules/eslint/package.json': '{"bin":"a.js"}', 'project/bin/node_modules/eslint/a.js': '' },
      undefined,
      undefined,
    ],
    'nothing of the working folder': [ruff, { 'ruff.exe': '' }, undefined, undefined],
  };
  for (const [what, [tool, files, file, script]] of Object.entries(rows)) {
    it(`is ${what}`, () => {
      using folder = testFolder();
      laidOut(folder.path, files);
      const path = ['.', '', 'bin', join(folder.path, 'project', 'bin'), join(folder.path, 'bin')].join(delimiter);
      const found = findMachineTool(tool, { root: join(folder.path, 'project') }, { Path: path }, true);
      const expected = file && {
        file: file === process.execPath ? file : join(folder.path, file),
        before: script === undefined ? [] : [join(folder.path, script)],
        isProjects: false,
      };
      assert.deepEqual(found, expected);
    });
  }
});

describe('a program of a machine', () => {
  it('is found behind a folder that the system refuses to look into', () => {
    using folder = testFolder();
    laidOut(folder.path, { 'bin/ruff': '' });
    const refused = join(folder.path, 'x'.repeat(300)); // a name is at most 255 bytes long
    const env = { PATH: [refused, join(folder.path, 'bin')].join(delimiter) };
    const found = findMachineTool(ruff, { root: join(folder.path, 'project') }, env, false);
    assert.equal(found?.file, join(folder.path, 'bin', 'ruff'));
  });
});
