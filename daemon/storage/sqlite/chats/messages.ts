// Messages of chats in SQLite: stored whole when the user writes them, piece by piece while a model answers.
import { type Insertable, sql as raw } from 'kysely';
import { UserError } from '../../../base/errors.ts';
import type { Chats } from '../../chats.ts';
import type { AnswerPiece, RecalledMessage, StoredMessage } from '../../messages.ts';
import type { Page, PageRequest } from '../../pages.ts';
import { cursorOf, limitOf, toPage } from '../paging.ts';
import type { PartDeps } from '../profiles/part-deps.ts';
import { fromJson, type MessageTable, toJson } from '../schema.ts';
import type { Sql } from '../sql.ts';
import { checksumOf } from './checksum.ts';
import { type MessageRow, type Piece, Pieces, profileOfMessage } from './pieces.ts';
import { after, type Step, Tree, type TreePosition } from './tree.ts';

type UserMessage = Parameters<Chats['addUserMessage']>[1];
type NewAnswer = Parameters<Chats['startAnswer']>[1];
type AnswerResumption = NonNullable<Parameters<Chats['resumeAnswer']>[2]>;
type AnswerEnd = Omit<Parameters<Chats['finishAnswer']>[1], 'last'>;

/** Lives as long as an open database. Sees the messages of one profile. */
export class Messages {
  readonly #sql: Sql;
  readonly #newId: () => string;
  readonly #profile: string;
  readonly #tree: Tree;
  readonly #pieces: Pieces;
  readonly #insertNew: (...values: (string | number | null)[]) => number;
  readonly #byId: (profile: string, messageId: string) => MessageRow | undefined;
  readonly #byIds: (profile: string, ids: string) => MessageRow[];
  readonly #pinnedBefore: (chatId: string, seq: number) => { id: string } | undefined;

