// Finds damage before a database is used, and has a damaged one rebuilt.
import { existsSync, statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { UserError } from '../../../base/errors.ts';
import { DamageError, damaged, toStorageError } from '../storage-errors.ts';
import { describeRecovery, finishQuarantine, quarantine } from './quarantine.ts';
import { headerProblems, quickProblems } from './verify.ts';

/** Larger databases are checked in the background instead of before their first use: a check takes about 2 ms a megabyte. */
const maxBytesCheckedAtOnce = 32 * 1024 * 1024;
/** A disk that damages files again and again is not written to without end. */
const maxMends = 5;

interface Listener {
  /** Takes what the user must be told. */
  onNotice(notice: string): void;
  /** Checks the database while it is in use, and tells the mender what it finds. */
  checkLater(): void;
}

/** Lives as long as the worker. */
export class Recovery {
  readonly #file: string;
  readonly #listener: Listener;
  #isChecked = false;
  #damage: unknown;
  #mends = 0;

  constructor(file: string, listener: Listener) {
    this.#file = file;
    this.#listener = listener;
  }

  /** What was found wrong with the database; undefined when nothing was. */
  get damage(): unknown {
    return this.#damage;
  }

  found(why: string): void {
    this.#damage = new DamageError(why);
  }

  /** Another file has taken the database's place. */
  forget(): void {
    this.#damage = undefined;
    this.#isChecked = false;
  }

  /** Before the database is opened. Throws DamageError. */
  beforeOpening(): void {
    finishQuarantine(this.#file);
    const [problem] = this.#isChecked || !existsSync(this.#file) ? [] : headerProblems(this.#file);
    if (problem !== undefined) throw new DamageError(problem);
  }

  /** Before an open database is used. Throws DamageError. */
  beforeUse(database: Database): void {
    if (this.#isChecked) return;
    this.#isChecked = true;
    if (statSync(this.#file).size > maxBytesCheckedAtOnce) return void setImmediate(() => this.#listener.checkLater());
    const [problem] = quickProblems(database);
    if (problem !== undefined) throw new DamageError(problem);
  }

  /**
   * Moves the damaged file, which must not be open, aside, and puts a rebuilt one in its place. Throws UserErrors, having changed
   * nothing; the next call tries again.
   */
  mend(cause: unknown): void {
    this.#damage = cause;
    if (this.#mends >= maxMends)
      throw damaged(
        this.#file,
        cause,
        "it was already rebuilt several times, so this machine's disk or memory seems to be failing.",
      );
    try {
      const recovery = quarantine(this.#file, cause instanceof Error ? cause.message : String(cause));
      this.#mends++;
      this.#damage = undefined;
      this.#isChecked = true;
      this.#listener.onNotice(describeRecovery(recovery));
    } catch (error) {
      const reason = toStorageError(error, this.#file);
      if (reason instanceof UserError && reason.code === 'database-newer') throw reason;
      throw damaged(this.#file, cause, reason instanceof Error ? reason.message : String(reason));
    }
  }
}
