// Jobs: work of several stages, each stored when it is finished, so that a job that was stopped goes on at the last of them. What a job
// does is a row of the table of kinds; one job of a profile runs at a time, and the others wait for their turn.
import { CancelledError, UserError } from '../../base/errors.ts';
import { SerialQueues } from '../../base/fair-queue.ts';
import { LinkedAbort } from '../../base/listeners.ts';
import type { Log } from '../../base/log.ts';
import { redact } from '../../models/secrets/scanner.ts';
import type { JobState, Jobs as JobStorage, StoredJob, StoredStage, WholeJob } from '../../storage/jobs.ts';
import type { Page, PageRequest } from '../../storage/pages.ts';

/** What one stage did, and what the job goes on with. */
export interface StageEnd<Outcome> extends Omit<StoredStage, 'name' | 'durationMs' | 'outcome'> {
  outcome: Outcome;
}

/** A job at work, as its kind sees it. */
export interface RunningJob {
  readonly id: string;
  readonly profile: string;
  readonly signal: AbortSignal;
  /** Does a stage and stores it, or returns what it came to before the job was stopped. `name` is the stage's alone. */
  stage<Outcome>(name: string, work: () => Promise<StageEnd<Outcome>>): Promise<Outcome>;
  /** Says what runs now, in words for the user. */
  report(detail: string): void;
  /** The stages that are finished, in their order. */
  readonly stages: readonly StoredStage[];
}

/** A kind of job. `Context` is what it needs of the client that asks, and is not stored. */
export interface JobKind<Context> {
  readonly name: string;
  /** Throws where a request must not even be stored. */
  admit?(request: unknown, context: Context): Promise<void>;
  /** Does the work of a request, or goes on with it; what it returns is stored as the job's result. */
  run(job: RunningJob, request: unknown, context: Context): Promise<unknown>;
}

/** Who asks for a job: it ends with them. */
export interface JobCaller<Context> {
  context: Context;
  signal: AbortSignal;
  /** Whether the client has left, which stops a job, rather than having cancelled it. */
  hasLeft(): boolean;
}

/** How a job stands. */
export interface ActiveJob {
  jobId: string;
  state: JobState;
  /** What runs now, in words for the user. */
  detail?: string;
}

export interface JobsDeps<Context> {
  jobsOf(profile: string): JobStorage;
  kinds: readonly JobKind<Context>[];
  newId(): string;
  /** Told of each change of a job. */
  onChange(profile: string, job: ActiveJob): void;
  log: Log;
}

const maxWaiting = 20; // jobs of a profile that run or wait
const maxTextChars = 200_000; // of a prompt or an answer that is stored

/** Lives as long as the daemon. */
export class Jobs<Context> {
  readonly #deps: JobsDeps<Context>;
  readonly #queues = new SerialQueues();
  readonly #active = new Map<string, Run>();

  constructor(deps: JobsDeps<Context>) {
    this.#deps = deps;
  }

  /** Does a new job and returns its result. Throws what its kind throws, UserError `too-many-jobs`, CancelledError. */
  async run(
    profile: string,
    job: { kind: string; title: string; request: unknown },
    caller: JobCaller<Context>,
  ): Promise<{ id: string; result: unknown }> {
    const id = this.#deps.newId();
    this.#refuseTooMany(profile);
    await this.#kind(job.kind).admit?.(job.request, caller.context);
    await this.#deps.jobsOf(profile).add({ id, ...job, title: withoutSecrets(job.title) });
    return {
      id,
      result: await this.#work({ id, profile, kind: job.kind, request: job.request, finished: [] }, caller),
    };
  }

