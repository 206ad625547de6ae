// Group commit: calls that wait together share one transaction, since a commit costs more than the writes of most calls.
// Each call keeps a savepoint of its own, so that one that fails leaves the others alone. When the database itself fails (a full
// disk, a lost file), nothing of the group is kept, and its calls are made again one by one: each then fails or succeeds by itself.
import type { Database, Statement } from 'better-sqlite3';
import { errnoCode } from '../../base/errors.ts';

export type CallOutcome = { value: unknown } | { error: unknown };

const maxGroupMs = 2; // the first call waits for the commit of its group; later calls join the next one

/** Lives as long as an open database. */
export class CallGroups {
  readonly #database: Database;
  readonly #nowMs: () => number;
  readonly #begin: Statement;
  readonly #commit: Statement;
  readonly #mark: Statement;
  readonly #undo: Statement;
  readonly #release: Statement;

  constructor(database: Database, nowMs = () => performance.now()) {
    this.#database = database;
    this.#nowMs = nowMs;
    const prepare = (sql: string): Statement => database.prepare(sql);
    this.#begin = prepare('begin'); // deferred, so that a group of readers takes no lock
    this.#commit = prepare('commit');
    this.#mark = prepare('savepoint one_call');
    this.#undo = prepare('rollback to one_call');
    this.#release = prepare('release one_call');
  }

  /**
   * Makes calls in their order and commits. Says how each ended, for as many of them as one group takes: at least one.
   * Undefined when nothing was stored, and each has to be made by itself.
   */
  run<StorageCall>(calls: readonly StorageCall[], make: (call: StorageCall) => unknown): CallOutcome[] | undefined {
    const settled: CallOutcome[] = [];
    const until = this.#nowMs() + maxGroupMs;
    try {
      this.#begin.run();
      for (const call of calls) {
        settled.push(this.#settle(() => make(call)));
        if (this.#nowMs() >= until) break;
      }
      this.#commit.run();
      return settled;
    } catch {
      if (this.#database.inTransaction) this.#database.exec('rollback'); // SQLite may have done so already
      return undefined;
    }
  }

  #settle(make: () => unknown): CallOutcome {
    this.#mark.run();
    const settled = this.#outcome(make);
    if ('error' in settled) this.#undo.run();
    this.#release.run();
    return settled;
  }

  /** Throws what is no failure of this call alone. */
  #outcome(make: () => unknown): CallOutcome {
    try {
      return { value: make() };
    } catch (error) {
      if (isOfDatabase(error) || !this.#database.inTransaction) throw error;
      return { error };
    }
  }
}

/** Whether it may have hit any call: of SQLite's own errors, only a broken rule of the schema is the fault of one. */
function isOfDatabase(error: unknown): boolean {
  const code = errnoCode(error) ?? '';
  return code.startsWith('SQLITE_') && !code.startsWith('SQLITE_CONSTRAINT');
}
