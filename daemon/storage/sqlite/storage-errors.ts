// SQLite's codes as sentences for the user, and how an error crosses from the worker to the main thread.
import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import { diskError, diskFailed, diskFull, freeBytes, readOnly } from '../../base/disk.ts';
import { errnoCode, UserError } from '../../base/errors.ts';

const hardlyAnyBytes = 256 * 1024; // less is free than a database needs to open its log

/** What an error of SQLite or of the disk means for the user; an error of ours is returned as it is. */
export function toStorageError(error: unknown, file: string): unknown {
  if (error instanceof UserError) return error;
  const folder = dirname(file);
  const code = errnoCode(error) ?? '';
  if (code === 'SQLITE_FULL') return diskFull(folder, error);
  // Where the disk is full, SQLite cannot make its helper files and names only the file that it could not write.
  if (/^SQLITE_(IOERR|CANTOPEN)/.test(code) && (freeBytes(folder) ?? Infinity) < hardlyAnyBytes)
    return diskFull(folder, error);
  if (/^SQLITE_(READONLY|PERM)/.test(code)) return readOnly(folder, error);
  if (isDamage(error)) return damaged(file, error);
  if (code.startsWith('SQLITE_IOERR')) return diskFailed(folder, error);
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return busy(file, error);
  if (code.startsWith('SQLITE_CANTOPEN')) return isWritable(folder) ? cannotOpen(file, error) : readOnly(folder, error);
  return diskError(error, folder) ?? error;
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** What our own checks find wrong in a database; taken for what SQLite says of its pages. */
export class DamageError extends Error {
  readonly code = 'SQLITE_CORRUPT_FOUND';
  constructor(why: string) {
    super(why);
    this.name = 'DamageError';
  }
}

/** Whether an error says that the file itself is wrong. */
export function isDamage(error: unknown): boolean {
  const code = errnoCode(error) ?? '';
  return (
    /^SQLITE_(CORRUPT|NOTADB)/.test(code) ||
    (code === 'SQLITE_ERROR' && /(unsupported|invalid fts5) file format/.test(String(error)))
  );
}

/** The sentence for a damaged database that could not be rebuilt, with the reason for that. */
export function damaged(file: string, cause: unknown, why = ''): UserError {
  const message =
    `The database ${file} is damaged (${cause instanceof Error ? cause.message : String(cause)}) and couldn't be rebuilt${why && `: ${why}`}. ` +
    "It wasn't changed. To list backups, run `switchyard backup list`. To restore one, run `switchyard backup restore FILE`.";
  return new UserError('database-damaged', message, { retryable: true, cause });
}

function busy(file: string, cause: unknown): UserError {
  return new UserError(
    'storage-busy',
    `Another program is using the database ${file}. Close that program and try again.`,
    { retryable: true, cause },
  );
}

function cannotOpen(file: string, cause: unknown): UserError {
  const message = `Couldn't open the database ${file}. Make it and its folder readable and writable for your user, and try again.`;
  return new UserError('storage-cannot-open', message, { retryable: true, cause });
}

/** An error as it crosses the border between threads. */
export interface SentError {
  message: string;
  /** What makes it a UserError; absent for a mistake of ours, which has a stack instead. */
  user?: { code: string; retryable: boolean };
  stack?: string;
}

export function sendError(error: unknown): SentError {
  if (error instanceof UserError)
    return { message: error.message, user: { code: error.code, retryable: error.retryable } };
  return error instanceof Error
    ? { message: error.message, ...(error.stack && { stack: error.stack }) }
    : { message: String(error) };
}

export function receiveError({ message, user, stack }: SentError): Error {
  if (user) return new UserError(user.code, message, { retryable: user.retryable });
  const error = new Error(message);
  if (stack) error.stack = stack;
  return error;
}
