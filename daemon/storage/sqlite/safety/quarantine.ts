// A damaged database is moved aside and never deleted; a new one is made of what can still be read. A crash at any moment leaves
// either the damaged file in its place, or a whole new one that the next opening puts there.
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { moveFileSync } from '../../../base/disk.ts';
import { filesOf, flush, flushFolder, removeDatabase, timestamp } from './copies.ts';
import { type RebuildResult, rebuild } from './rebuild.ts';
import { verifyFile } from './verify.ts';

export interface RecoveryReport extends RebuildResult {
  /** Milliseconds since the epoch. */
  at: number;
  /** What was found. */
  why: string;
  /** Where the damaged file lies now. */
  folder: string;
}

const reportName = 'report.json';

/**
 * Puts a rebuilt database in the place of a damaged one, which must not be open. Throws UserError `database-newer`, or what the
 * disk says; then everything is as it was.
 */
export function quarantine(database: string, why: string): RecoveryReport {
  const rebuilding = `${database}.rebuilding`;
  removeDatabase(rebuilding);
  const folder = join(damagedFolder(database), timestamp());
  try {
    closeSync(openSync(rebuilding, 'wx', 0o600));
    const rebuilt = rebuild(database, rebuilding);
    const { ok, problems } = verifyFile(rebuilding);
    if (!ok) throw new Error(`the rebuilt database isn't intact: ${problems[0]}`);
    const recovery: RecoveryReport = { ...rebuilt, at: Date.now(), why, folder };
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, reportName), JSON.stringify(recovery), { mode: 0o600 });
    flush(rebuilding);
    moveFileSync(rebuilding, rebuiltName(database));
    finishQuarantine(database);
    return recovery;
  } finally {
    removeDatabase(rebuilding);
  }
}

/** Ends a quarantine that a crash interrupted; does nothing when there was none. */
export function finishQuarantine(database: string): void {
  if (!existsSync(rebuiltName(database))) return;
  const folder = newestFolder(database) ?? join(damagedFolder(database), timestamp());
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  flushFolder(dirname(database));
  for (const file of filesOf(database)) if (existsSync(file)) moveFileSync(file, join(folder, basename(file)));
  moveFileSync(rebuiltName(database), database);
  flushFolder(dirname(database));
}

function rebuiltName(database: string): string {
  return `${database}.rebuilt`;
}

function damagedFolder(database: string): string {
  return join(dirname(database), 'damaged');
}

function newestFolder(database: string): string | undefined {
  const folder = damagedFolder(database);
  const newest = existsSync(folder) ? readdirSync(folder).sort().at(-1) : undefined;
  return newest === undefined ? undefined : join(folder, newest);
}

/** The newest recovery whose damaged file the user has kept. */
export function lastRecovery(database: string): RecoveryReport | undefined {
  try {
    const folder = newestFolder(database);
    return folder === undefined
      ? undefined
      : (JSON.parse(readFileSync(join(folder, reportName), 'utf8')) as RecoveryReport);
  } catch {
    return undefined;
  }
}

/** One sentence for what happened, one for what is missing, one for where the file lies. */
export function describeRecovery({
  recovered,
  fromBackup,
  backupAt,
  lostRows,
  lostPages,
  doubtful,
  folder,
}: RecoveryReport): string {
  const day = backupAt === undefined ? '' : new Date(backupAt).toISOString().slice(0, 10);
  const backup = fromBackup > 0 ? ` and ${fromBackup} from the backup of ${day}` : '';
  const missing = [
    ...(lostRows > 0 ? [`${count(lostRows, 'entry', 'entries')} couldn't be read`] : []),
    ...(lostPages > 0 ? [`${count(lostPages, 'page', 'pages')} of the file couldn't be read`] : []),
    ...(doubtful > 0
      ? [`${count(doubtful, 'message', 'messages')} may contain wrong letters, with a note that says so`]
      : []),
  ];
  return (
    `The chat database was damaged on disk and has been rebuilt: ${count(recovered, 'entry was', 'entries were')} read from it${backup}. ` +
    `${missing.length > 0 ? `${missing.join('; ')}.` : 'Nothing that was found is missing.'} ` +
    `The damaged file is kept in ${folder}. To see which backups you can restore, run \`switchyard backup list\`.`
  );
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}
