// Messages of chats in SQLite: stored whole when the user writes them, piece by piece while a model answers.
import { type Insertable, sql as raw } from 'kysely';
import { UserError } from '../../base/errors.ts';
import type { Conversations, Page, PageRequest, StoredMessage } from '../memory.ts';
import { cursorOf, limitOf, toPage } from '../paging.ts';
import type { Own } from '../profiles/own.ts';
import { type ChunkKind, type MessageTable, toJson } from '../schema.ts';
import type { Sql } from '../sql.ts';
import { type MessageRow, pieceInsertion, settle, textsOf } from './pieces.ts';
import { after, beside, choose, endOf, giveWay, pathTo, type Place, versionsOf } from './tree.ts';

type Question = Parameters<Conversations['addUserMessage']>[1];
type Answer = Parameters<Conversations['startAnswer']>[1];
type Added = Parameters<Conversations['appendAnswer']>[1];
type End = Parameters<Conversations['finishAnswer']>[1];
type Piece = readonly [kind: ChunkKind, text: string];

/** Lives as long as an open database. Sees the messages of one profile. */
export class Messages {
  readonly #sql: Sql;
  readonly #newId: () => string;
  readonly #profile: string;
  readonly #insertPiece: (kind: ChunkKind, text: string | Buffer, messageId: string, profile: string) => number;

  constructor({ sql, newId, profile }: Own) {
    this.#sql = sql;
    this.#newId = newId;
    this.#profile = profile;
    this.#insertPiece = sql.prepared(pieceInsertion(sql.build));
  }

