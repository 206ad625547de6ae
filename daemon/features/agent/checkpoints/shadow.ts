// The shadow repository of a folder: a git repository of ours, never the user's, that keeps what the folder was before and after each step
// of a run. Git finds, hashes and stores; it checks nothing out, and nothing of the folder changes what it does.
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, realpath, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { diskFull, moveFile } from '../../../base/disk.ts';
import { errnoCode, throwIfCancelled, UserError } from '../../../base/errors.ts';
import { isInside } from '../../../base/paths.ts';
import { askOwnGit, type OwnRepository } from '../../../base/process/git.ts';
import { repositoryOf } from '../../../base/process/repository.ts';
import { needFolder } from '../approvals/need-folder.ts';

/** What a repository is about. It stays as it was at first, since stored paths count from its work tree. */
export interface ShadowPlace {
  /** The folder that runs work in. */
  root: string;
  /** Where ignore files count from: the repository around the root, or the root itself. */
  workTree: string;
  /** The way from there to the root, with a slash behind it; empty where both are one. */
  prefix: string;
  /** Permissions that most files have, without and with the right to be run. */
  modes: { file: number; program: number };
}

interface ShadowCall {
  signal?: AbortSignal | undefined;
  input?: string | Buffer;
  index?: string;
  /** It is about the repository alone, whatever became of the folder that it keeps. */
  isOwn?: boolean;
}

const timeoutMs = 120_000;
const maxBytes = 512 * 1024 * 1024; // of what git lists, or of the files that it reads at once
/** The folder's own attributes could change bytes on their way in, by programs too. The first file to name an attribute decides. */
const attributes = '* -text -eol -crlf -ident -filter !working-tree-encoding -diff -merge\n';
/** What package managers and tools write. The folder's own .gitignore can take each of them back in. */
const excluded = [
  'node_modules/',
  'bower_components/',
  '.venv/',
  'venv/',
  '__pycache__/',
  '.tox/',
  '.mypy_cache/',
  '.gradle/',
  '.hg/',
  '.svn/',
  '.jj/',
];
const placeFile = 'place.json';
const partMode = 0o700;

/** The name of a folder's repository among those of a profile. */
function shadowName(root: string): string {
  return createHash('sha256').update(root).digest('hex').slice(0, 32);
}

/** Lives as long as one operation; several of one repository must not overlap. */
export class Shadow {
  readonly folder: string;
  readonly place: ShadowPlace;

  private constructor(folder: string, place: ShadowPlace) {
    this.folder = folder;
    this.place = place;
  }

  /** One that is there; undefined where it can't be read. */
  static async known(folder: string): Promise<Shadow | undefined> {
    const text = await readFile(join(folder, placeFile), 'utf8').catch(() => undefined);
    return text === undefined ? undefined : new Shadow(folder, JSON.parse(text));
  }

