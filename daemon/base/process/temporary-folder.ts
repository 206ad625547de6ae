// Folders in the system's place for temporary files. They hold the user's code, so they go when they are done with, and those that a
// killed process left go at the next start.
import { mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '../lock.ts';

export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

/** Makes an empty folder that only the user can enter. `purpose` is a word of its name. Throws what the file system does. */
export async function temporaryFolder(purpose: string, place = tmpdir()): Promise<TemporaryFolder> {
  const path = await realpath(await mkdtemp(join(place, `switchyard-${purpose}-${process.pid}-`)));
  return { path, [Symbol.asyncDispose]: () => remove(path) };
}

/** Removes those whose process is gone. Where another process has its number by now, they wait for a later start. */
export async function removeAbandonedFolders(place = tmpdir()): Promise<void> {
  for (const name of await readdir(place).catch(() => [])) {
    const pid = /^switchyard-[a-z]+-(\d+)-\w{6}$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive({ pid: Number(pid), startTime: '' })) await remove(join(place, name));
  }
}

/** Best effort: the system empties its place too, and another user's folder can't be removed. */
async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(() => {});
}
