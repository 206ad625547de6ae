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
  #idle: NodeJS.Timeout | undefined;

  constructor({ hostPath, log, maxMs = defaultMaxMs }: PageReaderDeps) {
    this.#maxMs = maxMs;
    this.#host = new ChildHost({
      path: hostPath,
      nodeOptions: lowRights(hostPath, { levels: 4, heapMegabytes }),
      toError: (failure) => toError(failure, log),
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
      if (!(error instanceof CancelledError)) throw error;
      await this.#host.kill(); // nothing else ends what is at work on a page
      throwIfCancelled(signal);
      throw unreadable();
    } finally {
      this.#idle = setTimeout(() => void this.#host.kill(), idleMs).unref();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#idle);
    await this.#host[Symbol.asyncDispose]();
  }
}

function toError(failure: ChildFailure, log: Log): Error {
  if (failure.kind === 'error') return new UserError(failure.code, failure.message);
  log.warn(
    { why: failure.kind === 'bug' ? failure.stack : `${failure.how}: ${failure.lastWords}` },
    'a page was not read',
  );
  return unreadable();
}

function unreadable(): UserError {
  return new UserError('unreadable-page', "The page can't be read: it is damaged, or far too complicated.");
}
