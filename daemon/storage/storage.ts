// What the daemon remembers, as async interfaces: another database can stand behind them. SQLite does, in a worker thread.
import type { Backups } from './backups.ts';
import type { Code } from './code.ts';
import type { Arrival, ImportOptions, MadeElsewhere, Origin, TreeMessage } from './import.ts';
import type { Memories } from './memories.ts';
import type { OlderMessages, StoredContext } from './older-messages.ts';
import type { Search, SearchIndex } from './search.ts';
import type { KeyFileLog } from './sqlite/records/key-file.ts';

export type MessageStatus = 'complete' | 'streaming' | 'partial' | 'cancelled' | 'failed';

export interface StoredError {
  code: string;
  message: string;
  retryable: boolean;
}

/** Fields mean what they mean in the protocol's `Message`; the JSON-shaped ones are stored as given. */
export interface StoredMessage<Decision = unknown, Usage = unknown, Attachment = unknown> {
  id: string;
  chatId: string;
  role: 'user' | 'assistant';
  text: string;
  reasoning?: string;
  attachments?: Attachment[];
  status: MessageStatus;
  error?: StoredError;
  notes?: string[];
  decision?: Decision;
  usage?: Usage;
  finishReason?: string;
  createdAt: number;
  durationMs?: number;
  /** Whether it goes into every prompt of its branch. */
  pinned?: boolean;
  /** Of an answer: which messages it was made from. */
  context?: StoredContext;
  /** US dollars, of an imported answer: what was spent elsewhere is in no ledger. */
  cost?: number;
  /** How many versions of it there are, and which of them this is, from 1. In pages of a chat only. */
  versions?: number;
  version?: number;
}

export interface StoredChat {
  id: string;
  /** The project it was made in. */
  projectId?: string;
  /** Of a chat that was imported. */
  origin?: Origin;
  title: string;
  model?: string;
  createdAt: number;
  updatedAt: number;
  messageCount: number;
}

/** What is added to an answer at once. */
export interface AnswerPiece {
  text?: string;
  reasoning?: string;
  note?: string;
}

export interface Page<T> {
  items: T[];
  next?: string;
}
export interface PageRequest {
  cursor?: string;
  limit?: number;
}

/** A message as far as a model is told of it. */
export type RecalledMessage<Attachment = unknown> = Pick<
  StoredMessage<unknown, unknown, Attachment>,
  'id' | 'role' | 'text' | 'attachments' | 'pinned'
>;

/** A question, stored as `addUserMessage` does; or a message that is there already, and is to be answered again. */
export type TurnBegin = (
  | { question: { text: string; attachments?: unknown[]; editOf?: string } }
  | { retryOf: string }
) & {
  /** When it is left out, the chat of the message that is retried or edited; else a new one, in the project when that is named. */
  chatId?: string;
  projectId?: string;
  /** How many of the newest messages are recalled, at most; every pinned one comes along. */
  recall: number;
  /** UUIDs that were never used, for the question and for its chat where that is a new one: the caller knows them before they are stored. */
  ids?: { chat: string; question: string };
};

export interface StoredTurn {
  chatId: string;
  /** The chat's own model, if it has one. */
  model?: string;
  /** The project it was made in. */
  projectId?: string;
  /** In reading order, the question or the message to be answered again last. */
  messages: RecalledMessage[];
  /** How many before them were not recalled. */
  earlier: number;
  /** The answer that is to be replaced: who decided on its model, and how it ended. */
  replaced?: { decision?: unknown; status: MessageStatus };
}

/**
 * Append-only: a text, once stored, is only ever added to. Every call resolves when the write is committed. A chat is a tree:
 * messages with one parent are versions of each other, and one branch of it, the chosen versions, is its reading order.
 */