  /** Throws UserError `git-missing`. */
  static async open(parent: string, root: string): Promise<Shadow> {
    const realRoot = await needFolder(root);
    const folder = join(parent, shadowName(realRoot));
    return (await Shadow.known(folder)) ?? (await Shadow.#create(folder, realRoot));
  }

  static async #create(folder: string, root: string): Promise<Shadow> {
    for (const part of ['objects', 'refs', 'info'])
      await mkdir(join(folder, part), { recursive: true, mode: partMode });
    await writeFile(join(folder, 'info', 'attributes'), attributes);
    await writeFile(join(folder, 'HEAD'), 'ref: refs/heads/none\n');
    const hidden = process.umask();
    const modes = { file: 0o666 & ~hidden, program: 0o777 & ~hidden };
    const around = await placeIn(root, repositoryOf(root));
    const outer = new Shadow(folder, { root, ...around, modes });
    const place = (await outer.#ignoresRoot()) ? { root, workTree: root, prefix: '', modes } : outer.place;
    const shadow = new Shadow(folder, place);
    const data = dirname(dirname(dirname(folder))); // ours: kept in itself, it would grow with every step
    const own = isInside(data, place.workTree) ? [`/${escaped(relative(place.workTree, data))}/`] : [];
    await writeFile(join(folder, 'info', 'exclude'), [...excluded, ...own, ''].join('\n'));
    await shadow.#write(placeFile, JSON.stringify(place)); // the last, so that half a repository is none
    return shadow;
  }

  /** Throws UserError `git-missing`, and git's own error. */
  async git(
    args: readonly string[],
    { signal, input, index = this.index, isOwn = false }: ShadowCall = {},
  ): Promise<Buffer> {
    const workTree = isOwn ? this.folder : this.place.workTree;
    const repository: OwnRepository = { folder: this.folder, workTree, index };
    try {
      return await askOwnGit(args, repository, {
        ...(signal && { signal }),
        ...(input !== undefined && { input }),
        timeoutMs,
        maxBytes,
      });
    } catch (error) {
      if (signal) throwIfCancelled(signal);
      if (errnoCode(error) === 'ENOENT') throw gitMissing();
      if ((error as { killed?: unknown }).killed === true) throw tooSlow(this.place.root);
      throw isDiskFull(error) ? diskFull(this.folder, error) : error;
    }
  }

  get index(): string {
    return join(this.folder, 'index');
  }

  /** A copy of the index to work with, so that what ends in the middle leaves neither half an index nor a lock. */
  async copyOfIndex(): Promise<string> {
    const copy = join(this.folder, `index.${crypto.randomUUID()}`);
    const found = await stat(this.index).catch(() => undefined);
    if (!found) return copy;
    await copyFile(this.index, copy);
    // Git compares a file that is as young as its index with what it stored. An index that seems older than it is makes it compare more.
    const time = new Date(Math.floor(found.mtimeMs) - 1);
    await utimes(copy, time, time);
    return copy;
  }

  async takeIndex(copy: string): Promise<void> {
    await moveFile(copy, this.index);
  }

  async dropIndex(copy: string): Promise<void> {
    await rm(copy, { force: true });
    await rm(`${copy}.lock`, { force: true });
  }

  /** Files by the ids of what is in them; those that were too large to be kept are missing. */
  async blobs(ids: readonly string[], signal?: AbortSignal): Promise<Map<string, Buffer>> {
    const found = new Map<string, Buffer>();
    const wanted = [...new Set(ids)];
    if (wanted.length === 0) return found;
    const said = await this.git(['cat-file', '--batch'], { signal, input: `${wanted.join('\n')}\n` });
    let at = 0;
    for (const id of wanted) {
      const end = said.indexOf(10, at);
      const [, type, size] = said.toString('latin1', at, end).split(' ');
      at = end + 1;
      if (type === 'missing' || size === undefined) continue;
      found.set(id, said.subarray(at, at + Number(size)));
      at += Number(size) + 1;
    }
    return found;
  }

  /** The names of what is kept of a run, in their order. */
  async marks(jobId: string): Promise<string[]> {
    return (await readdir(this.#runFolder(jobId)).catch(() => [])).sort();
  }

  async mark(jobId: string, name: string): Promise<string | undefined> {
    const text = await readFile(join(this.#runFolder(jobId), name), 'latin1').catch(() => undefined);
    return text?.trim();
  }

  async setMark(jobId: string, name: string, commit: string): Promise<void> {
    await mkdir(this.#runFolder(jobId), { recursive: true, mode: partMode });
    await this.#write(join('refs', 'runs', jobId, name), `${commit}\n`);
  }

  /** Of the oldest first. */
  async runs(): Promise<{ jobId: string; touchedAt: number }[]> {
    const jobIds = await readdir(join(this.folder, 'refs', 'runs')).catch(() => []);
    const runs = await Promise.all(
      jobIds.map(async (jobId) => ({ jobId, touchedAt: (await stat(this.#runFolder(jobId))).mtimeMs })),
    );
    return runs.sort((a, b) => a.touchedAt - b.touchedAt);
  }

  /** In bytes. */
  async size(): Promise<number> {
    const said = (await this.git(['count-objects', '-v'], { isOwn: true })).toString('latin1');
    const sizes = [...said.matchAll(/^size(?:-pack)?: (\d+)$/gm)].map(([, kib]) => Number(kib) * 1024);
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  async dropRun(jobId: string): Promise<void> {
    await rm(this.#runFolder(jobId), { recursive: true, force: true });
    await rm(this.#keptFile(jobId), { force: true });
  }

  /** What the user keeps of a run, as it was stored last. */
  async kept(jobId: string): Promise<string | undefined> {
    return await readFile(this.#keptFile(jobId), 'utf8').catch((error: unknown) => {
      if (errnoCode(error) === 'ENOENT') return undefined;
      throw error;
    });
  }

  async setKept(jobId: string, text: string): Promise<void> {
    const file = this.#keptFile(jobId);
    await mkdir(dirname(file), { recursive: true, mode: partMode });
    await this.#write(relative(this.folder, file), text);
  }

  /** Not among the marks, which git takes for references. */
  #keptFile(jobId: string): string {
    return join(this.folder, 'kept', `${nameOf(jobId)}.json`);
  }

  #runFolder(jobId: string): string {
    return join(this.folder, 'refs', 'runs', nameOf(jobId));
  }

  async #write(name: string, text: string): Promise<void> {
    const draft = join(this.folder, `draft.${crypto.randomUUID()}`);
    await writeFile(draft, text, { mode: 0o600 });
    await moveFile(draft, join(this.folder, name));
  }

  /** Whether the repository around the root leaves the root out, as one of all of the user's settings does. */
  async #ignoresRoot(): Promise<boolean> {
    const { prefix } = this.place;
    if (prefix === '') return false;
    return this.git(['check-ignore', '--quiet', '--', `./${prefix}`]).then(
      () => true,
      (error: unknown) => {
        if ((error as { code?: unknown }).code === 1) return false;
        throw error;
      },
    );
  }
}

function nameOf(jobId: string): string {
  if (!/^[\w-]{1,100}$/.test(jobId)) throw new Error(`no name for a run: ${jobId}`);
  return jobId;
}

/** All of a profile. */
export async function allShadows(profileFolder: string): Promise<Shadow[]> {
  const names = await readdir(profileFolder).catch(() => []);
  const shadows = await Promise.all(names.map((name) => Shadow.known(join(profileFolder, name))));
  return shadows.filter((shadow) => shadow !== undefined);
}

/** Those of a profile that keep something of a run: one, since a run works in one folder. */
export async function shadowsOf(profileFolder: string, jobId: string): Promise<Shadow[]> {
  const found: Shadow[] = [];
  for (const shadow of await allShadows(profileFolder)) if ((await shadow.marks(jobId)).length > 0) found.push(shadow);
  return found;
}

/** A path as a line of an ignore file. */
function escaped(path: string): string {
  return path
    .split(sep)
    .join('/')
    .replace(/[\\*?[\]!# ]/g, '\\$&');
}

async function placeIn(root: string, repository: string): Promise<{ workTree: string; prefix: string }> {
  const workTree = await realpath(repository);
  const way = relative(workTree, root).split(sep).join('/');
  return { workTree, prefix: way === '' ? '' : `${way}/` };
}

function tooSlow(root: string): UserError {
  return new UserError(
    'checkpoint-slow',
    `Keeping what is in ${root}, so that you can undo it, took too long. Add folders that the agent needn't change to .gitignore, and resume the job.`,
    { retryable: true },
  );
}

/** Git says it in words alone. */
function isDiskFull(error: unknown): boolean {
  return /No space left on device|Disk quota exceeded/.test((error as { stderr?: string }).stderr ?? '');
}

function gitMissing(): UserError {
  return new UserError(
    'git-missing',
    "Git isn't installed, and the agent needs it so that you can undo what it changes. Install Git, and try again.",
  );
}
