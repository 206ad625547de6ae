// What is deleted for good leaves the disk. `secure_delete` overwrites it where it stood; here its words leave the postings, the whole file
// is written anew (pages that were split keep copies of rows in their free space, which `secure_delete` does not reach), and the
// write-ahead log is cut. Triggers note that this is owed (`0014-purge`), so it goes on after a crash.
import { statSync } from 'node:fs';
import type { Database, Statement } from 'better-sqlite3';
import { nextExpiry, purgeExpired } from '../chats/trash.ts';
import { expireJobs, nextJobExpiry } from '../records/jobs.ts';
import type { SqliteSearch } from '../search/search.ts';
import type { Sql } from '../sql.ts';

/** A larger file takes seconds to write, in which calls wait: it is done once nobody has asked for anything for longer. */
const quickBytes = 64 * 1024 * 1024;
const quietMs = 1000;
const longQuietMs = 60_000;
const searchingMs = 20;
const maxWaitMs = 60 * 60_000; // the clock may be set meanwhile
const retryMs = 10 * 60_000; // such as for room on the disk

export interface PurgeDeps {
  file: string;
  sql: Sql;
  database: Database;
  search: SqliteSearch;
}

/** Lives as long as an open database. */
export class Purge {
  readonly #deps: PurgeDeps;
  readonly #owed: Statement<[], number>;
  readonly #settle: Statement<[number]>;
  /** Which of what was owed has left the postings. */
  #scrubbed: number | undefined;
  #retryAt = 0;

  constructor(deps: PurgeDeps) {
    this.#deps = deps;
    this.#owed = deps.database.prepare("select value from search_state where name = 'purge'").pluck() as Statement<
      [],
      number
    >;
    this.#settle = deps.database.prepare("delete from search_state where name = 'purge' and value = ?");
  }

  /** Whether it takes about a second at most. */
  get isQuick(): boolean {
    return (statSync(this.#deps.file, { throwIfNoEntry: false })?.size ?? 0) <= quickBytes;
  }

  /**
   * Does some of what is owed. False when nothing is, true when there is more, else in how many milliseconds to come again: as long as
   * calls came in `idleMs` ago, the file is not written anew.
   */
  step(idleMs: number): boolean | number {
    const owed = this.#owed.get();
    if (owed === undefined) return this.#expire();
    const now = performance.now();
    if (now < this.#retryAt) return this.#retryAt - now;
    if (this.#scrubbed !== owed) {
      if (this.#deps.search.scrub()) this.#scrubbed = owed;
      else if (this.#deps.search.isSearching) return searchingMs;
      return true;
    }
    const waitMs = (this.isQuick ? quietMs : longQuietMs) - idleMs;
    if (waitMs > 0) return waitMs;
    if (this.#rewrite()) this.#settle.run(owed);
    else this.#retryAt = now + retryMs;
    return true;
  }

  /** Chats whose day in the trash is over become owed, as do jobs that can't be gone on with, without waiting for a call. */
  #expire(): boolean | number {
    const { sql } = this.#deps;
    const expiresAt = Math.min(nextExpiry(sql) ?? Infinity, nextJobExpiry(sql) ?? Infinity);
    if (expiresAt === Infinity) return false;
    const waitMs = expiresAt - Date.now();
    if (waitMs > 0) return Math.min(waitMs, maxWaitMs);
    purgeExpired(sql);
    expireJobs(sql);
    return true;
  }

  #rewrite(): boolean {
    const { database } = this.#deps;
    try {
      database.exec('vacuum');
      const [result] = database.pragma('wal_checkpoint(truncate)') as { busy: number }[];
      return result?.busy === 0;
    } catch {
      return false; // a full disk, or a backup that is being made
    }
  }
}
