// What a full, read-only or failing disk is called, so that every part that writes says it in the same words. Reads files that others may
// have put in place of plain ones: opening a pipe waits for its other end, and a device may never end. Moves files that others have open,
// and tells whether files have changed since they were read.
import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, statfsSync, statSync } from 'node:fs';
import { chmod, lstat, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { errnoCode, UserError } from './errors.ts';

/** The sentence for a disk's own failure (ENOSPC, EROFS, EACCES, EIO, …) in a folder; undefined for any other error. */
export function diskError(error: unknown, folder: string): UserError | undefined {
  switch (errnoCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return diskFull(folder, error);
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return readOnly(folder, error);
    case 'EIO':
      return diskFailed(folder, error);
    default:
      return undefined;
  }
}

export function diskFull(folder: string, cause: unknown): UserError {
  const free = freeBytes(folder);
  const left = free === undefined ? '' : ` (${formatSize(free)} free)`;
  const message = `The disk with ${folder} is full${left}, so this wasn't saved. Everything saved earlier is safe. Free some space and try again.`;
  return new UserError('disk-full', message, { retryable: true, cause });
}

export function readOnly(folder: string, cause: unknown): UserError {
  const message = `Switchyard can't write to ${folder}, so this wasn't saved. Everything saved earlier is safe. Make the folder writable for your user and try again.`;
  return new UserError('storage-read-only', message, { retryable: true, cause });
}

export function diskFailed(folder: string, cause: unknown): UserError {
  const message = `The disk reported an error (${errnoCode(cause) ?? String(cause)}) in ${folder}. Check the disk, copy the folder elsewhere, and try again.`;
  return new UserError('disk-failed', message, { retryable: true, cause });
}

export function diskStuck(folder: string, silentMs: number): UserError {
  const message = `The disk that holds ${folder} hasn't answered for ${Math.round(silentMs / 1000)} seconds, so this may not be stored. What was stored before is safe. Check the disk or its connection, and try again.`;
  return new UserError('disk-stuck', message, { retryable: true });
}

/** Bytes that the user may still write beside `path`; undefined where the system does not say. */
export function freeBytes(path: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

function formatSize(bytes: number): string {
  return bytes < 10 * 1024 * 1024 ? `${Math.round(bytes / 1024)} kB` : `${Math.round(bytes / 1024 / 1024)} MB`;
}

/**
 * A path with every link followed; what does not exist yet keeps its name below the folder that does. Undefined where links go in circles,
 * or where the system refuses to look.
 */
export async function realPlace(path: string): Promise<string | undefined> {
  const missing: string[] = [];
  for (let at = resolve(path); ; at = dirname(at)) {
    try {
      return join(await realpath(at), ...missing);
    } catch (error) {
      const code = errnoCode(error);
      if ((code !== 'ENOENT' && code !== 'ENOTDIR') || dirname(at) === at) return undefined;
      missing.unshift(basename(at));
    }
  }
}

/** The code of the error for what is no plain file, beside those of the system. */
export const notPlain = 'ENOTPLAIN';

/** A file's text. Throws as `readFile` does, and `ENOTPLAIN` for a pipe, a device or a socket. */
export async function readPlainFile(path: string): Promise<string> {
  checkPlain(path, await stat(path));
  return readFile(path, 'utf8');
}

export function readPlainFileSync(path: string): string {
  checkPlain(path, statSync(path));
  return readFileSync(path, 'utf8');
}

function checkPlain(path: string, stats: { isFile(): boolean; isDirectory(): boolean }): void {
  if (!stats.isFile() && !stats.isDirectory())
    // reading a folder fails by itself
    throw Object.assign(new Error(`${path} is a pipe or a device, not a file`), { code: notPlain });
}

/**
 * Gives a file another text in one step: who reads it meanwhile has all of the old one or all of the new one. It keeps its permissions,
 * and is made where there is none. A link is replaced, not followed.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const stats = await lstat(path).catch((error: unknown) => {
    if (errnoCode(error) !== 'ENOENT') throw error;
  });
  const draft = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  try {
    await writeFile(draft, text, { flag: 'wx', flush: true });
    if (stats?.isFile()) await chmod(draft, stats.mode & 0o7777);
    await moveFile(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

const waitsMs = [10, 20, 40, 80, 150, 300, 400]; // a second in all
const isWindows = process.platform === 'win32';

/** Whether a failure passes when another program lets go. Elsewhere than on Windows the same codes tell of permissions, and stay. */
function isHeld(error: unknown, onWindows: boolean): boolean {
  return onWindows && ['EACCES', 'EBUSY', 'EPERM'].includes(errnoCode(error) ?? '');
}

/**
 * Gives a file another name, in the place of the file that has it. Windows refuses while another program has one of both open, which a virus
 * scanner or an indexer has for a moment after each write.
 */
export async function moveFile(from: string, to: string, move = rename, onWindows = isWindows): Promise<void> {
  for (const waitMs of waitsMs)
    try {
      return await move(from, to);
    } catch (error) {
      if (!isHeld(error, onWindows)) throw error;
      await delay(waitMs);
    }
  await move(from, to);
}

/** The same for where nothing can wait: the thread stands still meanwhile. */
export function moveFileSync(from: string, to: string, move = renameSync, onWindows = isWindows): void {
  for (const waitMs of waitsMs)
    try {
      return move(from, to);
    } catch (error) {
      if (!isHeld(error, onWindows)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, waitMs);
    }
  move(from, to);
}

const defaultSettledMs = 2000; // a file that is still being written may keep its stamp

/** Differs after any change of any of the files. Undefined where one could be missed, and where one isn't there. */
export async function stampOf(
  paths: readonly string[],
  settledMs: number = defaultSettledMs,
): Promise<string | undefined> {
  const stats = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)));
  const stamps = stats.map((found) => {
    if (!found || Date.now() - Math.max(found.mtimeMs, found.ctimeMs) < settledMs) return undefined;
    return [found.ino, found.size, found.mtimeMs, found.ctimeMs].join(' ');
  });
  return stamps.includes(undefined) ? undefined : stamps.join(', ');
}
