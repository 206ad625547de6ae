// Imports of chats in SQLite. Each call is one transaction. An import's id holds as long as the database is open.
import { UserError } from '../../../base/errors.ts';
import type { ImportResult } from '../../import.ts';
import type { TreeMessage } from '../../messages.ts';
import type { Synchronous } from '../call-table.ts';
import type { PartDeps } from '../profiles/part-deps.ts';
import { projectNotFound } from '../profiles/projects.ts';
import { ChatMerge } from './merge-chat.ts';
import { type ImportDeps, NewChat } from './new-chat.ts';
import { chatOfOrigin } from './origin.ts';
import { ImportedRows } from './rows.ts';
import type { StagedChats } from './staging.ts';
import type { ImportCalls, ImportedHead } from './types.ts';

/** What an import writes to: a new chat, one that is there already, or nothing in a trial run. */
interface ImportTarget {
  add(messages: readonly TreeMessage[]): void;
  finish(): ImportResult | undefined;
  drop(): void;
}

/** Lives as long as an open database. Takes chats into one profile. */
export class SqliteImports implements Synchronous<ImportCalls> {
  readonly #own: ImportDeps;
  readonly #targets = new Map<string, ImportTarget>();

  constructor(own: PartDeps, staged: StagedChats) {
    this.#own = { ...own, staged, rows: new ImportedRows(own) };
  }

  begin(head: ImportedHead, { dryRun }: { dryRun: boolean }): string {
    const importId = this.#own.newId();
    this.#own.sql.transaction(() => this.#targets.set(importId, this.#targetOf(head, dryRun)));
    return importId;
  }

  add(importId: string, messages: readonly TreeMessage[]): void {
    this.#with(importId, (target) => target.add(messages));
  }

  finish(importId: string): ImportResult | undefined {
    const ended = this.#with(importId, (target) => target.finish());
    if (ended) this.#targets.delete(importId);
    return ended;
  }

  drop(importId: string): void {
    this.#targets.get(importId)?.drop();
    this.#targets.delete(importId);
  }

  #targetOf(head: ImportedHead, dryRun: boolean): ImportTarget {
    if (head.projectId !== undefined) this.#needProject(head.projectId);
    const chat = chatOfOrigin(this.#own, head.origin);
    if (chat) return new ChatMerge(this.#own, head, { chat, dryRun });
    return dryRun ? counting() : new NewChat(this.#own, head);
  }

  /** What is in memory is ahead of the database when a call fails: nothing is added to it any more. */
  #with<Result>(importId: string, work: (target: ImportTarget) => Result): Result {
    const target = this.#targets.get(importId);
    if (!target)
      throw new UserError(
        'import-lost',
        'Storage restarted during the import of this chat, so none of it was saved. Import it again.',
        { retryable: true },
      );
    try {
      return this.#own.sql.transaction(() => work(target));
    } catch (error) {
      this.drop(importId);
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
function counting(): ImportTarget {
  let added = 0;
  return {
    add(messages) {
      added += messages.length;
    },
    finish: () => ({ outcome: 'imported', added }),
    drop() {},
  };
}
