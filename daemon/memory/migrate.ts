// Brings a database to the newest schema. The list only ever grows; each migration runs in one transaction, after a backup.
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { UserError } from '../base/errors.ts';
import { chats } from './migrations/0001-chats.ts';
import { reviews } from './migrations/0002-reviews.ts';
import { requests } from './migrations/0003-requests.ts';
import { profiles } from './migrations/0004-profiles.ts';
import { deletion } from './migrations/0009-deletion.ts';

export interface Migration {
  /** A number and a word, such as `0001-chats`; never changed once released. */
  readonly name: string;
  readonly sql: string;
}

export const migrations: readonly Migration[] = [chats, reviews, requests, profiles, deletion];

export const keptBackups = 5;

/** Applies what is missing from the list. Throws UserError `database-newer`, having changed nothing, if the file holds more than that. */
export function migrate(database: Database, known: readonly Migration[] = migrations): void {
  const applied = appliedMigrations(database);
  refuseNewer(database.name, applied, known);
  const fresh = isEmpty(database);
  const backups: string[] = [];
  for (const migration of known.filter(({ name }) => !applied.includes(name))) {
    const backup = fresh ? undefined : backUp(database, migration.name);
    try {
      apply(database, migration);
    } catch (error) {
      if (backup) rmSync(backup, { force: true }); // rolled back, so the database itself is what the backup holds
      throw error;
    }
    if (backup) backups.push(backup);
  }
  if (backups.length > 0) prune(backupFolder(database.name), Math.max(keptBackups, backups.length));
}

/** Names of the migrations that a database has seen, in order; none for a blank one. */
export function appliedMigrations(database: Database): string[] {
  const table = database.prepare("select 1 from sqlite_schema where type = 'table' and name = 'migration'").get();
  return table ? (database.prepare('select name from migration order by name').pluck().all() as string[]) : [];
}

function refuseNewer(file: string, applied: readonly string[], known: readonly Migration[]): void {
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
  const folder = backupFolder(database.name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stamp = new Date().toISOString().replaceAll(':', '-');
  const copy = join(folder, `${basename(database.name, '.db')}-${stamp}-before-${before}.db`);
  const unfinished = `${copy}.unfinished`;
  try {
    closeSync(openSync(unfinished, 'wx', 0o600)); // VACUUM INTO fills an empty file and keeps its mode
    database.prepare('vacuum into ?').run(unfinished);
    flush(unfinished); // VACUUM INTO does not
    renameSync(unfinished, copy);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
  return copy;
}

export function backupFolder(file: string): string {
  return join(dirname(file), 'backups');
}

function flush(file: string): void {
  const descriptor = openSync(file, 'r+');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function prune(folder: string, kept: number): void {
  const backups = readdirSync(folder).filter((name) => name.endsWith('.db')).sort();
  for (const name of backups.slice(0, -kept)) rmSync(join(folder, name), { force: true });
}
