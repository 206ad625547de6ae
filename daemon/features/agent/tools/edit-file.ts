// Reads and writes a file of the folder that the agent works in. Nothing goes through a link, whatever happens between a check and a
// write; a write is complete or isn't there; a file that others have changed meanwhile stays as it is.
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, lstat, mkdir, open, realpath, rm, unlink } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { diskError, moveFile } from '../../../base/disk.ts';
import { errnoCode, UserError } from '../../../base/errors.ts';

/** A file by its folder and its path from there, with slashes. */
export interface FilePlace {
  root: string;
  path: string;
}

export interface FileContent {
  bytes: Buffer;
  /** Of its permissions. */
  mode: number;
  uid: number;
  gid: number;
}

const maxBytes = 2 * 1024 * 1024;
const noFollow = constants.O_NOFOLLOW ?? 0; // Windows has none
const noWait = constants.O_NONBLOCK ?? 0; // a pipe would wait for its other end

/** Undefined where there is no file. Throws UserErrors `not-a-file`, `file-too-large` and `moved-away`. */
export async function readInside(place: FilePlace): Promise<FileContent | undefined> {
  const file = join(place.root, place.path);
  let handle: FileHandle;
  try {
    handle = await open(file, constants.O_RDONLY | noFollow | noWait);
  } catch (error) {
    const code = errnoCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (code === 'ELOOP' || code === 'EMLINK') throw movedAway(place);
    throw diskError(error, dirname(file)) ?? error;
  }
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new UserError('not-a-file', `${place.path} isn't a file.`);
    if (stats.size > maxBytes) throw new UserError('file-too-large', `${place.path} is too large to edit.`);
    await checkIsOwn(place, place.path, handle);
    return { bytes: await handle.readFile(), mode: stats.mode & 0o777, uid: stats.uid, gid: stats.gid };
  } finally {
    await handle.close();
  }
}

/** Writes the file if it is still as it was read. Throws UserErrors `file-changed`, `moved-away`, `read-only`, and those of the disk. */
export async function writeInside(place: FilePlace, before: FileContent | undefined, bytes: Uint8Array): Promise<void> {
  const folder = dirname(join(place.root, place.path));
  if (before && (before.mode & 0o200) === 0)
    throw new UserError('read-only', `${place.path} is read-only, so it wasn't changed.`);
  const draft = `${dirname(place.path) === '.' ? '' : `${dirname(place.path)}/`}.switchyard-${randomUUID()}`;
  try {
    await makeFolders(place);
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | noFollow;
    const handle = await open(join(place.root, draft), flags, before ? 0o600 : 0o666);
    try {
      await checkIsOwn(place, draft, handle);
      if (before) await keepRights(handle, before);
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await checkIsSame(place, before);
    await putInPlace(join(place.root, draft), join(place.root, place.path), before === undefined);
  } catch (error) {
    throw diskError(error, folder) ?? error;
  } finally {
    await rm(join(place.root, draft), { force: true });
  }
}

/** Deletes the file if it is still as it was read. Throws as `writeInside` does. */
export async function removeInside(place: FilePlace, before: FileContent): Promise<void> {
  const file = join(place.root, place.path);
  try {
    await checkIsSame(place, before);
    await unlink(file);
  } catch (error) {
    throw diskError(error, dirname(file)) ?? error;
  }
}

/** A new file takes no other's place, even one that was made a moment ago. */
async function putInPlace(draft: string, file: string, isNew: boolean): Promise<void> {
  if (!isNew) return moveFile(draft, file);
  try {
    await link(draft, file);
  } catch (error) {
    if (errnoCode(error) === 'EEXIST') throw changedMeanwhile(file);
    await moveFile(draft, file); // a file system without links
  }
}

async function keepRights(handle: FileHandle, { mode, uid, gid }: FileContent): Promise<void> {
  const own = await handle.stat();
  if (own.uid !== uid || own.gid !== gid) await handle.chown(uid, gid).catch(() => {}); // only an administrator may
  await handle.chmod(mode);
}

async function makeFolders(place: FilePlace): Promise<void> {
  const parts = place.path.split('/').slice(0, -1);
  for (let depth = 0; depth <= parts.length; depth++) {
    const path = parts.slice(0, depth).join('/');
    if (depth > 0)
      await mkdir(join(place.root, path)).catch((error: unknown) => {
        if (errnoCode(error) !== 'EEXIST') throw error;
      });
    await checkReal(place, path);
  }
}

async function checkIsSame(place: FilePlace, before: FileContent | undefined): Promise<void> {
  const now = await readInside(place);
  const isSame = before ? now?.bytes.equals(before.bytes) : now === undefined;
  if (!isSame) throw changedMeanwhile(place.path);
}

/** Checks what was opened, not its path: meanwhile a link may have come into that. */
async function checkIsOwn(place: FilePlace, path: string, handle: FileHandle): Promise<void> {
  const real = await checkReal(place, path);
  const [opened, there] = await Promise.all([handle.stat({ bigint: true }), lstat(real, { bigint: true })]);
  if (opened.ino !== there.ino || opened.dev !== there.dev) throw movedAway(place);
}

/** Where a path of the folder leads, which must be there. */
async function checkReal(place: FilePlace, path: string): Promise<string> {
  const [root, real] = await Promise.all([realpath(place.root), realpath(join(place.root, path))]);
  if (oneSpelling(relative(root, real).replaceAll(sep, '/')) !== oneSpelling(path)) throw movedAway(place);
  return real;
}

/** Some disks take either case of a letter, and compose letters in their own way. */
function oneSpelling(path: string): string {
  return path.normalize('NFC').toLowerCase();
}

function movedAway({ path }: FilePlace): UserError {
  return new UserError('moved-away', `${path} goes through a symbolic link now, so it wasn't touched.`);
}

function changedMeanwhile(path: string): UserError {
  return new UserError('file-changed', `${path} has changed meanwhile, so it wasn't touched. Read it again.`);
}
