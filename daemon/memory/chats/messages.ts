// Messages of chats in SQLite: stored whole when the user writes them, piece by piece while a model answers.
import { type Kysely, sql as raw, type Selectable, type SqlBool } from 'kysely';
import { UserError } from '../../base/errors.ts';
import type { AnswerPiece, Conversations, Page, PageRequest, RecalledMessage, StoredMessage } from '../memory.ts';
import { cursorOf, limitOf, toPage } from '../paging.ts';
import { type ChunkKind, type MessageChunkTable, type MessageTable, type Schema, toJson } from '../schema.ts';
import type { Sql } from '../sql.ts';

type Answer = Parameters<Conversations['startAnswer']>[1];
type End = Omit<Parameters<Conversations['finishAnswer']>[1], 'last'>;
type Row = Selectable<MessageTable>;
type Piece = readonly [kind: ChunkKind, text: string];

/** Lives as long as an open database. */
export class Messages {
  readonly #sql: Sql;
  readonly #newId: () => string;
  readonly #insertChunk: (kind: ChunkKind, text: string | Buffer, messageId: string) => number;
  readonly #insertMessage: (...values: NewMessage[keyof NewMessage][]) => number;
  readonly #byId: (messageId: string) => Row | undefined;
  readonly #chunksOf: (messageId: string) => Pick<Selectable<MessageChunkTable>, 'kind' | 'text'>[];
  readonly #deleteChunks: (messageId: string) => number;
  readonly #newest: (chatId: string, most: number) => Row[];
  readonly #lastSeq: (chatId: string) => { seq: number } | undefined;

