// The scripted daemon with what the history asks for besides: pages of chats, reviews, a search by words, and what was deleted.
import {
  type AnyRequest,
  type AppliedRules,
  type Chat,
  ChatDelete,
  ChatDeleted,
  ChatExport,
  ChatFork,
  ChatImport,
  ChatList,
  ChatMessages,
  ChatPurge,
  ChatRestore,
  ChatTree,
  DaemonStatus,
  type Finding,
  type Message,
  type Params,
  type PastReview,
  ProjectList,
  type Result,
  type ReviewCoverage,
  ReviewFindings,
  ReviewList,
  Search,
  type SearchHit,
} from '../../shared/protocol/index.ts';
import { type Call, ScriptedDaemon, ScriptedFailure } from './scripted-daemon.ts';

/** Lives as long as one test. */
export class HistoryDaemon extends ScriptedDaemon {
  readonly runs: (PastReview & { found: Finding[]; coverage?: ReviewCoverage[]; rules?: AppliedRules[] })[] = [];
  projects: Result<typeof ProjectList>['projects'] = [];
  readonly deleted: { chat: Chat; at: number }[] = [];
  readonly forked: Params<typeof ChatFork>[] = [];
  /** What a search waits for, by its query. */
  readonly held = new Map<string, Promise<void>>();
  /** What an import waits for. */
  importing: Promise<void> = Promise.resolve();
  /** Why the list of chats is refused. */
  refused: string | undefined;
  /** Notes of a search. */
  notes: string[] = [];
  /** Queries whose search was cancelled. */
  readonly cancelled: string[] = [];

