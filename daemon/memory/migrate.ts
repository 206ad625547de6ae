// Brings a database to the newest schema. The list only ever grows; each migration runs in one transaction, after a backup.
import { rmSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { UserError } from '../base/errors.ts';
import { chats } from './migrations/0001-chats.ts';
import { reviews } from './migrations/0002-reviews.ts';
import { requests } from './migrations/0003-requests.ts';
import { checksums } from './migrations/0004-checksums.ts';
import { beginCopy, dropCopy, finishCopy, newBackup, prune } from './safety/copies.ts';

export interface Migration {
  /** A number and a word, such as `0001-chats`; never changed once released. */
  readonly name: string;
  readonly sql: string;
}

export const migrations: readonly Migration[] = [chats, reviews, requests, checksums];

/**
 * Applies what is missing from the list, each step after a backup (none of a blank database, or where it is itself a copy).
 * Throws UserError `database-newer`, having changed nothing, if the file holds more than that.
 */
export function migrate(database: Database, known: readonly Migration[] = migrations, { isCopy = false } = {}): void {
  const applied = appliedMigrations(database);
  refuseNewer(database.name, applied, known);
  const needsNone = isCopy || isEmpty(database);
  const backups: string[] = [];
  for (const migration of known.filter(({ name }) => !applied.includes(name))) {
    const backup = needsNone ? undefined : backUp(database, migration.name);
    try {
      apply(database, migration);
    } catch (error) {
      if (backup) rmSync(backup, { force: true }); // rolled back, so the database itself is what the backup holds
      throw error;
    }
    if (backup) backups.push(backup);
  }
  if (backups.length > 0) prune(database.name, backups.length);
}

/** Names of the migrations that a database has seen, in order; none for a blank one. */
export function appliedMigrations(database: Database): string[] {
  const table = database.prepare("select 1 from sqlite_schema where type = 'table' and name = 'migration'").get();
  return table ? (database.prepare('select name from migration order by name').pluck().all() as string[]) : [];
}

/** Throws UserError `database-newer` when a list of applied migrations holds one that is not known. */
export function refuseNewer(file: string, applied: readonly string[], known: readonly Migration[]): void {
  const names = known.map(({ name }) => name);
  const unknown = applied.filter((name) => !names.includes(name));
  if (unknown.length === 0) return;
  throw new UserError(
    'database-newer',
    `The database ${file} was written by a newer Switchyard (its format is ${unknown.at(-1)}, this one knows ${names.at(-1)}). ` +
      'It was not changed. Update Switchyard, or move the file away to start with an empty history.',
  );
}

function isEmpty(database: Database): boolean {
  return database.prepare('select 1 from sqlite_schema').get() === undefined;
}

function apply(database: Database, { name, sql }: Migration): void {
  database
    .transaction(() => {
      database.exec('create table if not exists migration (name text primary key, applied_at integer not null) strict');
      database.exec(sql);
      database.prepare('insert into migration (name, applied_at) values (?, ?)').run(name, Date.now());
    })
    .immediate();
}

/** Writes a complete copy beside the database; under its final name only once it is whole and on the disk. */
function backUp(database: Database, before: string): string {
  const copy = newBackup(database.name, `before-${before}`);
  try {
    database.prepare('vacuum into ?').run(beginCopy(copy));
    finishCopy(copy);
  } catch (error) {
    dropCopy(copy);
    throw error;
  }
  return copy;
}
