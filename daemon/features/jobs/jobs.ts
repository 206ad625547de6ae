// Jobs: work of several stages, each stored when it is finished, so that a job that was stopped goes on at the last of them. What a job
// does is a row of the table of kinds; few jobs of a profile run at a time, and the others wait for their turn.
import { CancelledError, UserError } from '../../base/errors.ts';
import { LinkedAbort } from '../../base/listeners.ts';
import type { Log } from '../../base/log.ts';
import { redact } from '../../models/secrets/scanner.ts';
import type {
  JobQuestion,
  JobState,
  Jobs as JobStorage,
  StoredJob,
  StoredQuestion,
  StoredStage,
  WholeJob,
} from '../../storage/jobs.ts';
import type { Page, PageRequest } from '../../storage/pages.ts';
import { type JobTurn, JobTurns, type WorkPlace } from './job-turns.ts';

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
  /**
   * The user's answer. Where there is none yet, the work ends here with all that it holds (UnansweredError), and is done again from the
   * last finished stage on once there is one: nothing but the question is left of it meanwhile. `name` is the stage's alone. `onWait` is
   * called once an answer can be given.
   */
  ask(name: string, question: JobQuestion, onWait?: () => void): GivenAnswer;
  /** Says what runs now, in words for the user. */
  report(detail: string): void;
  /** The stages that are finished, in their order. */
  readonly stages: readonly StoredStage[];
}

/** One of a question's answers, by its id, and what the user said with it. */
export interface GivenAnswer {
  id: string;
  reply?: string;
}

/** A kind of job. `Context` is what it needs of the client that asks, and is not stored. */
export interface JobKind<Context> {
  readonly name: string;
  /** Throws where a request must not even be stored. */
  admit?(request: unknown, context: Context): Promise<void>;
  /** Why no model may see the document of a job any more, in a sentence; undefined where one may. */
  whyKept?(document: string, context: Context): Promise<string | undefined>;
  /** Where the work of a request is done. Jobs of one place, or of a kind without places, run one at a time. */
  placeOf?(request: unknown): Promise<WorkPlace>;
  /** Does the work of a request, or goes on with it; what it returns is stored as the job's result. */
  run(job: RunningJob, request: unknown, context: Context): Promise<unknown>;
}

/** Who asks for a job: it ends with them. */
export interface JobCaller<Context> {
  context: Context;
  signal: AbortSignal;
  /** Whether the client has left, which stops a job, rather than having cancelled it. */
  hasLeft(): boolean;
  /** Asks the user where they work. Resolves with the id of an answer, or with undefined where they gave none. */
  ask?(question: JobQuestion): Promise<string | undefined>;
  /** Told when the job waits for the user; returns how to say that it does no more. */
  onWait?(): () => void;
}

/** How a job stands. */
export interface ActiveJob {
  jobId: string;
  state: JobState;
  /** What runs now, in words for the user. */
  detail?: string;
  /** Of one that waits for the user. */
  question?: JobQuestion;
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
const maxTextChars = 200_000; // of a prompt or an answer that is stored

/** Lives as long as the daemon. */
export class Jobs<Context> {
  readonly #deps: JobsDeps<Context>;
  readonly #turns = new JobTurns();
  readonly #active = new Map<string, Run>();

  constructor(deps: JobsDeps<Context>) {
    this.#deps = deps;
  }

  /** Does a new job and returns its result. Throws what its kind throws, UserError `too-many-jobs`, CancelledError. */
  async run(profile: string, job: NewJob, caller: JobCaller<Context>): Promise<{ id: string; result: unknown }> {
    const id = this.#deps.newId();
    this.#refuseTooMany(profile);
    await this.#kind(job.kind).admit?.(job.request, caller.context);
    await this.#deps.jobsOf(profile).add({ id, ...job, title: withoutSecrets(job.title) });
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
      throw new UserError('job-done', 'That job is already done. To see it, run `switchyard jobs show`.');
    await this.#goOn(profile, job, caller);
  }