export interface Chats {
  createChat(chat: { title?: string; model?: string; projectId?: string }): Promise<StoredChat>;
  /** Throws UserError `chat-not-found`, as does every call that names a chat. */
  chat(chatId: string): Promise<StoredChat>;
  updateChat(chatId: string, change: { title?: string; model?: string | null }): Promise<void>;
  /** For a while it can be brought back from the trash. */
  deleteChat(chatId: string): Promise<void>;
  /** Copies the messages up to and including the named one (all, when none is named). */
  forkChat(chatId: string, messageId?: string): Promise<StoredChat>;
  /** Most recently used first; those of one project when it is named (`project-not-found` where it is not there). */
  /** With a language, those of the page that have code in it: there may be none of them, and more on the next page. */
  listChats(page: PageRequest & { projectId?: string; language?: string }): Promise<Page<StoredChat>>;
  /** Reading order within a page; the first page holds the newest messages, or those around one, and `next` leads to older ones. */
  messages(chatId: string, page: PageRequest & { around?: string }): Promise<Page<StoredMessage>>;
  message(messageId: string): Promise<StoredMessage>;
  /** A message and those before it in its branch, in reading order: the newest `limit` of them, and every pinned one. `earlier` counts the others. */
  thread(chatId: string, messageId: string, limit: number): Promise<{ messages: StoredMessage[]; earlier: number }>;
  /**
   * Stores a user's message, and names a chat that has no title after its text. With `editOf` it becomes another version of that
   * message, and the chosen one; what followed the old version stays with it.
   */
  addUserMessage(
    chatId: string,
    message: { text: string; attachments?: unknown[]; editOf?: string },
  ): Promise<StoredMessage>;
  /** Stores a question and recalls what a model needs to answer it, in one step: nothing else stands between a question and its answer. */
  beginTurn(turn: TurnBegin): Promise<StoredTurn>;
  /**
   * Begins an answer with status `streaming`: another version of the answer `retryOf`, else the answer to the message `after`,
   * else to the newest one. It is the chosen version. With `id`, a UUID that was never used, the caller knows it before it is stored.
   */
  startAnswer(
    chatId: string,
    answer: { id?: string; decision?: unknown; retryOf?: string; after?: string },
  ): Promise<StoredMessage>;
  appendAnswer(messageId: string, added: AnswerPiece): Promise<void>;
  /** Ends an answer, after adding the `last` of its pieces in their order. */
  finishAnswer(
    messageId: string,
    end: {
      last?: AnswerPiece[];
      status: Exclude<MessageStatus, 'streaming'>;
      usage?: unknown;
      finishReason?: string;
      error?: StoredError;
      durationMs?: number;
      context?: StoredContext;
    },
  ): Promise<void>;
  /** Chooses a version of a message, counted from 1: it and what followed it become the reading order. Throws UserError `no-such-version`. */
  chooseVersion(chatId: string, messageId: string, version: number): Promise<StoredMessage>;
  pin(messageId: string, pinned: boolean): Promise<void>;
  /** Every version of every message, each after its parent. */
  tree(chatId: string, page: PageRequest): Promise<Page<TreeMessage>>;
  /**
   * Stores a chat, which is seen once it is whole; where its origin is known, adds what is new in it. Other calls are answered meanwhile.
   * Throws UserError `bad-chat` where its messages make no tree.
   */
  importChat(chat: MadeElsewhere, options?: ImportOptions): Promise<Arrival>;
}

export interface StoredFinding {
  id: string;
  runId: string;
  uri: string;
  /** Identity across runs: same file name, same rule or message, same code, wherever it moved. */
  fingerprint: string;
  /** The finding as the protocol has it. */
  finding: unknown;
}

/** A deleted chat, while it can still be brought back. */
export interface DeletedChat {
  id: string;
  title: string;
  messageCount: number;
  deletedAt: number;
  /** When it is gone for good. */
  goneAt: number;
}

export interface Trash {
  /** The last deleted first. */
  list(): Promise<DeletedChat[]>;
  /** Throws UserError `chat-not-found` where it is gone for good. */
  restore(chatId: string): Promise<void>;
  /** Ends one for good, or all of them. */
  purge(chatId?: string): Promise<void>;
}

