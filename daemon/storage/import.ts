// Chats that were made in another program, and what becomes of them here.
import type { MessageShapes, TreeMessage } from './messages.ts';
import type { StoredShapes } from './shapes.ts';

/** Where a chat was made: in which program, and its id there. */
export interface Origin {
  source: string;
  id: string;
}

/** A chat that was made in another program. Each message stands after its parent; its ids are replaced by new ones. */
export interface ImportedChat<Shapes extends MessageShapes = StoredShapes> {
  origin: Origin;
  title: string;
  model?: string;
  projectId?: string;
  createdAt: number;
  updatedAt: number;
  messages: TreeMessage<Shapes>[];
}

export interface ImportOptions {
  /** Only says what would be done. */
  dryRun?: boolean;
  signal?: AbortSignal;
  /** Called after each slice, with the number of messages taken so far. */
  onProgress?(taken: number): void;
}

/** What became of a chat. */
export interface ImportResult {
  /** `known` where all of it was here already, `grown` where the rest was added to what was here. */
  outcome: 'imported' | 'grown' | 'known';
  /** Absent where none was made. */
  chatId?: string;
  /** How many messages are new, or have more text than before. */
  added: number;
}
