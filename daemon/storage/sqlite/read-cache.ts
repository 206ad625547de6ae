// What storage would say once more, kept on the daemon's side of the worker: every question needs it, and each call to the worker
// wakes two threads. The daemon is the database's one writer, so what it knows holds until it writes: a call that is not known to
// leave it alone forgets everything.
import type { CallRequest, StorageCalls } from './calls.ts';
import { TurnPredictor } from './turn-predictor.ts';

type Call = Omit<CallRequest, 'id'>;

/** Reads that are kept. */
const kept: Calls = { profiles: ['find'], memories: ['list'] };

/** Calls after which all that is kept still holds; what they change of a chat is followed by `Foresight`. */
const harmless: Calls = {
  chats: [
    'createChat',
    'chat',
    'listChats',
    'messages',
    'message',
    'thread',
    'beginTurn',
    'startAnswer',
    'appendAnswer',
    'finishAnswer',
    'tree',
  ],
  memories: ['list', 'proposals'],
  profiles: ['list', 'find', 'boundTo'],
  projects: ['list'],
  trash: ['list'],
  backups: ['create', 'list', 'verify'],
  older: 'all',
  search: 'all',
  searchIndex: 'all',
  code: 'all',
  findings: 'all',
  ledger: 'all',
  decisions: 'all',
  spending: 'all',
  storage: 'all',
};

type Calls = { readonly [Part in keyof StorageCalls]?: 'all' | readonly string[] };

const maxReads = 100;

/** Lives as long as the worker's client. Kept values are shared: nobody changes them. */
export class ReadCache {
  readonly predictor = new TurnPredictor();
  readonly #reads = new Map<string, unknown>();
  #writes = 0;

  /** Makes a call, unless it is known what it would say. */
  call(call: Call, make: () => Promise<unknown>): Promise<unknown> {
    if (isAmong(kept, call)) return this.#read(call, make);
    if (!isAmong(harmless, call)) return this.#write(make);
    return call.part === 'chats' ? this.predictor.follow(call, make()) : make();
  }

  forget(): void {
    this.#writes++;
    this.#reads.clear();
    this.predictor.forget();
  }

  async #read(call: Call, make: () => Promise<unknown>): Promise<unknown> {
    const key = JSON.stringify([call.profile, call.part, call.name, call.args]);
    if (this.#reads.has(key)) return this.#reads.get(key);
    const asOf = this.#writes;
    const value = await make();
    if (asOf === this.#writes && this.#reads.size < maxReads) this.#reads.set(key, value);
    return value;
  }

  /** What is read while it is under way may be of before it or of after it, and is not kept. */
  async #write(make: () => Promise<unknown>): Promise<unknown> {
    this.forget();
    try {
      return await make();
    } finally {
      this.forget();
    }
  }
}

function isAmong(calls: Calls, { part, name }: Call): boolean {
  const names = calls[part];
  return names === 'all' || (names?.includes(name) ?? false);
}
