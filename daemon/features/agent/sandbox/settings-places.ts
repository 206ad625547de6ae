// Finds what editors, git, shells and agents read by themselves in a folder, wherever it lies there.
import { type BigIntStats, type Dirent, lstat, readdir } from 'node:fs';
import { chmod, lstat as lstatAsync, statfs } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
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

/**
 * TABLE of the file systems that change a folder's ctime, which no program can set, whenever an entry of it comes, goes, or is replaced:
 * ext, xfs, btrfs, tmpfs, zfs, f2fs, overlay, bcachefs (the types of statfs).
 */
const tellingFileSystems = new Set([
  0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x2fc12fc1, 0xf2f52010, 0x794c7630, 0xca451a4e,
]);
const settledMs = 2000; // clocks of disks are coarse: a folder that changed just before it was listed may change again at the same time

/** What was found in a folder. */
interface Listing {
  /** Of the folder as it was before it was listed; undefined where it can't be told by it whether it's still the same. */
  version: string | undefined;
  settings: readonly string[];
  folders: readonly string[];
}

interface FinderDeps {
  now?(): number;
  list?(folder: string): Promise<Dirent[]>;
}

/** Finds settings in a folder, again and again: what hasn't changed since isn't listed anew. */
export class SettingsFinder {
  readonly #root: string;
  readonly #now: () => number;
  readonly #list: (folder: string) => Promise<Dirent[]>;
  #listings = new Map<string, Listing>();

  constructor(root: string, { now = Date.now, list = listedOf }: FinderDeps = {}) {
    this.#root = root;
    this.#now = now;
    this.#list = list;
  }

  /** Of packages that are installed, and behind links, nothing is found. */
  async find(): Promise<SettingsPlace[]> {
    const device = await this.#tellingDevice();
    const listings = new Map<string, Listing>();
    await eachFolder(this.#root, async (folder) => {
      const listing = await this.#listingOf(folder, device);
      listings.set(folder, listing);
      return listing.folders;
    });
    this.#listings = listings;
    const found = [...listings.values()].flatMap(({ settings }) => settings);
    return (await Promise.all(found.map(placeAt))).filter((place) => place !== undefined);
  }

  /** The disk whose folders tell whether they have changed. */
  async #tellingDevice(): Promise<bigint | undefined> {
    const [disk, stats] = await Promise.all([statfs(this.#root).catch(() => undefined), statsOf(this.#root)]);
    return disk && tellingFileSystems.has(disk.type) ? stats?.dev : undefined;
  }

  async #listingOf(folder: string, device: bigint | undefined): Promise<Listing> {
    const now = this.#now();
    const stats = await statsOf(folder);
    const version = stats && versionOf(stats);
    const known = this.#listings.get(folder);
    if (known && known.version === version && version !== undefined) return known;
    const isTelling = stats?.dev === device && now - Number(stats?.ctimeMs) > settledMs;
    return { version: isTelling ? version : undefined, ...inFolder(folder, this.#root, await this.#list(folder)) };
  }
}

function inFolder(folder: string, root: string, entries: readonly Dirent[]): Pick<Listing, 'settings' | 'folders'> {
  if (isRepository(entries)) return { settings: [folder === root ? join(root, 'HEAD') : folder], folders: [] };
  const [settings, folders]: [string[], string[]] = [[], []];
  for (const entry of entries) {
    const path = `${folder}${sep}${entry.name}`; // joining is slow, and all is joined already
    if (isSettings(entry.name)) settings.push(path);
    else if (entry.isDirectory() && !packages.has(entry.name)) folders.push(path);
  }
  return { settings, folders };
}

/** Looks at a folder and at those that each look names, some at once. */
function eachFolder(root: string, look: (folder: string) => Promise<readonly string[]>): Promise<void> {
  const waiting = [root];
  let running = 0;
  return new Promise((resolve, reject) => {
    const goOn = (): void => {
      while (running < parallelFolders) {
        const folder = waiting.pop();
        if (folder === undefined) break;
        running++;
        look(folder).then((inner) => {
          running--;
          for (const each of inner) waiting.push(each);
          goOn();
        }, reject);
      }
      if (running === 0) resolve();
    };
    goOn();
  });
}

export async function listedOf(folder: string): Promise<Dirent[]> {
  return await entriesOf(folder)
    .catch(() => listable(folder))
    .catch(() => []); // the user can't read it either
}

/** With callbacks, which takes half the time of promises. */
function entriesOf(folder: string): Promise<Dirent[]> {
  return new Promise((resolve, reject) => {
    readdir(folder, { withFileTypes: true }, (error, entries) => (error ? reject(error) : resolve(entries)));
  });
}

/** The same of a folder of the user's that can't be listed, in which settings are still found by their names. */
async function listable(folder: string): Promise<Dirent[]> {
  const stats = await lstatAsync(folder);
  if (!stats.isDirectory()) return [];
  await chmod(folder, stats.mode | 0o500);
  return await entriesOf(folder).finally(() => chmod(folder, stats.mode));
}

/** Git takes any folder for a repository that looks like one from inside, and runs what its configuration names. */
function isRepository(entries: readonly Dirent[]): boolean {
  const has = (wanted: string): boolean => entries.some(({ name }) => name === wanted);
  return has('HEAD') && (has('commondir') || (has('objects') && has('refs')));
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

function statsOf(path: string): Promise<BigIntStats | undefined> {
  return new Promise((resolve) => {
    lstat(path, { bigint: true }, (error, stats) => resolve(error ? undefined : stats));
  });
}

function versionOf({ dev, ino, ctimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${ctimeNs}`;
}

/** Numbers of what is deleted are given again. */
function idOf({ dev, ino, birthtimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${birthtimeNs}`;
}
