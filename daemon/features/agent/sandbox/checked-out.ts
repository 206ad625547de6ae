// Whether the user's own git has put something where it is, as a checkout does.
import { lstat, readdir, readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isInside } from '../../../base/paths.ts';
import { askGit } from '../../../base/process/git.ts';
import { idOf } from '../checkpoints/disk-state.ts';

interface Known {
  root: string;
  /** The repositories of the root that programs can't write to. Those around the root are beyond them as well. */
  repositories: ReadonlySet<string>;
}

/**
 * Whether a file, or each file of a folder, is one that git's index has, byte for byte. Git isn't asked what has changed: it takes some
 * files for unchanged without a look, and may run programs for others.
 */
export async function isCheckedOut(path: string, known: Known): Promise<boolean> {
  const folder = dirname(path);
  const ask = (args: readonly string[]): Promise<string> => askGit(args, { root: folder });
  try {
    const top = await realpath((await ask(['rev-parse', '--show-toplevel'])).replace(/\r?\n$/, ''));
    const isAround = top !== known.root && isInside(known.root, top);
    if (!isAround && !known.repositories.has(join(top, '.git'))) return false;
    const rows = (await ask(['--literal-pathspecs', 'ls-files', '-s', '-z', '--', basename(path)])).split('\0');
    const ids = new Map(rows.filter(Boolean).map((row) => [row.slice(row.indexOf('\t') + 1), row.split(' ')[1]]));
    return ids.size > 0 && (await isAllOf(folder, basename(path), ids));
  } catch {
    return false; // no git, no repository, or something that can't be read
  }
}

/** Names have slashes, as git's. */
async function isAllOf(folder: string, name: string, ids: ReadonlyMap<string, string | undefined>): Promise<boolean> {
  const stats = await lstat(join(folder, name));
  if (stats.isFile()) return ids.has(name) && idOf(await readFile(join(folder, name))) === ids.get(name);
  if (!stats.isDirectory()) return false;
  for (const inner of await readdir(join(folder, name)))
    if (!(await isAllOf(folder, `${name}/${inner}`, ids))) return false;
  return true;
}