/** A review that was made. */
export interface StoredRun {
  id: string;
  uri: string;
  summary: string;
  findings: number;
  createdAt: number;
}

export interface Findings {
  /** Past reviews, the newest first. */
  pastRuns(page: PageRequest): Promise<Page<StoredRun>>;
  /** What one of them found. */
  ofRun(runId: string): Promise<StoredFinding[]>;
  saveRun(run: { id: string; uri: string; summary: string; findings: StoredFinding[] }): Promise<void>;
  /** Throws UserError `finding-not-found`. */
  finding(findingId: string): Promise<StoredFinding>;
  /** Findings of the newest run on a document, without dismissed ones. */
  latest(uri: string): Promise<StoredFinding[]>;
  dismiss(findingId: string, reason?: string): Promise<StoredFinding>;
  /** Which of these fingerprints the user has dismissed. */
  dismissed(fingerprints: readonly string[]): Promise<Set<string>>;
}

/** Token counts in disjoint buckets; their sum is the whole. */
export interface TokenCounts {
  input: number;
  cacheRead: number;
  cacheWrite: number;
  output: number;
  reasoning: number;
}

/** One request to a model, and what it cost. */
export interface SpentRequest {
  id: string;
  /** Milliseconds since the epoch. */
  at: number;
  /** The user's calendar day at that time, `YYYY-MM-DD`. */
  day: string;
  profile: string;
  chat?: string;
  /** The message it was made for. */
  answer?: string;
  workspace?: string;
  task: string;
  provider: string;
  /** `provider/model` */
  model: string;
  usage: TokenCounts;
  /** US dollars; absent when they are unknown, 0 only when it cost nothing. */
  costUsd?: number;
  /** The day of the price that was used. */
  priceAsOf?: string;
  status: 'complete' | 'cached' | 'partial' | 'cancelled' | 'failed';
}

export type SumsBy = 'all' | 'day' | 'profile' | 'workspace' | 'chat' | 'answer' | 'model' | 'provider';

export interface SumsQuery {
  by: SumsBy;
  /** The first day that counts, `YYYY-MM-DD`; all of them when left out. */
  since?: string;
  /** Only these, when named. */
  chat?: string;
  /** Requests that were made for one of these messages. */
  answers?: readonly string[];
}

export interface Sum {
  /** The day, the profile, the chat's id, …; empty for what belongs to none. */
  key: string;
  /** A chat's title, while the chat is there. */
  title?: string;
  requests: number;
  /** How many of them were answered from the cache. */
  cached: number;
  /** How many of them have an unknown cost, which is not in `costUsd`. */
  unknown: number;
  costUsd: number;
  usage: TokenCounts;
}

/** Every request to a model, and sums of what they cost. */
export interface Ledger {
  record(request: SpentRequest): Promise<void>;
  /** Days with the newest first, all else with the most expensive first; at most 1000 of them. */
  sums(query: SumsQuery): Promise<Sum[]>;
}

/** What all profiles spent together. Budgets alone may read it: it is the one thing that is known across profiles. */
export interface SpendingLog {
  /** Known costs in US dollars since a day, `YYYY-MM-DD`, by profile. */
  since(day: string): Promise<{ profile: string; costUsd: number }[]>;
}

/** Why a model was chosen: what the router knew and weighed, as it wrote it down. */
export interface StoredDecision<Record = unknown, Outcome = unknown> {
  id: string;
  /** Milliseconds since the epoch. */
  at: number;
  profile: string;
  /** `provider/model` */
  model: string;
  policy: string;
  record: Record;
  /** How the request ended; absent until then. */
  outcome?: Outcome;
}

export interface DecisionLog {
  save(decision: Omit<StoredDecision, 'outcome'>): Promise<void>;
  /** Adds to the outcome what is known now; a field that is `null` is removed. Throws UserError `decision-not-found`. */
  finish(decisionId: string, outcome: object): Promise<void>;
  /** Throws UserError `decision-not-found`. */
  decision(decisionId: string): Promise<StoredDecision>;
  /** Newest first; `since` is in milliseconds. At most 1000 when no limit is given. */
  list(query: { since?: number; limit?: number }): Promise<StoredDecision[]>;
}

