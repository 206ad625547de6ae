// What a prompt takes of a chat's older messages, and what an answer's record says of that.
import type { RecalledMessage } from './storage.ts';

/**
 * What a prompt held of the conversation. Each message of the branch is recent, pinned, found again, summarised or left out; one that is
 * pinned and recent counts as both.
 */
export interface StoredContext {
  /** Ids of the pinned messages. */
  pinned: string[];
  /** How many of the newest messages went along, the question included, and the first of them. */
  recent: number;
  firstRecent?: string;
  /** Ids of older messages that were found again, in reading order. */
  found?: string[];
  /** How many older messages the summary stood for, and the summary as the model saw it. */
  summarised?: number;
  summary?: { text: string; model: string };
  /** How many messages were left out. */
  leftOut: number;
  /** Ids of the memories that went along. */
  memories?: string[];
}

/** A model's summary of the beginning of a branch, without what is pinned. */
export interface StoredSummary {
  /** The last message it covers, and where that stands in the branch, from 0. */
  messageId: string;
  place: number;
  /** How many messages it covers; pinned ones do not count. */
  covers: number;
  text: string;
  /** `provider/model` */
  model: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
}

/** A question and its answer, as far as they are there. */
export interface Exchange {
  /** Where it begins in its branch, from 0. */
  place: number;
  messages: RecalledMessage[];
}

/** A part of a branch that a summary is to take in. */
export interface Stretch {
  /** In reading order, without pinned ones. */
  messages: RecalledMessage[];
  /** Ids of the messages up to its end that were pinned when it was read. */
  pinned: string[];
}

/** Older messages of a profile's chats. Every call that names a message of another chat throws UserError `message-not-found`. */
export interface OlderMessages {
  /**
   * The exchanges that some messages belong to, in the order of those; only what stands in the branch before `messageId`. And the newest
   * summary that covers nothing else; one that is not as it was stored is dropped.
   */
  before(
    chatId: string,
    messageId: string,
    found: readonly string[],
  ): Promise<{ exchanges: Exchange[]; summary?: StoredSummary }>;
  /** Messages of a branch up to `upTo`, after the one that is named, else from its beginning: the first `limit` of them. */
  stretch(chatId: string, part: { after?: string; upTo: string; limit: number }): Promise<Stretch>;
  /** Stores a summary, unless something up to its end was pinned or unpinned since its stretch was read: then it returns false. */
  saveSummary(
    chatId: string,
    summary: Pick<StoredSummary, 'messageId' | 'text' | 'model'> & { pinned: readonly string[] },
  ): Promise<boolean>;
}
