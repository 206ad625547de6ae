// Which runs of the agent the user is told of while the chat view is hidden: those that a page left, and those of this window's folders that
// were under way or had stopped when it connected, as after a reload. Knows neither VS Code nor the wire.
import type { Job, WholeJob } from '../../shared/protocol/jobs.ts';
import type { LeftRun } from './view-relay.ts';

export interface HiddenRunsDeps {
  /** The newest first. */
  list(): Promise<Job[]>;
  /** Undefined where it can't be had. */
  job(jobId: string): Promise<WholeJob | undefined>;
  /** Whether a page shows what waits and what ended. */
  isShown(): boolean;
  isOwnFolder(root: string): boolean;
  /** Returns what closes the message. */
  tellWaiting(text: string, chatId: string): () => void;
  tellEnd(job: Job, chatId: string): void;
  /** Which ends the user was told of, also before the window was reloaded. */
  isTold(end: string): boolean;
  setTold(end: string): void;
}

interface HiddenRun {
  /** The step that the user has seen or was told of last. */
  callId: string | undefined;
  /** Closes the message of it. */
  withdraw(): void;
}

/** Lives as long as the view. */
export class HiddenRuns {
  readonly #deps: HiddenRunsDeps;
  readonly #runs = new Map<string, HiddenRun>();

  constructor(deps: HiddenRunsDeps) {
    this.#deps = deps;
  }

  add({ jobId, shownCall }: LeftRun): void {
    if (!this.#runs.has(jobId)) this.#runs.set(jobId, { callId: shownCall, withdraw() {} });
  }

  /** The window has connected: it takes on what its last life or another client began in its folders. */
  async find(): Promise<void> {
    for (const listed of await this.#deps.list()) {
      const { id, kind } = listed;
      if (kind !== 'agent' || this.#runs.has(id) || !(isUnderWay(listed) || this.#isNewlyStopped(listed))) continue;
      const job = await this.#deps.job(id);
      const root = job && startOf(job)?.root;
      if (root !== undefined && this.#deps.isOwnFolder(root)) this.add({ jobId: id });
    }
    await this.look();
  }

  /** A page shows what waits now. */
  withdraw(): void {
    for (const run of this.#runs.values()) run.withdraw();
  }

  /** Tells of what waits, once for each step, and of what has ended, unless a page shows it; and takes back what was answered elsewhere. */
  async look(): Promise<void> {
    for (const [jobId, run] of [...this.#runs]) {
      const job = await this.#deps.job(jobId);
      if (this.#runs.get(jobId) !== run) continue; // it has ended meanwhile
      const chatId = job && startOf(job)?.chatId;
      if (job && chatId !== undefined && isUnderWay(job)) {
        this.#lookAt(job, run, chatId);
        continue;
      }
      run.withdraw();
      this.#runs.delete(jobId);
      if (job && chatId !== undefined) this.#tellEnd(job, chatId);
    }
  }

  #lookAt(job: WholeJob, run: HiddenRun, chatId: string): void {
    const asked = job.parts?.findLast((part) => part.kind === 'approval')?.approval;
    const isNew = job.state === 'waiting' && asked?.callId !== run.callId;
    if (job.state !== 'waiting' || isNew) run.withdraw();
    if (!isNew || !asked) return;
    run.callId = asked.callId;
    if (!this.#deps.isShown()) run.withdraw = this.#deps.tellWaiting(asked.text, chatId);
  }

  #tellEnd(job: WholeJob, chatId: string): void {
    if (job.state === 'cancelled' || this.#deps.isTold(endOf(job))) return; // who cancelled it knows
    this.#deps.setTold(endOf(job));
    if (!this.#deps.isShown()) this.#deps.tellEnd(job, chatId);
  }

  #isNewlyStopped(job: Job): boolean {
    return job.state === 'stopped' && job.canResume && !this.#deps.isTold(endOf(job));
  }
}

function startOf({ parts }: WholeJob) {
  return parts?.find((part) => part.kind === 'started');
}

function isUnderWay({ state }: Job): boolean {
  return state === 'queued' || state === 'running' || state === 'waiting';
}

/** A run that was resumed can end again. */
function endOf({ id, endedAt = 0 }: Job): string {
  return `${id} ${endedAt}`;
}
