// URIs of files as paths.
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { UserError } from './errors.ts';

/**
 * The path that a `file:` URI names on this machine; undefined of any other URI and of what no path can name.
 * Another machine's disk has a path on Windows alone.
 * A drive's letter is as Windows writes it: VS Code sends `c%3A`, and what is stored under a path is compared by its letters.
 */
export function toPath(uri: string): string | undefined {
  try {
    const path = fileURLToPath(uri);
    return process.platform === 'win32' ? path.replace(/^[a-z]:/, (drive) => drive.toUpperCase()) : path;
  } catch {
    return undefined;
  }
}

/** The path of a folder that is to be read. Throws UserError `not-here` for one that is elsewhere, such as that of a remote window. */
export function pathHere(folder: string): string {
  const path = toPath(folder);
  if (path !== undefined) return path;
  throw new UserError(
    'not-here',
    `Switchyard runs on this machine and can't read ${folder}. Install it where that folder is, such as with "Install in SSH" in VS Code's Extensions view.`,
  );
}

/** Whether which models may see a document can be told by its path: of what is on another machine, the ignore files are there as well. */
export function hasRulesHere(uri: string): boolean {
  const [, cellScheme = ''] = /^vscode-notebook-cell:[^#]*#[^s]*s([\w+/-]+)/i.exec(uri) ?? []; // behind the cell's number, in Base64
  const [, scheme = ''] = /^([a-z][a-z\d+.-]+):/i.exec(uri) ?? [];
  return ['', 'file', 'untitled'].includes(
    cellScheme === '' ? scheme.toLowerCase() : Buffer.from(cellScheme, 'base64').toString(),
  );
}

/** What a notebook's cell shares with the others of it, as VS Code names them; undefined of what is no cell. */
export function notebookOf(uri: string): string | undefined {
  return /^vscode-notebook-cell:[^#]*/i.exec(uri)?.[0];
}

/**
 * A URI in the one spelling under which we know it. Editors differ in which characters they percent-encode and in how they write a
 * drive's letter, and Windows takes either case of a name. Only to compare: clients are told their own spelling.
 */
export function oneSpelling(uri: string): string {
  if (!/^file:/i.test(uri)) return uri;
  const path = toPath(uri);
  if (path === undefined) return uri;
  return pathToFileURL(process.platform === 'win32' ? path.toLowerCase() : path).href;
}

/**
 * A folder's URI as this system writes it, whichever way a client does: what is stored of a folder is looked up by its letters.
 * Undefined of a file URI that no path can name.
 */
export function folderUri(uri: string): string | undefined {
  if (!/^file:/i.test(uri)) return uri;
  const path = toPath(uri);
  return path === undefined ? undefined : pathToFileURL(resolve(path)).href;
}

/** The URI of a file in a folder; the path has slashes on every system. Asks no system, since a folder may be of another one's. */
export function uriWithin(folder: string, path: string): string {
  const encoded = path.replace(
    /[%?#\\\n\r\t[\]~^|]/g,
    (letter) => `%${Buffer.from(letter).toString('hex').toUpperCase()}`,
  );
  return new URL(`./${encoded}`, folder.endsWith('/') ? folder : `${folder}/`).href;
}

/** What a file is known by, whichever of its names a client uses: links are followed, and letters are as the disk has them. Asks the disk. */
export function fileIdentity(uri: string): string {
  const path = /^file:/i.test(uri) ? toPath(uri) : undefined;
  if (path === undefined) return uri;
  try {
    return pathToFileURL(realpathSync.native(path)).href;
  } catch {
    return oneSpelling(uri); // it is not on the disk, or not yet
  }
}
