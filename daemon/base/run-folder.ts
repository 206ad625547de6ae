// The folder of socket, token and lock: only the user may enter it, and it is checked before it is trusted.
import { chmodSync, lstatSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { errnoCode, UserError } from './errors.ts';
import type { Paths } from './paths.ts';

/** Makes the folders of socket, lock and token where they are missing, with mode 0700. Throws UserError. */
export function prepareRunFolder(paths: Paths): void {
  for (const folder of new Set([paths.run, ...(process.platform === 'win32' ? [] : [dirname(paths.socket)])])) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw cannotWrite(folder, error);
    }
    checkOwner(folder);
  }
}

function checkOwner(folder: string): void {
  const uid = process.getuid?.();
  if (uid === undefined) return; // Windows: the profile folder's own access list protects it
  const stat = lstatSync(folder);
  if (!stat.isDirectory() || stat.uid !== uid) {
    throw new UserError(
      'run-folder-unsafe',
      `${folder} is not a folder of yours, so Switchyard will not talk through it. Remove it, or set SWITCHYARD_HOME to a folder of your own.`,
    );
  }
  if ((stat.mode & 0o077) !== 0) chmodSync(folder, 0o700);
}

/** The sentence for a folder that cannot be written. */
export function cannotWrite(folder: string, error: unknown): UserError {
  const reason =
    {
      ENOSPC: 'the disk is full',
      EROFS: 'it is on a read-only disk',
      EACCES: 'its permissions forbid it',
      ENOENT: 'it is missing and cannot be made there (is the disk read-only?)',
    }[errnoCode(error) ?? ''] ?? String(error);
  return new UserError(
    'cannot-write',
    `Switchyard cannot write to ${folder}: ${reason}. Make room or allow it, or set SWITCHYARD_HOME to another folder.`,
    { cause: error },
  );
}

/** Reads the token that every connection presents; undefined when no daemon has made one yet. */
export function readToken(paths: Paths): string | undefined {
  try {
    const token = readFileSync(paths.tokenFile, 'utf8').trim();
    return token === '' ? undefined : token;
  } catch {
    return undefined;
  }
}
