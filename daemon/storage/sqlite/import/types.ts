// How a chat that was made elsewhere comes in: slice by slice, each a transaction of its own between which other calls are
// answered, and nothing of it is seen before it is whole. `client.ts` makes these calls for `Conversations.importChat`.
import type { ImportedChat, ImportResult } from '../../import.ts';
import type { TreeMessage } from '../../messages.ts';

/** Everything of a chat but its messages. */
export type ImportedHead = Omit<ImportedChat, 'messages'>;

export interface ImportCalls {
  /** The name of the arrival is for the other calls. Throws UserError `project-not-found`. */
  begin(head: ImportedHead, options: { dryRun: boolean }): Promise<string>;
  /** Each message after its parent; of those with one parent all but one are `chosen: false`. Throws UserError `import-lost`, as do the next two. */
  add(importId: string, messages: readonly TreeMessage[]): Promise<void>;
  /** To be called again where it returns undefined: there was more to do than one slice holds. */
  finish(importId: string): Promise<ImportResult | undefined>;
  /** Takes nothing more of it, and removes what came of it by and by. */
  drop(importId: string): Promise<void>;
}
