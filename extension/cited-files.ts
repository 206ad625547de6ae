// Which of the paths that an answer cites are files of this workspace. An answer is hostile text: nothing outside is looked for.
import * as vscode from 'vscode';

const maxPaths = 50;

/** Those of the paths that are files of the workspace, with their address. */
export async function filesOf(paths: readonly string[]): Promise<{ path: string; uri: string }[]> {
  const found = await Promise.all(paths.slice(0, maxPaths).map(async (path) => ({ path, uri: await find(path) })));
  return found.flatMap(({ path, uri }) => (uri ? [{ path, uri: uri.toString() }] : []));
}

async function find(path: string): Promise<vscode.Uri | undefined> {
  const parts = path.split('/');
  if (
    path.length > 500 ||
    path.includes('\\') ||
    path.includes('\0') ||
    parts.some((part) => part === '' || part === '.' || part === '..')
  )
    return undefined;
  for (const { uri, name } of vscode.workspace.workspaceFolders ?? []) {
    // Editors write a folder's own name before a path where there are several folders.
    for (const below of [parts, ...(parts[0] === name ? [parts.slice(1)] : [])]) {
      const candidate = vscode.Uri.joinPath(uri, ...below);
      if (below.length > 0 && (await isFile(candidate))) return candidate;
    }
  }
  return undefined;
}

async function isFile(uri: vscode.Uri): Promise<boolean> {
  try {
    return ((await vscode.workspace.fs.stat(uri)).type & vscode.FileType.File) !== 0;
  } catch {
    return false;
  }
}
