// The file that a call is about, so that a client can show it.
import { resolve } from 'node:path';
import { isInside } from '../../../base/paths.ts';

/** Files that a call names, as the tools for files take them. */
export function pathsIn(given: unknown): string[] {
  const { path } = (given ?? {}) as { path?: unknown };
  return typeof path === 'string' ? [path] : [];
}

/** As a whole path; of a part of a call, as which it is given. Empty where it names none inside of the folder. */
export function shownPath(json: string, root: string | undefined): { path?: string } {
  if (!root) return {};
  try {
    const [path] = pathsIn(JSON.parse(json)).map((each) => resolve(root, each));
    return path !== undefined && isInside(path, root) ? { path } : {};
  } catch {
    return {}; // the model wrote no JSON
  }
}
