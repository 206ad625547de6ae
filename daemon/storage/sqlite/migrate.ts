// Brings a database to the newest schema. The list only ever grows; each migration runs in one transaction, after a backup.
import { rmSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { UserError } from '../../base/errors.ts';
import { chats } from './migrations/0001-chats.ts';
import { reviews } from './migrations/0002-reviews.ts';
import { requests } from './migrations/0003-requests.ts';
import { profiles } from './migrations/0004-profiles.ts';
import { checksums } from './migrations/0005-checksums.ts';
import { search } from './migrations/0006-search.ts';
import { code } from './migrations/0007-code.ts';
import { memories } from './migrations/0008-memories.ts';
import { deletion } from './migrations/0009-deletion.ts';
import { origin } from './migrations/0010-origin.ts';
import { summaries } from './migrations/0011-summaries.ts';
import { keyFile } from './migrations/0012-key-file.ts';
import { places } from './migrations/0013-places.ts';
import { purge } from './migrations/0014-purge.ts';
import { searchWords } from './migrations/0015-search-words.ts';
import { reviewStates } from './migrations/0016-review-states.ts';
import { reviewCoverage } from './migrations/0017-review-coverage.ts';
import { decisions } from './migrations/0018-decisions.ts';
import { jobs } from './migrations/0019-jobs.ts';
import { reviewMemory } from './migrations/0020-review-memory.ts';
import { reviewLessons } from './migrations/0021-review-lessons.ts';
import { jobQuestions } from './migrations/0022-job-questions.ts';
import { reviewFiles } from './migrations/0023-review-files.ts';
import { editAnswers } from './migrations/0024-edit-answers.ts';
import { completions } from './migrations/0025-completions.ts';
import { approvals } from './migrations/0026-approvals.ts';
import { mcpPins } from './migrations/0027-mcp-pins.ts';
import type { Migration } from './migrations/migration.ts';
import { openDatabase } from './native.ts';
import { beginCopy, dropCopy, finishCopy, newBackup, prune } from './safety/copies.ts';
import { hasMigrationTable, migrationTable, schemaDifferences } from './safety/own-objects.ts';
import { DamageError } from './storage-errors.ts';

export const migrations: readonly Migration[] = [
  chats,
  reviews,
  requests,
  profiles,
  checksums,
  search,
  code,
  memories,
  deletion,
  origin,
  summaries,
  keyFile,
  places,
  purge,
  searchWords,
  reviewStates,
  reviewCoverage,
  decisions,
  jobs,
  reviewMemory,
  reviewLessons,
  jobQuestions,
  reviewFiles,
  editAnswers,
  completions,
  approvals,
  mcpPins,
];

/**
 * Applies what is missing from the list, each step after a backup (none of a blank database, or where it is itself a copy).
 * Throws UserError `database-newer`, having changed nothing, if the file holds more than that, and DamageError if its schema holds
 * anything that these migrations did not make.
 */
export function migrate(database: Database, known: readonly Migration[] = migrations, { isCopy = false } = {}): void {
  const applied = appliedMigrations(database);
  refuseUnknown(database.name, applied, known);
  const [problem] = database.memory ? [] : schemaProblems(database, known.slice(0, applied.length));
  if (problem !== undefined) throw new DamageError(problem);
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
  return hasMigrationTable(database)
    ? (database.prepare('select name from migration order by name').pluck().all() as string[])
    : [];
}

/**
 * A sentence for each object of a database that is not as these migrations leave it, all of which it has seen. Reads the schema and
 * nothing else.
 */
export function schemaProblems(database: Database, applied: readonly Migration[]): string[] {
  const wanted = openDatabase(':memory:');
  try {
    for (const migration of applied) apply(wanted, migration);
    return schemaDifferences(database, wanted, applied.at(-1)?.name ?? 'Switchyard');
  } finally {
    wanted.close();
  }
}

/**
 * A file has seen the first of the known migrations and no other. Throws UserError `database-newer` when it has seen all of them and
 * more, and DamageError for any other list: none of ours writes it.
 */
function refuseUnknown(file: string, applied: readonly string[], known: readonly Migration[]): void {
  if (isNewer(applied, known)) throw newer(file, applied, known);
  if (applied.every((name, index) => name === known[index]?.name)) return;
  throw new DamageError(`its list of migrations cannot be right: ${applied.join(', ')}`);
}

/** Whether a list of applied migrations was written by a newer Switchyard. */
export function isNewer(applied: readonly string[], known: readonly Migration[]): boolean {
  const more = applied.slice(known.length);
  return (
    more.length > 0 &&
    known.every(({ name }, index) => applied[index] === name) &&
    more.every((name) => /^\d{4}-[\w-]+$/.test(name))
  );
}

export function newer(file: string, applied: readonly string[], known: readonly Migration[]): UserError {
  return new UserError(
    'database-newer',
    `The database ${file} was written by a newer Switchyard (its format is ${applied.at(-1)}, this one knows ${known.at(-1)?.name}). ` +
      "It wasn't changed. Update Switchyard, or move the file away to start with an empty history.",
  );
}

function isEmpty(database: Database): boolean {
  return database.prepare('select 1 from sqlite_schema').get() === undefined;
}

function apply(database: Database, { name, sql }: Migration): void {
  database
    .transaction(() => {
      database.exec(migrationTable.replace('table', 'table if not exists'));
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
