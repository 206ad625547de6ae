// What the main thread and the storage worker say to each other.
import type { Conversations, DecisionLog, Findings, Ledger, Memory } from './memory.ts';
import type { Search } from './search/types.ts';
import type { SentError } from './storage-errors.ts';

export type Health = Awaited<ReturnType<Memory['health']>>;

/** The parts of storage by name; each method of each is a call. */
export interface Parts {
  conversations: Conversations;
  findings: Findings;
  ledger: Ledger;
  decisions: DecisionLog;
  search: SearchCalls;
  storage: { health(): Promise<Health> };
}

/** A signal does not cross the border between threads: a search has a number instead, by which it is cancelled. */
export interface SearchCalls extends Omit<Search, 'find'> {
  find(request: Parameters<Search['find']>[0], id: number): ReturnType<Search['find']>;
  cancel(id: number): Promise<void>;
}

/** An interface of promises as the worker answers it: at once. */
export type Synchronous<Interface> = {
  [Name in keyof Interface]: Interface[Name] extends (...args: infer Args) => Promise<infer Result> ? (...args: Args) => Result : never;
};

export interface CallRequest {
  id: number;
  part: keyof Parts;
  name: string;
  args: readonly unknown[];
}
/** The last message to a worker: it closes the database and ends. */
export interface CloseRequest {
  close: true;
}
export type CallReply = { id: number; value: unknown } | { id: number; error: SentError };

export interface WorkerData {
  database: string;
}
