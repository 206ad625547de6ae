// Work for models that can wait, such as summaries and titles of chats: one job at a time, begun when nothing has been asked of any
// model for a moment. Any other request to a model aborts the job, which is begun again when all is quiet.
import { AsyncLocalStorage } from 'node:async_hooks';
import { UserError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';

/** The tasks of requests for such work, as the ledger names them. */
export type IdleTask = 'summary' | 'title';

interface IdleJob {
  task: IdleTask;
  chatId: string;
  /** Throws CancelledError once the signal is aborted: the job is then done later. */
  run(signal: AbortSignal): Promise<void>;
}

interface RunningJob {
  job: IdleJob;
  stop: AbortController;
  ended: Promise<void>;
  isForgotten: boolean;
}

interface IdleWorkDeps {
  log: Log;
  quietMs?: number;
}

/** Requests that do not interrupt the work. */
const ownTasks: ReadonlySet<string> = new Set<IdleTask | 'embedding'>(['summary', 'title', 'embedding']);
const maxJobs = 20; // the oldest goes first; its chat's next answer makes it anew
const defaultQuietMs = 700; // after the last request: who reads an answer may ask on at once

/** Lives as long as the daemon. No timer runs while there is no work. */
export class IdleWork {
  readonly #deps: IdleWorkDeps;
  readonly #jobs = new Map<string, IdleJob>(); // by task and chat, in the order in which they came
  #busy = 0;
  #timer: NodeJS.Timeout | undefined;
  #running: RunningJob | undefined;
  #isClosed = false;

  constructor(deps: IdleWorkDeps) {
    this.#deps = deps;
  }

  /** Takes the place of a job with the same task for the same chat. It runs on behalf of the session that asks now. */
  add(job: IdleJob): void {
    this.#jobs.delete(keyOf(job));
    this.#keep({ ...job, run: AsyncLocalStorage.bind(job.run) });
    this.#schedule();
  }

  /** Drops what waits or runs for a chat: all of it, where no task is named. */
  forget(chatId: string, task?: IdleTask): void {
    const isMeant = (job: IdleJob): boolean => job.chatId === chatId && (task ?? job.task) === job.task;
    for (const [key, job] of this.#jobs) if (isMeant(job)) this.#jobs.delete(key);
    if (!this.#running || !isMeant(this.#running.job)) return;
    this.#running.isForgotten = true;
    this.#running.stop.abort();
  }

  /** How many jobs wait. */
  get waiting(): number {
    return this.#jobs.size;
  }

  /** Call when a model is asked for something, which goes first. Call the returned function when that has ended. */
  giveWay(task: string): () => void {
    if (ownTasks.has(task)) return () => {};
    this.#busy++;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running?.stop.abort();
    return () => {
      this.#busy--;
      this.#schedule();
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#jobs.clear();
    clearTimeout(this.#timer);
    this.#running?.stop.abort();
    await this.#running?.ended;
  }

  #keep(job: IdleJob): void {
    this.#jobs.set(keyOf(job), job);
    for (const key of [...this.#jobs.keys()].slice(0, -maxJobs)) this.#jobs.delete(key);
  }

  #schedule(): void {
    if (this.#isClosed || this.#busy > 0 || this.#timer || this.#running || this.#jobs.size === 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const [[key, job] = []] = this.#jobs;
      if (key === undefined || !job) return;
      this.#jobs.delete(key);
      const running = { job, stop: new AbortController(), ended: Promise.resolve(), isForgotten: false };
      this.#running = running;
      running.ended = this.#run(running);
    }, this.#deps.quietMs ?? defaultQuietMs).unref();
  }

  /** Never throws: a failure goes to the log, and the chat stays as it was. */
  async #run(running: RunningJob): Promise<void> {
    const { job, stop } = running;
    try {
      await job.run(stop.signal);
    } catch (error) {
      const isWanted = !running.isForgotten && !this.#isClosed && !this.#jobs.has(keyOf(job));
      if (stop.signal.aborted && isWanted) this.#keep(job);
      if (!stop.signal.aborted) {
        const reason = error instanceof UserError ? error.message : String(error);
        this.#deps.log.info({ chatId: job.chatId, error: reason }, `no ${job.task} was made`);
      }
    } finally {
      this.#running = undefined;
      this.#schedule();
    }
  }
}

function keyOf({ task, chatId }: IdleJob): string {
  return `${task} ${chatId}`;
}
