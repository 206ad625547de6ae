// TABLE of the paths that an answer may not name, and which file of the folders that are worked in a path is. Nothing that an answer
// says reaches a file but through here.
import { lstat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { hiddenIn } from '../../../shared/hidden-characters.ts';
import { isInside } from '../../base/paths.ts';
import { toPath } from '../../base/uri.ts';
import type { Ignore } from '../../ignore/ignore.ts';
import { isSettings } from './runs-later.ts';

export interface ConfinedFile {
  uri: string;
  /** The folder that it lies in. */
  root: string;
  /** From that folder, with slashes. */
  path: string;
  isNew: boolean;
}

/** The file, or why there is none: the end of a sentence that begins with the edit. */
type Confined = { file: ConfinedFile } | { why: string };

interface PathRow {
  why: string;
  /** Whether the user may say that it is meant. */
  isAskable?: true;
  forbids(path: string, parts: readonly string[]): boolean;
}

const maxPathChars = 300;
const maxParts = 30;

const device = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;

const rows: readonly PathRow[] = [
  { why: "names a file with characters you can't see", forbids: (path) => hiddenIn(path).length > 0 },
  {
    why: "names a path that's too long",
    forbids: (path, parts) => path.length > maxPathChars || parts.length > maxParts,
  },
  {
    why: 'names an absolute path. Ask for a path inside the folder',
    forbids: (path) => /^(?:[/~]|[a-z]:)/i.test(path),
  },
  { why: 'leads outside the folder', forbids: (_path, parts) => parts.includes('..') },
  { why: "doesn't name a file", forbids: (path, parts) => parts.length === 0 || path.endsWith('/') },
  {
    why: "names a file that isn't valid on every system",
    forbids: (_path, parts) =>
      parts.some(
        (part) => device.test(part) || /[<>:"|?*]/.test(part) || /[. ]$/.test(part) || /~\d+(?:\.|$)/.test(part),
      ),
  },
  {
    why: 'is for a file that makes an editor, git or an agent run programs. Change such files yourself',
    isAskable: true,
    forbids: (_path, parts) => parts.some(isSettings),
  },
];

interface Folders {
  /** As paths. */
  roots: readonly string[];
  /** Files that the model was shown, as URIs: it knows them by the end of their paths. */
  shown: readonly string[];
  ignore: Ignore;
  /** Whether the user is asked before a file is changed that makes programs run. */
  asks?: boolean;
}

export async function confine(said: string, { roots, shown, ignore, asks = false }: Folders): Promise<Confined> {
  const path = said.replaceAll('\\', '/');
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  const row = rows.find(({ isAskable, forbids }) => !(asks && isAskable) && forbids(path, parts));
  if (row) return { why: row.why };
  const files = await filesNamed(parts.join('/'), roots, shown);
  const [file = newFile(parts.join('/'), roots)] = files;
  if (files.length > 1) return { why: `fits several files: ${files.map((each) => each.path).join(', ')}` };
  if (!file) return { why: "is for a folder that isn't open" };
  const whyKept = await whyNot(file, ignore, asks);
  return whyKept === undefined ? { file } : { why: whyKept };
}

async function filesNamed(path: string, roots: readonly string[], shown: readonly string[]): Promise<ConfinedFile[]> {
  const found = new Map<string, ConfinedFile>();
  const add = async (root: string, inRoot: string): Promise<void> => {
    const uri = pathToFileURL(join(root, inRoot)).href;
    const isThere = await lstat(join(root, inRoot)).catch(() => undefined);
    if (isThere) found.set(uri, { uri, root, path: inRoot, isNew: false });
  };
  for (const root of roots) {
    await add(root, path);
    for (const each of shown) {
      const file = toPath(each);
      if (file === undefined || !isInside(file, root)) continue;
      const inRoot = relative(root, file).replaceAll(sep, '/');
      if (inRoot === path || inRoot.endsWith(`/${path}`)) await add(root, inRoot);
    }
  }
  return [...found.values()];
}

function newFile(path: string, [root]: readonly string[]): ConfinedFile | undefined {
  return root === undefined ? undefined : { uri: pathToFileURL(join(root, path)).href, root, path, isNew: true };
}

/** What the disk says of a path that its name allows. A file that was shown is judged by its whole path, too. */
async function whyNot({ root, path, isNew }: ConfinedFile, ignore: Ignore, asks: boolean): Promise<string | undefined> {
  const parts = path.split('/');
  const row = rows.find(({ isAskable, forbids }) => !(asks && isAskable) && forbids(path, parts));
  if (row) return row.why;
  for (let depth = 1; depth <= parts.length; depth++) {
    const stats = await lstat(join(root, ...parts.slice(0, depth))).catch(() => undefined);
    if (stats?.isSymbolicLink()) return 'goes through a symbolic link';
    if (depth < parts.length && stats && !stats.isDirectory()) return "needs a folder where there's a file";
    if (depth === parts.length && !isNew && stats && !stats.isFile()) return "is for something that isn't a file";
  }
  const { ignored, by } = await ignore.isIgnored(join(root, path), root);
  return ignored ? `is for a file that is kept from models by ${by ?? 'an ignore file'}` : undefined;
}
