// The daemon's side of storage: every call is a message to the worker thread. Nothing here touches the disk.
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { diskStuck } from '../../base/disk.ts';
import { CancelledError, recordBug, throwIfCancelled, UserError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { SearchRequest, SearchResult } from '../search.ts';
import type { StoredShapes } from '../shapes.ts';
import type { ProfileStorage, Storage } from '../storage.ts';
import type {
  CallBatch,
  CallReply,
  CallRequest,
  CloseRequest,
  IndexedNotice,
  Notice,
  PingRequest,
  PongNotice,
  SharedCalls,
  StorageCall,
  StorageCalls,
  WorkerData,
} from './calls.ts';
import { type CallSender, facadeOf } from './facade.ts';
import { importInSlices } from './import/client.ts';
import { ReadCache } from './read-cache.ts';
import { SilenceWatch } from './safety/silence.ts';
import { receiveError } from './storage-errors.ts';

export interface StorageClientOptions {
  /** Absolute path of the database file; it and its folder are made when they are missing. */
  database: string;
  /** The worker's program: `storage-worker.js` of the build, or `worker.ts` of the sources. */
  workerPath: string | URL;
  log: Log;
  /** Takes what the user must be told of the stored data. */
  onNotice?(notice: string): void;
  /** Called whenever everything that was stored is in the search index, whoever stored it: some of it may lack a vector. */
  onIndexed?(): void;
  /** Called when chats or reviews of a profile changed, so that lists of them may be old. */
  onListed?(profile: string): void;
  /** How long the worker may say nothing while calls wait. */
  maxSilenceMs?: number;
}

const defaultMaxSilenceMs = 30_000; // no single call takes as long, but the rebuild of a large database may

/** Starts the worker in the background and returns at once; calls wait until it is ready. The caller says what is stored as JSON. */
export function openStorage<Shapes extends StoredShapes = StoredShapes>(
  options: StorageClientOptions,
): Storage<Shapes> {
  const worker = new StorageWorker(options);
  worker.start();
  const shared = <Part extends keyof SharedCalls>(part: Part): StorageCalls[Part] => facadeOf(worker, part, '');
  const searchIndex = shared('searchIndex');
  const profiles = new ProfileFacades(worker, (search) => void searchIndex.cancel(search).catch(() => {})); // a worker that ended searches no more
  const storage: Storage = {
    in: (profileId) => profiles.of(profileId),
    predictTurn: (profileId, turn) => worker.cache.predictor.predictTurn(profileId, turn),
    profiles: shared('profiles'),
    spending: shared('spending'),
    keyFile: shared('keyFile'),
    backups: shared('backups'),
    searchIndex,
    health: shared('storage').health,
    [Symbol.asyncDispose]: () => worker[Symbol.asyncDispose](),
  };
  return storage as Storage<Shapes>;
}

/** Three semi-spaces of 4 MB, as in the main thread. */
const maxYoungGenerationSizeMb = 12;
const maxProfiles = 100; // many more than a user has; one that is forgotten is made again

/** Lives as long as the worker's client. Keeps the parts of each profile, which are asked for at every request. */
class ProfileFacades {
  readonly #sender: CallSender;
  readonly #cancel: (search: number) => void;
  readonly #known = new Map<string, ProfileStorage>();
  #lastSearch = 0;

  constructor(sender: CallSender, cancel: (search: number) => void) {
    this.#sender = sender;
    this.#cancel = cancel;
  }

  of(profile: string): ProfileStorage {
    const known = this.#known.get(profile);
    if (known) return known;
    const made = this.#make(profile);
    for (const oldest of this.#known.keys()) if (this.#known.size >= maxProfiles) this.#known.delete(oldest);
    this.#known.set(profile, made);
    return made;
  }

  #make(profile: string): ProfileStorage {
    const facade = <Part extends keyof StorageCalls>(part: Part): StorageCalls[Part] =>
      facadeOf(this.#sender, part, profile);
    const imports = facade('imports');
    const search = facade('search');
    return {
      chats: { ...facade('chats'), importChat: (chat, how) => importInSlices(imports, chat, how) },
      older: facade('older'),
      trash: facade('trash'),
      findings: facade('findings'),
      ledger: facade('ledger'),
      decisions: facade('decisions'),
      projects: facade('projects'),
      search: { ...search, find: (request, signal) => this.#find(search, request, signal) },
      code: facade('code'),
      memories: facade('memories'),
      jobs: facade('jobs'),
      written: facade('written'),
      editAnswers: facade('editAnswers'),
      mcpPins: facade('mcpPins'),
      completions: facade('completions'),
      approvals: facade('approvals'),
    };
  }

  async #find(search: StorageCalls['search'], request: SearchRequest, signal?: AbortSignal): Promise<SearchResult> {
    if (signal) throwIfCancelled(signal);
    const id = ++this.#lastSearch;
    const cancel = (): void => this.#cancel(id);
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      return await search.find(request, id);
    } catch (error) {
      throw signal?.aborted ? new CancelledError() : error;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }
}

interface PendingCall {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** The worker thread and the calls that wait for it. Lives as long as the daemon; a worker that dies is started again by the next call. */
class StorageWorker implements CallSender {
  readonly cache = new ReadCache();
  readonly #options: StorageClientOptions;
  readonly #pending = new Map<number, PendingCall>();
  /** Calls of this turn, which are sent at its end. */
  #outbox: CallRequest[] = [];
  #worker: Worker | undefined;
  readonly #silence: SilenceWatch;
  /** What each call is told while the worker is blocked by its disk. */
  #stuck: UserError | undefined;
  #lastId = 0;
  #closed = false;

  constructor(options: StorageClientOptions) {
    const { database, maxSilenceMs = defaultMaxSilenceMs, log } = options;
    this.#options = options;
    this.#silence = new SilenceWatch({
      maxSilenceMs,
      ask: () => this.#worker?.postMessage({ ping: true } satisfies PingRequest),
      onSilent: () => {
        log.warn({ silentMs: maxSilenceMs }, 'the storage worker does not answer');
        this.#stuck = diskStuck(dirname(database), maxSilenceMs);
        this.#refuseAll(this.#stuck);
      },
    });
  }

  start(): Worker {
    const { database, workerPath } = this.#options;
    // stdout belongs to the connection with the client: nothing a library prints may reach it.
    const worker = new Worker(workerPath, {
      name: 'storage',
      workerData: { database } satisfies WorkerData,
      stdout: true,
      resourceLimits: { maxYoungGenerationSizeMb },
    });
    worker.stdout.resume();
    worker.on('message', (message: CallReply[] | Notice | IndexedNotice | PongNotice) => {
      this.#heard(message);
      if ('pong' in message) return;
      if ('indexed' in message) this.#options.onIndexed?.();
      else if ('notice' in message) this.#tell(message);
      else for (const reply of message) this.#settle(reply);
    });
    worker.on('error', (error) => recordBug(error, 'storage worker', this.#options.log));
    worker.on('exit', () => this.#ended(worker));
    this.#worker = worker;
    return worker;
  }

  onListed(profile: string): void {
    this.#options.onListed?.(profile);
  }

  async send(call: StorageCall): Promise<unknown> {
    if (this.#closed)
      throw new UserError('storage-closed', 'Switchyard is shutting down. Try again in a moment.', { retryable: true });
    if (this.#stuck) throw this.#stuck;
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#pending.set(id, { resolve, reject });
    this.#silence.begin();
    if (this.#outbox.push({ id, ...call }) === 1) process.nextTick(() => this.#flush());
    return promise;
  }

  /** Lets the calls made so far finish, then closes the database and ends the worker. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.cache.clear();
    this.#flush();
    const worker = this.#worker;
    if (!worker) return;
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    worker.postMessage({ close: true } satisfies CloseRequest);
    await ended;
  }

  #flush(): void {
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
        this.#flush();
      }
    }
  }

  #refuse(id: number, error: Error): void {
    this.#pending.get(id)?.reject(error);
    this.#pending.delete(id);
  }

  #refuseAll(error: UserError): void {
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }

  /** What was refused while the worker was blocked may be done by now. */
  #heard(message: object): void {
    if (this.#stuck) this.cache.clear();
    this.#stuck = undefined;
    const settled = Array.isArray(message) ? message.length : 0;
    this.#silence.heard({ isAwaited: this.#pending.size > settled });
  }

  #settle(reply: CallReply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if ('error' in reply) pending?.reject(receiveError(reply.error));
    else pending?.resolve(reply.value);
  }

  #tell({ notice }: Notice): void {
    this.cache.clear(); // the data may have been repaired from an older copy
    this.#options.log.warn({ notice }, 'stored data');
    this.#options.onNotice?.(notice);
  }

  /** Rejects the calls under way: what they did may or may not be stored. */
  #ended(worker: Worker): void {
    if (this.#worker === worker) this.#worker = undefined;
    this.cache.clear();
    const message =
      'Storage stopped unexpectedly and is restarting. Everything saved earlier is safe, but the last step may be missing. Try again.';
    this.#stuck = undefined;
    this.#silence.heard({ isAwaited: false });
    this.#refuseAll(new UserError('storage-restarted', message, { retryable: true }));
  }
}
