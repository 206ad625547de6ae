// What the main thread and the storage worker say to each other.
import type { Backups, Conversations, DecisionLog, Findings, Ledger, Memory } from './memory.ts';
import type { SentError } from './storage-errors.ts';

export type Health = Awaited<ReturnType<Memory['health']>>;

/** The parts of storage by name; each method of each is a call. */
export interface Parts {
  conversations: Conversations;
  findings: Findings;
  ledger: Ledger;
  decisions: DecisionLog;
  storage: { health(): Promise<Health> };
  /** The only part that is not answered at once. */
  backups: Backups;
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
/** What the user must be told, whoever asked. */
export interface Notice {
  notice: string;
}

export interface WorkerData {
  database: string;
}
