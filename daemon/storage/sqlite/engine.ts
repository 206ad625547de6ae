// The database file: opened at the first need, opened again when a call finds it unusable.
// A disk that cannot be written to leaves the stored chats readable, and writing resumes by itself when it can.
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type Database from 'better-sqlite3';
import { CancelledError, errnoCode, UserError } from '../../base/errors.ts';
import { createIdSource } from '../../base/ids.ts';
import type { StorageHealth } from '../storage.ts';
import type { EnginePart } from './call-table.ts';
import type { SharedCalls, StorageCall } from './calls.ts';
import { recoverAnswers } from './chats/pieces.ts';
import { purgeExpired } from './chats/trash.ts';
import { type Checkpoints, maxPages } from './checkpoints.ts';
import { CallGroups, type CallOutcome } from './group-commit.ts';
import { StagedChats } from './import/staging.ts';
import { appliedMigrations, migrate, migrations, schemaProblems } from './migrate.ts';
import { openDatabase, sqliteNative, vectorNative } from './native.ts';
import { profileParts } from './profiles/parts.ts';
import { SqliteProfiles } from './profiles/profiles.ts';
import { expireJobs } from './records/jobs.ts';
import { SqliteKeyFileLog } from './records/key-file.ts';
import { SqliteSpendingLog } from './records/ledger.ts';
import { Purge } from './safety/purge.ts';
import { describeRecovery, lastRecovery } from './safety/quarantine.ts';
import { Recovery } from './safety/recovery.ts';
import { prepareRestore } from './safety/restore.ts';
import { Safety, type SlowWork } from './safety/safety.ts';
import { verifyFile } from './safety/verify.ts';
import { SqliteSearch } from './search/search.ts';
import { Sql } from './sql.ts';
import { isDamage, toStorageError } from './storage-errors.ts';

interface OpenDatabase {
  readonly database: Database.Database;
  readonly groups: CallGroups;
  /** The parts that a call names, for its profile. Throws UserError `profile-not-found`. */
  part(call: StorageCall): object;
  readonly search: SqliteSearch;
  readonly staged: StagedChats;
  readonly purge: Purge;
  readonly natives: StorageHealth['natives'];
  /** Why nothing can be written now, when only reading works. */
  readonly onlyReading?: UserError;
}

export interface EngineOptions {
  /** Where whole files are checked; in this thread when left out. */
  slow?: SlowWork;
  /** Takes written pages from the log into the database; when left out, commits do it. */
  checkpoints?: Checkpoints;
  /** Takes what the user must be told. */
  onNotice?(notice: string): void;
  /** Called when all that was stored is in the search index. */
  onIndexed?(): void;
}

const cacheKiB = 32 * 1024; // at most; a search reads the same pages of postings again and again

const inThisThread: SlowWork = {
  verify: async (file) => verifyFile(file),
  prepareRestore: async (...files) => prepareRestore(...files),
};

/** Lives as long as the worker; holds at most one open database. */
export class SqliteEngine {
  readonly #file: string;
  readonly #newId = createIdSource();
  readonly #recovery: Recovery;
  readonly #safety: Safety;
  readonly #checkpoints: Checkpoints | undefined;
  readonly #onIndexed: () => void;
  #opened: OpenDatabase | undefined;
  /** Whether the disk has reported an error since the file was opened. */
  #isDoubted = false;
  #hasEnded = false;
  /** When somebody last asked for something: what we ask ourselves does not count. */
  #calledAt = performance.now();

