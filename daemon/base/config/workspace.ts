// How a workspace is named: by the URI of its folder, in one spelling whoever wrote it.
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expandHome } from '../paths.ts';

/** From a URI, or from a path such as `~/code/app`. Editors differ in what they escape, and in the case of a drive's letter. */
export function workspaceUri(folder: string): string {
  return respelt(folder).replace(/(?<=[^/:])\/+$/, '');
}

function respelt(folder: string): string {
  if (/^[a-z][a-z\d+.-]+:/i.test(folder) && !folder.startsWith('file:')) return folder; // of a machine or a kind that only the editor knows
  try {
    const path = folder.startsWith('file:') ? fileURLToPath(folder) : expandHome(folder);
    return pathToFileURL(path.replace(/^[a-z]:/, (drive) => drive.toUpperCase())).href;
  } catch {
    return folder; // of another machine
  }
}
