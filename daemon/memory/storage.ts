// The database file: opened at the first need, opened again when a call finds it unusable.
// A disk that cannot be written to leaves the stored chats readable, and writing resumes by itself when it can.
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type Database from 'better-sqlite3';
import { errnoCode, UserError } from '../base/errors.ts';
import type { CallRequest, Health } from './calls.ts';
import { recoverAnswers } from './chats/pieces.ts';
import { purgeExpired } from './chats/trash.ts';
import { createIdSource } from './ids.ts';
import type { ProfileMemory } from './memory.ts';
import { appliedMigrations, migrate, migrations } from './migrate.ts';
import { partsOf } from './profiles/parts.ts';
import { SqliteProfiles } from './profiles/profiles.ts';
import { SqliteSpendingLog } from './records/ledger.ts';
import { Sql } from './sql.ts';
import { toStorageError } from './storage-errors.ts';

// Loaded at the first opening rather than with this file, so that a missing package is a sentence and not a dead worker.
const load = createRequire(import.meta.url);

interface Opened {
  readonly database: Database.Database;
  readonly sql: Sql;
  /** The parts that a call names, for its profile. Throws UserError `profile-not-found`. */
  part(call: Call): object;
  /** Why nothing can be written now, when only reading works. */
  readonly onlyReading?: UserError;
}

type Call = Omit<CallRequest, 'id'>;

const busyTimeoutMs = 5000;

