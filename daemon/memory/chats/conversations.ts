// Chats in SQLite: the list of them, their names, and the order of their messages.
import type { Selectable } from 'kysely';
import { UserError } from '../../base/errors.ts';
import type { Synchronous } from '../calls.ts';
import type { BegunTurn, Conversations, Page, PageRequest, StoredChat, StoredMessage, TurnBegin } from '../memory.ts';
import { Messages } from './messages.ts';
import { cursorOf, limitOf, toPage } from '../paging.ts';
import { type ChatTable, defaultProfile } from '../schema.ts';
import type { Sql } from '../sql.ts';
import { titleFrom } from './title.ts';

/** Lives as long as an open database. Each method that writes is one transaction. */
export class SqliteConversations implements Synchronous<Conversations> {
  readonly #sql: Sql;
  readonly #newId: () => string;
  readonly #messages: Messages;
  readonly #headOf: (chatId: string) => { title: string; model: string | null } | undefined;
  readonly #use: (time: number, chatId: string) => number;
  #lastUse = 0;

  constructor(sql: Sql, newId: () => string) {
    this.#sql = sql;
    this.#newId = newId;
    this.#messages = new Messages(sql, newId);
    this.#headOf = sql.preparedFirst(sql.build.selectFrom('chat').select(['title', 'model']).where('id', '=', ''));
    this.#use = sql.prepared(sql.build.updateTable('chat').set({ updated_at: 0 }).where('id', '=', ''));
  }

  createChat({ title, model }: { title?: string; model?: string }): StoredChat {
    const id = this.#newId();
    const now = this.#useTime();
    this.#sql.run(this.#sql.build.insertInto('chat').values({ id, title: title ?? '', model: model ?? null, created_at: now, updated_at: now }));
    return this.chat(id);
  }

  chat(chatId: string): StoredChat {
    const row = this.#sql.first(this.#chats().where('id', '=', chatId));
    if (!row) throw chatNotFound();
    return toChat(row);
  }

  updateChat(chatId: string, { title, model }: { title?: string; model?: string | null }): void {
    const change = { ...(title !== undefined && { title }), ...(model !== undefined && { model }) };
    if (Object.keys(change).length === 0) return void this.chat(chatId);
    if (this.#sql.run(this.#sql.build.updateTable('chat').set(change).where('id', '=', chatId)) === 0) throw chatNotFound();
  }

  deleteChat(chatId: string): void {
    if (this.#sql.run(this.#sql.build.deleteFrom('chat').where('id', '=', chatId)) === 0) throw chatNotFound();
  }

  forkChat(chatId: string, messageId?: string): StoredChat {
    return this.#sql.transaction(() => {
      const { title, model } = this.chat(chatId);
      const fork = this.createChat({ title, ...(model !== undefined && { model }) });
      this.#messages.copy(chatId, fork.id, messageId);
      return this.chat(fork.id);
    });
  }

  listChats(page: PageRequest): Page<StoredChat> {
    const limit = limitOf(page);
    const after = cursorOf(page);
    const rows = this.#sql.all(
      this.#chats()
        .where('profile_id', '=', defaultProfile)
        .$if(after !== undefined, (query) =>
          query.where(({ eb, refTuple, tuple }) => eb(refTuple('updated_at', 'id'), '<', tuple(after?.[0] ?? 0, after?.[1] ?? ''))),
        )
        .orderBy('updated_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit + 1),
    );
    return toPage(rows, limit, { item: toChat, key: (row) => [row.updated_at, row.id] });
  }

  messages(chatId: string, page: PageRequest): Page<StoredMessage> {
    this.chat(chatId);
    return this.#messages.page(chatId, page);
  }

  message(messageId: string): StoredMessage {
    return this.#messages.message(messageId);
  }

  addUserMessage(chatId: string, message: { text: string; attachments?: unknown[] }): StoredMessage {
    return this.#sql.transaction(() => {
      const known = this.#headOf(chatId); // alone: reading the whole chat would count its messages each time
      if (!known) throw chatNotFound();
      this.#markUsed(chatId);
      if (known.title === '') this.updateChat(chatId, { title: titleFrom(message.text) });
      return this.#messages.addUserMessage(chatId, message);
    });
  }

  beginTurn({ chatId: wanted, question, recall }: TurnBegin): BegunTurn {
    return this.#sql.transaction(() => {
      const chatId = wanted ?? this.createChat({}).id;
      if (question) this.addUserMessage(chatId, question);
      const known = this.#headOf(chatId);
      if (!known) throw chatNotFound();
      return { chatId, messages: this.#messages.recall(chatId, recall), ...(known.model !== null && { model: known.model }) };
    });
  }

  startAnswer(chatId: string, answer: { id?: string; decision?: unknown; retryOf?: string }): StoredMessage {
    return this.#sql.transaction(() => {
      if (this.#markUsed(chatId) === 0) throw chatNotFound();
      return this.#messages.startAnswer(chatId, answer);
    });
  }

  appendAnswer(messageId: string, added: Parameters<Conversations['appendAnswer']>[1]): void {
    this.#messages.append(messageId, added);
  }

  finishAnswer(messageId: string, { last = [], ...end }: Parameters<Conversations['finishAnswer']>[1]): void {
    this.#sql.transaction(() => {
      for (const piece of last) this.#messages.append(messageId, piece);
      this.#markUsed(this.#messages.finish(messageId, end));
    });
  }

  /** What a crash left streaming becomes partial. */
  recover(): void {
    this.#messages.recover();
  }

  /** Returns how many chats have this id: one or none. */
  #markUsed(chatId: string): number {
    return this.#use(this.#useTime(), chatId);
  }

  /** Now, in milliseconds, but never the same twice: the list's order is the order of use. */
  #useTime(): number {
    this.#lastUse = Math.max(Date.now(), this.#lastUse + 1);
    return this.#lastUse;
  }

  #chats() {
    return this.#sql.build
      .selectFrom('chat')
      .selectAll()
      .select(({ selectFrom, fn }) =>
        selectFrom('message')
          .select(fn.countAll<number>().as('count'))
          .whereRef('message.chat_id', '=', 'chat.id')
          .where('message.superseded_by', 'is', null)
          .as('message_count'),
      );
  }
}

function toChat(row: Selectable<ChatTable> & { message_count: number | null }): StoredChat {
  return {
    id: row.id,
    title: row.title,
    ...(row.model !== null && { model: row.model }),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    messageCount: row.message_count ?? 0,
  };
}

function chatNotFound(): UserError {
  return new UserError('chat-not-found', 'That chat does not exist any more; it may have been deleted in another window. Choose one from the list.');
}
