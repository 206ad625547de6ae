// The folders that a client works in, from what it says of them. The daemon and the forwarder's mirror both read it here.
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { folderUri } from '../base/uri.ts';

/** The three forms in which a client introduces itself with folders, the newest first. */
interface IntroducedFolders {
  workspaceFolders?: unknown;
  rootUri?: unknown;
  rootPath?: unknown;
}

/** As URIs in one spelling. */
export function introducedFolders({ workspaceFolders, rootUri, rootPath }: IntroducedFolders): string[] {
  const folders = foldersIn(workspaceFolders);
  if (folders.length > 0) return folders;
  const isPath = typeof rootPath === 'string' && isAbsolute(rootPath);
  return foldersIn([{ uri: rootUri || (isPath ? pathToFileURL(rootPath).href : undefined) }]);
}

export function changedFolders(
  folders: readonly string[],
  { added, removed }: { added?: unknown; removed?: unknown },
): string[] {
  const gone = new Set(foldersIn(removed));
  return [...new Set([...folders.filter((folder) => !gone.has(folder)), ...foldersIn(added)])];
}

/** Without those in which nothing could be read: one on another machine's disk (`file://host/…`), or one that no path can name. */
function foldersIn(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((folder: { uri?: unknown } | null) => {
    const uri = folder?.uri;
    return typeof uri === 'string' && uri !== '' ? (folderUri(uri) ?? []) : [];
  });
}
