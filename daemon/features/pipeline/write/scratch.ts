// A folder in which candidates are checked, so that nothing of them is in the project before the user has seen it: of a trusted project
// its files with one of them replaced, else that file alone.
import { constants, type Stats } from 'node:fs';
import { copyFile, lstat, mkdir, readdir, readlink, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { throwIfCancelled } from '../../../base/errors.ts';
import { isInside } from '../../../base/paths.ts';
import { askGit } from '../../../base/process/git.ts';
import { repositoryOf } from '../../../base/process/repository.ts';
import { temporaryFolder } from '../../../base/process/temporary-folder.ts';

export interface Scratch extends AsyncDisposable {
  /** The folder that stands for the project's, or holds the file alone. */
  readonly folder: string;
  /** The file that candidates are written to. */
  readonly file: string;
  /** Whether the project is there too. */
  readonly isProject: boolean;
  /** Why the project is not there though it might be, as a sentence. */
  readonly note?: string;
  write(text: string): Promise<void>;
}

const maxFiles = 4000;
const maxBytes = 64 * 1024 * 1024;
/** What projects need to run, and leave out of their repositories: linked, since it is large. */
const linked = ['node_modules', '.venv', 'venv'];

export interface ScratchRequest {
  /** The file as it is on this machine; of one that is not there yet, where it would be. */
  path: string | undefined;
  /** Such as `untitled.ts`. */
  name: string;
  isTrusted: boolean;
  signal: AbortSignal;
}

/** Lives as long as a job's checks. */
export async function createScratch({ path, name, isTrusted, signal }: ScratchRequest): Promise<Scratch> {
  const copy = await temporaryFolder('write');
  const folder = copy.path;
  try {
    const place = path !== undefined && isTrusted ? await copyProject(path, folder, signal) : {};
    const file = join(folder, place.file ?? basename(path ?? name));
    return {
      folder,
      file,
      isProject: place.file !== undefined,
      ...(place.note !== undefined && { note: place.note }),
      async write(text) {
        await mkdir(dirname(file), { recursive: true });
        await rm(file, { force: true }); // it may be a link
        await writeFile(file, text, { mode: 0o600 });
      },
      [Symbol.asyncDispose]: () => copy[Symbol.asyncDispose](),
    };
  } catch (error) {
    await copy[Symbol.asyncDispose]();
    throw error;
  }
}

/** The file's place in the copy, or a sentence why there is none. */
async function copyProject(path: string, to: string, signal: AbortSignal): Promise<{ file?: string; note?: string }> {
  const folder = await realpath(dirname(path)).catch(() => dirname(path));
  const root = repositoryOf(folder);
  const files = await filesOf(root, signal);
  if (files.length > maxFiles)
    return { note: 'The project has too many files to copy, so only the file itself was checked.' };
  let left = maxBytes;
  for (const name of files) {
    throwIfCancelled(signal);
    const from = resolve(root, name);
    const found = isInside(from, root) ? await lstat(from).catch(() => undefined) : undefined;
    left -= found?.size ?? 0;
    if (left < 0) return { note: 'The project is too large to copy, so only the file itself was checked.' };
    if (found) await copyOne({ from, to: join(to, name), found, root });
  }
  const file = relative(root, join(folder, basename(path)));
  await linkPackages(root, to, file);
  return { file };
}

/** What git knows of and does not ignore; without git all there is, up to a number. */
async function filesOf(root: string, signal: AbortSignal): Promise<string[]> {
  const maxListed = 4 * 1024 * 1024; // bytes
  const asked = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const listed = await askGit(asked, { root, signal, maxBytes: maxListed }).catch(() => undefined);
  throwIfCancelled(signal);
  if (listed !== undefined) return [...new Set(listed.split('\0'))].filter((name) => name !== '');
  const files: string[] = [];
  const folders = ['.'];
  for (const folder of folders) {
    throwIfCancelled(signal);
    for (const entry of await readdir(join(root, folder), { withFileTypes: true }).catch(() => [])) {
      if (linked.includes(entry.name)) continue;
      if (entry.isDirectory()) folders.push(join(folder, entry.name));
      else files.push(join(folder, entry.name));
    }
    if (files.length + folders.length > maxFiles) return Array<string>(maxFiles + 1).fill(''); // too many, whatever they are
  }
  return files;
}

/** Links that lead out of the project are left out: what runs in the copy changes nothing elsewhere. */
async function copyOne({
  from,
  to,
  found,
  root,
}: {
  from: string;
  to: string;
  found: Stats;
  root: string;
}): Promise<void> {
  if (!found.isFile() && !found.isSymbolicLink()) return;
  await mkdir(dirname(to), { recursive: true });
  if (found.isFile()) return copyFile(from, to, constants.COPYFILE_FICLONE);
  const target = await readlink(from);
  if (!isAbsolute(target) && isInside(resolve(dirname(from), target), root)) await symlink(target, to);
}

/** Of each folder from the project's to the file's. */
async function linkPackages(root: string, to: string, file: string): Promise<void> {
  for (let at = dirname(file); ; at = dirname(at)) {
    for (const name of linked) {
      const from = join(root, at, name);
      const found = await lstat(from).catch(() => undefined);
      const isThere = await lstat(join(to, at, name)).catch(() => undefined);
      if (!found || isThere) continue;
      await mkdir(join(to, at), { recursive: true });
      await symlink(from, join(to, at, name), process.platform === 'win32' ? 'junction' : 'dir');
    }
    if (at === '.' || at === '') return;
  }
}
