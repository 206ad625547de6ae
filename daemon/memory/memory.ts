// What the daemon remembers, as async interfaces: another database can stand behind them. SQLite does, in a worker thread.

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

/** Lives as long as the daemon. A storage that cannot be opened throws a UserError at each use, and tries again at the next. */
export interface Memory {
  readonly conversations: Conversations;
  readonly findings: Findings;
  /** For `doctor`: whether storage works, in a sentence; and which natives loaded. */
  health(): Promise<{ ok: boolean; detail: string; natives: { name: string; ok: boolean; why?: string }[] }>;
  [Symbol.asyncDispose](): Promise<void>;
}
