// What a full, read-only or failing disk is called, so that every part that writes says it in the same words. Reads files that others may
// have put in place of plain ones: opening a pipe waits for its other end, and a device may never end.
import { readFileSync, statfsSync, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
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
