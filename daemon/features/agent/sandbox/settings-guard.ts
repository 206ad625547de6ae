// Sees to it that no program brings settings into a folder, which editors, git, shells and agents would act on by themselves. What is there
// is read-only for programs. What isn't there can't be kept from being made: a mount needs something to lie over, and empty files and
// folders in its place, made for each run, are seen by git and by the project's tools, and stay when the machine stops. So it's looked for
// once the program has ended, and set aside. An editor that is open takes up .vscode at once, and an empty one does nothing: that one is
// there from the beginning.
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { chmod, cp, lstat, mkdir, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { moveFile } from '../../../base/disk.ts';
import { boundedMounts, type Mounts } from './bounded-mounts.ts';
import { isCheckedOut } from './checked-out.ts';
import { hooksOf, SettingsFinder, type SettingsPlace } from './settings-places.ts';

/** What a program brought. */
export interface SetAside {
  /** From the folder that it worked in. */
  names: string[];
  /** Where it lies now. */
  folder: string;
}

/** `paths`: what the program must not change. */
export interface SettingsHold extends Mounts {
  /** Once the program has ended. */
  release(): Promise<SetAside | undefined>;
}

/** A folder while programs run there. */
interface Watch {
  root: string;
  /** In milliseconds. */
  startedAt: number;
  /** Folders that are there for the time of the runs. */
  made: string[];
  before: SettingsPlace[];
}

interface SettingsGuardOptions {
  /** Where what it sets aside lies, and what it has to know after a crash. No program sees it. */
  folder: string;
  maxRunMs: number;
  /** Told of what was set aside where no result of a program says so. */
  onUntold?(setAside: SetAside): void;
}

interface HoldOptions {
  /** Whether the program may install packages. */
  installs: boolean;
}

const live = '.vscode';
const ofPackageManagers = /^\.(?:yarn|husky|cargo)$/i;
const journalEnd = '.json';
const maxCheckouts = 500; // places that git is asked about: a program could make any number
const maxFinders = 2; // each knows the folders of a workspace
const setAsidePrefix = 'set-aside-';

/** Lives as long as the daemon. */
export class SettingsGuard {
  readonly #folder: string;
  readonly #maxRunMs: number;
  readonly #onUntold: (setAside: SetAside) => void;
  readonly #watches = new Map<string, { watch: Promise<Watch>; runs: number }>();
  /** Folders that are there for the time of runs, of all watches: one workspace may lie in another. */
  readonly #made = new Set<string>();
  /** The one that was used last comes last. */
  readonly #finders = new Map<string, SettingsFinder>();
  #recovered: Promise<void> | undefined;

  constructor({ folder, maxRunMs, onUntold = () => {} }: SettingsGuardOptions) {
    this.#folder = folder;
    this.#maxRunMs = maxRunMs;
    this.#onUntold = onUntold;
  }

  /** How often something was set aside within the time that it's kept, for `doctor`. */
  async countSetAside(): Promise<number> {
    const names = await readdir(this.#folder).catch(() => []);
    return names.filter((name) => name.startsWith(setAsidePrefix)).length;
  }

  /** Before a program runs. Those that run in one folder at once are looked at together. */
  async hold(root: string, options: HoldOptions): Promise<SettingsHold> {
    await this.recover();
    const held = this.#watches.get(root) ?? { watch: this.#begin(root), runs: 0 };
    this.#watches.set(root, held);
    held.runs++;
    try {
      const watch = await held.watch;
      const leave = (): void => {
        if (--held.runs > 0) return;
        this.#watches.delete(root);
        this.#end(watch); // at once, so that no other run finds what goes here
      };
      const paths = [
        ...watch.made,
        ...watch.before.map(({ path }) => path).filter((path) => isKept(relative(root, path), options)),
      ];
      return { ...boundedMounts(root, paths), release: () => this.#setAside(watch, options).finally(leave) };
    } catch (error) {
      if (this.#watches.get(root) === held) this.#watches.delete(root);
      throw error;
    }
  }

  /** Ends what a crash left. What appeared later than a run can take is the user's. */
  recover(): Promise<void> {
    this.#recovered ??= this.#recover();
    return this.#recovered;
  }

  async #recover(): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    for (const journal of names.filter((name) => name.endsWith(journalEnd)).map((name) => join(this.#folder, name))) {
      const watch = watchOf(await readFile(journal, 'utf8').catch(() => ''));
      if (watch) {
        for (const path of watch.made) this.#made.add(path);
        const endedAt = watch.startedAt + this.#maxRunMs;
        const setAside = await this.#setAside(watch, { installs: true, endedAt }).catch(() => undefined);
        if (setAside) this.#onUntold(setAside);
        this.#end(watch);
      }
      rmSync(journal, { force: true });
    }
  }

  async #begin(root: string): Promise<Watch> {
    const [startedAt, before] = [Date.now(), [...(await this.#finderOf(root).find()), ...(await hooksOf(root))]];
    const first = join(root, live);
    const watch = { root, startedAt, before, made: before.some(({ path }) => path === first) ? [] : [first] };
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    writeFileSync(this.#journal(root), JSON.stringify(watch));
    watch.made = watch.made.filter(makeFolder);
    for (const path of watch.made) this.#made.add(path);
    return watch;
  }

  #end({ root, made }: Watch): void {
    for (const path of made) {
      this.#made.delete(path);
      try {
        rmdirSync(path);
      } catch {
        // the user has put something in it, or taken it away
      }
    }
    rmSync(this.#journal(root), { force: true });
  }

  #finderOf(root: string): SettingsFinder {
    const finder = this.#finders.get(root) ?? new SettingsFinder(root);
    this.#finders.delete(root);
    this.#finders.set(root, finder);
    for (const [oldest] of this.#finders) if (this.#finders.size > maxFinders) this.#finders.delete(oldest);
    return finder;
  }

  #journal(root: string): string {
    return join(this.#folder, `${folderName(root)}${journalEnd}`);
  }

  async #setAside(
    { root, before }: Watch,
    { endedAt = Number.POSITIVE_INFINITY, ...options }: HoldOptions & { endedAt?: number },
  ): Promise<SetAside | undefined> {
    const ids = new Set(before.map(({ id }) => id));
    // What the user's editor puts in the place of a file is another one. A program can't: it's read-only there.
    const places = new Set(before.filter(({ isLink }) => !isLink).map(({ path, folderId }) => `${folderId} ${path}`));
    const brought = (await this.#finderOf(root).find()).filter(
      ({ path, id, folderId, bornAt }) =>
        isKept(relative(root, path), options) &&
        !this.#made.has(path) &&
        !ids.has(id) &&
        !places.has(`${folderId} ${path}`) &&
        bornAt <= endedAt,
    );
    const folder = join(this.#folder, `${setAsidePrefix}${randomUUID()}`);
    const repositories = new Set(before.filter(({ isLink }) => !isLink).map(({ path }) => path));
    const names: string[] = [];
    for (const [at, name] of brought
      .map(({ path }) => relative(root, path))
      .toSorted()
      .entries()) {
      if (at < maxCheckouts && (await isCheckedOut(join(root, name), { root, repositories }))) continue;
      if (await moveAway(join(root, name), join(folder, name))) names.push(name);
    }
    return names.length === 0 ? undefined : { names, folder };
  }
}

/** The name of what belongs to a folder. */
export function folderName(root: string): string {
  return createHash('sha256').update(root).digest('hex').slice(0, 16);
}

/** Installing packages writes to some settings. The name is the path from the root. */
function isKept(name: string, { installs }: HoldOptions): boolean {
  return !installs || !name.split(sep).some((part) => ofPackageManagers.test(part));
}

function makeFolder(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch {
    return false; // it's there by now, or can't be made, by a program as little
  }
}

/** Whether it has gone. Another program of the folder may have put a link to elsewhere in the place of the folder around it. */
async function moveAway(from: string, to: string): Promise<boolean> {
  if ((await realpath(dirname(from)).catch(() => undefined)) !== dirname(from)) return false;
  try {
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    await moveFile(from, to).catch(() => moveWritable(from, to));
  } catch {
    // Another disk, or a full one. What can't be copied, such as a socket, must not stay either.
    await makeWritable(from).catch(() => {});
    await cp(from, to, { recursive: true, verbatimSymlinks: true }).catch(() => {});
    return rm(from, { recursive: true, force: true }).then(
      () => true,
      () => false, // another user's, so no program's
    );
  }
  return true;
}

/** A folder that nobody may write to isn't moved, nor is anything in one: a program may have made it so. */
async function moveWritable(from: string, to: string): Promise<void> {
  const around = dirname(from);
  const { mode } = await lstat(around);
  await chmod(around, mode | 0o700);
  if ((await lstat(from)).isDirectory()) await chmod(from, 0o700);
  await moveFile(from, to).finally(() => chmod(around, mode));
}

/** With the folders in it; nothing behind a link. */
async function makeWritable(path: string): Promise<void> {
  if (!(await lstat(path)).isDirectory()) return;
  await chmod(path, 0o700);
  for (const name of await readdir(path)) await makeWritable(join(path, name));
}

/** As it was written; undefined where that isn't whole. */
function watchOf(text: string): Watch | undefined {
  try {
    return JSON.parse(text) as Watch;
  } catch {
    return undefined;
  }
}