  /** Goes on with a job. Throws UserErrors `job-not-found`, `job-done` and `job-running`, and what `run` throws. */
  async resume(profile: string, jobId: string, caller: JobCaller<Context>): Promise<void> {
    const { kind, state, request, finished } = await this.#deps.jobsOf(profile).job(jobId);
    if (this.#active.has(jobId)) throw new UserError('job-running', 'That job is still running.');
    if (state === 'done')
      throw new UserError('job-done', 'That job is already done. To see it, run `switchyard jobs show`.');
    this.#refuseTooMany(profile);
    await this.#work({ id: jobId, profile, kind, request, finished }, caller);
  }

  /** Ends a job for good; one that has ended already stays as it is. Throws UserError `job-not-found`. */
  async cancel(profile: string, jobId: string): Promise<void> {
    const { state } = await this.#deps.jobsOf(profile).job(jobId);
    const run = this.#active.get(jobId);
    if (run) {
      run.cancel();
      await run.ended;
    } else if (state !== 'done' && state !== 'failed' && state !== 'cancelled') {
      await this.#deps.jobsOf(profile).end(jobId, { state: 'cancelled' });
      this.#deps.onChange(profile, { jobId, state: 'cancelled' });
    }
  }

  async list(profile: string, page: PageRequest): Promise<Page<StoredJob & { detail?: string }>> {
    const { items, ...rest } = await this.#deps.jobsOf(profile).list(page);
    return { items: items.map((job) => this.#asItIs(job)), ...rest };
  }

  /** Throws UserError `job-not-found`. */
  async job(profile: string, jobId: string): Promise<WholeJob & { detail?: string }> {
    return this.#asItIs(await this.#deps.jobsOf(profile).job(jobId));
  }

  /** Cancels what runs for a profile that was deleted. */
  forget(profile: string): void {
    for (const run of this.#active.values()) if (run.profile === profile) run.cancel();
  }

  /** One that is stored as under way and isn't was left behind by its daemon. */
  #asItIs<J extends StoredJob>(job: J): J & { detail?: string } {
    const run = this.#active.get(job.id);
    if (run) return { ...job, state: run.state, ...(run.detail !== undefined && { detail: run.detail }) };
    const isLeft = job.state === 'queued' || job.state === 'running' || job.state === 'waiting';
    return isLeft ? { ...job, state: 'stopped' } : job;
  }

  #kind(wanted: string): JobKind<Context> {
    const kind = this.#deps.kinds.find(({ name }) => name === wanted);
    if (kind) return kind;
    throw new UserError('job-kind', `This version of Switchyard has no jobs of the kind ${wanted}.`);
  }

  #refuseTooMany(profile: string): void {
    const own = [...this.#active.values()].filter((run) => run.profile === profile);
    if (own.length >= maxWaiting)
      throw new UserError('too-many-jobs', 'Too many jobs are waiting. Wait for one to finish, or cancel one.', {
        retryable: true,
      });
  }

  async #work(job: StartedJob, caller: JobCaller<Context>): Promise<unknown> {
    const { id, profile, request } = job;
    const kind = this.#kind(job.kind);
    const storage = this.#deps.jobsOf(profile);
    using run = new Run(job, caller.signal, { storage, onChange: (active) => this.#deps.onChange(profile, active) });
    this.#active.set(id, run);
    try {
      run.become('queued');
      const result = await this.#queues.run(
        profile,
        async () => {
          await storage.begin(id);
          run.become('running');
          return await kind.run(run, request, caller.context);
        },
        run.signal,
      );
      await storage.end(id, { state: 'done', result: withoutSecrets(result) });
      run.become('done');
      return result;
    } catch (error) {
      await this.#failed(run, error, caller);
      throw run.signal.aborted ? new CancelledError() : error;
    } finally {
      this.#active.delete(id);
    }
  }

  /** The job's own error counts, whether or not it can be stored. */
  async #failed(run: Run, error: unknown, caller: JobCaller<Context>): Promise<void> {
    const state = !run.signal.aborted ? 'failed' : !run.isCancelled && caller.hasLeft() ? 'stopped' : 'cancelled';
    const failure = error instanceof UserError ? withoutSecrets(error.message) : 'Something went wrong.';
    try {
      await this.#deps.jobsOf(run.profile).end(run.id, { state, ...(state === 'failed' && { failure }) });
    } catch (unstored) {
      this.#deps.log.warn({ job: run.id, error: String(unstored) }, 'the end of a job was not stored');
    }
    run.become(state);
  }
}

interface StartedJob extends Pick<WholeJob, 'id' | 'request' | 'kind' | 'finished'> {
  profile: string;
}

/** Lives as long as a job runs or waits for its turn. */
class Run implements RunningJob, Disposable {
  readonly id: string;
  readonly profile: string;
  readonly stages: StoredStage[];
  state: JobState = 'queued';
  detail: string | undefined;
  isCancelled = false;
  /** Resolves when nothing of it runs any more. */
  readonly ended: Promise<void>;
  readonly #end: () => void;
  readonly #abort: LinkedAbort;
  readonly #storage: JobStorage;
  readonly #onChange: (job: ActiveJob) => void;

  constructor(
    { id, profile, finished }: StartedJob,
    signal: AbortSignal,
    { storage, onChange }: { storage: JobStorage; onChange(job: ActiveJob): void },
  ) {
    this.id = id;
    this.profile = profile;
    this.stages = [...finished];
    this.#abort = new LinkedAbort([signal]);
    this.#storage = storage;
    this.#onChange = onChange;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#end = resolve;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  cancel(): void {
    this.isCancelled = true;
    this.#abort.abort(new CancelledError());
  }

  become(state: JobState): void {
    this.state = state;
    this.#tell();
  }

  report(detail: string): void {
    this.detail = detail;
    this.#tell();
  }

  async stage<Outcome>(name: string, work: () => Promise<StageEnd<Outcome>>): Promise<Outcome> {
    const known = this.stages.find((stage) => stage.name === name);
    if (known) return known.outcome as Outcome; // as the same kind of job wrote it
    const startedAt = performance.now();
    const { prompt, answer, ...end } = await work();
    if (this.signal.aborted) throw new CancelledError();
    const stage: StoredStage = {
      ...end,
      name,
      detail: withoutSecrets(end.detail),
      ...(prompt !== undefined && { prompt: stored(prompt) }),
      ...(answer !== undefined && { answer: stored(answer) }),
      durationMs: Math.round(performance.now() - startedAt),
    };
    await this.#storage.finishStage(this.id, stage);
    this.stages.push(stage);
    this.#tell();
    return end.outcome;
  }

  #tell(): void {
    const { id, state, detail } = this;
    this.#onChange({ jobId: id, state, ...(detail !== undefined && { detail }) });
  }

  [Symbol.dispose](): void {
    this.#abort[Symbol.dispose]();
    this.#end();
  }
}

/** Without what is secret in it, and no longer than anybody reads. */
function stored(text: string): string {
  return withoutSecrets(text.slice(0, maxTextChars));
}

/** The same value with a placeholder for each secret in its texts. */
function withoutSecrets<Value>(value: Value): Value;
function withoutSecrets(value: unknown): unknown {
  if (typeof value === 'string') return redact(value).text;
  if (Array.isArray(value)) return value.map((item) => withoutSecrets<unknown>(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withoutSecrets<unknown>(item)]));
}