  constructor({ sql, newId, profile }: PartDeps) {
    this.#sql = sql;
    this.#newId = newId;
    this.#profile = profile;
    this.#tree = new Tree(sql);
    this.#pieces = new Pieces(sql);
    this.#insertNew = sql.prepared(sql.build.insertInto('message').values(noMessage));
    this.#byId = sql.preparedFirst(this.#messages().where('message.id', '=', ''));
    this.#byIds = sql.preparedAll(
      this.#messages()
        .where('message.id', 'in', raw<string>`(select value from json_each(${''}))`)
        .orderBy('message.seq'),
    );
    const one = raw<number>`1`; // not a parameter
    this.#pinnedBefore = sql.preparedFirst(
      sql.build
        .selectFrom('message')
        .select('id')
        .where('chat_id', '=', '')
        .where('pinned', '=', one)
        .where('seq', '<', 0)
        .limit(one),
    );
  }

  page(chatId: string, page: PageRequest & { around?: string }): Page<StoredMessage> {
    const limit = limitOf(page);
    // Half of the page follows the message that it is around; one of another version has its place in the branch all the same.
    const before =
      page.around === undefined
        ? cursorOf(page)
        : ([this.#rowIn(chatId, page.around).seq + Math.floor(limit / 2) + 1, ''] as const);
    const rows = this.#sql.all(
      this.#messages()
        .where('message.chat_id', '=', chatId)
        .where('message.active', '=', 1)
        .$if(before !== undefined, (query) => query.where('message.seq', '<', before?.[0] ?? 0))
        .orderBy('message.seq', 'desc')
        .limit(limit + 1),
    );
    const versions = this.#tree.versionsOf(chatId, rows);
    const { items, next } = toPage(rows, limit, {
      item: (row) => this.#readAmong(row, versions),
      key: (row) => [row.seq, row.id],
    });
    return { items: items.reverse(), ...(next && { next }) };
  }

  message(messageId: string): StoredMessage {
    return this.#read(this.#row(messageId));
  }

  /** Messages of one chat, by depth. */
  all(named: readonly { id: string }[]): StoredMessage[] {
    return this.#rows(named).map((row) => this.#read(row));
  }

  thread(chatId: string, messageId: string, limit: number): { messages: StoredMessage[]; earlier: number } {
    const { rows, earlier } = this.#thread(chatId, messageId, limit);
    return { messages: rows.map((row) => this.#read(row)), earlier };
  }

  /** The same, as far as a prompt takes it. */
  recall(chatId: string, messageId: string, limit: number): { messages: RecalledMessage[]; earlier: number } {
    const { rows, earlier } = this.#thread(chatId, messageId, limit);
    return { messages: rows.map((row) => this.#recall(row)), earlier };
  }

  /** The messages of a branch up to one of them, in reading order. */
  path(chatId: string, messageId: string): Step[] {
    return this.#tree.pathTo(this.#rowIn(chatId, messageId)).reverse();
  }

  /** Messages of one branch as a prompt takes them, in reading order. */
  recalled(steps: readonly { id: string }[]): RecalledMessage[] {
    return this.#rows(steps).map((row) => this.#recall(row));
  }

  addUserMessage(chatId: string, { text, attachments, editOf }: UserMessage, id = this.#newId()): StoredMessage {
    const now = Date.now();
    const edited = editOf === undefined ? undefined : this.#rowOf(chatId, editOf, 'user');
    if (edited) this.#tree.choose(edited); // an edit is seen, even when another branch was being read
    if (edited) this.#tree.giveWay(chatId, this.#tree.beside(edited));
    return this.#insertAndRead(edited ? this.#tree.beside(edited) : this.#tree.endOf(chatId), {
      id,
      chat_id: chatId,
      role: 'user',
      status: 'complete',
      text,
      attachments: toJson(attachments),
      decision: null,
      context: null,
      created_at: now,
      finished_at: now,
    });
  }

  startAnswer(
    chatId: string,
    { decision, context, retryOf, after: question, id = this.#newId() }: NewAnswer,
  ): StoredMessage {
    const place = this.#placeOfAnswer(chatId, { retryOf, question });
    this.#tree.giveWay(chatId, place);
    return this.#insertAndRead(place, {
      id,
      chat_id: chatId,
      role: 'assistant',
      status: 'streaming',
      text: '',
      attachments: null,
      decision: toJson(decision),
      context: toJson(context),
      created_at: Date.now(),
      finished_at: null,
    });
  }

  resume(chatId: string, messageId: string, { decision, withoutNote }: AnswerResumption): void {
    const row = this.#rowOf(chatId, messageId, 'assistant');
    if (row.status === 'streaming' || this.#tree.hasNext(row))
      // one that a crash cut was never finished
      throw new UserError('not-last-answer', 'Only the last answer of a chat can be continued, once it has stopped.');
    const notes = fromJson<string[]>(row.notes ?? '[]').filter((note) => note !== withoutNote);
    this.#tree.choose(row); // what grows is read
    this.#pieces.settle(row, {
      status: 'streaming',
      notes: toJson(notes.length > 0 ? notes : undefined),
      finish_reason: null,
      error: null,
      finished_at: null,
      ...(decision !== undefined && { decision: toJson(decision) }),
    });
  }

  append(messageId: string, { text, reasoning, note }: AnswerPiece): void {
    const pieces = (
      [
        ['reasoning', reasoning],
        ['text', text],
        ['note', note],
      ] as const
    ).filter((piece): piece is Piece => Boolean(piece[1]));
    const add = () => {
      for (const piece of pieces) this.#appendPiece(messageId, piece);
    };
    if (pieces.length > 1) this.#sql.transaction(add);
    else add(); // one statement is a transaction by itself
  }

  /** Moves the pieces of an answer into its row, and closes it. Returns the chat's id. */
  finish(messageId: string, end: AnswerEnd): string {
    const row = this.#row(messageId);
    if (row.finished_at !== null) throw new Error(`answer ${messageId} was finished twice`);
    this.#pieces.settle(
      row,
      {
        status: end.status,
        usage: toJson(end.usage),
        finish_reason: end.finishReason ?? null,
        error: toJson(end.error),
        duration_ms: end.durationMs ?? null,
        context: toJson(end.context),
        finished_at: Date.now(),
      },
      { characters: end.thoughtCharacters, from: end.thoughtFrom },
    );
    return row.chat_id;
  }

  choose(chatId: string, messageId: string, version: number): StoredMessage {
    const row = this.#rowIn(chatId, messageId);
    const versions = this.#tree.versionsOf(chatId, [row]);
    const id = versions.get(row.parent_id)?.[version - 1];
    if (id === undefined)
      throw new UserError(
        'no-such-version',
        `That message has no version ${version}. Open the chat again to see its versions.`,
      );
    this.#tree.choose(this.#rowIn(chatId, id));
    return this.#readAmong(this.#row(id), versions);
  }

  pin(messageId: string, pinned: boolean): void {
    this.#sql.run(
      this.#sql.build
        .updateTable('message')
        .set({ pinned: Number(pinned) })
        .where('id', '=', this.#row(messageId).id),
    );
  }

  /** Copies a branch into another chat in its reading order: up to and including the named message, else the one that is read. */
  copy(chatId: string, intoChatId: string, lastMessageId?: string): void {
    const last = lastMessageId ?? this.#tree.endOf(chatId).parent_id;
    if (last === null) return;
    let parent: string | null = null;
    for (const row of this.#rows(this.#tree.pathTo(this.#rowIn(chatId, last)))) {
      const id = this.#newId();
      this.#insert({
        ...row,
        ...this.#pieces.textsOf(row),
        id,
        chat_id: intoChatId,
        parent_id: parent,
        chosen: 1,
        active: 1,
        status: row.status === 'streaming' ? 'partial' : row.status, // the copy gets no more text
        finished_at: row.finished_at ?? Date.now(),
      });
      parent = id;
    }
  }

  /** Every message of this profile, and no other. */
  #messages() {
    return this.#sql.build.selectFrom('message').selectAll('message').where(profileOfMessage, '=', this.#profile);
  }

  #row(messageId: string): MessageRow {
    const row = this.#byId(this.#profile, messageId);
    if (!row) throw messageNotFound();
    return row;
  }

  /** Messages of one branch, in reading order. */
  #rows(path: readonly { id: string }[]): MessageRow[] {
    return this.#byIds(this.#profile, JSON.stringify(path.map(({ id }) => id)));
  }

  #thread(chatId: string, messageId: string, limit: number): { rows: MessageRow[]; earlier: number } {
    const last = this.#rowIn(chatId, messageId);
    const recent = this.#tree.pathTo(last, limit);
    const hasPinned = this.#pinnedBefore(chatId, recent.at(-1)?.seq ?? 0) !== undefined;
    const earlier = hasPinned
      ? this.#tree
          .pathTo(last)
          .slice(recent.length)
          .filter(({ pinned }) => pinned === 1)
      : [];
    const rows = this.#rows([...recent, ...earlier]);
    return { rows, earlier: last.seq - rows.length };
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

  #placeOfAnswer(
    chatId: string,
    { retryOf, question }: { retryOf: string | undefined; question: string | undefined },
  ): TreePosition {
    if (retryOf !== undefined) return this.#tree.beside(this.#rowOf(chatId, retryOf, 'assistant'));
    return question === undefined ? this.#tree.endOf(chatId) : after(this.#rowOf(chatId, question, 'user'));
  }

  /** The chat must be the profile's. */
  #insertAndRead(place: TreePosition, values: Omit<NewMessage, keyof TreePosition | 'checksum'>): StoredMessage {
    const message = { ...values, ...place };
    const stored: NewMessage = { ...message, checksum: checksumOf(message) };
    this.#insertNew(...columnsOfNew.map((column) => stored[column]));
    return toMessage({ ...emptyMessage, ...stored });
  }

  #insert(values: Insertable<MessageTable>): void {
    this.#sql.run(this.#sql.build.insertInto('message').values({ ...values, checksum: checksumOf(values) }));
  }

  #appendPiece(messageId: string, piece: Piece): void {
    if (this.#pieces.add(messageId, piece, this.#profile)) return;
    this.#row(messageId); // throws when the message is gone, as it is after its chat was deleted
    throw new Error(`text was added to answer ${messageId} after its end`);
  }

  #readAmong(row: MessageRow, versions: ReadonlyMap<string | null, readonly string[]>): StoredMessage {
    const siblings = versions.get(row.parent_id) ?? [];
    return { ...this.#read(row), versions: siblings.length, version: siblings.indexOf(row.id) + 1 };
  }

  #recall(row: MessageRow): RecalledMessage {
    return {
      id: row.id,
      role: row.role,
      text: this.#pieces.textsOf(row).text,
      ...(row.attachments !== null && { attachments: fromJson<unknown[]>(row.attachments) }),
      ...(row.pinned === 1 && { pinned: true }),
    };
  }

  #read(row: MessageRow): StoredMessage {
    return toMessage({ ...row, ...this.#pieces.textsOf(row) });
  }
}