export interface StoredProfile {
  id: string;
  name: string;
  /** `provider/model`, for chats that name none. */
  model?: string;
  createdAt: number;
}

/** The profiles themselves. Names are told apart without regard to case. */
export interface Profiles {
  list(): Promise<StoredProfile[]>;
  /** By its id, else by its name. Throws UserError `profile-not-found`. */
  find(idOrName: string): Promise<StoredProfile>;
  /** Throws UserError `profile-exists` where the name is taken, as does `update`. */
  create(profile: { name: string; model?: string }): Promise<StoredProfile>;
  update(profileId: string, change: { name?: string; model?: string | null }): Promise<StoredProfile>;
  /** Deletes a profile and everything in it. Throws UserError `profile-needed` for the default one. */
  delete(profileId: string): Promise<void>;
  /** The profile that sessions in this folder begin in, if one was chosen for it; `known` says whether any has a project there. */
  boundTo(folder: Folder): Promise<{ known: boolean; profile?: string }>;
}

/** One way to know a project again. `file`: its id file; `commit`: a root commit; `folder`: the folder's own identity on its disk. */
export interface ProjectKey {
  kind: 'file' | 'commit' | 'folder' | 'remote' | 'path';
  value: string;
}

/** A folder as projects are known by: the strongest key first. */
export interface Folder {
  name: string;
  path: string;
  keys: ProjectKey[];
  /** Whether it has more keys, which take longer to find: by these alone it is known again, but never for new. */
  isPartial?: boolean;
}

export interface StoredProject {
  id: string;
  name: string;
  /** Where it was seen last. */
  path: string;
  /** Whether sessions in it begin in this profile. */
  bound: boolean;
  usedAt: number;
  chatCount: number;
}

/** Projects of a profile: chats stay with theirs when its folder is renamed, cloned or moved. */
export interface Projects {
  /** The project of this folder, noted as used. Made when there is none yet; undefined where only part of the keys were given, and none is known by them. */
  visit(folder: Folder): Promise<StoredProject | undefined>;
  /** Most recently used first. */
  list(): Promise<StoredProject[]>;
  /** Says that a project is in this folder now, and joins it with the one that was known there. Throws UserError `project-not-found`. */
  attach(projectId: string, folder: Folder): Promise<StoredProject>;
  /** Sessions in this folder begin in this profile from now on. */
  bind(folder: Folder): Promise<StoredProject>;
}

/** What one profile remembers. An id of another profile is not found here, as if it had never been. */
export interface ProfileStorage {
  readonly chats: Chats;
  readonly older: OlderMessages;
  readonly trash: Trash;
  readonly findings: Findings;
  readonly ledger: Ledger;
  readonly decisions: DecisionLog;
  readonly projects: Projects;
  readonly search: Search;
  readonly code: Code;
  readonly memories: Memories;
}

/** The profile that is always there. */
export const defaultProfile = 'default';

/** Lives as long as the daemon. A storage that cannot be opened throws a UserError at each use, and tries again at the next. */
export interface Storage {
  /** What this profile remembers; each call throws UserError `profile-not-found` where there is none by this id. */
  in(profileId: string): ProfileStorage;
  /** What `beginTurn` will say, where that is known before it is stored: to be compared with what it says. Storage need not know. */
  predictTurn?(profileId: string, turn: TurnBegin): StoredTurn | undefined;
  readonly profiles: Profiles;
  readonly spending: SpendingLog;
  readonly keyFile: KeyFileLog;
  readonly backups: Backups;
  readonly searchIndex: SearchIndex;
  /** For `doctor`: whether storage works, in a sentence; which natives loaded; what became of a database that was damaged. */
  health(): Promise<{
    ok: boolean;
    detail: string;
    natives: { name: string; ok: boolean; why?: string }[];
    recovery?: string;
  }>;
  [Symbol.asyncDispose](): Promise<void>;
}