  #reviewed(wanted: string): Result<typeof ReviewFindings> {
    const run = this.runs.find(({ runId }) => runId === wanted);
    return {
      findings: run?.found ?? [],
      ...(run?.coverage && { coverage: run.coverage }),
      ...(run?.rules && { rules: run.rules }),
    };
  }

  override async answer(message: AnyRequest, params: unknown, call: Call): Promise<unknown> {
    switch (message) {
      case ChatList:
        if (this.refused !== undefined) throw new ScriptedFailure('disk-full', this.refused);
        return this.#chats(params as Params<typeof ChatList>);
      case ChatMessages:
        return this.#messages(params as Params<typeof ChatMessages>);
      case ReviewList:
        return { runs: this.runs.map(({ found, coverage, rules, ...run }) => run) };
      case ReviewFindings:
        return this.#reviewed((params as Params<typeof ReviewFindings>).runId);
      case ProjectList:
        return { projects: this.projects };
      case Search:
        return await this.#search(params as Params<typeof Search>, call);
      case ChatDelete:
        return this.#delete((params as Params<typeof ChatDelete>).chatId);
      case ChatDeleted:
        return {
          chats: this.deleted.map(({ chat, at }) => ({
            id: chat.id,
            title: chat.title,
            messageCount: chat.messageCount,
            deletedAt: at,
            goneAt: at + 86_400_000,
          })),
        };
      case ChatRestore:
        return this.#restore((params as Params<typeof ChatRestore>).chatId);
      case ChatPurge:
        return this.#purge((params as Params<typeof ChatPurge>).chatId ?? undefined);
      case ChatTree:
        return this.#tree(params as Params<typeof ChatTree>);
      case ChatImport:
        await this.importing;
        return this.#import((params as Params<typeof ChatImport>).chat);
      case ChatFork:
        this.forked.push(params as Params<typeof ChatFork>);
        return { chatId: this.addChat('A copy') };
      case ChatExport:
        return { text: `${(params as Params<typeof ChatExport>).format} of it` };
      case DaemonStatus:
        return { ...status, disk: { database: 12_300_000, backups: 4_000_000, models: 2_100_000_000, logs: 90_000 } };
      default:
        return await super.answer(message, params, call);
    }
  }

  #chats({ cursor, limit = 50, projectId, language }: Params<typeof ChatList>): Result<typeof ChatList> {
    const all = this.chats.filter((chat) => projectId === undefined || chat.projectId === projectId);
    const start = Number(cursor ?? 0);
    const hasCode = ({ id }: Chat): boolean =>
      language === undefined || (this.messages.get(id) ?? []).some(({ text }) => text.includes(`\`\`\`${language}\n`));
    return {
      chats: all.slice(start, start + limit).filter(hasCode),
      ...(start + limit < all.length && { next: String(start + limit) }),
    };
  }

  #messages({ chatId, cursor, around, limit = 50 }: Params<typeof ChatMessages>): Result<typeof ChatMessages> {
    const all = this.messages.get(chatId);
    if (!all) throw new ScriptedFailure('chat-not-found', 'This chat is gone. Choose another.');
    const middle = all.findIndex(({ id }) => id === around);
    const end = middle >= 0 ? Math.min(all.length, middle + 1 + Math.floor(limit / 2)) : Number(cursor ?? all.length);
    const start = Math.max(0, end - limit);
    return {
      messages: all.slice(start, end),
      effective: { source: 'policy' },
      ...(start > 0 && { next: String(start) }),
    };
  }

  async #search(
    { query: typed, in: places = [], limit = 20, cursor }: Params<typeof Search>,
    { signal }: Call,
  ): Promise<Result<typeof Search>> {
    const query = typed.replace(/\*$/, ''); // a text that contains it also contains words that begin so
    signal.addEventListener('abort', () => this.cancelled.push(query), { once: true });
    await this.held.get(query);
    signal.throwIfAborted();
    const hits: SearchHit[] = [];
    if (places.includes('chats')) {
      for (const chat of this.chats)
        for (const message of this.messages.get(chat.id) ?? [])
          if (message.text.includes(query)) hits.push(hitOf(chat, message, query));
    }
    const start = Number(cursor ?? 0);
    return {
      hits: hits.slice(start, start + limit),
      notes: this.notes,
      ...(start + limit < hits.length && { next: String(start + limit) }),
    };
  }

  #tree({ chatId, cursor, limit = 50 }: Params<typeof ChatTree>): Result<typeof ChatTree> {
    const chat = this.chats.find(({ id }) => id === chatId);
    const all = (this.messages.get(chatId) ?? []).map(({ id, role, text, createdAt }) => ({
      id,
      role,
      text,
      createdAt,
      status: 'complete' as const,
    }));
    if (!chat) throw new ScriptedFailure('chat-not-found', 'This chat is gone. Choose another.');
    const start = Number(cursor ?? 0);
    const { title, createdAt, updatedAt } = chat;
    return {
      chat: { title, createdAt, updatedAt, origin: { source: 'switchyard', id: chatId } },
      messages: all.slice(start, start + limit),
      ...(start + limit < all.length && { next: String(start + limit) }),
    };
  }

  #import({ title, messages }: Params<typeof ChatImport>['chat']): Result<typeof ChatImport> {
    if (this.chats.some((chat) => chat.title === title)) return { outcome: 'known', added: 0 };
    const chatId = this.addChat(title);
    for (const { role, text } of messages) this.add(chatId, { role, text });
    return { outcome: 'imported', chatId, added: messages.length };
  }

  #delete(chatId: string): object {
    const [chat] = this.chats.splice(
      this.chats.findIndex(({ id }) => id === chatId),
      1,
    );
    if (chat) this.deleted.unshift({ chat, at: Date.now() });
    return {};
  }

  #restore(chatId: string): object {
    const found = this.deleted.findIndex(({ chat }) => chat.id === chatId);
    const [back] = found < 0 ? [] : this.deleted.splice(found, 1);
    if (!back) throw new ScriptedFailure('chat-not-found', 'That chat cannot be brought back any more.');
    this.chats.push(back.chat);
    this.chats.sort((one, other) => other.updatedAt - one.updatedAt);
    return {};
  }

  #purge(chatId: string | undefined): object {
    for (let index = this.deleted.length - 1; index >= 0; index--)
      if (chatId === undefined || this.deleted[index]?.chat.id === chatId) this.deleted.splice(index, 1);
    return {};
  }
}

function hitOf(chat: Chat, { id, text, createdAt }: Message, query: string): SearchHit {
  const from = text.indexOf(query);
  const start = Math.max(0, from - 20);
  return {
    kind: 'message',
    id,
    chatId: chat.id,
    title: chat.title,
    snippet: text.slice(start, start + 120),
    highlights: [[from - start, from - start + query.length]],
    score: 1,
    by: ['text'],
    createdAt,
  };
}

const status: Omit<Result<typeof DaemonStatus>, 'disk'> = {
  version: '0.0.0',
  pid: 1,
  uptimeMs: 1,
  clients: [],
  models: [],
  running: [],
  answering: [],
  natives: [],
  dataDir: '',
  configFile: '',
  logFile: '',
  memoryBytes: 1,
  hosts: [],
  history: { waiting: 0, dropped: 0 },
};
