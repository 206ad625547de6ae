// How an editor's `.cmd` file is run on Windows: no argument is read as a command there.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { scriptArguments } from '../../../daemon/cli/start.ts';
import { testFolder } from '../storage/open-storage.ts';

describe('a script that cmd.exe runs', () => {
  it('is one line, each word in quotes of its own', () => {
    const line = scriptArguments([String.raw`C:\Program Files\code.cmd`, '--a', String.raw`C:\a & b\c`]);
    assert.equal(line.at(-1), String.raw`""C:\Program Files\code.cmd" "--a" "C:\a & b\c""`);
    assert.equal(line.at(-2), '/c');
  });

  for (const word of ['a"&calc', '%PATH%', 'a\nb'])
    it(`is not run with ${JSON.stringify(word)}`, () => {
      assert.throws(() => scriptArguments(['code.cmd', word]), { code: 'unsafe-argument' });
    });

  it('is given the words as they are', function () {
    if (process.platform !== 'win32') this.skip(); // cmd.exe is there alone
    using folder = testFolder();
    const place = join(folder.path, 'a (b) & c');
    mkdirSync(place);
    const [script, said] = [join(place, 'say it.cmd'), join(folder.path, 'said')];
    writeFileSync(script, `@echo off\r\n>"${said}" echo %1 %2\r\n`);
    const line = scriptArguments([script, join(place, 'x^y'), '!z! & more']);
    const { status } = spawnSync('cmd.exe', line, { windowsVerbatimArguments: true });
    assert.deepEqual([status, readFileSync(said, 'utf8').trim()], [0, `"${join(place, 'x^y')}" "!z! & more"`]);
  });
});
