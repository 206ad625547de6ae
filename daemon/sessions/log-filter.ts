// Which lines of the log a session is shown: its own profile's whole, the daemon's own without details that could tell of another
// profile, another profile's not at all.
import type { LogLine } from '../base/log.ts';
import { toPath } from '../base/uri.ts';
import type { SessionView } from './session-view.ts';

/** What tells one session's lines from another's. */
type LogSession = Pick<SessionView, 'id' | 'profile' | 'roots'>;

/** Details that tell nothing of anybody's work. */
const generalDetails: ReadonlySet<string> = new Set([
  'pid',
  'version',
  'dataDir',
  'bug',
  'where',
  'dropped',
  'code',
  'notice',
]);

/** The line as `reader` may see it; undefined where it may not. `writer` asked for what the line tells of; the daemon's own lines have none. */
export function lineFor(
  reader: LogSession,
  writer: LogSession | undefined,
  { time, message, details }: LogLine,
): string | undefined {
  if (writer && !areOfOneProfile(reader, writer)) return undefined;
  const isOwn = writer !== undefined && (details['root'] === undefined || isIn(reader, details['root']));
  const shown = Object.entries(details).filter(([name]) => isOwn || generalDetails.has(name));
  return `${time} ${message}${shown.length > 0 ? ` ${JSON.stringify(Object.fromEntries(shown))}` : ''}`;
}

function areOfOneProfile(reader: LogSession, writer: LogSession): boolean {
  return reader.id === writer.id || (reader.profile !== undefined && reader.profile === writer.profile);
}

/** Work on one folder can lead to work on another profile's folder, so the writer alone does not decide. */
function isIn({ roots }: LogSession, folder: unknown): boolean {
  return roots.some((root) => folder !== undefined && folder === toPath(root));
}
