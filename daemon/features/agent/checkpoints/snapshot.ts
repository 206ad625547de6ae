// What a folder is at one moment, as a commit of its shadow repository: the tree of its files, and in the message what a tree can't say.
import { isUtf8 } from 'node:buffer';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { foldsCase, isNamed } from './exact-name.ts';
import type { Shadow } from './shadow.ts';

/** What a tree can't say of a folder. */
export interface SnapshotFacts {
  /** Folders without a file. */
  folders: string[];
  /** Permissions other than those that most files have. */
  modes: Record<string, number>;
  /** Files that were asked for by name, though they may be ignored. */
  named: string[];
  /** What was left out, in sentences. */
  notes: string[];
}

export interface SnapshotRequest {
  /** Files from the work tree, which are taken even where they are ignored. */
  named: readonly string[];
  limits: SnapshotLimits;
  signal?: AbortSignal | undefined;
}

export interface SnapshotLimits {
  /** Of a larger file it is known whether it changed, and no more. */
  maxFileBytes: number;
  /** Of a larger file nothing is known. */
  maxHashedBytes: number;
  /** In a folder with more, only the files that are named are kept. */
  maxFiles: number;
}

export const snapshotLimits: SnapshotLimits = {
  maxFileBytes: 5 * 1024 * 1024,
  maxHashedBytes: 200 * 1024 * 1024,
  maxFiles: 100_000,
};

/** Takes a snapshot and returns its commit's id. Throws UserError `git-missing`, CancelledError, and git's own errors. */
export async function takeSnapshot(shadow: Shadow, request: SnapshotRequest): Promise<string> {
  const index = await shadow.copyOfIndex();
  try {
    const snapshot = new Snapshot(shadow, index, request);
    const commit = await snapshot.take();
    await shadow.takeIndex(index);
    return commit;
  } finally {
    await shadow.dropIndex(index);
  }
}

const maxNestedRounds = 5; // repositories in repositories
const maxNotedPaths = 20;
const parallelCalls = 256; // of the file system
const maxFolders = 2000; // without a file
const emptyBlob = 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391';

/** Why files are left out, as the beginning of a sentence. */
const reasons = {
  large: 'Too large to be watched',
  unreadable: "Couldn't be read",
  name: 'Has a name that is no text',
} as const;

/** Lives as long as one is taken. */
class Snapshot {
  readonly #shadow: Shadow;
  readonly #index: string;
  readonly #request: SnapshotRequest;
  readonly #left = new Map<keyof typeof reasons, string[]>();
  readonly #notes: string[] = [];
  /** Names by which the disk finds files that are called otherwise by now. */
  readonly #respelled = new Set<string>();

  constructor(shadow: Shadow, index: string, request: SnapshotRequest) {
    this.#shadow = shadow;
    this.#index = index;
    this.#request = request;
  }

  async take(): Promise<string> {
    await this.#update(await this.#candidates());
    const tree = (await this.#git(['write-tree', '--missing-ok'])).toString('latin1').trim();
    const facts: SnapshotFacts = {
      folders: await this.#emptyFolders(),
      modes: await this.#modes(),
      named: [...this.#request.named],
      notes: [...this.#notes, ...this.#leftOut()],
    };
    const commit = await this.#git(['commit-tree', tree], JSON.stringify(facts));
    return commit.toString('latin1').trim();
  }

  #git(args: readonly string[], input?: string): Promise<Buffer> {
    const { signal } = this.#request;
    return this.#shadow.git(args, { index: this.#index, signal, ...(input !== undefined && { input }) });
  }

  async #list(...kinds: string[]): Promise<string[]> {
    const { prefix } = this.#shadow.place;
    const scope = prefix === '' ? [] : ['--', prefix];
    return this.#names(
      await this.#git(['--literal-pathspecs', 'ls-files', '-z', ...kinds, '--exclude-standard', ...scope]),
    );
  }

