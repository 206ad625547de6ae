// The SQLite library, loaded at the first opening rather than with this file, so that a missing package is a sentence and not a
// dead worker. Every database of the daemon is opened here, which makes it one library of one version.
import { createRequire } from 'node:module';
import type Database from 'better-sqlite3';
import { UserError } from '../../base/errors.ts';

const load = createRequire(import.meta.url);

/** Before it, WAL databases could be damaged when two connections checkpointed at once (sqlite.org/wal.html, "the WAL-reset bug"). */
export const lowestSqlite = '3.51.3';

const busyTimeoutMs = 5000;

/**
 * Opens a file as it is, or a database in memory from its bytes. Its schema may call no function and no virtual table that has effects
 * beyond the database. Throws SQLite's errors, and UserError `storage-missing`.
 */
export function openDatabase(file: string | Buffer, options: Database.Options = {}): Database.Database {
  const SqliteDatabase = loadNative();
  const database = new SqliteDatabase(file, { timeout: busyTimeoutMs, ...options });
  database.pragma('trusted_schema = off'); // reads nothing of the file yet
  database.pragma('secure_delete = on'); // what is deleted is overwritten
  return database;
}

function loadNative(): typeof Database {
  try {
    return load('better-sqlite3') as typeof Database;
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new UserError(
      'storage-missing',
      `Couldn't load SQLite, so chats can't be saved (${why}). Reinstall Switchyard.`,
      { cause: error },
    );
  }
}

/** Which SQLite a database is open in, and whether it is one that keeps WAL databases whole. */
export function sqliteNative(database: Database.Database): { name: string; ok: boolean; why?: string } {
  const version = database.prepare('select sqlite_version()').pluck().get() as string;
  const ok = isAtLeast(version, lowestSqlite);
  return {
    name: 'better-sqlite3',
    ok,
    ...(!ok && { why: `it holds SQLite ${version}, and ${lowestSqlite} or newer is needed` }),
  };
}

/** Whether a version such as `3.51.3` is another or newer. */
export function isAtLeast(version: string, lowest: string): boolean {
  return version.localeCompare(lowest, 'en', { numeric: true }) >= 0;
}

/** Vector search is optional: what is wrong with it is for `doctor`, and stops nothing. */
export function vectorNative(database: Database.Database): { name: string; ok: boolean; why?: string } {
  const name = 'sqlite-vec';
  try {
    (load('sqlite-vec') as { load(database: Database.Database): void }).load(database);
    return { name, ok: true };
  } catch (error) {
    return { name, ok: false, why: error instanceof Error ? error.message : String(error) };
  }
}
