// The daemon's side of storage: every call is a message to the worker thread. Nothing here touches the disk.
import { Worker } from 'node:worker_threads';
import { CancelledError, recordBug, throwIfCancelled, UserError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Backups } from '../backups.ts';
import type { Chats } from '../chats.ts';
import type { Code } from '../code.ts';
import type { DecisionLog } from '../decisions.ts';
import type { Findings } from '../findings.ts';
import type { Ledger } from '../ledger.ts';
import type { Memories } from '../memories.ts';
import type { OlderMessages } from '../older-messages.ts';
import type { Profiles } from '../profiles.ts';
import type { Projects } from '../projects.ts';
import type { Search, SearchIndex, SearchRequest, SearchResult } from '../search.ts';
import type { ProfileStorage, Storage } from '../storage.ts';
import type { Trash } from '../trash.ts';
import type { CallBatch, CallReply, CallRequest, CloseRequest, Notice, StorageCalls, WorkerData } from './calls.ts';
import { importInSlices } from './import/client.ts';
import type { ArrivalCalls } from './import/types.ts';
import { ReadCache } from './read-cache.ts';
import { receiveError } from './storage-errors.ts';

export interface MemoryOptions {
  /** Absolute path of the database file; it and its folder are made when they are missing. */
  database: string;
  /** The worker's program: `storage-worker.js` of the build, or `worker.ts` of the sources. */
  workerPath: string | URL;
  log: Log;
  /** Takes what the user must be told of the stored data, whatever was asked. */
  onNotice?(notice: string): void;
}

/** Starts the worker in the background and returns at once; calls wait until it is ready. */
export function openStorage(options: MemoryOptions): Storage {
  const worker = new MemoryWorker(options);
  worker.start();
  const shared = callerOf(worker, '');
  return {
    in: (profileId) => partsOf(callerOf(worker, profileId)),
    predictTurn: (profileId, turn) => worker.kept.predictor.predictTurn(profileId, turn),
    profiles: profilesOf(shared),
    spending: { since: (...args) => shared.call('spending', 'since', ...args) },
    keyFile: {
      latest: () => shared.call('keyFile', 'latest'),
      note: (...args) => shared.call('keyFile', 'note', ...args),
    },
    backups: backupsOf(shared),
    searchIndex: searchIndexOf(shared),
    health: () => shared.call('storage', 'health'),
    [Symbol.asyncDispose]: () => worker[Symbol.asyncDispose](),
  };
}

/** Calls for one profile, or for none. */
interface Caller {
  /** A number for a search. */
  newSearch(): number;
  call<Part extends keyof StorageCalls, Name extends keyof StorageCalls[Part] & string>(
    part: Part,
    name: Name,
    ...args: ArgsOf<StorageCalls[Part], Name>
  ): Promise<ResultOf<StorageCalls[Part], Name>>;
}

function callerOf(worker: MemoryWorker, profile: string): Caller {
  return {
    newSearch: () => worker.newSearch(),
    call: (part, name, ...args) => worker.keptCall({ profile, part, name, args }) as never,
  };
}

function partsOf(caller: Caller): ProfileStorage {
  return {
    chats: chatsOf(caller),
    older: olderOf(caller),
    trash: trashOf(caller),
    findings: findingsOf(caller),
    ledger: ledgerOf(caller),
    decisions: decisionsOf(caller),
    projects: projectsOf(caller),
    search: searchOf(caller),
    code: codeOf(caller),
    memories: memoriesOf(caller),
  };
}

function chatsOf(worker: Caller): Chats {
  return {
    createChat: (...args) => worker.call('chats', 'createChat', ...args),
    chat: (...args) => worker.call('chats', 'chat', ...args),
    updateChat: (...args) => worker.call('chats', 'updateChat', ...args),
    deleteChat: (...args) => worker.call('chats', 'deleteChat', ...args),
    forkChat: (...args) => worker.call('chats', 'forkChat', ...args),
    listChats: (...args) => worker.call('chats', 'listChats', ...args),
    messages: (...args) => worker.call('chats', 'messages', ...args),
    message: (...args) => worker.call('chats', 'message', ...args),
    thread: (...args) => worker.call('chats', 'thread', ...args),
    addUserMessage: (...args) => worker.call('chats', 'addUserMessage', ...args),
    beginTurn: (...args) => worker.call('chats', 'beginTurn', ...args),
    startAnswer: (...args) => worker.call('chats', 'startAnswer', ...args),
    appendAnswer: (...args) => worker.call('chats', 'appendAnswer', ...args),
    finishAnswer: (...args) => worker.call('chats', 'finishAnswer', ...args),
    chooseVersion: (...args) => worker.call('chats', 'chooseVersion', ...args),
    pin: (...args) => worker.call('chats', 'pin', ...args),
    tree: (...args) => worker.call('chats', 'tree', ...args),
    importChat: (...args) => importInSlices(arrivalsOf(worker), ...args),
  };
}

