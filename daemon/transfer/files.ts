// Files on this machine, as a client reads and writes them for the user who named them.
import { createReadStream, createWriteStream } from 'node:fs';
import { lstat, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TransferError, UnreadableChat } from './error.ts';
import { type ZippedFile, zippedText } from './zip.ts';

/** A file by its path, or one within an archive. */
export type SourceFile = string | ZippedFile;

export function nameOf(file: SourceFile): string {
  return basename(typeof file === 'string' ? file : file.name);
}

/** The most that is read into one text: a chat longer than this is beyond what one message to the daemon may hold. */
export const maxChatLength = 60_000_000;

export interface Entry {
  name: string;
  path: string;
  isFolder: boolean;
}

/** What is in a folder, by name; links are left out. Throws TransferError. */
export async function entriesOf(folder: string): Promise<Entry[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() || entry.isDirectory())
      .map((entry) => ({ name: entry.name, path: join(folder, entry.name), isFolder: entry.isDirectory() }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw unreadable(folder, error);
  }
}

/** Whether a path is a folder, and when it was changed, in milliseconds since the epoch. Throws TransferError. */
export async function look(path: string): Promise<{ isFolder: boolean; changedAt: number }> {
  try {
    const stats = await stat(path);
    if (!stats.isFile() && !stats.isDirectory())
      // opening a pipe waits for its other end, and a device may never end
      throw new TransferError(`Can't read ${path}: it's a pipe or a device, not a file.`);
    return { isFolder: stats.isDirectory(), changedAt: Math.round(stats.mtimeMs) };
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** A file's text, piece by piece, from its start or no more of it than the first bytes. Throws TransferError. */
export async function* piecesOf(
  path: SourceFile,
  options: { bytes?: number; signal?: AbortSignal } = {},
): AsyncGenerator<string> {
  if (typeof path !== 'string') {
    let left = options.bytes ?? Number.POSITIVE_INFINITY;
    for await (const piece of zippedText(path, options.signal)) {
      yield piece.slice(0, left);
      left -= piece.length;
      if (left <= 0) return;
    }
    return;
  }
  try {
    const { bytes, signal } = options;
    await look(path);
    for await (const piece of createReadStream(path, {
      encoding: 'utf8',
      highWaterMark: 1 << 18,
      ...(bytes && { end: bytes - 1 }),
      ...(signal && { signal }),
    }))
      yield piece as string;
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw unreadable(path, error);
  }
}

/** A small file as one text, no link and no pipe, which could lead anywhere or never end. Throws UnreadableChat. */
export async function textOf(path: string): Promise<string> {
  if ((await plainSize(path)) > maxChatLength)
    throw new UnreadableChat(`its file is larger than ${maxChatLength / 1_000_000} MB`);
  return readFile(path, 'utf8').catch((error: unknown) => Promise.reject(new UnreadableChat(reasonOf(error))));
}

/** The bytes of a plain file. Throws UnreadableChat for anything else. */
export async function plainSize(path: string): Promise<number> {
  const found = await lstat(path).catch((error: unknown) => Promise.reject(new UnreadableChat(reasonOf(error))));
  if (!found.isFile()) throw new UnreadableChat("it isn't a regular file");
  return found.size;
}

/** Writes a file that only the user can read: under its name only when it is whole. Throws TransferError. */
export async function writePieces(path: string, pieces: AsyncIterable<string>, signal: AbortSignal): Promise<void> {
  const unfinished = `${path}.unfinished`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await pipeline(Readable.from(pieces), createWriteStream(unfinished, { mode: 0o600 }), { signal });
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => {}); // it may not have been created
    throw (error as { syscall?: unknown }).syscall === undefined
      ? error
      : new TransferError(`Can't write ${path}: ${reasonOf(error)}.`);
  }
}

/** An error that is not the system's is a bug, and is thrown as it is. */
function unreadable(path: string, error: unknown): unknown {
  if ((error as { syscall?: unknown }).syscall === undefined) return error;
  return new TransferError(`Can't read ${path}: ${reasonOf(error)}.`);
}

function reasonOf(error: unknown): string {
  const { code = '' } = error as { code?: string };
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "it doesn't exist",
    EACCES: "you don't have permission",
    EPERM: "you don't have permission",
    EISDIR: "it's a folder",
    ENOTDIR: "part of its path isn't a folder",
    ENOSPC: 'the disk is full',
    EROFS: 'the disk is read-only',
  };
  return Object.hasOwn(reasons, code) ? (reasons[code] ?? code) : code || String(error);
}
