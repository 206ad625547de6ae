// Chats that arrive, in SQLite. Each call is one transaction; what was taken so far is known by a name that means nothing after the
// end of this database's life.
import { UserError } from '../../../base/errors.ts';
import type { ImportResult } from '../../import.ts';
import type { TreeMessage } from '../../messages.ts';
import type { Own } from '../profiles/own.ts';
import { projectNotFound } from '../profiles/projects.ts';
import type { Synchronous } from '../synchronous.ts';
import { GrownChat } from './merge-chat.ts';
import { type Making, NewChat } from './new-chat.ts';
import { chatOfOrigin } from './origin.ts';
import { ArrivedRows } from './rows.ts';
import type { ArrivingChats } from './staging.ts';
import type { ArrivingHead, ImportCalls } from './types.ts';

/** What is made of one chat. */
interface Intake {
  add(messages: readonly TreeMessage[]): void;
  finish(): ImportResult | undefined;
  drop(): void;
}

/** Lives as long as an open database. Takes chats into one profile. */
export class SqliteImports implements Synchronous<ImportCalls> {
  readonly #own: Making;
  readonly #intakes = new Map<string, Intake>();

  constructor(own: Own, arriving: ArrivingChats) {
    this.#own = { ...own, arriving, rows: new ArrivedRows(own) };
  }

  begin(head: ArrivingHead, { dryRun }: { dryRun: boolean }): string {
    const arrival = this.#own.newId();
    this.#own.sql.transaction(() => this.#intakes.set(arrival, this.#intakeOf(head, dryRun)));
    return arrival;
  }

  add(arrival: string, messages: readonly TreeMessage[]): void {
    this.#with(arrival, (intake) => intake.add(messages));
  }

  finish(arrival: string): ImportResult | undefined {
    const ended = this.#with(arrival, (intake) => intake.finish());
    if (ended) this.#intakes.delete(arrival);
    return ended;
  }

  drop(arrival: string): void {
    this.#intakes.get(arrival)?.drop();
    this.#intakes.delete(arrival);
  }

  #intakeOf(head: ArrivingHead, dryRun: boolean): Intake {
    if (head.projectId !== undefined) this.#needProject(head.projectId);
    const chat = chatOfOrigin(this.#own, head.origin);
    if (chat) return new GrownChat(this.#own, head, { chat, dryRun });
    return dryRun ? counting() : new NewChat(this.#own, head);
  }

  /** What is in memory is ahead of the database when a call fails: nothing is added to it any more. */
  #with<Result>(arrival: string, work: (intake: Intake) => Result): Result {
    const intake = this.#intakes.get(arrival);
    if (!intake)
      throw new UserError(
        'import-lost',
        'Storage was started anew while this chat was being imported; nothing of it was kept. Import it again.',
        { retryable: true },
      );
    try {
      return this.#own.sql.transaction(() => work(intake));
    } catch (error) {
      this.drop(arrival);
      throw error;
    }
  }

  #needProject(id: string): void {
    const { sql, profile } = this.#own;
    if (!sql.first(sql.build.selectFrom('project').select('id').where('profile_id', '=', profile).where('id', '=', id)))
      throw projectNotFound();
  }
}

/** A new chat that is not to be stored. */
function counting(): Intake {
  let added = 0;
  return {
    add(messages) {
      added += messages.length;
    },
    finish: () => ({ outcome: 'imported', added }),
    drop() {},
  };
}