  /**
   * Answers the question of a job that waits. It goes on for the client that asked for it, or, where that has left, for the one that
   * answers. Resolves when the job has ended. Throws UserErrors `job-not-found`, `job-not-waiting` and `job-answer`, and, where it goes on
   * for the one that answers, what `resume` throws.
   */
  async answer(profile: string, given: JobAnswer, caller: JobCaller<Context>): Promise<void> {
    await (await this.#take(profile, given, caller))?.ended;
  }

  /** The same, but where the job goes on for the client that asked for it, it isn't waited for. */
  async decide(profile: string, given: JobAnswer, caller: JobCaller<Context>): Promise<void> {
    await this.#take(profile, given, caller);
  }

  /** Resolves with the job that goes on for its own client, or with undefined once one that has gone on for the caller has ended. */
  async #take(
    profile: string,
    { jobId, answer, reply, asks = () => true }: JobAnswer,
    caller: JobCaller<Context>,
  ): Promise<Run | undefined> {
    const job = await this.#checked(profile, await this.#deps.jobsOf(profile).job(jobId), caller.context);
    const run = this.#active.get(jobId);
    const question = run ? run.question : job.question;
    if (!question || !asks(question.stage))
      throw new UserError('job-not-waiting', "That job isn't waiting for an answer.");
    const ids = question.answers.map(({ id }) => id);
    if (!ids.includes(answer)) throw new UserError('job-answer', `Answer with one of these: ${ids.join(', ')}.`);
    const taken = { id: answer, ...(reply !== undefined && { reply }) };
    if (run) run.take(taken);
    else await this.#goOn(profile, job, caller, { question, answer: taken });
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
    const kind = this.#deps.kinds.find(({ name }) => name === job.kind);
    if (job.document === undefined || this.#active.has(job.id)) return job;
    const why = await kind?.whyKept?.(job.document, context);
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
    const { id, profile, answered } = job;
    const kind = this.#kind(job.kind);
    const storage = this.#deps.jobsOf(profile);
    using run = new Run(job, caller.signal, { storage, onChange: (active) => this.#deps.onChange(profile, active) });
    this.#active.set(id, run);
    try {
      if (answered) await run.answered(answered);
      const turn = { kind: job.kind, place: (await kind.placeOf?.(job.request)) ?? {}, signal: run.signal };
      const result = await this.#untilAnswered(run, caller, turn, () => kind.run(run, job.request, caller.context));
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

  /** Does the work in its turn, and again after each question, for which it waits outside of its turn. */
  async #untilAnswered(
    run: Run,
    caller: JobCaller<Context>,
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
          await run.answered({ question, answer: await answer });
        } finally {
          stopWaiting?.();
        }
      }
    }
  }

  /** The job's own error counts, whether or not it can be stored. */
  async #failed(run: Run, error: unknown, caller: JobCaller<Context>): Promise<void> {
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

interface StartedJob extends Pick<WholeJob, 'id' | 'request' | 'kind' | 'finished'> {
  profile: string;
  /** The question that it waited for, where it goes on with the answer. */
  answered?: AnsweredQuestion;
}

export interface JobAnswer {
  jobId: string;
  /** The id of one of the question's answers. */
  answer: string;
  /** In the user's own words. */
  reply?: string | undefined;
  /** Whether the question that is stored under this name is the one that is answered; any is when left out. */
  asks?(stage: string): boolean;
}

interface AnsweredQuestion {
  question: StoredQuestion;
  answer: GivenAnswer;
}

/** Ends the work of a job that can't go on without an answer. */
export class UnansweredError extends Error {
  readonly question: StoredQuestion;
  readonly onWait: (() => void) | undefined;

  constructor(question: StoredQuestion, onWait: (() => void) | undefined) {
    super(question.text);
    this.question = question;
    this.onWait = onWait;
  }
}

/** Lives as long as a job runs or waits for its turn. */
class Run implements RunningJob, Disposable {
  readonly id: string;
  readonly profile: string;
  readonly stages: StoredStage[];
  state: JobState = 'queued';
  detail: string | undefined;
  isCancelled = false;
  /** While it waits. */
  question: StoredQuestion | undefined;
  /** Takes the answer while it waits. */
  take: (answer: GivenAnswer) => void = () => {};
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

  ask(name: string, question: JobQuestion, onWait?: () => void): GivenAnswer {
    const known = this.stages.find((stage) => stage.name === name)?.outcome;
    if (known !== undefined) return typeof known === 'string' ? { id: known } : (known as GivenAnswer); // as `answered` stored it
    throw new UnansweredError({ ...question, stage: name }, onWait);
  }

  /** Waits for an answer, whoever gives it. Throws CancelledError. */
  async wait(question: StoredQuestion, askUser: JobCaller<unknown>['ask']): Promise<GivenAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<GivenAnswer>();
    const cancel = (): void => reject(new CancelledError());
    this.signal.addEventListener('abort', cancel, { once: true });
    this.take = resolve;
    this.question = question;
    this.detail = undefined;
    this.become('waiting');
    if (this.signal.aborted) cancel();
    askUser?.(question).then(
      (answer) => question.answers.some(({ id }) => id === answer) && resolve({ id: answer ?? '' }),
      () => {}, // whoever else is asked may answer
    );
    try {
      return await promise;
    } finally {
      this.signal.removeEventListener('abort', cancel);
    }
  }

  /** Stores an answer. */
  async answered({ question, answer }: AnsweredQuestion): Promise<void> {
    const { id, reply } = answer;
    const label = question.answers.find((one) => one.id === id)?.label ?? id;
    const outcome = reply === undefined ? id : answer;
    await this.stage(question.stage, async () => ({
      outcome,
      shown: id,
      detail: `${question.text} ${reply ?? label}.`,
    }));
    this.question = undefined;
  }

  report(detail: string): void {
    this.detail = detail;
    this.#tell();
  }

  async stage<Outcome>(name: string, work: () => Promise<StageEnd<Outcome>>): Promise<Outcome> {
    const known = this.stages.find((stage) => stage.name === name);
    if (known) return known.outcome as Outcome; // as the same kind of job wrote it
    const startedAt = performance.now();
    const { prompt, answer, shown, ...end } = await work();
    if (this.signal.aborted) throw new CancelledError();
    const stage: StoredStage = {
      ...end,
      name,
      detail: withoutSecrets(end.detail),
      ...(prompt !== undefined && { prompt: stored(prompt) }),
      ...(answer !== undefined && { answer: stored(answer) }),
      ...(shown !== undefined && { shown: withoutSecrets(shown) }),
      durationMs: Math.round(performance.now() - startedAt),
    };
    await this.#storage.finishStage(this.id, stage);
    this.stages.push(stage);
    this.#tell();
    return end.outcome;
  }

  #tell(): void {
    const { id, state, detail, question } = this;
    const asked = question && { ...question, shown: undefined }; // that is for whoever asks for the job
    this.#onChange({ jobId: id, state, ...(detail !== undefined && { detail }), ...(asked && { question: asked }) });
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
