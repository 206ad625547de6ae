// What an edit can be about, for models whose answers are forced: a piece of a file that was read, a file that is shown first, or one that
// isn't there yet.
import { choiceOf, folderPaths, lastTouch, quotablePieces } from './choices.ts';
import { type FolderFiles, pathInFolder } from './folder-files.ts';
import type { ObjectSchema, PastCall, ToolRun } from './tool.ts';

const maxFiles = 6; // those that were read last
/** Long patterns make large grammars, which are slow. */
const newPath = '^[^:*?"<>|\\\\/\\s][^:*?"<>|\\\\\\n]*$';

export async function editChoices(
  files: FolderFiles,
  run: ToolRun,
  past: readonly PastCall[],
): Promise<ObjectSchema[]> {
  const paths = await folderPaths(files, run);
  const read = [...new Set(past.map(({ given }) => given['path']))]
    .filter((path) => typeof path === 'string' && lastTouch(past, path) !== undefined)
    .slice(-maxFiles) as string[];
  const changes = await Promise.all(read.map((path) => changeOf(path, files, run)));
  const isNew = paths && paths.length > 0 ? { not: { enum: paths } } : {};
  const created = choiceOf({ path: { type: 'string', pattern: newPath, ...isNew }, new: { type: 'string' } });
  const unread = (paths ?? []).filter((path) => !read.includes(path));
  const shown = unread.length > 0 ? [choiceOf({ path: { enum: unread } })] : [];
  return [...changes.flat(), ...shown, created];
}

/** A file that is too long for its pieces to be chosen among is quoted freely. */
async function changeOf(path: string, files: FolderFiles, run: ToolRun): Promise<ObjectSchema[]> {
  const text = await readIn(path, files, run).catch(() => undefined);
  if (text === undefined) return []; // deleted meanwhile, or no path of the folder
  const pieces = quotablePieces(text);
  const old = pieces.length > 0 ? { enum: pieces } : { type: 'string', minLength: 1 };
  return [choiceOf({ path: { enum: [path] }, old, new: { type: 'string' } })];
}

/** The path is as the model said it. */
async function readIn(path: string, files: FolderFiles, run: ToolRun): Promise<string> {
  return files.text(pathInFolder(path, run.root), run);
}
