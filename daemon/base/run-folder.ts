// The folder of socket, token and lock: only the user may enter it. It is checked before it is trusted, as those of data, logs and
// configuration are.
import { chmodSync, lstatSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { notPlain } from './disk.ts';
import { errnoCode, UserError } from './errors.ts';
import type { Paths } from './paths.ts';

/** Makes the folders of socket, lock and token where they are missing, with mode 0700, and checks all others. Throws UserError. */
export function prepareRunFolder(paths: Paths): void {
  for (const folder of new Set([paths.run, ...(process.platform === 'win32' ? [] : [dirname(paths.socket)])])) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw cannotWrite(folder, error);
    }
    if (!lstatSync(folder).isDirectory()) throw unsafe(folder); // a link could be turned elsewhere later
    checkOwner(folder, 0o077);
  }
  checkFolders(paths);
}

/** Refuses folders of data, logs and configuration that another user could change. Those that are missing are made later. */
export function checkFolders({ data, logFile, configFile }: Paths): void {
  for (const folder of new Set([data, dirname(logFile), dirname(configFile)])) checkOwner(folder, 0o022);
}

/** `forbidden` are the bits of the mode that are taken away. */
function checkOwner(folder: string, forbidden: number): void {
  const uid = process.getuid?.();
  if (uid === undefined) return; // Windows: the profile folder's own access list protects it
  const link = lstatSync(folder, { throwIfNoEntry: false });
  if (!link) return;
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (link.uid !== uid || stat?.uid !== uid || !stat.isDirectory()) throw unsafe(folder);
  if ((stat.mode & forbidden) !== 0) chmodSync(folder, stat.mode & 0o777 & ~forbidden);
}

function unsafe(folder: string): UserError {
  return new UserError(
    'folder-unsafe',
    `${folder} isn't a folder that you own, so Switchyard doesn't use it. Remove it or change its owner, or set SWITCHYARD_HOME to a folder of your own.`,
  );
}

/** The sentence for a folder that cannot be written. */
export function cannotWrite(folder: string, error: unknown): UserError {
  const reason =
    {
      ENOSPC: 'the disk is full',
      EROFS: 'it is on a read-only disk',
      EACCES: "you don't have permission",
      [notPlain]: 'a file there is a pipe or a device',
      ENOENT: "it's missing and can't be created (is the disk read-only?)",
    }[errnoCode(error) ?? ''] ?? String(error);
  return new UserError(
    'cannot-write',
    `Switchyard can't write to ${folder}: ${reason}. Free some space or change its permissions, or set SWITCHYARD_HOME to another folder.`,
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
