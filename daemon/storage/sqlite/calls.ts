// What the main thread and the storage worker say to each other.

import type { Backups } from '../backups.ts';
import type { Chats } from '../chats.ts';
import type { KeyFileLog } from '../key-file.ts';
import type { SpendingLog } from '../ledger.ts';
import type { Profiles } from '../profiles.ts';
import type { Search, SearchIndex } from '../search.ts';
import type { ProfileStorage, StorageHealth } from '../storage.ts';
import type { ImportCalls } from './import/types.ts';
import type { SentError } from './storage-errors.ts';

/** The parts that belong to no profile. */
export interface SharedCalls {
  profiles: Profiles;
  spending: SpendingLog;
  keyFile: KeyFileLog;
  searchIndex: SearchIndexCalls;
  storage: { health(): Promise<StorageHealth> };
  backups: Backups;
}

/** The parts of each profile. */
export interface ProfileCalls extends Omit<ProfileStorage, 'search' | 'chats'> {
  search: SearchCalls;
  chats: Omit<Chats, 'importChat'>;
  imports: ImportCalls;
}

/** The parts of storage by name; each method of each is a call, and a row of `callTable`. */
export interface StorageCalls extends ProfileCalls, SharedCalls {}

/** A signal does not cross the border between threads: a search has a number instead, by which it is cancelled. */
export interface SearchCalls extends Omit<Search, 'find'> {
  find(request: Parameters<Search['find']>[0], id: number): ReturnType<Search['find']>;
}
export interface SearchIndexCalls extends SearchIndex {
  cancel(id: number): Promise<void>;
}

/** The profile stands beside the method: no argument of a method can name another. It is empty for the parts that belong to none. */
export interface StorageCall {
  profile: string;
  part: keyof StorageCalls;
  name: string;
  args: readonly unknown[];
}
export interface CallRequest extends StorageCall {
  id: number;
}
/** Calls that were made together travel together; so do the replies to a group of them, as a list. */
export interface CallBatch {
  calls: readonly CallRequest[];
}
/** The last message to a worker: it closes the database and ends. */
export interface CloseRequest {
  close: true;
}
/** Asks for a sign of life. */
export interface PingRequest {
  ping: true;
}
export type WorkerRequest = CallBatch | CloseRequest | PingRequest;
export type CallReply = { id: number; value: unknown } | { id: number; error: SentError };
/** What the user must be told, without regard to who called. */
export interface Notice {
  notice: string;
}

/** Everything that was stored is in the search index; some of it may lack a vector. Also sent once after the database was opened. */
export interface IndexedNotice {
  indexed: true;
}

/** The answer to a ping. */
export interface PongNotice {
  pong: true;
}

export interface WorkerData {
  database: string;
}
