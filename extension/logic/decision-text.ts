// Who answered and why, as a sentence beside the answer. Pure.
import type { Decision } from '../../shared/protocol/chat.ts';

/** Nothing where no model answered: then there is nothing to explain. */
export function whyThisModel(decision: Pick<Decision, 'model' | 'reason'> | undefined): string[] {
  return decision ? [`Why ${decision.model}: ${decision.reason}.`] : [];
}