  page(chatId: string, page: PageRequest & { around?: string }): Page<StoredMessage> {
    const limit = limitOf(page);
    // Half of the page follows the message that it is around; one of another version has its place in the branch all the same.
    const before = page.around === undefined ? cursorOf(page) : ([this.#rowIn(chatId, page.around).seq + Math.floor(limit / 2) + 1, ''] as const);
    const rows = this.#sql.all(
      this.#messages()
        .where('message.chat_id', '=', chatId)
        .where('message.active', '=', 1)
        .$if(before !== undefined, (query) => query.where('message.seq', '<', before?.[0] ?? 0))
        .orderBy('message.seq', 'desc')
        .limit(limit + 1),
    );
    const versions = versionsOf(this.#sql, chatId, rows);
    const { items, next } = toPage(rows, limit, { item: (row) => this.#readAmong(row, versions), key: (row) => [row.seq, row.id] });
    return { items: items.reverse(), ...(next && { next }) };
  }

  message(messageId: string): StoredMessage {
    return this.#read(this.#row(messageId));
  }

  thread(chatId: string, messageId: string, limit: number): { messages: StoredMessage[]; earlier: number } {
    const last = this.#rowIn(chatId, messageId);
    const recent = pathTo(this.#sql, last, limit);
    const earlier = this.#hasPinnedBefore(chatId, recent.at(-1)?.seq ?? 0) ? pathTo(this.#sql, last).slice(recent.length).filter(({ pinned }) => pinned === 1) : [];
    const rows = this.#rows([...recent, ...earlier]);
    return { messages: rows.map((row) => this.#read(row)), earlier: last.seq - rows.length };
  }

  addUserMessage(chatId: string, { text, attachments, editOf }: Question): StoredMessage {
    const now = Date.now();
    const edited = editOf === undefined ? undefined : this.#rowOf(chatId, editOf, 'user');
    if (edited) choose(this.#sql, edited); // an edit is seen, even when another branch was being read
    if (edited) giveWay(this.#sql, chatId, beside(this.#sql, edited));
    return this.#insert(edited ? beside(this.#sql, edited) : endOf(this.#sql, chatId), {
      id: this.#newId(), chat_id: chatId, role: 'user', status: 'complete', text, attachments: toJson(attachments), created_at: now, finished_at: now,
    });
  }

  startAnswer(chatId: string, { decision, retryOf, after: question }: Answer): StoredMessage {
    const place = this.#placeOfAnswer(chatId, { retryOf, question });
    giveWay(this.#sql, chatId, place);
    return this.#insert(place, {
      id: this.#newId(), chat_id: chatId, role: 'assistant', status: 'streaming', text: '', decision: toJson(decision), created_at: Date.now(),
    });
  }

  append(messageId: string, { text, reasoning, note }: Added): void {
    const pieces = ([['reasoning', reasoning], ['text', text], ['note', note]] as const).filter((piece): piece is Piece => Boolean(piece[1]));
    const add = () => {
      for (const piece of pieces) this.#appendPiece(messageId, piece);
    };
    if (pieces.length > 1) this.#sql.transaction(add);
    else add(); // one statement is a transaction by itself
  }

  /** Moves the pieces of an answer into its row, and closes it. Returns the chat's id. */
  finish(messageId: string, end: End): string {
    const row = this.#row(messageId);
    if (row.finished_at !== null) throw new Error(`answer ${messageId} was finished twice`);
    settle(this.#sql, row, {
      status: end.status,
      usage: toJson(end.usage),
      finish_reason: end.finishReason ?? null,
      error: toJson(end.error),
      duration_ms: end.durationMs ?? null,
      context: toJson(end.context),
      finished_at: Date.now(),
    });
    return row.chat_id;
  }

  choose(chatId: string, messageId: string, version: number): StoredMessage {
    const row = this.#rowIn(chatId, messageId);
    const versions = versionsOf(this.#sql, chatId, [row]);
    const id = versions.get(row.parent_id)?.[version - 1];
    if (id === undefined) throw new UserError('no-such-version', `There is no version ${version} of that message. Open the chat again to see which there are.`);
    choose(this.#sql, this.#rowIn(chatId, id));
    return this.#readAmong(this.#row(id), versions);
  }

  pin(messageId: string, pinned: boolean): void {
    this.#sql.run(this.#sql.build.updateTable('message').set({ pinned: Number(pinned) }).where('id', '=', this.#row(messageId).id));
  }

  /** Copies a branch into another chat in its reading order: up to and including the named message, else the one that is read. */
  copy(chatId: string, intoChatId: string, lastMessageId?: string): void {
    const last = lastMessageId ?? endOf(this.#sql, chatId).parent_id;
    if (last === null) return;
    let parent: string | null = null;
    for (const row of this.#rows(pathTo(this.#sql, this.#rowIn(chatId, last)))) {
      const id = this.#newId();
      this.#sql.run(
        this.#sql.build.insertInto('message').values({
          ...row, ...textsOf(this.#sql, row),
          id,
          chat_id: intoChatId,
          parent_id: parent,
          chosen: 1,
          active: 1,
          status: row.status === 'streaming' ? 'partial' : row.status, // the copy gets no more text
          finished_at: row.finished_at ?? Date.now(),
        }),
      );
      parent = id;
    }
  }

  /** Every message of this profile, and no other. */
  #messages() {
    return this.#sql.build
      .selectFrom('message')
      .selectAll('message')
      .where(({ exists, selectFrom }) => exists(selectFrom('chat').select('chat.id').whereRef('chat.id', '=', 'message.chat_id').where('chat.profile_id', '=', this.#profile)));
  }

  #row(messageId: string): MessageRow {
    const row = this.#sql.first(this.#messages().where('message.id', '=', messageId));
    if (!row) throw messageNotFound();
    return row;
  }

  /** Messages of one branch, in reading order. */
  #rows(path: readonly { id: string }[]): MessageRow[] {
    const ids = JSON.stringify(path.map(({ id }) => id));
    return this.#sql.all(this.#messages().where('message.id', 'in', raw<string>`(select value from json_each(${ids}))`).orderBy('message.seq'));
  }

  #rowIn(chatId: string, messageId: string): MessageRow {
    const row = this.#row(messageId);
    if (row.chat_id !== chatId) throw messageNotFound();
    return row;
  }

  #rowOf(chatId: string, messageId: string, role: MessageRow['role']): MessageRow {
    const row = this.#rowIn(chatId, messageId);
    if (row.role !== role) throw messageNotFound();
    return row;
  }

  #placeOfAnswer(chatId: string, { retryOf, question }: { retryOf: string | undefined; question: string | undefined }): Place {
    if (retryOf !== undefined) return beside(this.#sql, this.#rowOf(chatId, retryOf, 'assistant'));
    return question === undefined ? endOf(this.#sql, chatId) : after(this.#rowOf(chatId, question, 'user'));
  }

  #insert(place: Place, values: Omit<Insertable<MessageTable>, keyof Place>): StoredMessage {
    this.#sql.run(this.#sql.build.insertInto('message').values({ ...values, ...place }));
    return this.message(values.id);
  }

  #hasPinnedBefore(chatId: string, seq: number): boolean {
    const pinned = this.#sql.build.selectFrom('message').select('id').where('chat_id', '=', chatId).where('pinned', '=', 1).where('seq', '<', seq).limit(1);
    return this.#sql.first(pinned) !== undefined;
  }

  #appendPiece(messageId: string, [kind, text]: Piece): void {
    // UTF-8 cannot hold half a character, and providers do cut there; the halves meet again when the answer is read.
    const stored = text.isWellFormed() ? text : Buffer.from(text, 'utf16le');
    if (this.#insertPiece(kind, stored, messageId, this.#profile) === 1) return;
    this.#row(messageId); // throws when the message is gone, as it is after its chat was deleted
    throw new Error(`text was added to answer ${messageId} after its end`);
  }

  #readAmong(row: MessageRow, versions: ReadonlyMap<string | null, readonly string[]>): StoredMessage {
    const siblings = versions.get(row.parent_id) ?? [];
    return { ...this.#read(row), versions: siblings.length, version: siblings.indexOf(row.id) + 1 };
  }

  #read(row: MessageRow): StoredMessage {
    const { text, reasoning, notes } = textsOf(this.#sql, row);
    return {
      id: row.id, chatId: row.chat_id, role: row.role, text, status: row.status, createdAt: row.created_at,
      ...(reasoning !== '' && { reasoning }),
      ...(row.attachments !== null && { attachments: JSON.parse(row.attachments) }),
      ...(row.error !== null && { error: JSON.parse(row.error) }),
      ...(notes !== null && { notes: JSON.parse(notes) }),
      ...(row.decision !== null && { decision: JSON.parse(row.decision) }),
      ...(row.usage !== null && { usage: JSON.parse(row.usage) }),
      ...(row.finish_reason !== null && { finishReason: row.finish_reason }),
      ...(row.duration_ms !== null && { durationMs: row.duration_ms }),
      ...(row.pinned === 1 && { pinned: true }),
      ...(row.context !== null && { context: JSON.parse(row.context) }),
    };
  }
}

function messageNotFound(): UserError {
  return new UserError('message-not-found', 'That message does not exist any more; its chat may have been deleted. Open the chat again.');
}
