// What differs between two snapshots of a folder.
import { LRUCache } from 'lru-cache';
import type { Shadow } from './shadow.ts';
import type { SnapshotFacts } from './snapshot.ts';

/** What a path is at one moment: a file or a link. What is in it is known by git's id. */
export interface PathState {
  kind: 'file' | 'link';
  id: string;
  /** Permissions; 0 of a link. */
  mode: number;
}

/** A side that is undefined is one where there is nothing of that name. */
export interface PathDifference {
  path: string;
  before?: PathState | undefined;
  after?: PathState | undefined;
}

export function isSame(one: PathState | undefined, other: PathState | undefined): boolean {
  return one?.kind === other?.kind && one?.id === other?.id && one?.mode === other?.mode;
}

/** One side of a line of `diff-tree`. */
interface TreeEntry {
  mode: string;
  id: string;
}

export async function factsOf(shadow: Shadow, commit: string): Promise<SnapshotFacts> {
  const text = (await shadow.git(['cat-file', 'commit', commit])).toString('utf8');
  return JSON.parse(text.slice(text.indexOf('\n\n') + 2)) as SnapshotFacts; // as `takeSnapshot` wrote it
}

async function differencesOf(shadow: Shadow, [from, to]: readonly [string, string]): Promise<PathDifference[]> {
  const [before, after] = [await factsOf(shadow, from), await factsOf(shadow, to)];
  const said = await shadow.git(['diff-tree', '-r', '-z', '--raw', '--no-renames', '--no-abbrev', from, to]);
  const fields = said.toString('utf8').split('\0');
  const found = new Map<string, PathDifference>();
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [oldMode = '', mode = '', oldId = '', id = ''] = (fields[at] ?? '').slice(1).split(' ');
    const path = fields[at + 1] ?? '';
    found.set(path, {
      path,
      before: stateOf(shadow, { path, entry: { mode: oldMode, id: oldId }, facts: before }),
      after: stateOf(shadow, { path, entry: { mode, id }, facts: after }),
    });
  }
  const permissions = Object.keys({ ...before.modes, ...after.modes }).filter(
    (path) => !found.has(path) && before.modes[path] !== after.modes[path],
  );
  if (permissions.length > 0) {
    const entries = await entriesOf(shadow, to, permissions);
    for (const [path, entry] of entries)
      found.set(path, {
        path,
        before: stateOf(shadow, { path, entry, facts: before }),
        after: stateOf(shadow, { path, entry, facts: after }),
      });
  }
  return [...found.values()];
}

const maxPathsRemembered = 20_000;

/** What was found before: two snapshots never change. Lives as long as the daemon. */
export class KnownDifferences {
  readonly #known = new LRUCache<string, readonly PathDifference[]>({
    maxSize: maxPathsRemembered,
    sizeCalculation: ({ length }) => 1 + length,
  });

  async of(shadow: Shadow, [from, to]: readonly [string, string]): Promise<readonly PathDifference[]> {
    const key = [shadow.folder, from, to].join('\n');
    const known = this.#known.get(key);
    if (known) return known;
    const found = await differencesOf(shadow, [from, to]);
    this.#known.set(key, found);
    return found;
  }
}

/** All folders of a snapshot, with and without files. */
export async function foldersOf(shadow: Shadow, commit: string): Promise<{ all: Set<string>; empty: string[] }> {
  const listed = (await shadow.git(['ls-tree', '-r', '-d', '-z', '--name-only', commit])).toString('utf8');
  const { folders: empty } = await factsOf(shadow, commit);
  const all = new Set(listed.split('\0').filter((name) => name !== ''));
  for (const folder of empty) for (let at: string = folder; at !== '' && !all.has(at); at = above(at)) all.add(at);
  return { all, empty };
}

/** The folder around a path; empty of one at the top. */
export function above(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

const linkMode = '120000';
const nothingMode = '000000';

function stateOf(
  { place }: Shadow,
  { path, entry, facts }: { path: string; entry: TreeEntry; facts: SnapshotFacts },
): PathState | undefined {
  if (entry.mode === nothingMode) return undefined;
  if (entry.mode === linkMode) return { kind: 'link', id: entry.id, mode: 0 };
  const most = entry.mode === '100755' ? place.modes.program : place.modes.file;
  return { kind: 'file', id: entry.id, mode: facts.modes[path] ?? most };
}

async function entriesOf(shadow: Shadow, commit: string, wanted: readonly string[]): Promise<Map<string, TreeEntry>> {
  const rows = (await shadow.git(['ls-tree', '-r', '-z', commit])).toString('utf8').split('\0');
  const names = new Set(wanted);
  const found = new Map<string, TreeEntry>();
  for (const row of rows) {
    const tab = row.indexOf('\t');
    const path = row.slice(tab + 1);
    const [mode = '', , id = ''] = row.slice(0, tab).split(' ');
    if (names.has(path)) found.set(path, { mode, id });
  }
  return found;
}
