// The daemon's side of the child that reads pages: one at a time, none for long.
import { CancelledError, throwIfCancelled, UserError } from '../../../base/errors.ts';
import { FairQueue } from '../../../base/fair-queue.ts';
import type { Log } from '../../../base/log.ts';
import { type ChildFailure, ChildHost } from '../../../base/process/child-host.ts';
import { lowRights } from '../../../base/process/low-rights.ts';
import type { ReadingProtocol, ReadPage } from './messages.ts';

export interface PageReaderDeps {
  /** The child's script. */
  hostPath: string;
  log: Log;
  maxMs?: number;
}

const defaultMaxMs = 10_000; // a page of 2 MB takes about one
const idleMs = 60_000;
const heapMegabytes = 512;

/** Lives as long as the daemon. Has a process from the first page until a while after the last. */
export class PageReader implements AsyncDisposable {
  readonly #host: ChildHost<ReadingProtocol>;
  readonly #queue = new FairQueue();
  readonly #maxMs: number;
  readonly #log: Log;
  #idle: NodeJS.Timeout | undefined;

  constructor({ hostPath, log, maxMs = defaultMaxMs }: PageReaderDeps) {
    this.#maxMs = maxMs;
    this.#log = log;
    this.#host = new ChildHost({
      path: hostPath,
      nodeOptions: lowRights(hostPath, { levels: 4, heapMegabytes }),
      toError,
    });
  }

  /** Of the process, while there is one. */
  get pid(): number | undefined {
    return this.#host.pid;
  }

  /** Throws UserError `unreadable-page`, and CancelledError. */
  async read(page: ReadingProtocol['requests']['read']['params'], signal: AbortSignal): Promise<ReadPage> {
    using _turn = await this.#queue.take({ signal });
    clearTimeout(this.#idle);
    const limit = AbortSignal.timeout(this.#maxMs);
    try {
      return await this.#host.request('read', page, { signal: AbortSignal.any([signal, limit]) });
    } catch (error) {
      if (!(error instanceof CancelledError)) {
        this.#log.warn({ error: String(error), why: (error as Error).cause }, 'a page was not read');
        throw error;
      }
      await this.#host.kill(); // nothing else ends what is at work on a page
      throwIfCancelled(signal);
      throw unreadable('it took too long');
    } finally {
      this.#idle = setTimeout(() => void this.#host.kill(), idleMs).unref();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#idle);
    await this.#host[Symbol.asyncDispose]();
  }
}

function toError(failure: ChildFailure): Error {
  if (failure.kind === 'error') return new UserError(failure.code, failure.message);
  return unreadable(failure.kind === 'bug' ? failure.stack : `${failure.how}: ${failure.lastWords}`);
}

function unreadable(cause: string): UserError {
  return new UserError('unreadable-page', "The page can't be read: it is damaged, or far too complicated.", { cause });
}