  constructor(sql: Sql, newId: () => string) {
    this.#sql = sql;
    this.#newId = newId;
    this.#insertChunk = sql.prepared(chunkInsertion(sql.build));
    this.#insertMessage = sql.prepared(sql.build.insertInto('message').values(noMessage));
    this.#byId = sql.preparedFirst(sql.build.selectFrom('message').selectAll().where('id', '=', ''));
    this.#chunksOf = sql.preparedAll(sql.build.selectFrom('message_chunk').select(['kind', 'text']).where('message_id', '=', '').orderBy('seq'));
    this.#deleteChunks = sql.prepared(sql.build.deleteFrom('message_chunk').where('message_id', '=', ''));
    this.#newest = sql.preparedAll(
      sql.build.selectFrom('message').selectAll().where('chat_id', '=', '').where('superseded_by', 'is', null).orderBy('seq', 'desc').limit(0),
    );
    this.#lastSeq = sql.preparedFirst(sql.build.selectFrom('message').select('seq').where('chat_id', '=', '').orderBy('seq', 'desc').limit(raw<number>`1`));
  }

  page(chatId: string, page: PageRequest): Page<StoredMessage> {
    const limit = limitOf(page);
    const before = cursorOf(page);
    const rows = this.#sql.all(
      this.#inOrder(chatId)
        .$if(before !== undefined, (query) => query.where('seq', '<', before?.[0] ?? 0))
        .orderBy('seq', 'desc')
        .limit(limit + 1),
    );
    const { items, next } = toPage(rows, limit, { item: (row) => this.#read(row), key: (row) => [row.seq, row.id] });
    return { items: items.reverse(), ...(next && { next }) };
  }

  /** The newest messages, in reading order. */
  recall(chatId: string, most: number): RecalledMessage[] {
    return this.#newest(chatId, most).reverse().map((row) => ({
      id: row.id,
      role: row.role,
      text: this.#texts(row).text,
      ...(row.attachments !== null && { attachments: JSON.parse(row.attachments) as unknown[] }),
    }));
  }

  message(messageId: string): StoredMessage {
    return this.#read(this.#row(messageId));
  }

  addUserMessage(chatId: string, { text, attachments }: { text: string; attachments?: unknown[] }): StoredMessage {
    const now = Date.now();
    return this.#insert({
      id: this.#newId(), chat_id: chatId, seq: this.#nextSeq(chatId), role: 'user', status: 'complete',
      text, attachments: toJson(attachments), decision: null, created_at: now, finished_at: now,
    });
  }

  /** A retried answer is replaced where it stands, even when it was itself a retry. */
  startAnswer(chatId: string, { decision, retryOf, id = this.#newId() }: Answer): StoredMessage {
    const place = retryOf === undefined ? this.#nextSeq(chatId) : this.#supersede(chatId, retryOf, id);
    return this.#insert({
      id, chat_id: chatId, seq: place, role: 'assistant', status: 'streaming',
      text: '', attachments: null, decision: toJson(decision), created_at: Date.now(), finished_at: null,
    });
  }

  append(messageId: string, { text, reasoning, note }: AnswerPiece): void {
    const pieces = ([['reasoning', reasoning], ['text', text], ['note', note]] as const).filter((piece): piece is Piece => Boolean(piece[1]));
    const add = () => {
      for (const piece of pieces) this.#appendChunk(messageId, piece);
    };
    if (pieces.length > 1) this.#sql.transaction(add);
    else add(); // one statement is a transaction by itself
  }

  /** Moves the pieces of an answer into its row, and closes it. Returns the chat's id. */
  finish(messageId: string, end: End): string {
    const row = this.#row(messageId);
    if (row.finished_at !== null) throw new Error(`answer ${messageId} was finished twice`);
    this.#settle(row, {
      status: end.status,
      usage: toJson(end.usage),
      finish_reason: end.finishReason ?? null,
      error: toJson(end.error),
      duration_ms: end.durationMs ?? null,
      finished_at: Date.now(),
    });
    return row.chat_id;
  }

  /**
   * Marks what a crash left streaming as partial, keeping its text. Such an answer stays open: when only the worker crashed,
   * the daemon may still be adding to it.
   */
  recover(): void {
    this.#sql.transaction(() => {
      const left = this.#sql.all(this.#sql.build.selectFrom('message').selectAll().where('status', '=', 'streaming'));
      for (const row of left) this.#settle(row, { status: 'partial' });
    });
  }

  /** Copies a chat's messages in reading order into another chat, up to and including the named one. */
  copy(chatId: string, intoChatId: string, lastMessageId?: string): void {
    for (const row of this.#sql.all(this.#upTo(chatId, lastMessageId).orderBy('seq'))) {
      const { text, reasoning, notes } = this.#texts(row);
      this.#sql.run(
        this.#sql.build.insertInto('message').values({
          ...row, text, reasoning, notes,
          id: this.#newId(),
          chat_id: intoChatId,
          status: row.status === 'streaming' ? 'partial' : row.status, // the copy gets no more text
          finished_at: row.finished_at ?? Date.now(),
          superseded_by: null,
        }),
      );
    }
  }

  #upTo(chatId: string, lastMessageId: string | undefined) {
    if (lastMessageId === undefined) return this.#inOrder(chatId);
    const last = this.#rowIn(chatId, lastMessageId);
    return this.#sql.build
      .selectFrom('message')
      .selectAll()
      .where('chat_id', '=', chatId)
      .where(raw<SqlBool>`((superseded_by is null and seq < ${last.seq}) or id = ${last.id})`);
  }

  #inOrder(chatId: string) {
    return this.#sql.build.selectFrom('message').selectAll().where('chat_id', '=', chatId).where('superseded_by', 'is', null);
  }

  #row(messageId: string): Row {
    const row = this.#byId(messageId);
    if (!row) throw messageNotFound();
    return row;
  }

  #rowIn(chatId: string, messageId: string): Row {
    const row = this.#row(messageId);
    if (row.chat_id !== chatId) throw messageNotFound();
    return row;
  }

  #nextSeq(chatId: string): number {
    return (this.#lastSeq(chatId)?.seq ?? 0) + 1;
  }

  #supersede(chatId: string, answerId: string, byId: string): number {
    const { seq, role } = this.#rowIn(chatId, answerId);
    if (role !== 'assistant') throw messageNotFound();
    const standing = this.#sql.build.updateTable('message').set({ superseded_by: byId });
    this.#sql.run(standing.where('chat_id', '=', chatId).where('seq', '=', seq).where('superseded_by', 'is', null));
    return seq;
  }

  #insert(message: NewMessage): StoredMessage {
    this.#insertMessage(...columnsOfNew.map((column) => message[column]));
    return toMessage({ ...emptyMessage, ...message });
  }

  #appendChunk(messageId: string, [kind, text]: Piece): void {
    // UTF-8 cannot hold half a character, and providers do cut there; the halves meet again when the answer is read.
    const stored = text.isWellFormed() ? text : Buffer.from(text, 'utf16le');
    if (this.#insertChunk(kind, stored, messageId) === 1) return;
    this.#row(messageId); // throws when the message is gone, as it is after its chat was deleted
    throw new Error(`text was added to answer ${messageId} after its end`);
  }

  #settle(row: Row, change: Partial<Row>): void {
    const { text, reasoning, notes } = this.#texts(row);
    this.#sql.run(this.#sql.build.updateTable('message').set({ ...change, text, reasoning, notes }).where('id', '=', row.id));
    this.#deleteChunks(row.id);
  }

  /** The texts of a message, with the pieces that are not yet part of its row. */
  #texts(row: Row): Pick<Row, 'text' | 'reasoning' | 'notes'> {
    if (row.finished_at !== null) return row;
    const chunks = this.#chunksOf(row.id);
    const pieces = (kind: ChunkKind) => chunks.filter((chunk) => chunk.kind === kind).map(({ text }) => (typeof text === 'string' ? text : text.toString('utf16le')));
    const notes = [...(row.notes === null ? [] : (JSON.parse(row.notes) as string[])), ...pieces('note')];
    return {
      text: row.text + pieces('text').join(''),
      reasoning: row.reasoning + pieces('reasoning').join(''),
      notes: notes.length > 0 ? JSON.stringify(notes) : null,
    };
  }

  #read(row: Row): StoredMessage {
    return toMessage({ ...row, ...this.#texts(row) });
  }
}

