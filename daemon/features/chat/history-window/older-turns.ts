// What a chat turn asks of a chat's older messages.
import type { Older } from '../window.ts';
import { type RecollectDeps, type RecollectRequest, recollect } from './recollect.ts';
import { type AnsweredTurn, Summaries, type SummariesDeps } from './summaries.ts';

/** Lives as long as the daemon. */
export interface OlderTurns extends AsyncDisposable {
  /** What of them bears on a question, and the summary of them there is. Never fails. */
  recollect(question: RecollectRequest, signal: AbortSignal): Promise<Older>;
  /** An answer was stored; nothing waits for what follows from that. */
  answered(turn: AnsweredTurn): void;
  /** Something is asked of a model for this task; see `Summaries.giveWay`. */
  giveWay(task: string): () => void;
}

export function createOlderTurns(parts: Omit<RecollectDeps, 'hasSummaries'> & SummariesDeps): OlderTurns {
  const summaries = new Summaries(parts);
  const hasSummaries = (): boolean => parts.mode() !== 'off';
  return {
    recollect: (question, signal) => recollect({ ...parts, hasSummaries }, question, signal),
    answered: (turn) => summaries.answered(turn),
    giveWay: (task) => summaries.giveWay(task),
    [Symbol.asyncDispose]: () => summaries[Symbol.asyncDispose](),
  };
}
