// Imports a chat that is new here: its rows are staged until the chat is whole.
import type { ImportResult } from '../../import.ts';
import type { TreeMessage } from '../../messages.ts';
import type { PartDeps } from '../profiles/part-deps.ts';
import { chatOfOrigin } from './origin.ts';
import type { ImportedRows, MessagePosition } from './rows.ts';
import type { StagedChats } from './staging.ts';
import { stagingProfileOf } from './staging.ts';
import type { ImportedHead } from './types.ts';

export interface ImportDeps extends PartDeps {
  staged: StagedChats;
  rows: ImportedRows;
}

/** Lives as long as an import. */
export class NewChat {
  readonly #own: ImportDeps;
  readonly #head: ImportedHead;
  readonly #chatId: string;
  readonly #places = new Map<string, MessagePosition>();

  constructor(own: ImportDeps, head: ImportedHead) {
    this.#own = own;
    this.#head = head;
    this.#chatId = own.newId();
    const { title, model, createdAt, updatedAt, projectId } = head;
    own.sql.run(
      own.sql.build.insertInto('chat').values({
        id: this.#chatId,
        profile_id: stagingProfileOf(own.profile),
        project_id: projectId ?? null,
        title,
        model: model ?? null,
        created_at: createdAt,
        updated_at: updatedAt,
        origin_source: null,
        origin_id: null, // two imports of it may run at once: the first that is whole takes the origin
      }),
    );
    own.staged.keep(this.#chatId);
  }

  add(messages: readonly TreeMessage[]): void {
    for (const message of messages) {
      const parent = message.parentId === undefined ? undefined : this.#places.get(message.parentId);
      this.#places.set(
        message.id,
        this.#own.rows.insert(message, {
          chatId: this.#chatId,
          parent,
          isChosen: message.chosen !== false,
          places: this.#places,
        }),
      );
    }
  }

  finish(): ImportResult {
    const { sql, profile } = this.#own;
    const { source, id } = this.#head.origin;
    const known = chatOfOrigin(this.#own, this.#head.origin);
    if (known) {
      this.drop();
      return { outcome: 'known', chatId: known.id, added: 0 };
    }
    sql.run(
      sql.build
        .updateTable('chat')
        .set({ profile_id: profile, origin_source: source, origin_id: id })
        .where('id', '=', this.#chatId),
    );
    // What was queued while it could not be seen was passed over.
    const all = sql.build
      .selectFrom('message')
      .select(({ val, ref }) => [val('message').as('kind'), ref('id').as('reference')])
      .where('chat_id', '=', this.#chatId)
      .where('active', '=', 1);
    sql.run(sql.build.insertInto('search_queue').columns(['kind', 'reference']).expression(all));
    this.#own.staged.letGo(this.#chatId);
    return { outcome: 'imported', chatId: this.#chatId, added: this.#places.size };
  }

  drop(): void {
    this.#own.staged.letGo(this.#chatId);
  }
}
