// A disk that fails at the Nth operation on the database's files, for every N: with a library in front of libc that a C compiler
// makes here. Where there is none, or no such loading, the tests show as pending; disk.test.ts fills real disks besides.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, describe, it } from 'mocha';
import { folderInMemory, type TestFolder } from '../../open-storage.ts';

const peer = (name: string): string => fileURLToPath(new URL(`./peers/${name}`, import.meta.url));

describe('a disk that fails at any operation', () => {
  let folder: TestFolder;
  let library: string | undefined;

  before(() => {
    folder = folderInMemory();
    library = build(join(folder.path, 'faults.so'));
  });
  after(() => folder[Symbol.dispose]());

  for (const [kind, promise] of [
    ['ENOSPC', 'full: a write is a sentence, what is stored can be read, and writing resumes when there is space'],
    ['EIO', 'broken: a write is a sentence, what is stored can be read, and writing resumes when the disk is well'],
    ['read', 'unreadable for a moment: reading is a sentence, and works the next time'],
  ] as const) {
    it(promise, function () {
      if (library === undefined) return this.skip(); // no C compiler for Linux here
      const own = join(folder.path, kind);
      const control = join(folder.path, `${kind}.control`);
      writeFileSync(control, BigInt64Array.from([-1n, 0n, 0n, 0n]));
      const env = { ...process.env, LD_PRELOAD: library, SWITCHYARD_FAULTS: control };
      const { status, stdout, stderr } = spawnSync(process.execPath, [peer('faulty-disk.ts'), kind, own, control], {
        encoding: 'utf8',
        env,
      });
      assert.equal(status, 0, stderr);
      assert.match(stdout, /^\d+\n$/);
    });
  }
});

function build(library: string): string | undefined {
  if (process.platform !== 'linux') return undefined;
  const { status } = spawnSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, peer('faults.c'), '-ldl']);
  return status === 0 ? library : undefined;
}