  constructor(
    file: string,
    { slow = inThisThread, checkpoints, onNotice = () => {}, onIndexed = () => {} }: EngineOptions = {},
  ) {
    this.#file = file;
    this.#checkpoints = checkpoints;
    this.#onIndexed = onIndexed;
    this.#recovery = new Recovery(file, { onNotice, checkLater: () => void this.#safety.verify().catch(() => {}) });
    this.#safety = new Safety(
      {
        file,
        database: () => this.open().database,
        purged: () => this.#purgeNow(),
        onDamage: (why) => this.#recovery.found(why),
        whileClosed: (work) => {
          this.close();
          this.#recovery.forget();
          return work();
        },
      },
      slow,
    );
  }

  /**
   * Answers one call, opening the database if it is not open: with a promise for a search and for what `backups` does, which take
   * their time, and at once for all else. Throws UserErrors, and plain errors for mistakes of ours.
   */
  call(call: StorageCall): unknown {
    if (call.part === 'storage') return this.health();
    if (call.part !== 'searchIndex') this.#calledAt = performance.now();
    if (call.part === 'backups') return this.#callSafety(call);
    try {
      const opened = this.open();
      const value = invoke(opened.part(call), call);
      this.#safety.afterCall();
      return value instanceof Promise ? this.#searched(call, { opened, found: value }) : value;
    } catch (error) {
      if (this.#opened?.onlyReading && isReadOnly(error)) return this.#callWritable(call);
      if (isDamage(error) && this.#canMend()) return this.#callMended(call, error);
      const meaning = toStorageError(error, this.#file);
      if (isLost(meaning)) this.close();
      this.#isDoubted ||= meaning instanceof UserError && meaning.code === 'disk-failed';
      throw meaning;
    }
  }

  /**
   * Makes calls in one transaction, none of them such as `answerCalls` leaves alone; see `CallGroups.run`. Undefined when they have to be
   * made one by one.
   */
  group(calls: readonly StorageCall[]): CallOutcome[] | undefined {
    const opened = this.#opened;
    this.#calledAt = performance.now();
    if (!opened || opened.onlyReading || this.#isDoubted || this.#recovery.damage !== undefined) return undefined;
    const settled = opened.groups.run(calls, (call) => invoke(opened.part(call), call));
    if (settled) this.#safety.afterCall();
    return settled;
  }

  health(): StorageHealth {
    if (this.#opened?.onlyReading) this.close(); // perhaps the disk is writable again
    try {
      const { onlyReading, natives } = this.open();
      const recovery = lastRecovery(this.#file);
      const detail = onlyReading?.message ?? `Chats and findings are stored in ${this.#file}.`;
      return { ok: !onlyReading, detail, natives, ...(recovery && { recovery: describeRecovery(recovery) }) };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const missing = error instanceof UserError && error.code === 'storage-missing';
      return {
        ok: false,
        detail: why,
        natives: [missing ? { name: 'better-sqlite3', ok: false, why } : { name: 'better-sqlite3', ok: true }],
      };
    }
  }

  open(): OpenDatabase {
    if (this.#recovery.damage !== undefined && this.#canMend()) this.#mend(this.#recovery.damage);
    if (this.#isDoubted && this.#opened && this.#canMend()) this.#replace(this.#opened);
    this.#opened ??= this.#openFile();
    return this.#opened;
  }

  /** After an error of the disk the file is opened anew; the old connection, which may still read, goes only when that worked. */
  #replace(old: OpenDatabase): void {
    try {
      this.#opened = this.#openSound();
      this.#isDoubted = false;
      this.#checkpoints?.settle();
      old.database.close();
    } catch (error) {
      if (isDamage(error)) this.#mend(error);
    }
  }

  close(): void {
    this.#checkpoints?.settle();
    this.#opened?.database.close();
    this.#opened = undefined;
  }

  /** Nothing is opened again after this. */
  end(): void {
    this.#hasEnded = true;
    this.#purgeAtEnd();
    this.close();
  }

  /**
   * Does a few milliseconds of what waits to be done; returns whether there is more, or in how many milliseconds. Throws when nothing can
   * be written now.
   */
  step(): boolean | number {
    if (!this.#opened || this.#opened.onlyReading || this.#isDoubted || this.#recovery.damage !== undefined)
      return false;
    try {
      if (this.#checkpoints?.look(this.#opened.database)) return false; // it says when it is done; until then nothing is added to the log here
      if (this.#opened.staged.step() || this.#opened.search.step()) return true;
      return this.#opened.purge.step(performance.now() - this.#calledAt);
    } catch (error) {
      if (isDamage(error)) this.#recovery.found(error instanceof Error ? error.message : String(error)); // the next call mends it
      throw error;
    }
  }

  /** Ends what is owed to what was deleted for good, without waiting for a quiet moment. */
  async #purgeNow(): Promise<void> {
    for (;;) {
      const opened = this.open();
      if (opened.onlyReading || this.#hasEnded) return;
      this.#checkpoints?.settle();
      const more = opened.purge.step(Infinity);
      if (more === false || (typeof more === 'number' && !opened.search.isSearching)) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** A large file is left to the next start. */
  #purgeAtEnd(): void {
    const opened = this.#opened;
    if (!opened || opened.onlyReading || this.#isDoubted || opened.database.inTransaction || !opened.purge.isQuick)
      return;
    try {
      this.#checkpoints?.settle();
      while (opened.purge.step(Infinity) === true);
    } catch {
      // What is owed is noted, and done after the next start.
    }
  }

  /** A search goes on between other calls. It only reads, so that it can be made again where the database was replaced meanwhile. */
  async #searched(
    call: StorageCall,
    { opened, found }: { opened: OpenDatabase; found: Promise<unknown> },
  ): Promise<unknown> {
    try {
      return await found;
    } catch (error) {
      if (this.#hasEnded || error instanceof UserError || error instanceof CancelledError) throw error;
      if (this.#opened !== opened) return this.call(call);
      if (!isDamage(error) || !this.#canMend()) throw toStorageError(error, this.#file);
      this.#mend(error);
      return this.call(call);
    }
  }

  /** A write that came while only reading worked. */
  #callWritable(call: StorageCall): unknown {
    this.close();
    const opened = this.open();
    if (opened.onlyReading) throw opened.onlyReading;
    return invoke(opened.part(call), call);
  }

  async #callSafety(call: StorageCall): Promise<unknown> {
    try {
      const value = await invoke(this.#safety, call);
      if (!this.#opened && !this.#hasEnded) this.open(); // after a restore: what it brought back is to be indexed
      return value;
    } catch (error) {
      throw toStorageError(error, this.#file);
    }
  }

  /** Not in the middle of a transaction, and not where the disk takes no writes. */
  #canMend(): boolean {
    return !this.#opened?.database.inTransaction && !this.#opened?.onlyReading;
  }

  #mend(cause: unknown): void {
    this.close();
    this.#recovery.mend(cause);
  }

  /** A call that met damage had changed nothing: it is made again on the rebuilt database. */
  #callMended(call: StorageCall, damage: unknown): unknown {
    this.#mend(damage);
    try {
      return invoke(this.open().part(call), call);
    } catch (again) {
      throw toStorageError(again, this.#file);
    }
  }

  #openFile(): OpenDatabase {
    try {
      return this.#openSound();
    } catch (error) {
      if (isDamage(error)) {
        this.#mend(error);
        return this.#openSound();
      }
      const reason = toStorageError(error, this.#file);
      if (!(reason instanceof UserError) || !isUnwritable(reason)) throw reason;
      const database = openReadable(this.#file);
      if (!database) throw reason;
      return this.#use(database, reason);
    }
  }

  #openSound(): OpenDatabase {
    this.#recovery.beforeOpening();
    const database = openWritable(this.#file);
    try {
      if (this.#checkpoints) database.pragma(`wal_autocheckpoint = ${maxPages}`);
      this.#recovery.beforeUse(database);
    } catch (error) {
      database.close();
      throw error;
    }
    return this.#use(database);
  }

  /** Finishes opening; a database that cannot be used after all is closed again. */
  #use(database: Database.Database, onlyReading?: UserError): OpenDatabase {
    try {
      const natives = [sqliteNative(database), vectorNative(database)];
      const sql = new Sql(database);
      const search = new SqliteSearch(database, { onIndexed: this.#onIndexed });
      const staged = new StagedChats(sql);
      const purge = new Purge({ file: this.#file, sql, database, search });
      if (!onlyReading) {
        recoverAnswers(sql); // also finds out whether the disk can be written to
        search.recover();
        purgeExpired(sql);
        expireJobs(sql);
      }
      return {
        database,
        natives,
        search,
        staged,
        purge,
        groups: new CallGroups(database),
        part: partFinder({ sql, search, staged, newId: this.#newId }),
        ...(onlyReading && { onlyReading }),
      };
    } catch (error) {
      database.close();
      throw error;
    }
  }
}

/** Calls a method by its name. The names come from our own client, whose facade is made from `callTable`. */
function invoke(part: object, { name, args }: StorageCall): unknown {
  return (part as Record<string, (...args: readonly unknown[]) => unknown>)[name]?.(...args);
}

/** Each profile has parts of its own, which see nothing else; a profile that is gone has none. */
function partFinder(source: Parameters<typeof profileParts>[0]): OpenDatabase['part'] {
  const { sql, search, newId } = source;
  const known = new Map<string, ReturnType<typeof profileParts>>();
  const shared = {
    profiles: new SqliteProfiles(sql, { newId, onDelete: (id) => known.delete(id) }),
    spending: new SqliteSpendingLog(sql),
    keyFile: new SqliteKeyFileLog(sql),
    searchIndex: search,
  } satisfies { [Part in keyof Omit<SharedCalls, 'storage' | 'backups'>]: EnginePart<Part> };
  return ({ profile, part }) => {
    if (part === 'profiles' || part === 'spending' || part === 'keyFile' || part === 'searchIndex') return shared[part];
    const parts = known.get(profile) ?? profileParts(source, shared.profiles.existing(profile).id);
    known.set(profile, parts);
    return parts[part as keyof typeof parts];
  };
}

/** Opens the file, or makes it, with the newest schema. */
function openWritable(file: string): Database.Database {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600)); // SQLite gives its helper files the same mode
  const database = openDatabase(file);
  try {
    migrate(database); // refuses a newer file before anything is changed
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = NORMAL'); // a commit survives the death of the process; the last ones may not survive a power cut
    database.pragma('foreign_keys = ON');
    database.pragma(`cache_size = -${cacheKiB}`);
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
    return checked(openDatabase(file, { readonly: true }));
  } catch {
    // Tried below.
  }
  try {
    const waiting = statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    return waiting > 0 || statSync(file).size > maxBytesInMemory
      ? undefined
      : checked(openDatabase(withoutWal(readFileSync(file)), { readonly: true }));
  } catch {
    return undefined;
  }
}

const maxBytesInMemory = 512 * 1024 * 1024;

/** A database in memory cannot use WAL: bytes 18 and 19 of the header name the journal, 1 for the older kind. */
function withoutWal(bytes: Buffer): Buffer {
  bytes.fill(1, 18, 20);
  return bytes;
}

/** Opening alone reads nothing: only a query shows whether it worked, and whether the schema is ours. */
function checked(database: Database.Database): Database.Database {
  try {
    if (appliedMigrations(database).length !== migrations.length || schemaProblems(database, migrations).length > 0)
      throw new Error('the schema is not the newest, or not ours alone');
    return database;
  } catch (error) {
    database.close();
    throw error;
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
  return error instanceof UserError && ['storage-read-only', 'database-damaged'].includes(error.code);
}