/** Lives as long as the worker; holds at most one open database. */
export class Storage {
  readonly #file: string;
  readonly #newId = createIdSource();
  #opened: Opened | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** Answers one call, opening the database if it is not open. Throws UserErrors, and plain errors for mistakes of ours. */
  call(call: Call): unknown {
    if (call.part === 'storage') return this.health();
    try {
      return invoke(this.open(), call);
    } catch (error) {
      if (this.#opened?.onlyReading && isReadOnly(error)) return this.#callWritable(call);
      const meaning = toStorageError(error, this.#file);
      if (isLost(meaning)) this.close();
      throw meaning;
    }
  }

  health(): Health {
    if (this.#opened?.onlyReading) this.close(); // perhaps the disk is writable again
    try {
      const { onlyReading, database } = this.open();
      const natives = [{ name: 'better-sqlite3', ok: true }, vectorNative(database)];
      return { ok: !onlyReading, detail: onlyReading?.message ?? `Chats and findings are stored in ${this.#file}.`, natives };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const missing = error instanceof UserError && error.code === 'storage-missing';
      return { ok: false, detail: why, natives: [missing ? { name: 'better-sqlite3', ok: false, why } : { name: 'better-sqlite3', ok: true }] };
    }
  }

  open(): Opened {
    this.#opened ??= this.#openFile();
    return this.#opened;
  }

  /** Ends for good what was deleted long enough ago. Called now and then; a disk that takes no writes is left alone. */
  sweep(): void {
    try {
      if (this.#opened && !this.#opened.onlyReading) purgeExpired(this.#opened.sql);
    } catch {
      // The next call tells what is wrong.
    }
  }

  close(): void {
    this.#opened?.database.close();
    this.#opened = undefined;
  }

  /** A write that came while only reading worked. */
  #callWritable(call: Call): unknown {
    this.close();
    const opened = this.open();
    if (opened.onlyReading) throw opened.onlyReading;
    return invoke(opened, call);
  }

  #openFile(): Opened {
    try {
      return this.#use(openWritable(this.#file));
    } catch (error) {
      const reason = toStorageError(error, this.#file);
      if (!(reason instanceof UserError) || !isUnwritable(reason)) throw reason;
      const database = openReadable(this.#file);
      if (!database) throw reason;
      return this.#use(database, reason);
    }
  }

  /** Finishes opening; a database that cannot be used after all is closed again. */
  #use(database: Database.Database, onlyReading?: UserError): Opened {
    try {
      const sql = new Sql(database);
      if (!onlyReading) {
        recoverAnswers(sql); // also finds out whether the disk can be written to
        purgeExpired(sql);
      }
      return { database, sql, part: partFinder(sql, this.#newId), ...(onlyReading && { onlyReading }) };
    } catch (error) {
      database.close();
      throw error;
    }
  }
}

/** Calls a method by its name. The names come from our own client, whose calls are typed. */
function invoke(opened: Opened, call: Call): unknown {
  const methods = opened.part(call) as Record<string, (...args: readonly unknown[]) => unknown>;
  return methods[call.name]?.(...call.args);
}

/** Each profile has parts of its own, which see nothing else; a profile that is gone has none. */
function partFinder(sql: Sql, newId: () => string): Opened['part'] {
  const known = new Map<string, ReturnType<typeof partsOf>>();
  const shared = { profiles: new SqliteProfiles(sql, { newId, onDelete: (id) => known.delete(id) }), spending: new SqliteSpendingLog(sql) };
  return ({ profile, part }) => {
    if (part === 'profiles' || part === 'spending') return shared[part];
    const parts = known.get(profile) ?? partsOf(sql, newId, shared.profiles.existing(profile).id);
    known.set(profile, parts);
    return parts[part as keyof ProfileMemory];
  };
}

/** Opens the file, or makes it, with the newest schema. */
function openWritable(file: string): Database.Database {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600)); // SQLite gives its helper files the same mode
  const database = openWith(file, { timeout: busyTimeoutMs });
  try {
    migrate(database); // refuses a newer file before anything is changed
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = NORMAL'); // a commit survives the death of the process; the last ones may not survive a power cut
    database.pragma('foreign_keys = ON');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Opens an existing file on a disk that takes no writes; undefined where SQLite cannot. To read a WAL database SQLite needs its
 * helper files. Where they are missing and cannot be made, nothing is waiting in them, and a copy in memory is the whole truth.
 */
function openReadable(file: string): Database.Database | undefined {
  try {
    return checked(openWith(file, { readonly: true, timeout: busyTimeoutMs }));
  } catch {
    // Tried below.
  }
  try {
    const waiting = statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    return waiting > 0 || statSync(file).size > mostBytesInMemory ? undefined : checked(openWith(withoutWal(readFileSync(file)), { readonly: true }));
  } catch {
    return undefined;
  }
}

const mostBytesInMemory = 512 * 1024 * 1024;

/** A database in memory cannot use WAL: bytes 18 and 19 of the header name the journal, 1 for the older kind. */
function withoutWal(bytes: Buffer): Buffer {
  bytes.fill(1, 18, 20);
  return bytes;
}

/** Opening alone reads nothing: only a query shows whether it worked, and whether the schema is ours. */
function checked(database: Database.Database): Database.Database {
  try {
    if (appliedMigrations(database).length !== migrations.length) throw new Error('the schema is not the newest');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function openWith(file: string | Buffer, options: Database.Options): Database.Database {
  const SqliteDatabase = loadNative();
  return new SqliteDatabase(file, options);
}

function loadNative(): typeof Database {
  try {
    return load('better-sqlite3') as typeof Database;
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new UserError('storage-missing', `SQLite could not be loaded, so chats cannot be stored (${why}). Install Switchyard again.`, { cause: error });
  }
}

/** Vector search is optional: whatever is wrong with it is told to `doctor` and stops nothing. */
function vectorNative(database: Database.Database): Health['natives'][number] {
  const name = 'sqlite-vec';
  try {
    (load('sqlite-vec') as { load(database: Database.Database): void }).load(database);
    return { name, ok: true };
  } catch (error) {
    return { name, ok: false, why: error instanceof Error ? error.message : String(error) };
  }
}

function isReadOnly(error: unknown): boolean {
  return errnoCode(error)?.startsWith('SQLITE_READONLY') ?? false;
}

/** Failures that leave the stored data readable. */
function isUnwritable({ code }: UserError): boolean {
  return ['disk-full', 'storage-read-only', 'disk-failed', 'storage-cannot-open'].includes(code);
}

/** Failures after which the open database is of no more use. */
function isLost(error: unknown): boolean {
  return error instanceof UserError && ['storage-read-only', 'disk-failed', 'database-damaged'].includes(error.code);
}
