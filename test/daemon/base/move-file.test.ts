// A file that takes another's place while some program has one of both open, as virus scanners have on Windows.
import assert from 'node:assert/strict';
import { closeSync, constants, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { moveFile, moveFileSync } from '../../../daemon/base/disk.ts';
import { root } from '../../architecture/sources.ts';
import { testFolder } from '../storage/open-storage.ts';

/** A system that refuses so often, and then moves. */
function refusing(code: string, times: number) {
  const said = { tries: 0 };
  const move = (): void => {
    if (said.tries++ < times) throw Object.assign(new Error(code), { code });
  };
  return { said, move };
}

describe('a file that takes the place of another', () => {
  for (const code of ['EPERM', 'EACCES', 'EBUSY']) {
    it(`is moved once the other program lets go: ${code}`, async () => {
      const [one, other] = [refusing(code, 2), refusing(code, 2)];
      await moveFile('a', 'b', async () => one.move(), true);
      moveFileSync('a', 'b', other.move, true);
      assert.deepEqual([one.said.tries, other.said.tries], [3, 3]);
    });

    it(`is refused at once where that tells of permissions: ${code}`, async () => {
      const [one, other] = [refusing(code, 1), refusing(code, 1)];
      await assert.rejects(
        moveFile('a', 'b', async () => one.move(), false),
        { code },
      );
      assert.throws(() => moveFileSync('a', 'b', other.move, false), { code });
      assert.deepEqual([one.said.tries, other.said.tries], [1, 1]);
    });
  }

  it('is refused in the end where nobody lets go, and at once for any other reason', async () => {
    await assert.rejects(
      moveFile('a', 'b', async () => refusing('EBUSY', Number.POSITIVE_INFINITY).move(), true),
      { code: 'EBUSY' },
    );
    const gone = refusing('ENOENT', 1);
    assert.throws(() => moveFileSync('a', 'b', gone.move, true), { code: 'ENOENT' });
    assert.equal(gone.said.tries, 1);
  });

  it('waits for a program that shares the file with nobody', async function () {
    if (process.platform !== 'win32') this.skip(); // elsewhere an open file can be moved
    using folder = testFolder();
    const [draft, file] = [join(folder.path, 'draft'), join(folder.path, 'file')];
    writeFileSync(draft, 'new');
    writeFileSync(file, 'old');
    const unshared = 0x1000_0000; // libuv's UV_FS_O_EXLOCK
    const holder = openSync(file, constants.O_RDONLY | unshared);
    const moved = moveFile(draft, file);
    setTimeout(() => closeSync(holder), 20);
    await moved;
    assert.deepEqual([readFileSync(file, 'utf8'), existsSync(draft)], ['new', false]);
  });

  it('is moved in this way alone by the daemon', async () => {
    const others: string[] = [];
    for (const name of await readdir(join(root, 'daemon'), { recursive: true })) {
      if (!name.endsWith('.ts') || name === join('base', 'disk.ts') || name.startsWith('transfer')) continue;
      if (/(?<![#\w])rename(Sync)?\(/.test(await readFile(join(root, 'daemon', name), 'utf8'))) others.push(name);
    }
    assert.deepEqual(others, []);
  });
});
