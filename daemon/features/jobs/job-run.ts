// One job at work, as its kind sees it and as the list of jobs has it: its stages, its question, and how it ends.
import { CancelledError } from '../../base/errors.ts';
import { LinkedAbort } from '../../base/listeners.ts';
import { redact } from '../../models/secrets/scanner.ts';
import type {
  JobQuestion,
  JobState,
  Jobs as JobStorage,
  StoredQuestion,
  StoredStage,
  WholeJob,
} from '../../storage/jobs.ts';

/** Asks the user where they work. Resolves with the id of an answer, or with undefined where they gave none. */
export type AskUser = (question: JobQuestion) => Promise<string | undefined>;

/** What one stage did, and what the job goes on with. */
export interface StageEnd<Outcome> extends Omit<StoredStage, 'name' | 'durationMs' | 'outcome'> {
  outcome: Outcome;
  /** What of its time was not its own. */
  waitedMs?: number;
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

/** How a job stands. */
export interface ActiveJob {
  jobId: string;
  state: JobState;
  /** What runs now, in words for the user. */
  detail?: string;
  /** Of one that waits for the user. */
  question?: JobQuestion;
}

const maxTextChars = 200_000; // of a prompt or an answer that is stored
const maxSecretChars = 10_000;

export interface StartedJob extends Pick<WholeJob, 'id' | 'request' | 'kind' | 'finished'> {
  profile: string;
  /** The question that it waited for, where it goes on with the answer. */
  answered?: AnsweredQuestion;
}

export interface AnsweredQuestion {
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
export class JobRun implements RunningJob, Disposable {
  readonly id: string;
  readonly profile: string;
  readonly stages: StoredStage[];
  state: JobState = 'queued';
  detail: string | undefined;
  isCancelled = false;
  /** While it waits. */
  question: StoredQuestion | undefined;
  /** Takes the answer while it waits. Says whether it was the first. */
  take: (answer: GivenAnswer) => boolean = () => false;
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
  async wait(question: StoredQuestion, askUser?: AskUser): Promise<GivenAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<GivenAnswer>();
    const cancel = (): void => reject(new CancelledError());
    this.signal.addEventListener('abort', cancel, { once: true });
    this.take = (answer) => {
      this.take = () => false;
      resolve(answer);
      return true;
    };
    this.question = question;
    this.detail = undefined;
    this.become('waiting');
    if (this.signal.aborted) cancel();
    askUser?.(question).then(
      (answer) => question.answers.some(({ id }) => id === answer) && this.take({ id: answer ?? '' }),
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
    const { prompt, answer, shown, waitedMs = 0, ...end } = await work();
    if (this.signal.aborted) throw new CancelledError();
    const stage: StoredStage = {
      ...end,
      name,
      detail: withoutSecrets(end.detail),
      ...(prompt !== undefined && { prompt: stored(prompt) }),
      ...(answer !== undefined && { answer: stored(answer) }),
      ...(shown !== undefined && { shown: withoutSecrets(shown) }),
      durationMs: Math.max(0, Math.round(performance.now() - startedAt - waitedMs)),
    };
    await this.#storage.finishStage(this.id, stage);
    this.stages.push(stage);
    this.#tell();
    return end.outcome;
  }

  #tell(): void {
    const { id, state, detail, question } = this;
    const asked = question && { ...question, shown: undefined, kept: undefined }; // that is for whoever asks for the job
    this.#onChange({ jobId: id, state, ...(detail !== undefined && { detail }), ...(asked && { question: asked }) });
  }

  [Symbol.dispose](): void {
    this.#abort[Symbol.dispose]();
    this.#end();
  }
}

/** Without what is secret in it, and no longer than anybody reads. What a cut goes through is left out, since half a secret isn't recognized. */
function stored(text: string): string {
  if (text.length <= maxTextChars) return withoutSecrets(text);
  return withoutSecrets(text.slice(0, maxTextChars)).slice(0, -maxSecretChars);
}

/** The same value with a placeholder for each secret in its texts. */
export function withoutSecrets<Value>(value: Value): Value;
export function withoutSecrets(value: unknown): unknown {
  if (typeof value === 'string') return redact(value).text;
  if (Array.isArray(value)) return value.map((item) => withoutSecrets<unknown>(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withoutSecrets<unknown>(item)]));
}
