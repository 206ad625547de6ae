// One line of JSON for every request to a model: the model and why it was chosen, usage, cost and outcome; lengths,
// never texts. The log never delays a request: when the disk is slow, full or blocked, lines are dropped and counted.
import type { Log, Redactor } from '../base/log.ts';
import { RollingFiles } from './rolling-files.ts';

export interface RequestLine {
  id: string;
  /** Milliseconds since the epoch when the request was made. */
  at: number;
  profile: string;
  chat?: string;
  answer?: string;
  workspace?: string;
  task: string;
  provider: string;
  model: string;
  /** Why this model. */
  reason: string;
  status: string;
  /** The error's code. */
  error?: string | undefined;
  usage: object;
  /** Left out when it is unknown, which the line shows as null. */
  costUsd?: number;
  priceAsOf?: string;
  durationMs: number;
  promptCharacters: number;
  answerCharacters: number;
}

export interface RequestLogOptions {
  /** The folder of the logs, created when it is missing. */
  folder: string;
  redactor: Redactor;
  log: Log;
  now(): number;
  /** Writes the lines. Files in the folder by default; tests replace it. */
  files?: Pick<RollingFiles, 'append' | 'close'>;
  /** How long the daemon's end may wait for the disk. */
  flushMs?: number;
  /** How long a line waits for others. */
  gatherMs?: number;
}

const defaultGatherMs = 50;

/** Lives as long as the daemon. */
export class RequestLog implements AsyncDisposable {
  readonly #redactor: Redactor;
  readonly #log: Log;
  readonly #now: () => number;
  readonly #files: Pick<RollingFiles, 'append' | 'close'>;
  readonly #flushMs: number;
  #waiting: string[] = [];
  /** Lines that are being written. */
  #inProgress = 0;
  #writing: Promise<void> | undefined;
  readonly #gatherMs: number;
  #isClosing = false;
  #endPause: () => void = () => {};
  #dropped = 0;
  /** How many lines were dropped since the last written one. */
  #gap = 0;

  constructor({ folder, redactor, log, now, files, flushMs = 2000, gatherMs = defaultGatherMs }: RequestLogOptions) {
    this.#gatherMs = gatherMs;
    this.#redactor = redactor;
    this.#log = log;
    this.#now = now;
    this.#files = files ?? new RollingFiles({ folder, now });
    this.#flushMs = flushMs;
  }

  /** Lines dropped since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** For `status` and `doctor`. */
  get state(): { waiting: number; dropped: number } {
    return { waiting: this.#waiting.length + this.#inProgress, dropped: this.#dropped };
  }

  /** Takes a line and returns at once, without waiting for the disk. */
  write({
    id,
    at,
    profile,
    chat,
    answer,
    workspace,
    task,
    provider,
    model,
    reason,
    status,
    error,
    ...measures
  }: RequestLine): void {
    if (this.#waiting.length >= maxWaiting) return this.#drop(1);
    const { usage, costUsd = null, priceAsOf, durationMs, promptCharacters, answerCharacters } = measures;
    const line = {
      at: new Date(at).toISOString(),
      id,
      profile,
      chat,
      answer,
      workspace,
      task,
      provider,
      model,
      reason,
      status,
      error,
      usage,
      costUsd,
      priceAsOf,
      durationMs,
      promptCharacters,
      answerCharacters,
    };
    this.#waiting.push(this.#redactor.redact(`${JSON.stringify(line)}\n`));
    this.#writing ??= this.#write();
  }

  /** Writes what is waiting, unless the disk takes too long. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    this.#endPause();
    const { promise: tooLate, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, this.#flushMs);
    const flushed = Promise.resolve(this.#writing)
      .then(() => this.#files.close())
      .catch(() => {});
    await Promise.race([flushed, tooLate]);
    clearTimeout(timer);
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#pause();
      const batch = this.#waiting;
      this.#waiting = [];
      this.#inProgress = batch.length;
      const gap = this.#gap;
      try {
        await this.#files.append(`${gap > 0 ? gapLine(this.#now(), gap) : ''}${batch.join('')}`);
        this.#gap -= gap; // more may have been dropped meanwhile
        if (gap > 0) this.#log.info({ dropped: gap }, 'the history is written again');
      } catch (error) {
        if (gap === 0)
          this.#log.warn({ error: String(error) }, 'the history cannot be written; its lines are dropped until it can');
        this.#drop(batch.length);
      }
    }
    this.#inProgress = 0;
    this.#writing = undefined;
  }

  /**
   * Lines that come within `gatherMs` are written together, since each write wakes a thread while answers are
   * streaming.
   */
  async #pause(): Promise<void> {
    if (this.#isClosing) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, this.#gatherMs).unref();
    this.#endPause = resolve;
    await promise;
    clearTimeout(timer);
  }

  #drop(count: number): void {
    this.#dropped += count;
    this.#gap += count;
  }
}

const maxWaiting = 1000; // lines of about 600 bytes

/** A line in the file that says how many lines are missing before it. */
function gapLine(now: number, dropped: number): string {
  return `${JSON.stringify({ at: new Date(now).toISOString(), dropped })}\n`;
}
