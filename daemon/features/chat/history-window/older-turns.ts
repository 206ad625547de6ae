// What a chat turn asks of a chat's older messages.
import type { Older } from '../window.ts';
import { type RecollectDeps, type RecollectRequest, recollect } from './recollect.ts';
import { type AnsweredTurn, Summaries, type SummariesDeps } from './summaries.ts';

/** Lives as long as the daemon. */
export interface OlderTurns {
  /** The exchanges that bear on a question, and the summary where there is one. Never throws. */
  recollect(question: RecollectRequest, signal: AbortSignal): Promise<Older>;
  /** Call when an answer has been stored. Returns at once; a summary may follow in the background. */
  answered(turn: AnsweredTurn): void;
}

export function createOlderTurns(parts: Omit<RecollectDeps, 'hasSummaries'> & SummariesDeps): OlderTurns {
  const summaries = new Summaries(parts);
  const hasSummaries = (): boolean => parts.mode() !== 'off';
  return {
    recollect: (question, signal) => recollect({ ...parts, hasSummaries }, question, signal),
    answered: (turn) => summaries.answered(turn),
  };
}
