// Backups, checks and restores of an open database, one after another. The slow parts run in steps between other calls, or in a
// thread of their own, so that the daemon keeps serving.
import { statSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { UserError } from '../../../base/errors.ts';
import type { Backup, Backups, Verification } from '../../backups.ts';
import { openDatabase } from '../native.ts';
import {
  backupFolder,
  beginCopy,
  dropCopy,
  dropUnfinished,
  finishCopy,
  isAhead,
  listBackups,
  newBackup,
  prune,
} from './copies.ts';
import { refuseRestore, swapIn } from './restore.ts';

/** What is done in a thread of its own. */
export interface SlowWork {
  verify(file: string): Promise<Verification>;
  prepareRestore(source: string, database: string): Promise<Verification>;
}

/** The storage that this belongs to. */
export interface Host {
  readonly file: string;
  /** Opens the database if it is not open. Throws UserErrors. */
  database(): Database;
  /** Closes the database, does the work, and opens it again. */
  whileClosed<T>(work: () => T): T;
  /** Ends what is owed to what was deleted for good. */
  purged(): Promise<void>;
  /** The database was found damaged: the next call mends it. */
  onDamage(why: string): void;
}

export interface RestoreResult {
  /** The backup of what was there before; absent where nothing was. */
  backup?: Backup;
  /** Name of the newest migration that the restored file had seen. */
  schema: string;
}

const dayMs = 24 * 60 * 60 * 1000;
const restMs = 60_000;
const maxLookMs = 60 * 60 * 1000; // the time of day may be set, and a machine that sleeps counts no time
const pagesPerStep = 64; // a quarter of a megabyte, written in about a millisecond

/** Lives as long as the worker. */
export class Safety implements Readonly<Record<keyof Backups, unknown>> {
  readonly #host: Host;
  readonly #slow: SlowWork;
  #last: Promise<unknown> = Promise.resolve();
  /** By the monotonic clock. */
  #nextLookAt: number | undefined;
  /** SQLite's count of changes at the last backup by this worker. */
  #changesAtBackup: number | undefined;

  constructor(host: Host, slow: SlowWork) {
    this.#host = host;
    this.#slow = slow;
  }

  /** Copies the database while it is in use. Throws UserError `database-damaged` when the copy turns out not to be whole. */
  create(kind: 'manual' | 'daily' = 'manual'): Promise<Backup> {
    return this.#inTurn(() => this.#copy(kind));
  }

  list(): Backup[] {
    return listBackups(this.#host.file);
  }

  /** Checks a backup, or the database itself when no file is named. */
  verify(file?: string): Promise<Verification> {
    return this.#inTurn(async () => {
      if (file === undefined) this.#host.database(); // makes sure that there is one
      const verified = await this.#slow.verify(this.#resolve(file));
      if (file === undefined && !verified.ok) this.#host.onDamage(verified.problems.join(' '));
      return verified;
    });
  }

  /** Throws UserError `no-such-file`, `backup-damaged`, `database-newer`; then nothing has changed. */
  restore(file: string): Promise<RestoreResult> {
    return this.#inTurn(async () => {
      const verified = await this.#slow.prepareRestore(this.#resolve(file), this.#host.file);
      refuseRestore(verified);
      await this.#host.purged(); // what is there now is kept as a backup
      const kept = this.#host.whileClosed(() => swapIn(this.#host.file));
      prune(this.#host.file);
      const backup = this.list().find((known) => known.file === kept);
      return { schema: verified.schema ?? '', ...(backup && { backup }) };
    });
  }

  /** Begins the day's backup when one is due. Costs a comparison; called after every call. */
  afterCall(): void {
    const now = performance.now();
    if (this.#nextLookAt !== undefined && now < this.#nextLookAt) return;
    try {
      this.#nextLookAt = now + this.#lookWhetherDue();
    } catch {
      this.#nextLookAt = now + restMs; // the folder of backups cannot be read: no reason to fail a call
    }
  }

  /** In how many milliseconds to look again. A last backup that lies ahead of today says nothing of when it was made. */
  #lookWhetherDue(): number {
    const now = Date.now();
    const namedAt = this.list()[0]?.at ?? bornAt(this.#host.database());
    const lastAt = isAhead(namedAt, now) ? 0 : namedAt;
    if (now - lastAt < dayMs) return Math.min(lastAt + dayMs - now, maxLookMs);
    if (!this.#changedSince(lastAt)) return restMs;
    this.create('daily').then(
      () => {
        this.#nextLookAt = undefined;
      },
      () => {}, // tomorrow again; a damaged database is told of by itself
    );
    return dayMs;
  }

  async #copy(kind: 'manual' | 'daily'): Promise<Backup> {
    const { file } = this.#host;
    dropUnfinished(file);
    await this.#host.purged(); // a copy holds nothing that was deleted before it
    const copy = newBackup(file, kind);
    try {
      const unfinished = beginCopy(copy);
      const database = this.#host.database();
      const changes = totalChanges(database);
      await copyInSteps(database, unfinished);
      this.#changesAtBackup = changes;
      asOneFile(unfinished);
      const verified = await this.#slow.verify(unfinished);
      if (!verified.ok) {
        this.#host.onDamage(verified.problems.join(' '));
        throw new UserError(
          'database-damaged',
          `The database turned out to be damaged during the backup (${verified.problems[0]}) It is being rebuilt. Try again in a moment.`,
          { retryable: true },
        );
      }
      finishCopy(copy);
    } catch (error) {
      dropCopy(copy);
      throw error;
    }
    prune(file);
    const made = this.list().find((known) => known.file === copy);
    if (!made)
      throw new UserError('backup-vanished', `The backup ${copy} was removed while it was being written. Try again.`, {
        retryable: true,
      });
    return made;
  }

  /** A name alone means one in the folder of backups. */
  #resolve(file: string | undefined): string {
    if (file === undefined) return this.#host.file;
    return isAbsolute(file) ? file : join(backupFolder(this.#host.file), basename(file));
  }

  #changedSince(at: number): boolean {
    if (this.#changesAtBackup !== undefined) return totalChanges(this.#host.database()) !== this.#changesAtBackup;
    const look = (ending: string) => statSync(`${this.#host.file}${ending}`, { throwIfNoEntry: false });
    return (look('')?.mtimeMs ?? 0) > at || (look('-wal')?.size ?? 0) > 0; // a log is there at once, but it is empty
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }
}

/** Between two steps other calls are answered. What they change goes into the copy too. */
async function copyInSteps(database: Database, copy: string): Promise<void> {
  try {
    await database.backup(copy, { progress: () => pagesPerStep });
  } catch (error) {
    if (database.open) throw error;
    throw new UserError(
      'backup-interrupted',
      'The backup was interrupted because the database had to be closed. Try again.',
      { retryable: true, cause: error },
    );
  }
}

function totalChanges(database: Database): number {
  return database.prepare('select total_changes()').pluck().get() as number;
}

/** A copy has the log's mark of the original in its header; without it, it can be read from any disk. */
function asOneFile(copy: string): void {
  const database = openDatabase(copy);
  try {
    database.pragma('journal_mode = delete');
  } finally {
    database.close();
  }
}

/** When the database was made, in milliseconds since the epoch. */
function bornAt(database: Database): number {
  return (database.prepare('select min(applied_at) from migration').pluck().get() as number | null) ?? 0;
}
