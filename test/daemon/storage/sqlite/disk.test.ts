// Full and read-only disks: real ones, mounted for one child process. Where this user may not mount, the tests show as pending.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'mocha';
import { testFolder } from '../open-storage.ts';

const program = fileURLToPath(new URL('./peers/small-disk.ts', import.meta.url));

describe('on a disk of one megabyte', () => {
  for (const [promise, scenario] of [
    [
      'a write that finds the disk full is a sentence, reading goes on, and writing resumes when there is space',
      'full while writing',
    ],
    [
      'of calls made together, those that read go on, and those that find no space each say so',
      'full among calls made together',
    ],
    ['chats can be read from a disk that was full at the start', 'full before opening'],
    [
      'a disk that is full at the very first start is a sentence, and works once there is space',
      'full before the first start',
    ],
    [
      'chats can be read from a read-only disk, a write is a sentence, and works once the disk is writable',
      'read-only',
    ],
    ['what a killed daemon left behind can be read from a read-only disk', 'read-only after a kill -9'],
    ['a disk that is read-only at the very first start is a sentence', 'read-only before the first start'],
  ] as const) {
    it(promise, function () {
      if (!canMount()) return this.skip();
      const { status, stderr } = onSmallDisk(`exec "$0" "${program}" "${scenario}" "$1"`, process.execPath);
      assert.equal(status, 0, stderr);
    });
  }
});

function canMount(): boolean {
  return process.platform === 'linux' && onSmallDisk('true', 'sh').status === 0;
}

/** Runs shell commands where $1 is a fresh disk, seen by them alone, and gone when they end. */
function onSmallDisk(commands: string, argument0: string): { status: number | null; stderr: string } {
  using folder = testFolder();
  const mountPoint = join(folder.path, 'disk');
  mkdirSync(mountPoint);
  const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  const script = `mount -t tmpfs -o size=1m,mode=700 tmpfs "$1" && ${commands}`;
  return spawnSync('unshare', [...asRoot, '--mount', 'sh', '-c', script, argument0, mountPoint], { encoding: 'utf8' });
}
