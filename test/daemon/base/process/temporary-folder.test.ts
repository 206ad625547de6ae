import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { removeAbandonedFolders, temporaryFolder } from '../../../../daemon/base/process/temporary-folder.ts';

describe('a temporary folder', () => {
  let place: string;

  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), 'sy-temporary-'));
  });

  afterEach(() => rmSync(place, { recursive: true }));

  it('goes with its content when it is done with', async () => {
    const folder = await temporaryFolder('tool', place);
    writeFileSync(join(folder.path, 'code.ts'), 'const secret = 1;');
    await folder[Symbol.asyncDispose]();
    assert.equal(existsSync(folder.path), false);
  });

  it('goes at the next start where its process was killed, and no other does', async () => {
    const { pid: gone } = spawnSync(process.execPath, ['--version']);
    const folders = [`switchyard-write-${gone}-abC123`, `switchyard-eval-abC123`, `other-write-${gone}-abC123`];
    for (const name of folders) mkdirSync(join(place, name));
    writeFileSync(join(place, folders[0] ?? '', 'code.ts'), 'const secret = 1;');
    await using own = await temporaryFolder('write', place);
    await removeAbandonedFolders(place);
    assert.deepEqual(
      folders.map((name) => existsSync(join(place, name))),
      [false, true, true],
    );
    assert.equal(existsSync(own.path), true);
  });
});
