// Chats that were made elsewhere, and chats as they leave: whole trees.
import type { StoredChat, StoredMessage } from './storage.ts';

/** Where a chat was made: in which program, and its id there. */
export interface Origin {
  source: string;
  id: string;
}

/** A message with its place in the tree: messages with one parent are versions, the oldest first, all but one of them `chosen: false`. */
export interface TreeMessage extends Omit<StoredMessage, 'chatId' | 'version' | 'versions'> {
  parentId?: string;
  chosen?: false;
}

/** A chat that was made elsewhere. Each message stands after its parent; its ids are replaced by new ones. */
export interface MadeElsewhere extends Pick<StoredChat, 'title' | 'model' | 'projectId' | 'createdAt' | 'updatedAt'> {
  origin: Origin;
  messages: TreeMessage[];
}

export interface ImportOptions {
  /** Only says what would be done. */
  dryRun?: boolean;
  signal?: AbortSignal;
  /** Told after each slice how many messages were taken. */
  onProgress?(taken: number): void;
}

/** What became of a chat. */
export interface Arrival {
  /** `known` where all of it was here already, `grown` where the rest was added to what was here. */
  outcome: 'imported' | 'grown' | 'known';
  /** Absent where none was made. */
  chatId?: string;
  /** How many messages are new, or have more text than before. */
  added: number;
}
