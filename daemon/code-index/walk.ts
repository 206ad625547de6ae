// The files of a folder that may be indexed: text of a known kind, of bearable size, ignored by no rule. Symbolic links are not
// followed: what they lead to is either met under its own name or is none of this folder's.
import { constants, type Dirent } from 'node:fs';
import { lstat, open, readdir, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Ignore } from '../ignore/ignore.ts';
import { type Language, languageOf } from './chunk/languages.ts';
import type { LeftOutFiles } from './left-out.ts';
import { maxFileBytes, maxFiles } from './limits.ts';

export interface FoundFile {
  /** From the root, with `/` between its parts. */
  path: string;
  /** Tells a file that changed from one that did not, without reading it. */
  stamp: string;
  language: string;
  syntax?: Language;
}

/** Folders of others' code and of tools, which projects without ignore files have as well. */
const histories = new Set(['.git', '.hg', '.svn', '.jj']);
const neverEntered = new Set([
  ...histories,
  'node_modules',
  'bower_components',
  '__pycache__',
  '.venv',
  'venv',
  '.tox',
  '.mypy_cache',
  '.gradle',
  '.idea',
  '.cache',
]);
/** Long files that tools write; a search for code should not find them. */
const neverRead =
  /(^|\/)(package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|composer\.lock|.*\.min\.(js|css)|.*\.map)$/i;

export interface Walk {
  root: string;
  ignore: Ignore;
  /** The folder to begin at, from the root; the root itself when left out. */
  from?: string;
  /** Told of each folder that is entered, from the root: those are worth watching. */
  onFolder?(path: string): void;
  /** Takes what is left out, and why. */
  leftOut?: LeftOutFiles;
}

/** Yields at most `maxFiles` files. A folder that cannot be read is passed over. */
export function filesUnder(walk: Walk): AsyncGenerator<FoundFile> {
  return foundUnder(walk, (path) => fileAt(walk, path));
}

const pictureName = /\.(png|jpe?g|gif|webp)$/i;

/** Pictures in the same folders, by their paths from the root. */
export function picturesUnder(walk: Walk): AsyncGenerator<string> {
  return foundUnder(walk, async (path) =>
    pictureName.test(path) && !(await isIgnored(walk, path)) ? path : undefined,
  );
}

async function* foundUnder<T>(walk: Walk, fileOf: (path: string) => Promise<T | undefined>): AsyncGenerator<T> {
  let left = maxFiles;
  const from = walk.from ?? '';
  const folders = from === '' || !(await isIgnored(walk, from)) ? [from] : [];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    walk.onFolder?.(folder);
    for (const entry of await entriesOf(walk, folder)) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isSymbolicLink()) walk.leftOut?.add(path, 'link');
      if (entry.isDirectory() && (await mayEnter(walk, path, entry.name))) folders.push(path);
      const found = entry.isFile() ? await fileOf(path) : undefined;
      if (!found) continue;
      if (left-- > 0) yield found;
      else if (left < -maxFiles) return;
      else walk.leftOut?.add(path, 'too-many');
    }
  }
}

async function mayEnter(walk: Walk, path: string, name: string): Promise<boolean> {
  if (!neverEntered.has(name)) return !(await isIgnored(walk, path));
  if (!histories.has(name)) walk.leftOut?.add(path, 'packages');
  return false;
}

/** One file, if it is there and may be indexed. The path is from the root. */
export async function fileAt(walk: Walk, path: string): Promise<FoundFile | undefined> {
  if (path.split('/').some((part) => neverEntered.has(part))) return undefined;
  const language = languageOf(path);
  if (!language || neverRead.test(path)) {
    walk.leftOut?.add(path, language ? 'generated' : 'kind');
    return undefined;
  }
  const found = await lstat(join(walk.root, path), { bigint: true }).catch(() => undefined);
  if (!found?.isFile() || found.size === 0n || (await isIgnored(walk, path))) return undefined;
  if (found.size > maxFileBytes) {
    walk.leftOut?.add(path, 'large');
    return undefined;
  }
  return {
    path,
    stamp: `${found.size} ${found.mtimeNs} ${found.ino}`,
    language: language.id,
    ...(language.syntax && { syntax: language.syntax }),
  };
}

const binarySample = 8192;
const maxAverageLine = 400; // bundles and data; code written by people stays far below

/** The text of a file; undefined where it is no text that a person wrote, lies outside the root, or can no longer be read. */
export async function readText(root: string, path: string): Promise<string | undefined> {
  const bytes = await readInside(root, path).catch(() => undefined);
  if (!bytes || bytes.subarray(0, binarySample).includes(0)) return undefined;
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  let lines = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  return text.length / lines > maxAverageLine ? undefined : text;
}

/**
 * The bytes of a plain file below a folder; undefined where it is none, lies elsewhere behind a link, or is larger. Checks the opened file,
 * not its path: meanwhile a link may have replaced it, or a pipe that has no writer. Throws what the system does.
 */
export async function readInside(root: string, path: string, maxBytes = maxFileBytes): Promise<Buffer | undefined> {
  const file = await open(join(root, path), constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const [opened, real, realRoot] = await Promise.all([file.stat(), realpath(join(root, path)), realpath(root)]);
    const there = await lstat(real);
    const isThis =
      opened.isFile() &&
      there.ino === opened.ino &&
      there.dev === opened.dev &&
      real.startsWith(realRoot.endsWith(sep) ? realRoot : `${realRoot}${sep}`);
    if (!isThis || opened.size > maxBytes) return undefined;
    const bytes = Buffer.alloc(opened.size + 1); // one more than there was: it may have grown
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function entriesOf({ root, leftOut }: Walk, folder: string): Promise<Dirent[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => {
    leftOut?.add(folder, 'unreadable');
    return [];
  });
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function isIgnored({ root, ignore, leftOut }: Walk, path: string): Promise<boolean> {
  const { ignored, by } = await ignore.isIgnored(path, root);
  if (ignored) leftOut?.add(path, 'ignored', by);
  return ignored;
}
