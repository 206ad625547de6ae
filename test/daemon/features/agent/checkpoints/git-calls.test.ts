// How often git is asked for the changes of a file, which editors show at every move of the cursor.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import { PendingFiles } from '../../../../../daemon/features/agent/checkpoints/pending-files.ts';
import { type TestFolder, testFolder } from '../../../storage/open-storage.ts';
import { Folder } from './kit.ts';

const jobId = 'run';

describe('git, for the changes of a file', () => {
  let git: string;
  let counted: TestFolder;
  let path: string | undefined;
  before(function () {
    if (process.platform === 'win32') this.skip(); // a script stands in the place of git
    git = spawnSync('/bin/sh', ['-c', 'command -v git'], { encoding: 'utf8' }).stdout.trim();
    if (git === '') this.skip(); // there is no git here
  });
  beforeEach(() => {
    counted = testFolder();
    path = process.env['PATH'];
    const log = join(counted.path, 'log');
    writeFileSync(log, '');
    writeFileSync(join(counted.path, 'git'), `#!/bin/sh\necho >> '${log}'\nexec '${git}' "$@"\n`, { mode: 0o755 });
    process.env['PATH'] = `${counted.path}${delimiter}${path}`;
  });
  afterEach(() => {
    process.env['PATH'] = path;
    counted[Symbol.dispose]();
  });

  async function callsOf(work: () => Promise<unknown>): Promise<number> {
    const log = join(counted.path, 'log');
    const before = readFileSync(log, 'utf8').length;
    await work();
    return readFileSync(log, 'utf8').length - before;
  }

  it('is asked about each step once, and not at all while the file stays as it is', async () => {
    using folder = new Folder();
    folder.write('a.txt', '0\n');
    for (const text of ['1\n', '1\n2\n', '1\n2\n3\n']) await folder.step((f) => f.write('a.txt', text));
    const pending = new PendingFiles({
      checkpoints: folder.checkpoints,
      jobsOf: () => ({ list: async () => ({ items: [] }) }),
      settledMs: 0,
    });
    const uri = pathToFileURL(folder.path('a.txt')).href;
    const look = () => pending.hunksIn({ uri, languageId: 'x', version: 1, text: folder.read('a.txt') }, 'p', jobId);
    const [first, again] = [await callsOf(look), await callsOf(look)];
    assert.ok(first > 0, 'the first time');
    assert.equal(again, 0);
    assert.equal((await look()).length, 1);
    folder.write('a.txt', '1\n2\n3\nmine\n');
    const changed = await callsOf(look);
    assert.ok(changed > 0 && changed <= 3, `${changed} times once the file has changed, whatever the number of steps`);
  });

  it('is asked again once the run has changed', async () => {
    using folder = new Folder();
    folder.write('a.txt', '0\n');
    await folder.step((f) => f.write('a.txt', '1\n'));
    const pending = new PendingFiles({
      checkpoints: folder.checkpoints,
      jobsOf: () => ({ list: async () => ({ items: [] }) }),
      settledMs: 0,
    });
    const uri = pathToFileURL(folder.path('a.txt')).href;
    const look = () => pending.hunksIn({ uri, languageId: 'x', version: 1, text: folder.read('a.txt') }, 'p', jobId);
    await look();
    pending.jobChanged('p', { jobId, state: 'done' });
    assert.ok((await callsOf(look)) > 0);
  });
});
