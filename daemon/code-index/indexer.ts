// The daemon's side of the indexer: given a scan, it hands on what the child process finds, a file at a time.
import { type ChildFailure, ChildHost } from '../base/process/child-host.ts';
import type { IndexerProtocol, ScanPart, ScanRequest } from './messages.ts';

/** Stores a part of what a scan finds. The indexer reads only a few files further than what is stored. */
export type StorePart = (part: ScanPart) => Promise<void>;

/** Lives as long as the index. It has a process from a scan on until it is killed. Does one scan at a time. */
export class CodeIndexer {
  readonly #host: ChildHost<IndexerProtocol>;
  #isPaused = false;

  constructor(hostPath: string) {
    this.#host = new ChildHost({ path: hostPath, toError, greeting: () => this.#pace });
  }

  /** Resolves when all of the scan was stored. Throws when the process ends before, or when what is found cannot be stored. */
  async scan(scan: ScanRequest, store: StorePart): Promise<void> {
    const failed = new AbortController();
    let isOver = false;
    // One after another, so that a file is stored before the scan that found it is said to be done.
    let stored: Promise<void> = Promise.resolve();
    const take = async (part: ScanPart): Promise<void> => {
      if (isOver) return; // the scan failed, and what still comes is of no use
      await store(part);
      if (!isOver && (part.kind === 'file' || part.kind === 'touched')) this.#host.notify({ kind: 'stored' });
    };
    const onPart = (part: ScanPart): void => {
      stored = stored.then(() => take(part));
      stored.catch(() => failed.abort());
    };
    try {
      await this.#host.request('scan', scan, { signal: failed.signal, onPart });
      await stored;
    } catch (error) {
      if (failed.signal.aborted) await stored; // throws what could not be stored
      throw error;
    } finally {
      isOver = true;
    }
  }

  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.#host.notify(this.#pace);
  }

  /** Ends the process whatever it does; what it had not handed on is found again by the next scan. */
  async kill(): Promise<void> {
    await this.#host.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host[Symbol.asyncDispose]();
  }

  get #pace(): IndexerProtocol['toChild'] {
    return { kind: this.#isPaused ? 'pause' : 'resume' };
  }
}

const maxWordsOfFailure = 2000; // characters of stderr in a sentence that is shown

/** What a request to the child is rejected with. */
export function toError(failure: ChildFailure): Error {
  switch (failure.kind) {
    case 'ended': {
      const words = failure.lastWords.slice(-maxWordsOfFailure);
      return new Error(`the indexer stopped (${failure.how})${words && `: ${words}`}`);
    }
    case 'error':
      return new Error(failure.message);
    case 'bug':
      return new Error(failure.stack);
  }
}
