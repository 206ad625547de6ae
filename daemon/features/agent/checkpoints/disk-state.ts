// What a path is on the disk now, in the terms of a snapshot. Nothing is looked at through a link.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { PathState } from './differences.ts';
import { isNamed } from './exact-name.ts';

const isPosix = process.platform !== 'win32';

/** Undefined where there is neither a file nor a link of exactly this name. Throws the system's error for what can't be read. */
export async function stateOnDisk(workTree: string, path: string, modes: { file: number; program: number }) {
  if (!(await isNamed(workTree, path))) return undefined;
  const full = join(workTree, path);
  const stats = await lstat(full).catch(() => undefined);
  if (stats?.isSymbolicLink()) return linkState(await readlink(full, 'buffer'));
  if (!stats?.isFile()) return undefined;
  const program = (stats.mode & 0o100) !== 0;
  const mode = isPosix ? stats.mode & 0o7777 : program ? modes.program : modes.file;
  return { kind: 'file', id: await idOfFile(full), mode } satisfies PathState;
}

function linkState(target: Buffer): PathState {
  return { kind: 'link', id: idOf(target), mode: 0 };
}

/** What git calls a file's content by. */
export function idOf(content: Buffer): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}

async function idOfFile(path: string): Promise<string> {
  await using file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  const { size } = await file.stat();
  const hash = createHash('sha1').update(`blob ${size}\0`);
  for await (const part of file.createReadStream({ autoClose: false })) hash.update(part);
  return hash.digest('hex');
}