/** What is known of a message when it is stored first. */
type NewMessage = Pick<Row, 'id' | 'chat_id' | 'seq' | 'role' | 'status' | 'text' | 'attachments' | 'decision' | 'created_at' | 'finished_at'>;
/** Holds the places of a message's values. */
const noMessage: NewMessage = { id: '', chat_id: '', seq: 0, role: 'user', status: 'complete', text: '', attachments: null, decision: null, created_at: 0, finished_at: null };
const columnsOfNew = Object.keys(noMessage) as (keyof NewMessage)[];
const emptyMessage: Omit<Row, keyof NewMessage> = { reasoning: '', error: null, notes: null, usage: null, finish_reason: null, duration_ms: null, superseded_by: null };

function toMessage(row: Row): StoredMessage {
  return {
    id: row.id, chatId: row.chat_id, role: row.role, text: row.text, status: row.status, createdAt: row.created_at,
    ...(row.reasoning !== '' && { reasoning: row.reasoning }),
    ...(row.attachments !== null && { attachments: JSON.parse(row.attachments) }),
    ...(row.error !== null && { error: JSON.parse(row.error) }),
    ...(row.notes !== null && { notes: JSON.parse(row.notes) }),
    ...(row.decision !== null && { decision: JSON.parse(row.decision) }),
    ...(row.usage !== null && { usage: JSON.parse(row.usage) }),
    ...(row.finish_reason !== null && { finishReason: row.finish_reason }),
    ...(row.duration_ms !== null && { durationMs: row.duration_ms }),
  };
}

/** One statement for each piece of an answer; it adds nothing where the answer is gone or closed. Parameters: kind, text, message id. */
function chunkInsertion(build: Kysely<Schema>) {
  return build.insertInto('message_chunk').columns(['message_id', 'seq', 'kind', 'text']).expression(
    build
      .selectFrom('message')
      .select(({ selectFrom, val }) => [
        'id',
        selectFrom('message_chunk').select(raw<number>`coalesce(max(seq), 0) + 1`.as('next')).whereRef('message_id', '=', 'message.id').as('seq'),
        val<ChunkKind>('text').as('kind'),
        val('').as('text'),
      ])
      .where('id', '=', '')
      .where('finished_at', 'is', null),
  );
}

function messageNotFound(): UserError {
  return new UserError('message-not-found', 'That message does not exist any more; its chat may have been deleted. Open the chat again.');
}