  #names(listed: Buffer): string[] {
    const isText = isUtf8(listed);
    const names = listed.toString(isText ? 'utf8' : 'latin1').split('\0');
    if (isText) return names.filter((name) => name !== '');
    return names.flatMap((name) => {
      const bytes = Buffer.from(name, 'latin1');
      if (isUtf8(bytes)) return name === '' ? [] : [bytes.toString('utf8')];
      this.#leave('name', bytes.toString('utf8'));
      return [];
    });
  }

  /** What differs from the index, and what was asked for. */
  async #candidates(): Promise<string[]> {
    const { named, limits } = this.#request;
    const placeholders: string[] = [];
    const found = await this.#withNested(placeholders);
    if (foldsCase) await this.#findRespelled(found);
    const all = new Set([...found, ...named, ...this.#respelled]);
    if (all.size <= limits.maxFiles) return [...all];
    this.#notes.push(
      `This folder has more than ${limits.maxFiles} files, so only the files that the agent edits itself can be restored.`,
    );
    return [...named, ...placeholders, ...this.#respelled];
  }

  /** A file that was given its name in other letters is there under both, and git says only that the new name is new. */
  async #findRespelled(found: readonly string[]): Promise<void> {
    const folded = new Map(found.map((name) => [name.toLowerCase(), name]));
    const known = folded.size === 0 ? [] : this.#names(await this.#git(['ls-files', '-z', '--cached']));
    const others = known.filter((name) => (folded.get(name.toLowerCase()) ?? name) !== name);
    for (const name of [...others, ...this.#request.named])
      if (!(await isNamed(this.#shadow.place.workTree, name))) this.#respelled.add(name);
  }

  /** Git shows a repository in the folder as one name. It shows its files where the index has one of them, so a placeholder is put there. */
  async #withNested(placeholders: string[]): Promise<string[]> {
    for (let round = 0; ; round++) {
      const names = await this.#list('--others', '--modified', '--deleted');
      const nested = names.filter((name) => name.endsWith('/') && !placeholders.includes(name + placeholder));
      if (nested.length === 0 || round === maxNestedRounds) {
        for (const name of nested) this.#notes.push(`Not kept: ${name} is a repository too deep inside others.`);
        return names.filter((name) => !name.endsWith('/')); // the placeholders, too, which aren't there
      }
      placeholders.push(...nested.map((name) => name + placeholder));
      const rows = nested.map((name) => `100644 ${emptyBlob}\t${name}${placeholder}\0`).join('');
      await this.#git(['update-index', '-z', '--index-info'], rows);
    }
  }

  async #update(candidates: readonly string[]): Promise<void> {
    const { gone, small, large, anew } = await this.#sorted(candidates);
    await this.#remove([...gone, ...anew]); // of a large file that the index knows already, git would keep nothing
    await this.#add([...small, ...anew], []);
    await this.#add(large, ['--info-only']);
  }

  /** Large files that were asked for by name are kept as well. */
  async #sorted(candidates: readonly string[]): Promise<Record<'gone' | 'small' | 'large' | 'anew', string[]>> {
    const { maxFileBytes, maxHashedBytes } = this.#request.limits;
    const found = await this.#stats(candidates);
    const named = new Set(this.#request.named);
    const [gone, small, large, anew]: [string[], string[], string[], string[]] = [[], [], [], []];
    for (const [at, path] of candidates.entries()) {
      const stats = found[at];
      const isFile = stats?.isFile() || stats?.isSymbolicLink();
      const isKept = stats && isFile && !path.split('/').includes('.git') && !this.#respelled.has(path);
      if (!isKept) gone.push(path);
      else if (stats.size <= maxFileBytes) small.push(path);
      else if (stats.size <= maxHashedBytes) (named.has(path) ? anew : large).push(path);
      else {
        gone.push(path);
        this.#leave('large', path);
      }
    }
    // A link in the place of a folder: what seems to be in the folder is elsewhere.
    const files = new Set([...small, ...large, ...anew]);
    const isBehind = (path: string): boolean => {
      for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1))
        if (files.has(path.slice(0, at))) return true;
      return false;
    };
    const inPlace = (paths: readonly string[]): string[] => paths.filter((path) => !isBehind(path));
    return { gone, small: inPlace(small), large: inPlace(large), anew: inPlace(anew) };
  }

  async #remove(paths: readonly string[]): Promise<void> {
    if (paths.length > 0) await this.#git(['update-index', '--force-remove', '-z', '--stdin'], zeroEnded(paths));
  }

  /** A file that git can't read ends all of its work, so that it's looked for and left out. */
  async #add(paths: readonly string[], options: readonly string[]): Promise<void> {
    if (paths.length === 0) return;
    try {
      await this.#git(
        ['update-index', '--add', '--remove', '--replace', ...options, '-z', '--stdin'],
        zeroEnded(paths),
      );
    } catch (error) {
      if (typeof (error as { code?: unknown }).code !== 'number') throw error; // not git's
      const [only] = paths;
      if (paths.length === 1 && only !== undefined) {
        this.#leave('unreadable', only);
        return this.#remove([only]);
      }
      const middle = Math.ceil(paths.length / 2);
      await this.#add(paths.slice(0, middle), options);
      await this.#add(paths.slice(middle), options);
    }
  }

  /** Of every file, since a tree knows of no permission but one, and git doesn't notice that others change. */
  async #modes(): Promise<Record<string, number>> {
    if (process.platform === 'win32') return {};
    const { modes: most } = this.#shadow.place;
    const paths = this.#names(await this.#git(['ls-files', '-z', '--cached']));
    const found = await this.#stats(paths);
    const others = paths.flatMap((path, at) => {
      const stats = found[at];
      if (!stats?.isFile()) return [];
      const mode = stats.mode & 0o7777;
      const expected = (mode & 0o100) === 0 ? most.file : most.program;
      return mode === expected ? [] : [[path, mode] as const];
    });
    return Object.fromEntries(others);
  }

  async #stats(paths: readonly string[]) {
    const { workTree } = this.#shadow.place;
    const all = [];
    for (let at = 0; at < paths.length; at += parallelCalls) {
      const part = paths.slice(at, at + parallelCalls);
      all.push(...(await Promise.all(part.map((path) => lstat(join(workTree, path)).catch(() => undefined)))));
    }
    return all;
  }

  async #emptyFolders(): Promise<string[]> {
    const shown = (await this.#list('--others', '--directory')).filter((name) => name.endsWith('/'));
    const queue = shown.map((name) => name.slice(0, -1));
    const empty: string[] = [];
    for (let at = 0; at < queue.length && at < maxFolders; at++) {
      const folder = queue[at] ?? '';
      const entries = await readdir(join(this.#shadow.place.workTree, folder), { withFileTypes: true }).catch(() => []);
      if (entries.length === 0) empty.push(folder);
      for (const entry of entries) if (entry.isDirectory()) queue.push(`${folder}/${entry.name}`);
    }
    return empty;
  }

  #leave(why: keyof typeof reasons, path: string): void {
    this.#left.set(why, [...(this.#left.get(why) ?? []), path]);
  }

  #leftOut(): string[] {
    return [...this.#left].map(([why, paths]) => {
      const shown = paths.slice(0, maxNotedPaths).join(', ');
      const more = paths.length > maxNotedPaths ? `, and ${paths.length - maxNotedPaths} more` : '';
      return `${reasons[why]}: ${shown}${more}.`;
    });
  }
}

const placeholder = '.switchyard-placeholder';

function zeroEnded(paths: readonly string[]): string {
  return paths.map((path) => `${path}\0`).join('');
}
