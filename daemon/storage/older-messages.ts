// What a prompt takes of a chat's older messages: exchanges that are found again, and summaries.
import type { RecalledMessage } from './messages.ts';
import type { StoredShapes } from './shapes.ts';

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
export interface Exchange<Shapes extends Pick<StoredShapes, 'attachment'> = StoredShapes> {
  /** Where it begins in its branch, from 0. */
  place: number;
  messages: RecalledMessage<Shapes>[];
}

/** A part of a branch that a summary is to take in. */
export interface Stretch<Shapes extends Pick<StoredShapes, 'attachment'> = StoredShapes> {
  /** In reading order, without pinned ones. */
  messages: RecalledMessage<Shapes>[];
  /** Ids of the messages up to its end that were pinned when it was read. */
  pinned: string[];
}

/** Older messages of a profile's chats. Every call that names a message of another chat throws UserError `message-not-found`. */
export interface OlderMessages<Shapes extends Pick<StoredShapes, 'attachment'> = StoredShapes> {
  /**
   * The exchanges that some messages belong to, in the order of those; only what stands in the branch before `messageId`. And the newest
   * summary that covers nothing else; one that is not as it was stored is dropped.
   */
  before(
    chatId: string,
    messageId: string,
    found: readonly string[],
  ): Promise<{ exchanges: Exchange<Shapes>[]; summary?: StoredSummary }>;
  /** Messages of a branch up to `upTo`, after the one that is named, else from its beginning: the first `limit` of them. */
  stretch(chatId: string, part: { after?: string; upTo: string; limit: number }): Promise<Stretch<Shapes>>;
  /** Stores a summary, unless something up to its end was pinned or unpinned since its stretch was read: then it returns false. */
  saveSummary(
    chatId: string,
    summary: Pick<StoredSummary, 'messageId' | 'text' | 'model'> & { pinned: readonly string[] },
  ): Promise<boolean>;
}
