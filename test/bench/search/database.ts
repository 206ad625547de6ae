// A database of the newest schema, in this thread.
import Database from 'better-sqlite3';
import * as sqliteVec from 'sqlite-vec';
import { migrate } from '../../../daemon/storage/sqlite/migrate.ts';

export function openDatabase(file: string): Database.Database {
  const database = new Database(file);
  sqliteVec.load(database);
  migrate(database);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = NORMAL');
  database.pragma('foreign_keys = ON');
  database.pragma('cache_size = -32768');
  return database;
}

/** Runs what gives way to its end. */
export function runToEnd<Result>(work: Generator<void, Result>): Result {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

export function sizeOf(scale: string | undefined): number {
  return scale === '1m' ? 1_000_000 : 100_000;
}
