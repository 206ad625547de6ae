// Reads what a diff or a project names: any path may stand there, and a link may lead anywhere.
import { readFile, realpath, stat } from 'node:fs/promises';
import { isInside } from '../../base/paths.ts';

/** A file's text; undefined where it lies outside of the folder, even through a link, is no file, too large or not there. */
export async function textInside(path: string, root: string, maxBytes: number): Promise<string | undefined> {
  try {
    const [real, realRoot] = await Promise.all([realpath(path), realpath(root)]);
    const stats = await stat(real); // reading a pipe without a writer would never end
    return isInside(real, realRoot) && stats.isFile() && stats.size <= maxBytes
      ? await readFile(real, 'utf8')
      : undefined;
  } catch {
    return undefined;
  }
}
