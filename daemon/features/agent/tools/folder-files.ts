// The files of a run's folder as its reading tools see them: inside the folder, through links too, and kept from models by no rule. What an
// editor has open and not saved is read as it stands there.
import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { errnoCode, UserError } from '../../../base/errors.ts';
import { isInside } from '../../../base/paths.ts';
import { filesUnder, readText } from '../../../code-index/walk.ts';
import type { Ignore } from '../../../ignore/ignore.ts';
import type { ToolRun } from './tool.ts';

const maxNamesTold = 20;

type Place = Pick<ToolRun, 'root' | 'session'>;

/** Lives as long as the daemon. */
export interface FolderFiles {
  /** Throws UserErrors that say why there is no text. */
  text(path: string, place: Place): Promise<string>;
  /** The same, as the user sees it now, where the client has to be asked for that. */
  current(path: string, place: Place): Promise<string>;
  /** What a folder holds, folders with a slash behind their names; sorted. Throws UserErrors. */
  list(path: string, place: Place): Promise<string[]>;
  /** Text files under a folder that models may see, as paths from the run's folder. */
  under(path: string, place: Place): AsyncIterable<string>;
}

export function createFolderFiles(ignore: Ignore): FolderFiles {
  async function refuseKept(path: string, root: string): Promise<void> {
    const { ignored, by } = await ignore.isIgnored(join(root, path), root);
    if (ignored)
      throw new UserError('ignored-file', `${path || 'The folder'} is kept from models by ${by ?? 'an ignore file'}.`);
  }
  /** Sorted; undefined where there is no such folder. */
  async function entriesOf(path: string, root: string): Promise<string[] | undefined> {
    const entries = await readdir(join(root, path), { withFileTypes: true }).catch(() => undefined);
    const shown = entries?.map(async (entry) => {
      const name = path === '' ? entry.name : `${path}/${entry.name}`;
      if (entry.name === '.git' || (await ignore.isIgnored(join(root, name), root)).ignored) return [];
      return [entry.isDirectory() ? `${entry.name}/` : entry.name];
    });
    return shown && (await Promise.all(shown)).flat().toSorted();
  }
  /** Says what there is instead: small models guess names. */
  async function failed(path: string, root: string, error: unknown): Promise<never> {
    const code = errnoCode(error);
    if (code === 'ENOTDIR') throw new UserError('no-folder', `${path} is a file. Read it.`);
    if (code !== 'ENOENT')
      throw new UserError('no-file', `${path || 'The folder'} can't be read (${code ?? 'unknown'}).`);
    const above = dirname(path) === '.' ? '' : dirname(path);
    const names = await entriesOf(above, root);
    const shown = names?.slice(0, maxNamesTold).join(', ') || 'nothing';
    throw new UserError(
      'no-file',
      `There's no ${path}. ${above || 'The folder'} has ${names ? shown : 'no such folder'}.`,
    );
  }
  async function allowedText(path: string, { root, session }: Place): Promise<string> {
    const open = session.document(pathToFileURL(join(root, path)).href)?.getText();
    if (open !== undefined) return open;
    const found = await stat(join(root, path)).catch((error: unknown) => failed(path, root, error));
    if (found.isDirectory()) throw new UserError('no-file', `${path || '.'} is a folder. List it.`);
    const text = await readText(await realpath(root).catch(() => root), path);
    if (text !== undefined) return text;
    throw new UserError('no-text', `${path} can't be read: it is no text, too large, or behind a link.`);
  }
  return {
    async text(path, place) {
      await refuseKept(path, place.root);
      return allowedText(path, place);
    },
    async current(path, place) {
      await refuseKept(path, place.root);
      await place.session.refresh?.(pathToFileURL(join(place.root, path)).href);
      return allowedText(path, place);
    },
    async list(path, { root }) {
      if (path !== '') await refuseKept(path, root);
      return (await entriesOf(path, root)) ?? failed(path, root, await errorOf(path, root));
    },
    under: (path, { root }) => pathsUnder(path, root, ignore),
  };
}

async function* pathsUnder(path: string, root: string, ignore: Ignore): AsyncGenerator<string> {
  for await (const file of filesUnder({ root, ignore, from: path })) yield file.path;
}

async function errorOf(path: string, root: string): Promise<unknown> {
  return readdir(join(root, path)).catch((error: unknown) => error);
}

/** The path from the folder, with slashes; empty for the folder itself. Throws UserError `outside-folder`. */
export function pathInFolder(said: string, root: string): string {
  const path = resolve(root, said.trim().replaceAll('\\', '/'));
  if (!isInside(path, root))
    throw new UserError('outside-folder', `${said.slice(0, 200)} is outside the folder. Name a path inside it.`);
  return relative(root, path).replaceAll(sep, '/');
}
