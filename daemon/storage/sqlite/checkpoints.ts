// Writes go to the write-ahead log first. A checkpoint takes them from there into the database and waits for the disk, which may take
// long: it runs in a thread of its own, so that no call to storage waits for it. The thread opens the database for each checkpoint and
// closes it again. Closing the database for good waits for the thread first, so that it never holds a file that is about to be moved.
import { Worker } from 'node:worker_threads';
import type { Database } from 'better-sqlite3';
import { openDatabase } from './native.ts';

/** What the thread gets: the database, the state that both share, and a port that ends with it. */
export interface CheckpointRequest {
  checkpoint: string;
  state: Int32Array<SharedArrayBuffer>;
}

const idle = 0;
const asked = 1;
const working = 2;

const pagesPerCheckpoint = 1000; // 4 MB
/** The longest that the log may become where the thread cannot keep up: from here on, the commit makes the checkpoint. */
export const maxPages = 8000;
const maxWaitMs = 5000; // for a thread that will never answer, as one that has crashed
const shortestLifeMs = 5000; // without work

export interface CheckpointDeps {
  /** The worker's program. */
  program: URL;
  file: string;
  /** A checkpoint has ended. */
  onDone(): void;
}

/** Lives as long as the storage worker. */
export class Checkpoints {
  readonly #parts: CheckpointDeps;
  readonly #state = new Int32Array(new SharedArrayBuffer(4));
  #thread: Worker | undefined;

  constructor(parts: CheckpointDeps) {
    this.#parts = parts;
  }

  /** Begins a checkpoint when enough waits for one; returns whether one is under way. */
  look(database: Database): boolean {
    if (Atomics.load(this.#state, 0) !== idle) return true;
    const [{ log, checkpointed } = { log: 0, checkpointed: 0 }] = database.pragma('wal_checkpoint(noop)') as {
      log: number;
      checkpointed: number;
    }[];
    if (log - checkpointed < pagesPerCheckpoint) return false;
    Atomics.store(this.#state, 0, asked);
    this.#thread ??= this.#start();
    this.#thread.postMessage('checkpoint');
    return true;
  }

  /** Takes back what was asked for, or waits for its end: from here on nothing but the caller has the database open. */
  settle(): void {
    if (Atomics.compareExchange(this.#state, 0, asked, idle) === working)
      Atomics.wait(this.#state, 0, working, maxWaitMs);
  }

  #start(): Worker {
    const { program, file, onDone } = this.#parts;
    const request: CheckpointRequest = { checkpoint: file, state: this.#state };
    const thread = new Worker(program, { name: 'memory checkpoints', workerData: request, stdout: true });
    thread.stdout.resume(); // stdout belongs to the connection with the client
    thread.unref(); // the end of the storage is not held up
    thread.on('message', onDone);
    thread.on('error', () => {}); // told by its exit
    thread.once('exit', () => {
      this.#thread = undefined;
      Atomics.store(this.#state, 0, idle);
      onDone(); // whatever it was asked last is looked at again
    });
    return thread;
  }
}

/** The thread's side. It ends when it has had nothing to do for a while. */
export function makeCheckpoints(
  { checkpoint: file, state }: CheckpointRequest,
  port: { on(event: 'message', listener: () => void): void; postMessage(message: unknown): void; close(): void },
): void {
  let timer: NodeJS.Timeout | undefined;
  port.on('message', () => {
    clearTimeout(timer);
    if (Atomics.compareExchange(state, 0, asked, working) === asked) {
      try {
        checkpoint(file);
      } catch {
        // A full disk, or a lost file: the next write meets it too, and says so.
      } finally {
        Atomics.store(state, 0, idle);
        Atomics.notify(state, 0);
      }
    }
    port.postMessage('done');
    timer = setTimeout(() => port.close(), shortestLifeMs);
  });
}

/** Never waits: pages that a reader still needs, or that are written meanwhile, are left to the next checkpoint. */
function checkpoint(file: string): void {
  const database = openDatabase(file, { fileMustExist: true, timeout: 0 });
  try {
    database.pragma('synchronous = NORMAL');
    database.pragma('wal_checkpoint(passive)');
  } finally {
    database.close();
  }
}
