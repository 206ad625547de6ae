// Jobs: work of several stages, each stored when it is finished, so that a job that was stopped goes on at the last of them. What a job
// does is a row of the table of kinds; few jobs of a profile run at a time, and the others wait for their turn.
import { CancelledError, UserError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { JobState, Jobs as JobStorage, StoredJob, StoredQuestion, WholeJob } from '../../storage/jobs.ts';
import type { Page, PageRequest } from '../../storage/pages.ts';
import {
  type ActiveJob,
  type AnsweredQuestion,
  type AskUser,
  JobRun,
  type RunningJob,
  type StartedJob,
  UnansweredError,
  withoutSecrets,
} from './job-run.ts';
import { type JobTurn, JobTurns, type WorkPlace } from './job-turns.ts';

/** A kind of job. `Context` is what it needs of the client that asks, and is not stored. */
export interface JobKind<Context> {
  readonly name: string;
  /** Throws where a request must not even be stored. */
  admit?(request: unknown, context: Context): Promise<void>;
  /** Why no model may see the document of a job any more, in a sentence; undefined where one may. */
  whyKept?(document: string, context: Context): Promise<string | undefined>;
  /** Where the work of a request is done. Jobs of one place, or of a kind without places, run one at a time. */
  placeOf?(request: unknown): Promise<WorkPlace>;
  /** Whether the client is shown what a job asks, and asks its user itself: nobody else asks there. */
  showsQuestions?(context: Context): boolean;
  /** Does the work of a request, or goes on with it; what it returns is stored as the job's result. */
  run(job: RunningJob, request: unknown, context: Context): Promise<unknown>;
  /** Told of an answer before it is stored, and the job goes on: what it means beyond the job holds from then on. */
  answered?(profile: string, answered: AnsweredQuestion): Promise<void>;
  /** Told of a request whose job was cancelled while it waited for the user: nothing of its work is left to say so. */
  cancelled?(profile: string, job: Pick<WholeJob, 'id' | 'request'>): Promise<void>;
}

/** Who asks for a job: it ends with them. */
export interface JobCaller<Context> {
  context: Context;
  signal: AbortSignal;
  /** Whether the client has left, which stops a job, rather than having cancelled it. */
  hasLeft(): boolean;
  ask?: AskUser;
  /** Told when the job waits for the user; returns how to say that it does no more. */
  onWait?(): () => void;
}

interface NewJob {
  kind: string;
  title: string;
  request: unknown;
  /** The URI of the file that it is about. */
  document?: string;
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
const maxTitleChars = 100;

/** Lives as long as the daemon. */
export class Jobs<Context> {
  readonly #deps: JobsDeps<Context>;
  readonly #turns = new JobTurns();
  readonly #active = new Map<string, JobRun>();

  constructor(deps: JobsDeps<Context>) {
    this.#deps = deps;
  }

  /** Does a new job and returns its result. Throws what its kind throws, UserError `too-many-jobs`, CancelledError. */
  async run(profile: string, job: NewJob, caller: JobCaller<Context>): Promise<{ id: string; result: unknown }> {
    const id = this.#deps.newId();
    this.#refuseTooMany(profile);
    await this.#kind(job.kind).admit?.(job.request, caller.context);
    await this.#deps.jobsOf(profile).add({ id, ...job, title: titleOf(job.title) });
    return {
      id,
      result: await this.#work({ id, profile, kind: job.kind, request: job.request, finished: [] }, caller),
    };
  }

  /** Goes on with a job. Throws UserErrors `job-not-found`, `job-done`, `job-running` and `job-expired`, and what `run` throws. */
  async resume(profile: string, jobId: string, caller: JobCaller<Context>): Promise<void> {
    const job = await this.#checked(profile, await this.#deps.jobsOf(profile).job(jobId), caller.context);
    if (this.#active.has(jobId)) throw new UserError('job-running', 'That job is still running.');
    if (job.state === 'done')
      throw new UserError('job-done', 'That job is already done. To see it, run `switchyard jobs show ID`.');
    await this.#goOn(profile, job, caller);
  }

  /**
   * Answers the question of a job that waits. It goes on for the client that asked for it, or, where that has left, for the one that
   * answers. Resolves when the job has ended. `mark` is of what the user saw: where a question has one, an answer that allows anything must
   * name it. Throws UserErrors `job-not-found`, `job-not-waiting`, `job-answer`, `approval-changed` and `approval-unseen`, and, where it
   * goes on for the one that answers, what `resume` throws.
   */
  async answer(
    profile: string,
    { mark, ...given }: JobAnswer & { mark?: string | undefined },
    caller: JobCaller<Context>,
  ): Promise<void> {
    const asks = (question: StoredQuestion): boolean => isSeen(question, given, mark);
    await (await this.#take(profile, { ...given, asks }, caller))?.ended;
  }

  /** The same, but where the job goes on for the client that asked for it, it isn't waited for. `asks` says which question is meant. */
  async decide(profile: string, given: JobDecision, caller: JobCaller<Context>): Promise<void> {
    await this.#take(profile, given, caller);
  }

  /** Resolves with the job that goes on for its own client, or with undefined once one that has gone on for the caller has ended. */
  async #take(
    profile: string,
    { jobId, answer, reply, asks }: JobDecision,
    caller: JobCaller<Context>,
  ): Promise<JobRun | undefined> {
    const job = await this.#checked(profile, await this.#deps.jobsOf(profile).job(jobId), caller.context);
    const run = this.#active.get(jobId);
    const question = run ? run.question : job.question;
    if (!question || !asks(question)) throw new UserError('job-not-waiting', "That job isn't waiting for an answer.");
    const ids = question.answers.map(({ id }) => id);
    if (!ids.includes(answer)) throw new UserError('job-answer', `Answer with one of these: ${ids.join(', ')}.`);
    const taken = { id: answer, ...(reply !== undefined && { reply }) };
    if (!run) await this.#goOn(profile, job, caller, { question, answer: taken });
    else if (!run.take(taken))
      throw new UserError('job-not-waiting', 'That was already answered, here or in another window.');
    return run;
  }

  async #goOn(profile: string, job: WholeJob, caller: JobCaller<Context>, answered?: AnsweredQuestion): Promise<void> {
    const { id, kind, request, finished, isResumable, failure } = job;
    if (!isResumable)
      throw new UserError(
        'job-expired',
        failure ?? "That job can't be resumed, since its document was deleted a day after it stopped. Start it again.",
      );
    this.#refuseTooMany(profile);
    await this.#work({ id, profile, kind, request, finished, ...(answered && { answered }) }, caller);
  }

  /** Ends a job for good; one that has ended already stays as it is. Says whether there was something to end. Throws UserError `job-not-found`. */
  async cancel(profile: string, jobId: string): Promise<boolean> {
    const job = await this.#deps.jobsOf(profile).job(jobId);
    const { state } = job;
    const run = this.#active.get(jobId);
    if (run) {
      run.cancel();
      await run.ended;
      return run.state === 'cancelled';
    }
    if (state === 'done' || state === 'failed' || state === 'cancelled') return false;
    await this.#deps.jobsOf(profile).end(jobId, { state: 'cancelled' });
    if (state === 'waiting') await this.#waitCancelled(profile, job);
    this.#deps.onChange(profile, { jobId, state: 'cancelled' });
    return true;
  }

  /** Cancels the jobs of a chat that run, or wait for their turn or for the user. Says whether there were any. */
  async cancelIn(profile: string, chatId: string): Promise<boolean> {
    const unfinished = await this.#deps.jobsOf(profile).unfinished();
    const live = unfinished.filter(({ id, state }) => state === 'waiting' || this.#active.has(id));
    const places = await Promise.all(live.map(({ kind, request }) => this.#findKind(kind)?.placeOf?.(request)));
    const own = live.filter((_, i) => places[i]?.chat === chatId);
    await Promise.all(own.map(({ id }) => this.cancel(profile, id)));
    return own.length > 0;
  }

  async #answered(run: JobRun, kind: JobKind<Context>, answered: AnsweredQuestion): Promise<void> {
    await kind.answered?.(run.profile, answered);
    await run.answered(answered);
  }

  async #waitCancelled(profile: string, job: Pick<WholeJob, 'id' | 'kind' | 'request'>): Promise<void> {
    await this.#findKind(job.kind)
      ?.cancelled?.(profile, job)
      .catch((error: unknown) => {
        this.#deps.log.warn({ job: job.id, error: String(error) }, 'the end of a job that waited was not told');
      });
  }

  /** What models may not see any more is deleted from the jobs before they are listed. */
  async list(profile: string, page: PageRequest, context: Context): Promise<Page<StoredJob & { detail?: string }>> {
    const { items, ...rest } = await this.#deps.jobsOf(profile).list(page);
    const checked = await Promise.all(items.map((job) => this.#checked(profile, job, context)));
    return { items: checked.map((job) => this.#asItIs(job)), ...rest };
  }

  /** As `list` does. Throws UserError `job-not-found`. */
  async job(profile: string, jobId: string, context: Context): Promise<WholeJob & { detail?: string }> {
    const stored = await this.#deps.jobsOf(profile).job(jobId);
    return this.#asItIs(await this.#checked(profile, stored, context));
  }

  /** Throws UserError `job-not-found`. */
  async stateOf(profile: string, jobId: string): Promise<JobState> {
    return this.#asItIs(await this.#deps.jobsOf(profile).job(jobId)).state;
  }

  /** Cancels what runs for a profile that was deleted. */
  forget(profile: string): void {
    for (const run of this.#active.values()) if (run.profile === profile) run.cancel();
  }

  /** The job, without what it holds of a document that is kept from models now. One at work finds that out itself. */
  async #checked<J extends StoredJob>(profile: string, job: J, context: Context): Promise<J | WholeJob> {
    if (job.document === undefined || this.#active.has(job.id)) return job;
    const why = await this.#findKind(job.kind)?.whyKept?.(job.document, context);
    if (why === undefined || why === job.failure || this.#active.has(job.id)) return job;
    const storage = this.#deps.jobsOf(profile);
    await storage.purge(job.id, why);
    return storage.job(job.id);
  }

  /** One that is stored as under way and isn't was left behind by its daemon. */
  #asItIs<J extends StoredJob>(job: J): J & { detail?: string } {
    const run = this.#active.get(job.id);
    if (run) {
      const { state, detail, question } = run;
      return { ...job, state, ...(detail !== undefined && { detail }), ...(question && { question }) };
    }
    const isLeft = job.state === 'queued' || job.state === 'running';
    return isLeft ? { ...job, state: 'stopped' } : job;
  }

  #kind(wanted: string): JobKind<Context> {
    const kind = this.#findKind(wanted);
    if (kind) return kind;
    throw new UserError('job-kind', `This version of Switchyard has no jobs of the kind ${wanted}.`);
  }

  #findKind(wanted: string): JobKind<Context> | undefined {
    return this.#deps.kinds.find(({ name }) => name === wanted);
  }

  #refuseTooMany(profile: string): void {
    const own = [...this.#active.values()].filter((run) => run.profile === profile);
    if (own.length >= maxWaiting)
      throw new UserError('too-many-jobs', 'Too many jobs are waiting. Wait for one to finish, or cancel one.', {
        retryable: true,
      });
  }

  async #work(job: StartedJob, caller: JobCaller<Context>): Promise<unknown> {
    const { id, profile, answered } = job;
    const kind = this.#kind(job.kind);
    const storage = this.#deps.jobsOf(profile);
    const ask = kind.showsQuestions?.(caller.context) ? undefined : caller.ask;
    using run = new JobRun(job, caller.signal, { storage, onChange: (active) => this.#deps.onChange(profile, active) });
    this.#active.set(id, run);
    try {
      if (answered) await this.#answered(run, kind, answered);
      const turn = { kind: job.kind, place: (await kind.placeOf?.(job.request)) ?? {}, signal: run.signal };
      const result = await this.#untilAnswered(run, { ...caller, ask }, turn, () =>
        kind.run(run, job.request, caller.context),
      );
      await storage.end(id, { state: 'done', result: withoutSecrets(result) });
      run.become('done');
      return result;
    } catch (error) {
      await this.#failed(run, error, caller);
      if (run.question && run.state === 'cancelled') await this.#waitCancelled(profile, job);
      throw run.signal.aborted ? new CancelledError() : error;
    } finally {
      this.#active.delete(id);
    }
  }

  /** Does the work in its turn, and again after each question, for which it waits outside of its turn. */
  async #untilAnswered(
    run: JobRun,
    caller: Pick<JobCaller<Context>, 'onWait'> & { ask: AskUser | undefined },
    turn: JobTurn,
    work: () => Promise<unknown>,
  ): Promise<unknown> {
    const storage = this.#deps.jobsOf(run.profile);
    const inTurn = async (): Promise<unknown> => {
      await storage.begin(run.id);
      run.become('running');
      return await work();
    };
    for (;;) {
      run.become('queued');
      try {
        return await this.#turns.run(run.profile, turn, inTurn);
      } catch (error) {
        if (!(error instanceof UnansweredError)) throw error;
        const question = withoutSecrets(error.question);
        await storage.wait(run.id, question);
        const stopWaiting = caller.onWait?.();
        try {
          const answer = run.wait(question, caller.ask);
          error.onWait?.();
          await this.#answered(run, this.#kind(turn.kind), { question, answer: await answer });
        } finally {
          stopWaiting?.();
        }
      }
    }
  }

  /** The job's own error counts, whether or not it can be stored. */
  async #failed(run: JobRun, error: unknown, caller: JobCaller<Context>): Promise<void> {
    if (run.question && !run.isCancelled && caller.hasLeft()) return; // it goes on waiting, for another client
    const state = !run.signal.aborted ? 'failed' : !run.isCancelled && caller.hasLeft() ? 'stopped' : 'cancelled';
    const failure = error instanceof UserError ? withoutSecrets(error.message) : 'Something went wrong.';
    const hasBegun = run.stages.length > 0 || !(error instanceof UserError && error.code === 'no-model');
    const storage = this.#deps.jobsOf(run.profile);
    try {
      if (hasBegun) await storage.end(run.id, { state, ...(state === 'failed' && { failure }) });
      else await storage.remove(run.id); // there was nobody to do it: there is nothing to go on with
    } catch (unstored) {
      this.#deps.log.warn({ job: run.id, error: String(unstored) }, 'the end of a job was not stored');
    }
    run.become(state);
  }
}

export interface JobAnswer {
  jobId: string;
  /** The id of one of the question's answers. */
  answer: string;
  /** In the user's own words. */
  reply?: string | undefined;
}

export interface JobDecision extends JobAnswer {
  /** Whether this question is the one that is answered. */
  asks(question: StoredQuestion): boolean;
}

/** Throws UserErrors `approval-changed` and `approval-unseen`, where the user can't know what the answer would do. */
export function isSeen(question: StoredQuestion, { jobId, answer }: JobAnswer, mark: string | undefined): true {
  if (question.mark === undefined || question.mark === mark) return true;
  if (mark !== undefined) throw approvalChanged();
  if (question.answers.some(({ id, isRefusal }) => id === answer && isRefusal)) return true;
  throw new UserError(
    'approval-unseen',
    `Look at what this would do before you allow it: \`switchyard jobs show ${jobId}\` shows it, and the command that answers.`,
  );
}

export function approvalChanged(): UserError {
  return new UserError(
    'approval-changed',
    'What this would do has changed since you saw it, so nothing was decided. Look at it again.',
  );
}

/** In one line. What is secret is taken out before it's cut, since half a secret isn't recognized. */
function titleOf(text: string): string {
  return withoutSecrets(text).replace(/\s+/g, ' ').trim().slice(0, maxTitleChars).toWellFormed();
}
