// What a review says of itself while it runs: notes, stages, and who looked at what.
import { recordBug, UserError } from '../../../base/errors.ts';
import type { Log } from '../../../base/log.ts';
import type { LeftOutFile } from '../changes/diff-targets.ts';
import { fileNameOf } from '../target.ts';
import type { Stage, StageName } from '../types.ts';
import { Coverage } from '../verdict/coverage.ts';
import type { ReviewOptions } from './options.ts';

/** Lives as long as one review. */
export class RunReport {
  readonly coverage = new Coverage();
  readonly stages: Stage[] = [];
  readonly #notes = new Set<string>();
  readonly #listener: Pick<ReviewOptions, 'onNote' | 'onStage'>;
  readonly #log: Log;

  constructor(listener: Pick<ReviewOptions, 'onNote' | 'onStage'>, log: Log) {
    this.#listener = listener;
    this.#log = log;
  }

  get notes(): string[] {
    return [...this.#notes];
  }

  /** What is said twice is said once. */
  note(text: string): void {
    if (this.#notes.has(text)) return;
    this.#notes.add(text);
    this.#listener.onNote(text);
  }

  /** A file that nobody can look at, or that is beyond the limits. */
  leaveOut({ uri, why, state }: LeftOutFile): void {
    this.note(`${fileNameOf(uri)}: ${why}.`);
    this.coverage.add({ uri, by: 'all', state, why });
  }

  beginStage(name: StageName, detail: string): void {
    this.#listener.onStage(name, detail);
  }

  endStage(name: StageName, detail: string, durationMs: number, model?: string): void {
    this.#listener.onStage(name, detail);
    this.stages.push({ name, detail, durationMs: Math.round(durationMs), ...(model !== undefined && { model }) });
  }

  /** What an error means for the user. One that nobody expected is recorded. */
  sentenceFor(error: unknown): string {
    if (error instanceof UserError) return error.message;
    return `Something went wrong inside Switchyard (${recordBug(error, 'review', this.#log)} in the log).`;
  }
}
