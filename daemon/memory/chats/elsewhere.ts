// Chats that were made elsewhere, and chats as they leave: whole trees.
import type { StoredChat, StoredMessage } from '../memory.ts';

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
