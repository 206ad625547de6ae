// Chats in SQLite: the list of them, their names, and the order of their messages.
import { type Selectable, sql } from 'kysely';
import { UserError } from '../../../base/errors.ts';
import type { Chats, StoredChat, StoredTurn, TurnBegin } from '../../chats.ts';
import type { StoredMessage, TreeMessage } from '../../messages.ts';
import type { Page, PageRequest } from '../../pages.ts';
import type { Synchronous } from '../call-table.ts';
import { cursorOf, limitOf, toPage } from '../paging.ts';
import type { PartDeps } from '../profiles/part-deps.ts';
import { projectNotFound } from '../profiles/projects.ts';
import type { ChatTable } from '../schema.ts';
import { hasCodeIn } from '../search/text/code-languages.ts';
import type { Sql } from '../sql.ts';
import { Messages } from './messages.ts';
import { forkTitle, titleFrom, titleWithoutFork } from './title.ts';
import { stash } from './trash.ts';
import { WholeTree } from './whole-tree.ts';

type ChatHead = Pick<Selectable<ChatTable>, 'title' | 'model' | 'project_id'>;

/** Lives as long as an open database. Sees the chats of one profile. Each method that writes is one transaction. */
export class SqliteChats implements Synchronous<Omit<Chats, 'importChat'>> {
  readonly #sql: Sql;
  readonly #newId: () => string;
  readonly #profile: string;
  readonly #messages: Messages;
  readonly #headOf: (profile: string, chatId: string) => ChatHead | undefined;
  readonly #insert: (...values: (string | number | null)[]) => number;
  readonly #name: (title: string, profile: string, chatId: string) => number;
  readonly #use: (time: number, profile: string, chatId: string) => number;
  readonly #withCode: (chatId: string) => { text: string; attachments: string | null }[];
  readonly #wholeTree: WholeTree;
  #lastUse = 0;