/** What is known of a message when it is stored first. */
type NewMessage = Pick<
  MessageRow,
  | 'id'
  | 'chat_id'
  | 'seq'
  | 'role'
  | 'status'
  | 'text'
  | 'attachments'
  | 'decision'
  | 'context'
  | 'created_at'
  | 'finished_at'
  | 'parent_id'
  | 'active'
  | 'checksum'
>;
/** Holds the places of a message's values. */
const noMessage: NewMessage = {
  id: '',
  chat_id: '',
  seq: 0,
  role: 'user',
  status: 'complete',
  text: '',
  attachments: null,
  decision: null,
  context: null,
  created_at: 0,
  finished_at: null,
  parent_id: null,
  active: 1,
  checksum: 0,
};
const columnsOfNew = Object.keys(noMessage) as (keyof NewMessage)[];
const emptyMessage: Omit<MessageRow, keyof NewMessage> = {
  reasoning: '',
  error: null,
  notes: null,
  usage: null,
  finish_reason: null,
  duration_ms: null,
  chosen: 1,
  pinned: 0,
  cost: null,
};

function toMessage(row: MessageRow): StoredMessage {
  return {
    id: row.id,
    chatId: row.chat_id,
    role: row.role,
    text: row.text,
    status: row.status,
    createdAt: row.created_at,
    ...(row.reasoning !== '' && { reasoning: row.reasoning }),
    ...(row.attachments !== null && { attachments: fromJson(row.attachments) }),
    ...(row.error !== null && { error: fromJson(row.error) }),
    ...(row.notes !== null && { notes: fromJson(row.notes) }),
    ...(row.decision !== null && { decision: fromJson(row.decision) }),
    ...(row.usage !== null && { usage: fromJson(row.usage) }),
    ...(row.finish_reason !== null && { finishReason: row.finish_reason }),
    ...(row.duration_ms !== null && { durationMs: row.duration_ms }),
    ...(row.pinned === 1 && { pinned: true }),
    ...(row.context !== null && { context: fromJson(row.context) }),
    ...(row.cost !== null && { cost: row.cost }),
  };
}

function messageNotFound(): UserError {
  return new UserError(
    'message-not-found',
    'That message no longer exists. Its chat may have been deleted. Open the chat again.',
  );
}
