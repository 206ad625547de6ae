// The daemon's side of storage: every call is a message to the worker thread. Nothing here touches the disk.
import { Worker } from 'node:worker_threads';
import { CancelledError, recordBug, throwIfCancelled, UserError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { CallReply, CallRequest, CloseRequest, Parts, WorkerData } from './calls.ts';
import type { Conversations, DecisionLog, Findings, Ledger, Memory } from './memory.ts';
import type { Search, SearchResult } from './search/types.ts';
import { receiveError } from './storage-errors.ts';

export interface MemoryOptions {
  /** Absolute path of the database file; it and its folder are made when they are missing. */
  database: string;
  /** The worker's program: `memory-worker.js` of the build, or `worker.ts` of the sources. */
  workerPath: string | URL;
  log: Log;
}

/** Starts the worker in the background and returns at once; calls wait until it is ready. */
export function openMemory(options: MemoryOptions): Memory {
  const worker = new MemoryWorker(options);
  worker.start();
  return {
    conversations: conversationsOf(worker),
    findings: findingsOf(worker),
    ledger: ledgerOf(worker),
    decisions: decisionsOf(worker),
    search: searchOf(worker),
    health: () => worker.call('storage', 'health'),
    [Symbol.asyncDispose]: () => worker[Symbol.asyncDispose](),
  };
}

function conversationsOf(worker: MemoryWorker): Conversations {
  return {
    createChat: (...args) => worker.call('conversations', 'createChat', ...args),
    chat: (...args) => worker.call('conversations', 'chat', ...args),
    updateChat: (...args) => worker.call('conversations', 'updateChat', ...args),
    deleteChat: (...args) => worker.call('conversations', 'deleteChat', ...args),
    forkChat: (...args) => worker.call('conversations', 'forkChat', ...args),
    listChats: (...args) => worker.call('conversations', 'listChats', ...args),
    messages: (...args) => worker.call('conversations', 'messages', ...args),
    message: (...args) => worker.call('conversations', 'message', ...args),
    addUserMessage: (...args) => worker.call('conversations', 'addUserMessage', ...args),
    startAnswer: (...args) => worker.call('conversations', 'startAnswer', ...args),
    appendAnswer: (...args) => worker.call('conversations', 'appendAnswer', ...args),
    finishAnswer: (...args) => worker.call('conversations', 'finishAnswer', ...args),
  };
}

function findingsOf(worker: MemoryWorker): Findings {
  return {
    saveRun: (...args) => worker.call('findings', 'saveRun', ...args),
    finding: (...args) => worker.call('findings', 'finding', ...args),
    latest: (...args) => worker.call('findings', 'latest', ...args),
    dismiss: (...args) => worker.call('findings', 'dismiss', ...args),
    dismissed: (...args) => worker.call('findings', 'dismissed', ...args),
  };
}

function ledgerOf(worker: MemoryWorker): Ledger {
  return {
    record: (...args) => worker.call('ledger', 'record', ...args),
    sums: (...args) => worker.call('ledger', 'sums', ...args),
  };
}

function decisionsOf(worker: MemoryWorker): DecisionLog {
  return {
    save: (...args) => worker.call('decisions', 'save', ...args),
    finish: (...args) => worker.call('decisions', 'finish', ...args),
    decision: (...args) => worker.call('decisions', 'decision', ...args),
    list: (...args) => worker.call('decisions', 'list', ...args),
  };
}

function searchOf(worker: MemoryWorker): Search {
  return {
    find: (request, signal) => find(worker, request, signal),
    put: (...args) => worker.call('search', 'put', ...args),
    remove: (...args) => worker.call('search', 'remove', ...args),
    useModel: (...args) => worker.call('search', 'useModel', ...args),
    pending: (...args) => worker.call('search', 'pending', ...args),
    store: (...args) => worker.call('search', 'store', ...args),
    rebuild: () => worker.call('search', 'rebuild'),
    status: () => worker.call('search', 'status'),
  };
}

async function find(worker: MemoryWorker, request: Parameters<Search['find']>[0], signal?: AbortSignal): Promise<SearchResult> {
  if (signal) throwIfCancelled(signal);
  const id = worker.takeSearchId();
  const cancel = (): void => void worker.call('search', 'cancel', id).catch(() => {}); // a worker that ended searches no more
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    return await worker.call('search', 'find', request, id);
  } catch (error) {
    throw signal?.aborted ? new CancelledError() : error;
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

type Method = (...args: never[]) => Promise<unknown>;
type ArgsOf<Part, Name extends keyof Part> = Part[Name] extends Method ? Parameters<Part[Name]> : never;
type ResultOf<Part, Name extends keyof Part> = Part[Name] extends Method ? Awaited<ReturnType<Part[Name]>> : never;

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** The worker thread and the calls that wait for it. Lives as long as the daemon; a worker that dies is started again by the next call. */
class MemoryWorker {
  readonly #options: MemoryOptions;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #lastId = 0;
  #lastSearch = 0;
  #closed = false;

  constructor(options: MemoryOptions) {
    this.#options = options;
  }

  start(): Worker {
    const { database, workerPath } = this.#options;
    // stdout belongs to the connection with the client: nothing a library prints may reach it.
    const worker = new Worker(workerPath, { name: 'memory', workerData: { database } satisfies WorkerData, stdout: true });
    worker.stdout.resume();
    worker.on('message', (reply: CallReply) => this.#settle(reply));
    worker.on('error', (error) => recordBug(error, 'memory worker', this.#options.log));
    worker.on('exit', () => this.#ended(worker));
    this.#worker = worker;
    return worker;
  }

  takeSearchId(): number {
    return ++this.#lastSearch;
  }

  async call<Part extends keyof Parts, Name extends keyof Parts[Part] & string>(
    part: Part,
    name: Name,
    ...args: ArgsOf<Parts[Part], Name>
  ): Promise<ResultOf<Parts[Part], Name>> {
    if (this.#closed) throw new UserError('storage-closed', 'Switchyard is shutting down. Try again in a moment.', { retryable: true });
    const worker = this.#worker ?? this.start();
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { resolve, reject });
    worker.postMessage({ id, part, name, args } satisfies CallRequest);
    return promise as Promise<ResultOf<Parts[Part], Name>>;
  }

  /** Lets the calls made so far finish, then closes the database and ends the worker. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    if (!worker) return;
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    worker.postMessage({ close: true } satisfies CloseRequest);
    await ended;
  }

  #settle(reply: CallReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('error' in reply) waiting?.reject(receiveError(reply.error));
    else waiting?.resolve(reply.value);
  }

  /** Whatever was being done may or may not have been stored, and its caller is told. */
  #ended(worker: Worker): void {
    if (this.#worker === worker) this.#worker = undefined;
    const message = 'Storage stopped unexpectedly and is starting again. What was stored before is safe; the last step may be missing. Try again.';
    for (const { reject } of this.#waiting.values()) reject(new UserError('storage-restarted', message, { retryable: true }));
    this.#waiting.clear();
  }
}