  constructor(own: PartDeps) {
    this.#sql = own.sql;
    this.#newId = own.newId;
    this.#profile = own.profile;
    this.#messages = new Messages(own);
    const { build } = own.sql;
    this.#insert = own.sql.prepared(
      build
        .insertInto('chat')
        .values({ id: '', profile_id: '', project_id: '', title: '', model: '', created_at: 0, updated_at: 0 }),
    );
    this.#headOf = own.sql.preparedFirst(
      build
        .selectFrom('chat')
        .select(['title', 'model', 'project_id'])
        .where('profile_id', '=', '')
        .where('id', '=', ''),
    );
    this.#name = own.sql.prepared(
      build.updateTable('chat').set({ title: '' }).where('profile_id', '=', '').where('id', '=', ''),
    );
    this.#use = own.sql.prepared(
      build.updateTable('chat').set({ updated_at: 0 }).where('profile_id', '=', '').where('id', '=', ''),
    );
    this.#withCode = own.sql.preparedAll(
      build
        .selectFrom('message')
        .select(['text', 'attachments'])
        .where('chat_id', '=', '')
        .where(
          sql<boolean>`active = 1 and (instr(text, '\`\`\`') > 0 or instr(text, '~~~') > 0 or attachments is not null)`,
        ),
    );
    this.#wholeTree = new WholeTree(own.sql, this.#messages);
  }

  createChat(
    { title, model, projectId }: { title?: string; model?: string; projectId?: string },
    id = this.#newId(),
  ): StoredChat {
    if (projectId !== undefined) this.#needProject(projectId);
    const now = this.#useTime();
    this.#insert(id, this.#profile, projectId ?? null, title ?? '', model ?? null, now, now);
    return {
      id,
      title: title ?? '',
      ...(projectId !== undefined && { projectId }),
      ...(model !== undefined && { model }),
      createdAt: now,
      updatedAt: now,
      messageCount: 0,
    };
  }

  chat(chatId: string): StoredChat {
    const row = this.#sql.first(this.#chats().where('id', '=', chatId));
    if (!row) throw chatNotFound();
    return toChat(row);
  }

  updateChat(chatId: string, { title, model }: { title?: string; model?: string | null }): void {
    const change = { ...(title !== undefined && { title }), ...(model !== undefined && { model }) };
    if (Object.keys(change).length === 0) return void this.chat(chatId);
    if (
      this.#sql.run(
        this.#sql.build
          .updateTable('chat')
          .set(change)
          .where('profile_id', '=', this.#profile)
          .where('id', '=', chatId),
      ) === 0
    )
      throw chatNotFound();
  }

  firstWords(chatId: string): { title: string; question: string } | undefined {
    const { title, origin } = this.chat(chatId);
    const { build } = this.#sql;
    const questions = build
      .selectFrom('message')
      .select('text')
      .where('chat_id', '=', chatId)
      .where('role', '=', 'user');
    const first = this.#sql.first(questions.orderBy('seq').orderBy('created_at').orderBy('id').limit(1));
    return first && !origin && title === titleFrom(first.text) ? { title, question: first.text } : undefined;
  }

  retitle(chatId: string, { from, to }: { from: string; to: string }): boolean {
    const change = this.#sql.build.updateTable('chat').set({ title: to }).where('profile_id', '=', this.#profile);
    return this.#sql.run(change.where('id', '=', chatId).where('title', '=', from)) > 0;
  }

  deleteChat(chatId: string): void {
    if (!stash(this.#sql, this.#profile, chatId)) throw chatNotFound();
  }

  forkChat(chatId: string, messageId?: string): StoredChat {
    return this.#sql.transaction(() => {
      const { title, model, projectId } = this.chat(chatId);
      const fork = this.createChat({
        title: forkTitle(title, this.#titlesLike(titleWithoutFork(title))),
        ...(model !== undefined && { model }),
        ...(projectId !== undefined && { projectId }),
      });
      this.#messages.copy(chatId, fork.id, messageId);
      return this.chat(fork.id);
    });
  }

  #titlesLike(beginning: string): string[] {
    const { build } = this.#sql;
    const titles = build.selectFrom('chat').select('title').where('profile_id', '=', this.#profile);
    return this.#sql
      .all(titles.where(sql<boolean>`substr(title, 1, ${[...beginning].length}) = ${beginning}`))
      .map(({ title }) => title);
  }

  listChats({ projectId, language, ...page }: Parameters<Chats['listChats']>[0]): Page<StoredChat> {
    if (projectId !== undefined) this.#needProject(projectId);
    const limit = limitOf(page);
    const after = cursorOf(page);
    const rows = this.#sql.all(
      this.#chats()
        .$if(projectId !== undefined, (query) => query.where('project_id', '=', projectId ?? ''))
        .$if(after !== undefined, (query) =>
          query.where(({ eb, refTuple, tuple }) =>
            eb(refTuple('updated_at', 'id'), '<', tuple(after?.[0] ?? 0, after?.[1] ?? '')),
          ),
        )
        .orderBy('updated_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit + 1),
    );
    const { items, ...rest } = toPage(rows, limit, { item: toChat, key: (row) => [row.updated_at, row.id] });
    return {
      items: language === undefined ? items : items.filter(({ id }) => this.#hasCodeIn(id, language.toLowerCase())),
      ...rest,
    };
  }

  /** Nothing says beforehand in which languages a chat has code: its messages are read, for as many chats as a page has. */
  #hasCodeIn(chatId: string, language: string): boolean {
    return this.#withCode(chatId).some((message) => hasCodeIn(language, message));
  }

  messages(chatId: string, page: PageRequest & { around?: string }): Page<StoredMessage> {
    this.chat(chatId);
    return this.#messages.page(chatId, page);
  }

  message(messageId: string): StoredMessage {
    return this.#messages.message(messageId);
  }

  thread(chatId: string, messageId: string, limit: number): { messages: StoredMessage[]; earlier: number } {
    return this.#messages.thread(chatId, messageId, limit);
  }

  addUserMessage(chatId: string, message: Parameters<Chats['addUserMessage']>[1], id?: string): StoredMessage {
    return this.#sql.transaction(() => {
      const { title } = this.#head(chatId); // alone: reading the whole chat would count its messages each time
      this.#markUsed(chatId);
      if (title === '') this.#name(titleFrom(message.text), this.#profile, chatId);
      return this.#messages.addUserMessage(chatId, message, id);
    });
  }

  beginTurn(turn: TurnBegin): StoredTurn {
    return this.#sql.transaction(() => {
      const chatId = turn.chatId ?? this.#chatOf(turn);
      const { model, project_id } = this.#head(chatId);
      const last = 'retryOf' in turn ? turn.retryOf : this.addUserMessage(chatId, turn.question, turn.ids?.question).id;
      const recalled = this.#messages.recall(chatId, last, turn.recall);
      return {
        chatId,
        ...recalled,
        ...('retryOf' in turn && this.#replaced(turn.retryOf)),
        ...(model !== null && { model }),
        ...(project_id !== null && { projectId: project_id }),
      };
    });
  }

  startAnswer(chatId: string, answer: Parameters<Chats['startAnswer']>[1]): StoredMessage {
    return this.#sql.transaction(() => {
      if (this.#markUsed(chatId) === 0) throw chatNotFound();
      return this.#messages.startAnswer(chatId, answer);
    });
  }

  resumeAnswer(chatId: string, messageId: string, change: Parameters<Chats['resumeAnswer']>[2] = {}): void {
    this.#sql.transaction(() => {
      if (this.#markUsed(chatId) === 0) throw chatNotFound();
      this.#messages.resume(chatId, messageId, change);
    });
  }

  appendAnswer(messageId: string, added: Parameters<Chats['appendAnswer']>[1]): void {
    this.#messages.append(messageId, added);
  }

  finishAnswer(messageId: string, { last = [], ...end }: Parameters<Chats['finishAnswer']>[1]): void {
    this.#sql.transaction(() => {
      for (const piece of last) this.#messages.append(messageId, piece);
      this.#markUsed(this.#messages.finish(messageId, end));
    });
  }

  chooseVersion(chatId: string, messageId: string, version: number): StoredMessage {
    return this.#sql.transaction(() => {
      this.chat(chatId);
      return this.#messages.choose(chatId, messageId, version);
    });
  }

  pin(messageId: string, pinned: boolean): void {
    this.#messages.pin(messageId, pinned);
  }

  #replaced(messageId: string): Pick<StoredTurn, 'replaced'> {
    const { role, decision, status } = this.#messages.message(messageId);
    return role === 'assistant' ? { replaced: { status, ...(decision !== undefined && { decision }) } } : {};
  }

  /** That of the message which a turn names; a new one when it names none. */
  #chatOf(turn: TurnBegin): string {
    const named = 'retryOf' in turn ? turn.retryOf : turn.question.editOf;
    if (named !== undefined) return this.#messages.message(named).chatId;
    return this.createChat({ ...(turn.projectId !== undefined && { projectId: turn.projectId }) }, turn.ids?.chat).id;
  }

  #head(chatId: string): ChatHead {
    const head = this.#headOf(this.#profile, chatId);
    if (!head) throw chatNotFound();
    return head;
  }

  /** Returns how many chats of the profile have this id: one or none. */
  #markUsed(chatId: string): number {
    return this.#use(this.#useTime(), this.#profile, chatId);
  }

  tree(chatId: string, page: PageRequest): Page<TreeMessage> {
    this.#head(chatId); // alone: reading the whole chat would count its messages for each page
    return this.#wholeTree.page(chatId, page);
  }

  /** Now, in milliseconds, but never the same twice: the list's order is the order of use. */
  #useTime(): number {
    this.#lastUse = Math.max(Date.now(), this.#lastUse + 1);
    return this.#lastUse;
  }

  #needProject(projectId: string): void {
    const row = this.#sql.first(
      this.#sql.build
        .selectFrom('project')
        .select('id')
        .where('profile_id', '=', this.#profile)
        .where('id', '=', projectId),
    );
    if (!row) throw projectNotFound();
  }

  #chats() {
    return this.#sql.build
      .selectFrom('chat')
      .selectAll()
      .where('profile_id', '=', this.#profile)
      .select(({ selectFrom, fn }) =>
        selectFrom('message')
          .select(fn.countAll<number>().as('count'))
          .whereRef('message.chat_id', '=', 'chat.id')
          .where('message.active', '=', 1)
          .as('message_count'),
      );
  }
}

function toChat(row: Selectable<ChatTable> & { message_count: number | null }): StoredChat {
  return {
    id: row.id,
    title: row.title,
    ...(row.project_id !== null && { projectId: row.project_id }),
    ...(row.model !== null && { model: row.model }),
    ...(row.origin_source !== null &&
      row.origin_id !== null && { origin: { source: row.origin_source, id: row.origin_id } }),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    messageCount: row.message_count ?? 0,
  };
}

function chatNotFound(): UserError {
  return new UserError(
    'chat-not-found',
    'That chat no longer exists. It may have been deleted in another window. Choose one from the list.',
  );
}
