// What a session that asks for the log is shown of it: its own profile's lines, and of what the daemon does for nobody the plain
// facts. Another profile's lines are not there for it.

import type { LogLine } from '../base/log.ts';
import { toPath } from '../base/uri.ts';
import type { Session } from './session.ts';

type Reader = Pick<Session, 'id' | 'profile' | 'roots'>;

/** Details that say nothing of what anybody works on. */
const general: ReadonlySet<string> = new Set([
  'pid',
  'version',
  'dataDir',
  'bug',
  'where',
  'dropped',
  'code',
  'notice',
]);

/** The line as `reader` may see it, of those that were written while a request of `writer` was answered, or by none; undefined where it may not. */
export function lineFor(
  reader: Reader,
  writer: Reader | undefined,
  { time, message, details }: LogLine,
): string | undefined {
  if (writer && !isOfOne(reader, writer)) return undefined;
  const isOwn = writer !== undefined && (details['root'] === undefined || isIn(reader, details['root']));
  const shown = Object.entries(details).filter(([name]) => isOwn || general.has(name));
  return `${time} ${message}${shown.length > 0 ? ` ${JSON.stringify(Object.fromEntries(shown))}` : ''}`;
}

function isOfOne(reader: Reader, writer: Reader): boolean {
  return reader.id === writer.id || (reader.profile !== undefined && reader.profile === writer.profile);
}

/** Work on folders goes on from one to the next, whoever began it. */
function isIn({ roots }: Reader, folder: unknown): boolean {
  return roots.some((root) => folder !== undefined && folder === toPath(root));
}