function arrivalsOf(worker: Caller): ArrivalCalls {
  return {
    begin: (...args) => worker.call('arrivals', 'begin', ...args),
    add: (...args) => worker.call('arrivals', 'add', ...args),
    finish: (...args) => worker.call('arrivals', 'finish', ...args),
    drop: (...args) => worker.call('arrivals', 'drop', ...args),
  };
}

function olderOf(worker: Caller): OlderMessages {
  return {
    before: (...args) => worker.call('older', 'before', ...args),
    stretch: (...args) => worker.call('older', 'stretch', ...args),
    saveSummary: (...args) => worker.call('older', 'saveSummary', ...args),
  };
}

function trashOf(worker: Caller): Trash {
  return {
    list: (...args) => worker.call('trash', 'list', ...args),
    restore: (...args) => worker.call('trash', 'restore', ...args),
    purge: (...args) => worker.call('trash', 'purge', ...args),
  };
}

function findingsOf(worker: Caller): Findings {
  return {
    pastRuns: (...args) => worker.call('findings', 'pastRuns', ...args),
    ofRun: (...args) => worker.call('findings', 'ofRun', ...args),
    saveRun: (...args) => worker.call('findings', 'saveRun', ...args),
    finding: (...args) => worker.call('findings', 'finding', ...args),
    latest: (...args) => worker.call('findings', 'latest', ...args),
    dismiss: (...args) => worker.call('findings', 'dismiss', ...args),
    dismissed: (...args) => worker.call('findings', 'dismissed', ...args),
  };
}

function ledgerOf(worker: Caller): Ledger {
  return {
    record: (...args) => worker.call('ledger', 'record', ...args),
    sums: (...args) => worker.call('ledger', 'sums', ...args),
  };
}

function decisionsOf(worker: Caller): DecisionLog {
  return {
    save: (...args) => worker.call('decisions', 'save', ...args),
    finish: (...args) => worker.call('decisions', 'finish', ...args),
    decision: (...args) => worker.call('decisions', 'decision', ...args),
    list: (...args) => worker.call('decisions', 'list', ...args),
  };
}

function projectsOf(worker: Caller): Projects {
  return {
    visit: (...args) => worker.call('projects', 'visit', ...args),
    list: (...args) => worker.call('projects', 'list', ...args),
    attach: (...args) => worker.call('projects', 'attach', ...args),
    bind: (...args) => worker.call('projects', 'bind', ...args),
  };
}

function memoriesOf(worker: Caller): Memories {
  return {
    list: (...args) => worker.call('memories', 'list', ...args),
    proposals: (...args) => worker.call('memories', 'proposals', ...args),
    add: (...args) => worker.call('memories', 'add', ...args),
    update: (...args) => worker.call('memories', 'update', ...args),
    delete: (...args) => worker.call('memories', 'delete', ...args),
    markUsed: (...args) => worker.call('memories', 'markUsed', ...args),
  };
}

function profilesOf(worker: Caller): Profiles {
  return {
    list: (...args) => worker.call('profiles', 'list', ...args),
    find: (...args) => worker.call('profiles', 'find', ...args),
    create: (...args) => worker.call('profiles', 'create', ...args),
    update: (...args) => worker.call('profiles', 'update', ...args),
    delete: (...args) => worker.call('profiles', 'delete', ...args),
    boundTo: (...args) => worker.call('profiles', 'boundTo', ...args),
  };
}

function backupsOf(worker: Caller): Backups {
  return {
    create: (...args) => worker.call('backups', 'create', ...args),
    list: (...args) => worker.call('backups', 'list', ...args),
    verify: (...args) => worker.call('backups', 'verify', ...args),
    restore: (...args) => worker.call('backups', 'restore', ...args),
  };
}

function searchOf(worker: Caller): Search {
  return {
    find: (request, signal) => find(worker, request, signal),
    put: (...args) => worker.call('search', 'put', ...args),
    remove: (...args) => worker.call('search', 'remove', ...args),
  };
}

