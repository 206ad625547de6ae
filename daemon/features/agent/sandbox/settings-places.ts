// Finds what editors, git, shells and agents read by themselves in a folder, wherever it lies there.
import type { BigIntStats, Dirent } from 'node:fs';
import { chmod, lstat, readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { isInside } from '../../../base/paths.ts';
import { askGit } from '../../../base/process/git.ts';
import { isSettings } from '../../change-sets/runs-later.ts';

/** A file, folder or link. */
export interface SettingsPlace {
  path: string;
  /** What lies there, wherever it's moved to. */
  id: string;
  /** The folder that it lies in. */
  folderId: string;
  isLink: boolean;
  /** In milliseconds; 0 where the disk doesn't say. */
  bornAt: number;
}

/** Packages bring settings along, which nobody opens; all that is in them is code. */
const packages = new Set(['node_modules', 'bower_components', '.venv', 'venv', 'site-packages', '__pycache__', '.tox']);
const parallelFolders = 32;

/** Of packages that are installed, and behind links, nothing is found. */
export async function settingsUnder(root: string): Promise<SettingsPlace[]> {
  const found: string[] = [];
  const folders = [root];
  const look = async (folder: string): Promise<void> => {
    const entries = await entriesOf(folder)
      .catch(() => listable(folder))
      .catch(() => []); // the user can't read it either
    if (isRepository(new Set(entries.map(({ name }) => name))))
      found.push(folder === root ? join(root, 'HEAD') : folder);
    else
      for (const entry of entries)
        if (isSettings(entry.name)) found.push(join(folder, entry.name));
        else if (entry.isDirectory() && !packages.has(entry.name)) folders.push(join(folder, entry.name));
  };
  while (folders.length > 0) await Promise.all(folders.splice(0, parallelFolders).map(look));
  return (await Promise.all(found.map(placeAt))).filter((place) => place !== undefined);
}

function entriesOf(folder: string): Promise<Dirent[]> {
  return readdir(folder, { withFileTypes: true });
}

/** The same of a folder of the user's that can't be listed, in which settings are still found by their names. */
async function listable(folder: string): Promise<Dirent[]> {
  const stats = await lstat(folder);
  if (!stats.isDirectory()) return [];
  await chmod(folder, stats.mode | 0o500);
  return await entriesOf(folder).finally(() => chmod(folder, stats.mode));
}

/** Git takes any folder for a repository that looks like one from inside, and runs what its configuration names. */
function isRepository(names: ReadonlySet<string>): boolean {
  return names.has('HEAD') && (names.has('commondir') || (names.has('objects') && names.has('refs')));
}

/** Where git finds a repository's hooks, if that's a folder of the workspace beside `.git`. */
export async function hooksOf(root: string): Promise<SettingsPlace[]> {
  const asked = ['--local', '--global'].map(async (scope) => {
    const said = await askGit(['config', scope, '--type=path', 'core.hooksPath'], { root }).catch(() => ''); // not set, or no git
    const folder = resolve(root, said.trim());
    return folder !== root && isInside(folder, root) ? placeAt(folder) : undefined;
  });
  return (await Promise.all(asked)).filter((place) => place !== undefined);
}

/** Undefined where it has gone meanwhile. */
async function placeAt(path: string): Promise<SettingsPlace | undefined> {
  const [stats, folder] = await Promise.all([statsOf(path), statsOf(dirname(path))]);
  if (!stats || !folder) return undefined;
  const bornAt = Number(stats.birthtimeMs);
  return { path, id: idOf(stats), folderId: idOf(folder), isLink: stats.isSymbolicLink(), bornAt };
}

async function statsOf(path: string): Promise<BigIntStats | undefined> {
  return lstat(path, { bigint: true }).catch(() => undefined);
}

/** Numbers of what is deleted are given again. */
function idOf({ dev, ino, birthtimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${birthtimeNs}`;
}
