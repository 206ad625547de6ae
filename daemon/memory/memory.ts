// What the daemon remembers, as async interfaces: another database can stand behind them. SQLite does, in a worker thread.
import type { Search } from './search/types.ts';

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
}

export interface StoredChat {
  id: string;
  title: string;
  model?: string;
  createdAt: number;
  updatedAt: number;
  messageCount: number;
}

export interface Page<T> {
  items: T[];
  next?: string;
}
export interface PageRequest {
  cursor?: string;
  limit?: number;
}

/** Append-only: a text, once stored, is only ever added to. Every call resolves when the write is committed. */
export interface Conversations {
  createChat(chat: { title?: string; model?: string }): Promise<StoredChat>;
  /** Throws UserError `chat-not-found`, as does every call that names a chat. */
  chat(chatId: string): Promise<StoredChat>;
  updateChat(chatId: string, change: { title?: string; model?: string | null }): Promise<void>;
  deleteChat(chatId: string): Promise<void>;
  /** Copies the messages up to and including the named one (all, when none is named). */
  forkChat(chatId: string, messageId?: string): Promise<StoredChat>;
  /** Most recently used first. */
  listChats(page: PageRequest): Promise<Page<StoredChat>>;
  /** Reading order within a page; the first page holds the newest messages and `next` leads to older ones. */
  messages(chatId: string, page: PageRequest): Promise<Page<StoredMessage>>;
  message(messageId: string): Promise<StoredMessage>;
  /** Stores a user's message, and names a chat that has no title after its text. */
  addUserMessage(chatId: string, message: { text: string; attachments?: unknown[] }): Promise<StoredMessage>;
  /** Begins an answer with status `streaming`. With `retryOf`, the answer it replaces leaves the reading order but stays stored. */
  startAnswer(chatId: string, answer: { decision?: unknown; retryOf?: string }): Promise<StoredMessage>;
  appendAnswer(messageId: string, added: { text?: string; reasoning?: string; note?: string }): Promise<void>;
  finishAnswer(
    messageId: string,
    end: { status: Exclude<MessageStatus, 'streaming'>; usage?: unknown; finishReason?: string; error?: StoredError; durationMs?: number },
  ): Promise<void>;
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

export interface Findings {
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
  profile?: string;
  chat?: string;
  answer?: string;
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
  /** Sets the outcome, or replaces it when more is known. Throws UserError `decision-not-found`. */
  finish(decisionId: string, outcome: unknown): Promise<void>;
  /** Throws UserError `decision-not-found`. */
  decision(decisionId: string): Promise<StoredDecision>;
  /** Newest first; `since` is in milliseconds. At most 1000 when no limit is given. */
  list(query: { since?: number; limit?: number }): Promise<StoredDecision[]>;
}

/** A file of an indexed folder, as it was when it was indexed. */
export interface KnownFile {
  /** From the root, with `/` between its parts. */
  path: string;
  stamp: string;
  hash: string;
}

/** Lines are from 0; the end is not part of it. */
export interface CodeChunk {
  /** Such as `Router.select`; empty where nothing is named. */
  symbol: string;
  startLine: number;
  endLine: number;
  text: string;
}

export interface IndexedFile extends KnownFile {
  language: string;
  chunks: readonly CodeChunk[];
}

export interface CodePiece extends CodeChunk {
  uri: string;
  languageId?: string;
}

/** The code of indexed folders, in pieces that `Search` finds. Roots are URIs without a slash at their end. */
export interface Code {
  files(root: string): Promise<KnownFile[]>;
  /** Puts a file's pieces in place of those it had. */
  put(root: string, file: IndexedFile): Promise<void>;
  /** The same content under a new stamp. */
  touch(root: string, file: KnownFile): Promise<void>;
  remove(root: string, paths: readonly string[]): Promise<void>;
  /** Removes a folder with all its files. */
  forget(root: string): Promise<void>;
  counts(root: string): Promise<{ files: number; chunks: number }>;
  /** Those of these references (a hit's `id`) that are still there, in their order. */
  pieces(references: readonly string[]): Promise<CodePiece[]>;
  /** Pieces named so, whole or behind a dot, in any case; the exact ones first. */
  symbols(root: string, name: string, limit: number): Promise<CodePiece[]>;
}

/** Lives as long as the daemon. A storage that cannot be opened throws a UserError at each use, and tries again at the next. */
export interface Memory {
  readonly conversations: Conversations;
  readonly findings: Findings;
  readonly ledger: Ledger;
  readonly decisions: DecisionLog;
  readonly search: Search;
  /** For `doctor`: whether storage works, in a sentence; and which natives loaded. */
  health(): Promise<{ ok: boolean; detail: string; natives: { name: string; ok: boolean; why?: string }[] }>;
  [Symbol.asyncDispose](): Promise<void>;
}
