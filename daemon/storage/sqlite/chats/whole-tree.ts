// Chats as they leave: the whole tree of one, with every version of its messages, page by page.

import type { StoredMessage, TreeMessage } from '../../messages.ts';
import type { Page, PageRequest } from '../../pages.ts';
import { cursorOf, limitOf, toPage } from '../paging.ts';
import type { Sql } from '../sql.ts';
import type { Messages } from './messages.ts';

/** Lives as long as an open database. Sees the messages of one profile. */
export class WholeTree {
  readonly #sql: Sql;
  readonly #messages: Messages;

  constructor(sql: Sql, messages: Messages) {
    this.#sql = sql;
    this.#messages = messages;
  }

  /** The chat must be one of this profile. By depth and then by id: a parent comes before its children, a version before later ones. */
  page(chatId: string, page: PageRequest): Page<TreeMessage> {
    const limit = limitOf(page);
    const [seq, id] = cursorOf(page) ?? [0, ''];
    // Each half is read in the order of its index; one query for both would sort the chat for every page.
    const rows = [1, 0]
      .flatMap((active) =>
        this.#sql.all(
          this.#sql.build
            .selectFrom('message')
            .select(['id', 'seq', 'parent_id', 'chosen'])
            .where('chat_id', '=', chatId)
            .where('active', '=', active)
            .where('seq', '>=', seq)
            .where(({ eb, or }) => or([eb('seq', '>', seq), eb('id', '>', id)]))
            .orderBy('seq')
            .orderBy('id')
            .limit(limit + 1),
        ),
      )
      .sort((a, b) => a.seq - b.seq || (a.id < b.id ? -1 : 1));
    const messages = new Map(this.#messages.all(rows.slice(0, limit)).map((message) => [message.id, message]));
    return toPage(rows, limit, {
      item: (row) => treeMessage(messages.get(row.id), row),
      key: (row) => [row.seq, row.id],
    });
  }
}

function treeMessage(
  stored: StoredMessage | undefined,
  { id, parent_id, chosen }: { id: string; parent_id: string | null; chosen: number },
): TreeMessage {
  if (!stored) throw new Error(`message ${id} was not read`);
  const { chatId: _, ...message } = stored;
  return {
    ...message,
    ...(parent_id !== null && { parentId: parent_id }),
    ...(chosen === 0 && { chosen: false as const }),
  };
}
