// How programs are started on Windows: no argument is read as a command, whoever wrote it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'mocha';
import { windowsWord } from '../../../../daemon/base/paths.ts';
import { programAt, spawnedCommand } from '../../../../daemon/base/process/windows-command.ts';
import { testFolder } from '../../storage/open-storage.ts';
import { npmStarter, npmsOwnStarter, plainStarter } from './starters.ts';

const users = { areUsers: true, isWindows: true };
const others = { isWindows: true };

function laidOut(folder: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

describe('a script that cmd.exe runs', () => {
  it('is one line, each word in quotes of its own', () => {
    const script = String.raw`C:\Program Files\code.cmd`;
    const { file, args, isVerbatim } = spawnedCommand(script, ['--a', String.raw`C:\a & b\c`, 'd\\'], users);
    assert.match(file, /^.+\bcmd\.exe$/, 'by its path');
    assert.equal(args.at(-1), String.raw`""C:\Program Files\code.cmd" "--a" "C:\a & b\c" "d\\""`);
    assert.deepEqual([args.at(-2), isVerbatim], ['/c', true]);
  });

  for (const word of ['a"&calc', '%PATH%', 'a\nb'])
    it(`is not run with ${JSON.stringify(word)}, even for the user`, () => {
      assert.throws(() => spawnedCommand('code.cmd', [word], users), { code: 'unsafe-argument' });
    });

  for (const word of ['a&calc', 'a|b', '<a', '>a', '^', '!PATH!', ') else calc'])
    it(`is not run with ${JSON.stringify(word)} for others, which a careless script hands on without quotes`, () => {
      assert.throws(() => spawnedCommand('C:\\a.bat', ['x', word], others), {
        code: 'unsafe-argument',
        message: `C:\\a.bat is a script on Windows, and can't be given the argument ${word}. Use the program that it starts instead.`,
      });
    });

  for (const name of ['a.cmd', 'A.BAT', 'a.bat.', 'a.cmd . .'])
    it(`is known by its name: ${name}`, () => assert.ok(spawnedCommand(name, [], others).isVerbatim));

  it("isn't started in a folder of another machine, for which cmd.exe would take another one", () => {
    const options = { ...others, cwd: String.raw`\\host\share` };
    assert.throws(() => spawnedCommand('a.cmd', [], options), { code: 'unsafe-folder' });
    assert.equal(spawnedCommand('a.exe', [], options).file, 'a.exe');
  });

  it('is nothing special elsewhere', () => {
    const command = { file: '/a.cmd', args: ['%PATH%'], isVerbatim: false };
    assert.deepEqual(spawnedCommand('/a.cmd', ['%PATH%'], { isWindows: false }), command);
  });

  it('is given the words as they are', function () {
    if (process.platform !== 'win32') this.skip(); // cmd.exe is there alone
    using folder = testFolder();
    const place = join(folder.path, 'a (b) & c');
    mkdirSync(place);
    const [script, said] = [join(place, 'say it.cmd'), join(folder.path, 'said')];
    writeFileSync(script, `@echo off\r\n>"${said}" echo %1 %2\r\n`);
    const { file, args } = spawnedCommand(script, [join(place, 'x^y'), '!z! & more'], { areUsers: true });
    const { status } = spawnSync(file, args, { windowsVerbatimArguments: true });
    assert.deepEqual([status, readFileSync(said, 'utf8').trim()], [0, `"${join(place, 'x^y')}" "!z! & more"`]);
  });
});

describe('the program that a path means on Windows', () => {
  const rows: Record<string, [files: Record<string, string>, path: string, expected: string[] | undefined]> = {
    'is looked for with the endings that may be left out': [{ 'a.exe': '', 'a.cmd': '', a: '' }, 'a', ['a.exe']],
    'is a script for cmd.exe where that is all there is': [{ 'a.bat': '', a: '' }, 'a', ['a.bat']],
    'is the one that is named': [
      { 'a.exe': '', 'a.cmd': '' },
      'a.CMD',
      process.platform === 'linux' ? undefined : ['a.CMD'],
    ],
    "isn't a script of a shell that isn't there": [{ a: '#!/bin/sh\n', 'a.ps1': '' }, 'a', undefined],
    'is the script of Node that npm starts': [
      { 'node_modules/.bin/a.cmd': npmStarter('..\\a\\a.js'), 'node_modules/a/a.js': '', 'bin/node.exe': '' },
      'node_modules/.bin/a',
      ['bin/node.exe', 'node_modules/a/a.js'],
    ],
    'is that of pnpm and yarn': [
      { 'x/a.cmd': plainStarter('lib\\a.js'), 'x/lib/a.js': '', 'x/node.exe': '', 'bin/node.exe': '' },
      'x/a',
      ['x/node.exe', 'x/lib/a.js'],
    ],
    'is npm itself': [
      { 'x/npm.cmd': npmsOwnStarter('npm', 'npm\\npm-cli.js'), 'x/npm/npm-cli.js': '', 'x/node.exe': '' },
      'x/npm',
      ['x/node.exe', 'x/npm/npm-cli.js'],
    ],
    'is started by no Node that a package brought': [
      {
        'node_modules/.bin/a.cmd': plainStarter('a.js'),
        'node_modules/.bin/a.js': '',
        'node_modules/.bin/node.exe': '',
        'bin/node.exe': '',
      },
      'node_modules/.bin/a',
      ['bin/node.exe', 'node_modules/.bin/a.js'],
    ],
    'is left to cmd.exe where Node gets options': [
      { 'a.cmd': npmStarter('a.js').replace('"%_prog%" ', '"%_prog%" --x'), 'a.js': '' },
      'a',
      ['a.cmd'],
    ],
    'is left to cmd.exe where it starts another program than Node': [
      { 'a.cmd': npmStarter('a.js').replace('"_prog=node"', '"_prog=bash"'), 'a.js': '' },
      'a',
      ['a.cmd'],
    ],
    'is left to cmd.exe where more is set for it': [
      { 'a.cmd': `@SET NODE_PATH=x\r\n${plainStarter('a.js')}`, 'a.js': '' },
      'a',
      ['a.cmd'],
    ],
    'is left to cmd.exe where the script is gone': [{ 'a.cmd': plainStarter('a.js') }, 'a', ['a.cmd']],
  };
  for (const [how, [files, path, expected]] of Object.entries(rows))
    it(how, () => {
      using folder = testFolder();
      laidOut(folder.path, files);
      const found = programAt(join(folder.path, path), [join(folder.path, 'bin')], true);
      const [file, ...before] = (expected ?? []).map((name) => join(folder.path, name));
      assert.deepEqual(found, expected && { file, before });
    });
});

describe('a word for a program on Windows', () => {
  for (const [word, written] of [
    ['a b', '"a b"'],
    ['C:\\a b\\', '"C:\\a b\\\\"'],
    ['a" "b', '"a\\" \\"b"'],
    ['\\"', '"\\\\\\""'],
    ['\\a', '"\\a"'],
  ] as const)
    it(`stands as one where it is ${JSON.stringify(word)}`, () => assert.equal(windowsWord(word), written));
});