async function find(worker: Caller, request: SearchRequest, signal?: AbortSignal): Promise<SearchResult> {
  if (signal) throwIfCancelled(signal);
  const id = worker.newSearch();
  const cancel = (): void => void worker.call('searchIndex', 'cancel', id).catch(() => {}); // a worker that ended searches no more
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    return await worker.call('search', 'find', request, id);
  } catch (error) {
    throw signal?.aborted ? new CancelledError() : error;
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

function searchIndexOf(worker: Caller): SearchIndex {
  return {
    useModel: (...args) => worker.call('searchIndex', 'useModel', ...args),
    pending: (...args) => worker.call('searchIndex', 'pending', ...args),
    store: (...args) => worker.call('searchIndex', 'store', ...args),
    rebuild: () => worker.call('searchIndex', 'rebuild'),
    status: () => worker.call('searchIndex', 'status'),
  };
}

function codeOf(worker: Caller): Code {
  return {
    files: (...args) => worker.call('code', 'files', ...args),
    put: (...args) => worker.call('code', 'put', ...args),
    touch: (...args) => worker.call('code', 'touch', ...args),
    remove: (...args) => worker.call('code', 'remove', ...args),
    forget: (...args) => worker.call('code', 'forget', ...args),
    counts: (...args) => worker.call('code', 'counts', ...args),
    pieces: (...args) => worker.call('code', 'pieces', ...args),
    symbols: (...args) => worker.call('code', 'symbols', ...args),
    namesLike: (...args) => worker.call('code', 'namesLike', ...args),
  };
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
  /** What it said that still holds. */
  readonly kept = new ReadCache();
  readonly #options: MemoryOptions;
  readonly #waiting = new Map<number, Waiting>();
  /** Calls of this turn, which are sent at its end. */
  #outbox: CallRequest[] = [];
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
    const worker = new Worker(workerPath, {
      name: 'memory',
      workerData: { database } satisfies WorkerData,
      stdout: true,
    });
    worker.stdout.resume();
    worker.on('message', (said: CallReply[] | Notice) => {
      if ('notice' in said) this.#tell(said);
      else for (const reply of said) this.#settle(reply);
    });
    worker.on('error', (error) => recordBug(error, 'memory worker', this.#options.log));
    worker.on('exit', () => this.#ended(worker));
    this.#worker = worker;
    return worker;
  }

  newSearch(): number {
    return ++this.#lastSearch;
  }

  keptCall(request: Omit<CallRequest, 'id'>): Promise<unknown> {
    return this.kept.call(request, () => this.call(request));
  }

  async call(request: Omit<CallRequest, 'id'>): Promise<unknown> {
    if (this.#closed)
      throw new UserError('storage-closed', 'Switchyard is shutting down. Try again in a moment.', { retryable: true });
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { resolve, reject });
    if (this.#outbox.push({ id, ...request }) === 1) process.nextTick(() => this.#send());
    return promise;
  }

  /** Lets the calls made so far finish, then closes the database and ends the worker. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.kept.forget();
    this.#send();
    const worker = this.#worker;
    if (!worker) return;
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    worker.postMessage({ close: true } satisfies CloseRequest);
    await ended;
  }

  #send(): void {
    if (this.#outbox.length === 0) return;
    const calls = this.#outbox;
    this.#outbox = [];
    const worker = this.#worker ?? this.start();
    try {
      worker.postMessage({ calls } satisfies CallBatch);
    } catch (error) {
      const [only, ...others] = calls;
      if (only && others.length === 0) return this.#refuse(only.id, error as Error);
      // Something among the arguments cannot cross to another thread: only the call it belongs to may fail with it.
      for (const call of calls) {
        this.#outbox = [call];
        this.#send();
      }
    }
  }

  #refuse(id: number, error: Error): void {
    this.#waiting.get(id)?.reject(error);
    this.#waiting.delete(id);
  }

  #settle(reply: CallReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('error' in reply) waiting?.reject(receiveError(reply.error));
    else waiting?.resolve(reply.value);
  }

  #tell({ notice }: Notice): void {
    this.kept.forget(); // it may have been mended by what an older copy says
    this.#options.log.warn({ notice }, 'stored data');
    this.#options.onNotice?.(notice);
  }

  /** Whatever was being done may or may not have been stored, and its caller is told. */
  #ended(worker: Worker): void {
    if (this.#worker === worker) this.#worker = undefined;
    this.kept.forget();
    const message =
      'Storage stopped unexpectedly and is starting again. What was stored before is safe; the last step may be missing. Try again.';
    for (const { reject } of this.#waiting.values())
      reject(new UserError('storage-restarted', message, { retryable: true }));
    this.#waiting.clear();
  }
}
