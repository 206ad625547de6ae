// Deleted chats, while they can still be brought back.

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
