// How a chat is imported: slice by slice. Each slice is a transaction of its own, between which other calls are answered, and the chat
// is seen once it is whole. `client.ts` makes these calls for `Chats.importChat`.
import type { ImportedChat, ImportResult } from '../../import.ts';
import type { TreeMessage } from '../../messages.ts';

/** Everything of a chat but its messages. */
export type ImportedHead = Omit<ImportedChat, 'messages'>;

export interface ImportCalls {
  /** Returns the import's id, for the other calls. Throws UserError `project-not-found`. */
  begin(head: ImportedHead, options: { dryRun: boolean }): Promise<string>;
  /** Each message after its parent; of those with one parent all but one are `chosen: false`. Throws UserError `import-lost`, as do the next two. */
  add(importId: string, messages: readonly TreeMessage[]): Promise<void>;
  /** To be called again where it returns undefined: there was more to do than one slice holds. */
  finish(importId: string): Promise<ImportResult | undefined>;
  /** Ends the import. What was stored of it is removed in idle moments. */
  drop(importId: string): Promise<void>;
}
