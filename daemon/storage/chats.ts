// Chats: the list of them, and the messages of each as a tree.
import type { ImportedChat, ImportOptions, ImportResult, Origin } from './import.ts';
import type {
  AnswerPiece,
  MessageShapes,
  MessageStatus,
  RecalledMessage,
  StoredContext,
  StoredError,
  StoredMessage,
  TreeMessage,
} from './messages.ts';
import type { Page, PageRequest } from './pages.ts';
import type { StoredShapes } from './shapes.ts';

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

/** What a user says. With `editOf` it is another version of that message. */
interface UserMessage<Shapes extends MessageShapes = StoredShapes> {
  text: string;
  attachments?: Shapes['attachment'][];
  editOf?: string;
}

/** A question, stored as `addUserMessage` does; or a message that is there already, and is to be answered again. */
export type TurnBegin<Shapes extends MessageShapes = StoredShapes> = (
  | { question: UserMessage<Shapes> }
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

export interface StoredTurn<Shapes extends MessageShapes = StoredShapes> {
  chatId: string;
  /** The chat's own model, if it has one. */
  model?: string;
  /** The project it was made in. */
  projectId?: string;
  /** In reading order, the question or the message to be answered again last. */
  messages: RecalledMessage<Shapes>[];
  /** How many before them were not recalled. */
  earlier: number;
  /** The answer that is to be replaced: who decided on its model, and how it ended. */
  replaced?: { decision?: Shapes['decision']; status: MessageStatus };
}

/**
 * Append-only: a text, once stored, is only ever added to. Every call resolves when the write is committed. A chat is a tree:
 * messages with one parent are versions of each other, and one branch of it, the chosen versions, is its reading order.
 */
export interface Chats<Shapes extends MessageShapes = StoredShapes> {
  createChat(chat: { title?: string; model?: string; projectId?: string }): Promise<StoredChat>;
  /** Throws UserError `chat-not-found`, as does every call that names a chat. */
  chat(chatId: string): Promise<StoredChat>;
  updateChat(chatId: string, change: { title?: string; model?: string | null }): Promise<void>;
  /**
   * A chat's title and its first question, where the title is still that question's first words; undefined where somebody gave it
   * another one, or it was imported.
   */
  firstWords(chatId: string): Promise<{ title: string; question: string } | undefined>;
  /** Gives a chat another title, unless it has another one than `from` by now; says whether it did. */
  retitle(chatId: string, titles: { from: string; to: string }): Promise<boolean>;
  /** For a while it can be brought back from the trash. */
  deleteChat(chatId: string): Promise<void>;
  /** Copies the messages up to and including the named one (all, when none is named). */
  forkChat(chatId: string, messageId?: string): Promise<StoredChat>;
  /**
   * Most recently used first; those of one project when it is named (`project-not-found` where it is not there). With a language,
   * those of the page that have code in it: there may be none of them, and more on the next page.
   */
  listChats(page: PageRequest & { projectId?: string; language?: string }): Promise<Page<StoredChat>>;
  /** Reading order within a page; the first page holds the newest messages, or those around one, and `next` leads to older ones. */
  messages(chatId: string, page: PageRequest & { around?: string }): Promise<Page<StoredMessage<Shapes>>>;
  message(messageId: string): Promise<StoredMessage<Shapes>>;
  /** A message and those before it in its branch, in reading order: the newest `limit` of them, and every pinned one. `earlier` counts the others. */
  thread(
    chatId: string,
    messageId: string,
    limit: number,
  ): Promise<{ messages: StoredMessage<Shapes>[]; earlier: number }>;
  /**
   * Stores a user's message, and names a chat that has no title after its text. With `editOf` it becomes another version of that
   * message, and the chosen one; what followed the old version stays with it.
   */
  addUserMessage(chatId: string, message: UserMessage<Shapes>): Promise<StoredMessage<Shapes>>;
  /** Stores a question and recalls what a model needs to answer it, in one step: nothing else stands between a question and its answer. */
  beginTurn(turn: TurnBegin<Shapes>): Promise<StoredTurn<Shapes>>;
  /**
   * Begins an answer with status `streaming`: another version of the answer `retryOf`, else the answer to the message `after`,
   * else to the newest one. It is the chosen version. `context` is what is known of it before its end. With `id`, a UUID that was never used, the caller knows it before it is stored.
   */
  startAnswer(
    chatId: string,
    answer: { id?: string; decision?: Shapes['decision']; context?: StoredContext; retryOf?: string; after?: string },
  ): Promise<StoredMessage<Shapes>>;
  /**
   * Opens the last answer of its branch again, which had ended: what is appended comes after what it has. It loses what it ended with, and
   * one of its notes. Throws UserError `not-last-answer`.
   */
  resumeAnswer(
    chatId: string,
    messageId: string,
    change?: { decision?: Shapes['decision']; withoutNote?: string },
  ): Promise<void>;
  appendAnswer(messageId: string, added: AnswerPiece): Promise<void>;
  /** Ends an answer, after adding the `last` of its pieces in their order. */
  finishAnswer(
    messageId: string,
    end: {
      last?: AnswerPiece[];
      /** So much of its text was reasoning: from the beginning, or where it was resumed. */
      thoughtCharacters?: number;
      thoughtFrom?: number;
      status: Exclude<MessageStatus, 'streaming'>;
      usage?: Shapes['usage'];
      finishReason?: Shapes['finishReason'];
      error?: StoredError;
      durationMs?: number;
      context?: StoredContext;
    },
  ): Promise<void>;
  /** Chooses a version of a message, counted from 1: it and what followed it become the reading order. Throws UserError `no-such-version`. */
  chooseVersion(chatId: string, messageId: string, version: number): Promise<StoredMessage<Shapes>>;
  pin(messageId: string, pinned: boolean): Promise<void>;
  /** Every version of every message, each after its parent. */
  tree(chatId: string, page: PageRequest): Promise<Page<TreeMessage<Shapes>>>;
  /**
   * Stores a chat, which is seen once it is whole; where its origin is known, adds what is new in it. Other calls are answered meanwhile.
   * Throws UserError `bad-chat` where its messages make no tree.
   */
  importChat(chat: ImportedChat<Shapes>, options?: ImportOptions): Promise<ImportResult>;
}
