// Memories: facts that the user stated, and accepted or wrote down. As the rest of the daemon asks for them.

/** `proposed` until the user says something; a dismissed one is kept only so that it is not proposed again. */
export type MemoryState = 'proposed' | 'accepted' | 'dismissed';

export interface StoredMemory {
  id: string;
  text: string;
  state: MemoryState;
  /** Whether it may be used. */
  enabled: boolean;
  /** The project it holds in; absent for everywhere in the profile. */
  projectId?: string;
  /** That project's name, while it is known. */
  project?: string;
  /** The user's message it comes from, and that message's chat. */
  messageId?: string;
  chatId?: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  usedAt?: number;
  /** How many answers it was used for. */
  uses: number;
}

/** A profile's memories. Every call that names one throws UserError `memory-not-found` where there is none. */
export interface Memories {
  /** The oldest first, dismissed ones included. */
  list(): Promise<StoredMemory[]>;
  /** Proposals that came from one of these messages. */
  proposals(messageIds: readonly string[]): Promise<StoredMemory[]>;
  /** Throws UserErrors `project-not-found` and `message-not-found`. */
  add(memory: { text: string; state: MemoryState; projectId?: string; messageId?: string }): Promise<StoredMemory>;
  /** `projectId: null` makes it hold everywhere. */
  update(
    memoryId: string,
    change: { text?: string; state?: MemoryState; enabled?: boolean; projectId?: string | null },
  ): Promise<StoredMemory>;
  delete(memoryId: string): Promise<void>;
  /** Counts an answer for each of those that are still there. */
  markUsed(memoryIds: readonly string[], at: number): Promise<void>;
}
