// Follows a run of the agent from a terminal: shows what it does, and asks what it asks. Where nobody can be asked, the run waits for another
// client.

import { escapeHidden } from '../../../shared/hidden-characters.ts';
import { type AgentApproval, AgentApprove } from '../../../shared/protocol/agent.ts';
import { CancelledError, UserError } from '../../base/errors.ts';
import type { Ask } from '../kit/ask-trust.ts';
import type { DaemonClient } from '../kit/client.ts';
import { type ExitCode, HintedError, withHint } from '../kit/command.ts';
import { printJson } from '../kit/terminal.ts';
import { printApproval, printerOn } from './approval-words.ts';
import { askApproval } from './ask-approval.ts';
import { type EndedRun, type FollowedPart, RunPrinter } from './run-printer.ts';

export interface FollowOptions {
  /** Nobody can be asked where it's left out. */
  ask: Ask | undefined;
  /** On stdout: what the model says, one document at the end, or a line for each event. */
  shows: 'text' | 'json' | 'events';
  /** Of a job that goes on. */
  jobId?: string;
}

type CallWithParts<T> = (onPart: (part: FollowedPart) => void, signal: AbortSignal) => Promise<T>;

/** Lives as long as a run is followed. */
export class FollowedRun {
  readonly #client: DaemonClient;
  readonly #options: FollowOptions;
  readonly #left = new AbortController();
  readonly #unanswered = Promise.withResolvers<never>();
  readonly #printer = new RunPrinter();
  /** The question at the terminal: aborted when another client answers it. */
  #asking: { callId: string; ended: AbortController } | undefined;
  jobId: string | undefined;
  /** Whether the run goes on for this client, which is told what it does. */
  isShown = false;

  constructor(client: DaemonClient, options: FollowOptions) {
    this.#client = client;
    this.#options = options;
    this.jobId = options.jobId;
  }

  /** What the call resolves with. Throws HintedError `needs-approval`, which leaves the run waiting, CancelledError and UserError. */
  async follow<T>(call: CallWithParts<T>): Promise<T> {
    const signal = AbortSignal.any([this.#client.interrupted, this.#left.signal]);
    try {
      return await Promise.race([call((part) => this.#take(part), signal), this.#unanswered.promise]);
    } catch (error) {
      this.#printer.break();
      throw withHint(error, this.#hintAfter(error));
    } finally {
      this.#asking?.ended.abort();
    }
  }

  get isJson(): boolean {
    return this.#options.shows === 'json';
  }

  /** Tells how the run ended. Returns the code to exit with. */
  end(run: EndedRun): ExitCode {
    const { shows } = this.#options;
    if (shows === 'json') printJson(run);
    else if (shows === 'events') printEvent({ kind: 'ended', ...run });
    else this.#printer.end(run);
    return exitCodeOf(run);
  }

  #take(part: FollowedPart): void {
    const { shows } = this.#options;
    if (part.kind === 'started') {
      this.jobId = part.jobId;
      this.isShown = true;
    }
    if (shows === 'events') printEvent(part);
    if (shows === 'text') this.#printer.take(part);
    const asking = this.#asking;
    if (part.kind === 'approved' && part.callId === asking?.callId) asking.ended.abort();
    if (part.kind === 'approval') void this.#decide(part.approval);
  }

  async #decide(approval: AgentApproval): Promise<void> {
    const { jobId = '' } = this;
    const { ask } = this.#options;
    const print = printerOn(process.stderr);
    this.#printer.break();
    if (!ask) {
      printApproval(approval, print);
      this.#unanswered.reject(needsAnswer(jobId, approval));
      return;
    }
    const ended = new AbortController();
    this.#asking = { callId: approval.callId, ended };
    try {
      const given = await askApproval(approval, { ask, print, signal: ended.signal });
      this.#asking = undefined;
      const { callId, mark } = approval;
      await this.#client.call(AgentApprove, { jobId, callId, ...(mark !== undefined && { mark }), ...given });
    } catch (error) {
      if (ended.signal.aborted) return print('It was answered in another window.', 'dim');
      if (error instanceof CancelledError) return this.#left.abort();
      const isOver = error instanceof UserError && ['job-not-waiting', 'approval-changed'].includes(error.code); // what waits now is asked
      if (!isOver) this.#unanswered.reject(error);
    }
  }

  /** What was done stays done. */
  #hintAfter(error: unknown): string | undefined {
    const { jobId } = this;
    if (!this.isShown) return undefined;
    const isLeft = error instanceof CancelledError || error instanceof UserError;
    if (!isLeft) return undefined;
    const undo = `To undo what it changed, run \`switchyard jobs undo ${jobId}\`.`;
    if (error instanceof UserError && error.code === 'chat-went-on') return undo;
    return `To continue this run, run \`switchyard jobs resume ${jobId}\`. ${undo}`;
  }
}

/** Of a run that has ended: one that didn't do all of its task isn't a success. */
export function exitCodeOf({ outcome }: Pick<EndedRun, 'outcome'>): ExitCode {
  return outcome === 'done' ? 0 : 3;
}

function printEvent(event: object): void {
  process.stdout.write(`${escapeHidden(JSON.stringify(event))}\n`);
}

function needsAnswer(jobId: string, { kind, canAlways, mark }: AgentApproval): HintedError {
  const answers = kind === 'ask' ? 'once "TEXT"' : `once, ${canAlways ? 'always, ' : ''}or deny`;
  const marked = kind === 'ask' || mark === undefined ? '' : ` --mark ${mark}`;
  return new HintedError(
    'needs-approval',
    'The run waits for your answer, and nobody is at a terminal to give it.',
    `To answer and continue, run \`switchyard jobs answer ${jobId} ANSWER${marked}\`, where ANSWER is ${answers}. To end it, run \`switchyard jobs cancel ${jobId}\`.`,
  );
}
