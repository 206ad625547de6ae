// A message of a chat: as it is stored, as a prompt takes it, and as a tree of messages holds it.
import type { StoredShapes } from './shapes.ts';

export type MessageStatus = 'complete' | 'streaming' | 'partial' | 'cancelled' | 'failed';

export interface StoredError {
  code: string;
  message: string;
  retryable: boolean;
}

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
  /** Of an answer that a run of the agent gave. */
  jobId?: string;
}

export type MessageShapes = Pick<StoredShapes, 'attachment' | 'decision' | 'usage' | 'finishReason'>;

/** Fields mean what they mean in the protocol's `Message`. */
export interface StoredMessage<Shapes extends MessageShapes = StoredShapes> {
  id: string;
  chatId: string;
  role: 'user' | 'assistant';
  text: string;
  reasoning?: string;
  attachments?: Shapes['attachment'][];
  status: MessageStatus;
  error?: StoredError;
  notes?: string[];
  decision?: Shapes['decision'];
  usage?: Shapes['usage'];
  finishReason?: Shapes['finishReason'];
  createdAt: number;
  durationMs?: number;
  /** Whether it goes into every prompt of its branch. */
  pinned?: boolean;
  /** Of an answer: which messages it was made from. */
  context?: StoredContext;
  /** US dollars, of an imported answer: the ledger holds only what was spent here. */
  cost?: number;
  /** How many versions of it there are, and which of them this is, from 1. In pages of a chat only. */
  versions?: number;
  version?: number;
}

/** A message, as far as a prompt takes it. */
export interface RecalledMessage<Shapes extends Pick<StoredShapes, 'attachment'> = StoredShapes>
  extends Pick<StoredMessage, 'id' | 'role' | 'text' | 'pinned'> {
  attachments?: Shapes['attachment'][];
}

/** A message with its place in the tree: messages with one parent are versions, the oldest first, all but one of them `chosen: false`. */
export interface TreeMessage<Shapes extends MessageShapes = StoredShapes>
  extends Omit<StoredMessage<Shapes>, 'chatId' | 'version' | 'versions'> {
  parentId?: string;
  chosen?: false;
}

/** What is added to an answer at once. */
export interface AnswerPiece {
  text?: string;
  reasoning?: string;
  note?: string;
}
