// Going back to a backup. Everything that can fail happens to a copy beside the database; the change itself is one renaming.
import { chmodSync, constants, copyFileSync, existsSync, linkSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { moveFileSync } from '../../../base/disk.ts';
import { UserError } from '../../../base/errors.ts';
import type { Verification } from '../../backups.ts';
import { migrate } from '../migrate.ts';
import { openDatabase } from '../native.ts';
import { isDamage } from '../storage-errors.ts';
import { filesOf, flush, flushFolder, newBackup, removeDatabase } from './copies.ts';
import { noSuchFile, sizeOf, verifyFile } from './verify.ts';

/** The copy that is made ready. */
function restoringName(database: string): string {
  return `${database}.restoring`;
}

/**
 * Makes a copy of a backup ready to take the database's place: whole, of the newest schema, in one file. What it finds wrong is in
 * the result, and then there is no copy. Throws UserError `no-such-file`, and what the disk says. Takes seconds for a large file.
 */
export function prepareRestore(source: string, database: string): Verification {
  const copy = restoringName(database);
  removeDatabase(copy);
  if (sizeOf(source) === undefined) throw noSuchFile(source);
  try {
    copyFileSync(source, copy, constants.COPYFILE_FICLONE);
    chmodSync(copy, 0o600);
    takeInLogs(source, copy);
    const verified = { ...verifyFile(copy), file: source };
    if (!verified.ok) {
      removeDatabase(copy);
      return verified;
    }
    const opened = openDatabase(copy);
    try {
      opened.pragma('journal_mode = delete');
      migrate(opened, undefined, { isCopy: true });
    } finally {
      opened.close();
    }
    flush(copy);
    return verified;
  } catch (error) {
    removeDatabase(copy);
    throw error;
  }
}

/** A database that was copied by hand may have a log beside it, with its newest part or with what must be undone. */
function takeInLogs(source: string, copy: string): void {
  const logs = ['-wal', '-journal'].filter((ending) => existsSync(`${source}${ending}`));
  if (logs.length === 0) return;
  for (const ending of logs) copyFileSync(`${source}${ending}`, `${copy}${ending}`);
  const opened = openDatabase(copy);
  try {
    opened.pragma('journal_mode = delete');
  } catch (error) {
    if (!isDamage(error)) throw error; // else the check says what is wrong
  } finally {
    opened.close();
  }
}

/** Throws UserError when a backup cannot be restored. */
export function refuseRestore({ file, ok, isNewer, problems }: Verification): void {
  if (ok) return;
  if (isNewer)
    throw new UserError(
      'database-newer',
      `${file} can't be restored here. ${problems.at(-1)} Nothing was changed. Update Switchyard and try again.`,
    );
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  throw new UserError(
    'backup-damaged',
    `${file} is damaged and wasn't restored: ${problems[0]}${more} Nothing was changed. Choose another backup from \`switchyard backup list\`.`,
  );
}

/**
 * Puts the copy in the database's place, which must not be open. The present database becomes a backup; returns its path, or
 * undefined when there was none. Throws UserError `storage-busy` when another program has the database open.
 */
export function swapIn(database: string): string | undefined {
  const waiting = statSync(`${database}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  if (waiting > 0)
    throw new UserError(
      'storage-busy',
      `Another program is using the database ${database}, so nothing was restored. Close that program and try again.`,
      { retryable: true },
    );
  const backup = existsSync(database) ? newBackup(database, 'before-restore') : undefined;
  if (backup) keepAs(database, backup);
  for (const file of filesOf(database).slice(1)) rmSync(file, { force: true }); // a log would be taken for the new file's
  moveFileSync(restoringName(database), database);
  flushFolder(dirname(database));
  return backup;
}

/** A second name for the file costs nothing; where the disk has no such names, it is copied. */
function keepAs(file: string, name: string): void {
  try {
    linkSync(file, name);
  } catch {
    copyFileSync(file, name, constants.COPYFILE_EXCL);
    flush(name);
  }
}
