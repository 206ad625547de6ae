// Puts files back as a snapshot has them. Each is looked at once more right before it is written: what is not as it is expected stays, and
// is told of, as is what can't be written.
import { randomUUID } from 'node:crypto';
import { lstat, mkdir, open, readdir, rm, rmdir, symlink, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { moveFile } from '../../../base/disk.ts';
import { errnoCode } from '../../../base/errors.ts';
import { above, isSame, type PathState } from './differences.ts';
import { stateOnDisk } from './disk-state.ts';
import { foldsCase } from './exact-name.ts';

/** A path that is to become what it was. */
export interface Restoration {
  path: string;
  /** As it must be now. */
  expected?: PathState | undefined;
  wanted?: PathState | undefined;
}

export interface UndoConflict {
  path: string;
  /** A sentence. */
  why: string;
}

export interface RestoreRequest {
  workTree: string;
  modes: { file: number; program: number };
  restorations: readonly Restoration[];
  /** Every folder that is to be there. */
  folders: ReadonlySet<string>;
  /** Folders without a file that were made since: they go, where they are still empty. */
  newFolders: readonly string[];
  /** Of those without a file, the ones that went since. */
  lostFolders: readonly string[];
  /** Contents by their ids; undefined of one that wasn't kept. */
  blobs(ids: readonly string[]): Promise<ReadonlyMap<string, Buffer>>;
}

interface Restored {
  restored: string[];
  conflicts: UndoConflict[];
}

const changedSince = 'It changed after the agent was done with it, so it stays as it is.';
const takenInOtherCase = 'Its name is taken by a file that differs only in case, which stays as it is.';
const notKept = "Its earlier version was too large to be kept, so it can't be put back.";
const blobsAtOnce = 32; // of at most 5 MB

export async function restore(request: RestoreRequest): Promise<Restored> {
  return new Restoring(request).run();
}

/** Lives as long as one undo writes. */
class Restoring {
  readonly #request: RestoreRequest;
  readonly #restored: string[] = [];
  readonly #conflicts: UndoConflict[] = [];

  constructor(request: RestoreRequest) {
    this.#request = request;
  }

  async run(): Promise<Restored> {
    const { restorations, newFolders, lostFolders } = this.#request;
    const gone = restorations.filter(({ wanted }) => !wanted).sort((a, b) => (a.path < b.path ? 1 : -1));
    for (const each of gone) await this.#try(each, () => unlink(this.#full(each.path)));
    await this.#removeEmptied([...gone.map(({ path }) => above(path)), ...newFolders]);
    const back = restorations.filter(({ wanted }) => wanted).sort((a, b) => (a.path < b.path ? -1 : 1));
    for (let at = 0; at < back.length; at += blobsAtOnce) await this.#write(back.slice(at, at + blobsAtOnce));
    for (const folder of lostFolders) await this.#makeFolder(folder).catch(() => {}); // something else is there by now
    return { restored: this.#restored, conflicts: this.#conflicts };
  }

  async #write(part: readonly Restoration[]): Promise<void> {
    const blobs = await this.#request.blobs(part.flatMap(({ wanted }) => wanted?.id ?? []));
    for (const each of part) {
      const { path, wanted, expected } = each;
      if (!wanted) continue;
      const content = blobs.get(wanted.id);
      const isItsMode = expected?.id === wanted.id && expected.kind === wanted.kind;
      if (isItsMode) await this.#try(each, () => this.#setMode(path, wanted));
      else if (content) await this.#try(each, () => this.#put(path, wanted, content));
      else this.#conflicts.push({ path, why: notKept });
    }
  }

  /** Does it where the path is as expected. */
  async #try({ path, expected, wanted }: Restoration, work: () => Promise<void>): Promise<void> {
    try {
      const { workTree, modes } = this.#request;
      const now = await stateOnDisk(workTree, path, modes);
      if (!now && wanted && (await isTaken(this.#full(path)))) this.#conflicts.push({ path, why: takenInOtherCase });
      else if (isSame(now, expected)) {
        await work();
        this.#restored.push(path);
      } else this.#conflicts.push({ path, why: changedSince });
    } catch (error) {
      this.#conflicts.push({ path, why: whyNot(error) });
    }
  }

  /** Beside its place first, so that nobody ever sees half of it. */
  async #put(path: string, wanted: PathState, content: Buffer): Promise<void> {
    const full = this.#full(path);
    await this.#makeFolder(above(path));
    const draft = join(dirname(full), `.switchyard-${randomUUID()}`);
    try {
      if (wanted.kind === 'link') await symlink(content, draft);
      else {
        await using file = await open(draft, 'wx', 0o600);
        await file.writeFile(content);
        await file.chmod(wanted.mode);
      }
      await moveFile(draft, full);
    } finally {
      await rm(draft, { force: true });
    }
  }

  async #setMode(path: string, { mode }: PathState): Promise<void> {
    await using file = await open(this.#full(path), 'r');
    await file.chmod(mode);
  }

  async #makeFolder(folder: string): Promise<void> {
    if (folder === '') return;
    await this.#makeFolder(above(folder));
    const found = await lstat(this.#full(folder)).catch(() => undefined);
    if (!found) await mkdir(this.#full(folder));
    else if (!found.isDirectory()) throw new NoFolderError();
  }

  /** Folders that were there before stay, and those that others have put something into. */
  async #removeEmptied(folders: readonly string[]): Promise<void> {
    const { folders: known } = this.#request;
    const around = new Set<string>();
    for (const folder of folders)
      for (let at = folder; at !== '' && !known.has(at) && !around.has(at); at = above(at)) around.add(at);
    for (const folder of [...around].sort((a, b) => b.length - a.length))
      await rmdir(this.#full(folder)).catch(() => {});
  }

  #full(path: string): string {
    return join(this.#request.workTree, path);
  }
}

class NoFolderError extends Error {}

/** Whether something has the name in other letters where nothing has it exactly: it would be overwritten. */
async function isTaken(path: string): Promise<boolean> {
  if (!foldsCase) return false;
  const names = await readdir(dirname(path)).catch((): string[] => []);
  return names.some((name) => name.toLowerCase() === basename(path).toLowerCase());
}

function whyNot(error: unknown): string {
  if (error instanceof NoFolderError) return "It needs a folder where there's something else now.";
  const code = errnoCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'The disk is full. Free some space, and undo again.';
  return `It couldn't be written (${code ?? 'unknown error'}). Check the permissions of the file and its folder, and undo again.`;
}
