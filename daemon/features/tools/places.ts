// The folders that a tool's client named, and how files in them are called.
import { relative, sep } from 'node:path';
import { UserError } from '../../base/errors.ts';
import { isInside } from '../../base/paths.ts';
import { toPath } from '../../base/uri.ts';
import type { SessionView } from '../../sessions/session-view.ts';

/** The folders as paths, at least one. Throws UserError `no-folder`. */
export function needFolder(session: Pick<SessionView, 'roots'>): [string, ...string[]] {
  const [first, ...others] = session.roots.flatMap((root) => toPath(root) ?? []);
  if (first === undefined)
    throw new UserError(
      'no-folder',
      "There's no folder to look in. Open a folder in the client, or start `switchyard mcp` with --root FOLDER.",
    );
  return [first, ...others];
}

/** The path of a file from its folder, with slashes; the whole path where several folders are named. */
export function pathOf(uri: string, { roots }: Pick<SessionView, 'roots'>): string {
  const path = toPath(uri);
  if (path === undefined) return uri;
  const folders = roots.flatMap((root) => toPath(root) ?? []);
  const folder = folders.length === 1 ? folders.find((one) => isInside(path, one)) : undefined;
  return (folder === undefined ? path : relative(folder, path)).replaceAll(sep, '/');
}
