// The edit that fixes a finding in the code as it is now: the finding's own suggestion, or else what a model writes.
import { anchor } from '../../base/anchor.ts';
import { UserError } from '../../base/errors.ts';
import type { Snippet } from '../../base/snippet.ts';
import type { Decision, SelectRequest } from '../../models/router/router.ts';
import { bringsStandIn } from '../../models/secrets/placeholder.ts';
import type { Models } from './models.ts';
import { rewrite, type TextEdit } from './rewrite.ts';
import type { Finding } from './types.ts';

export interface FixOptions {
  /** The id of the profile it belongs to. */
  profile: string;
  /** `provider/model`; the router's choice when absent. */
  model?: string;
  /** Who named the model; the user with this request when left out. */
  source?: SelectRequest['source'];
  /** The policy of the window that asks, instead of the configuration's. */
  policy?: SelectRequest['policy'];
  signal: AbortSignal;
}

export interface Fix {
  edits: TextEdit[];
  notes: string[];
  /** Who wrote it, and why that one; absent where the finding had its own suggestion. */
  decision?: Decision;
}

/** Throws UserError `finding-stale` when the finding's code is no longer there, and what `rewrite` throws. */
export async function fixFor(
  finding: Finding,
  snippet: Snippet,
  { models, profile, model, source, policy, signal }: FixOptions & { models: Models },
): Promise<Fix> {
  const range = anchor(snippet.text, finding.evidence, finding.range);
  if (!range)
    throw new UserError('finding-stale', 'The code of this finding has changed since the review. Review it again.');
  if (finding.replacement !== undefined && !bringsStandIn(finding.replacement, finding.evidence))
    return { edits: [{ range, newText: finding.replacement }], notes: [] };
  const wanted: SelectRequest = {
    task: 'action',
    profile,
    policy,
    ...(source && { source }),
    ...(model !== undefined && { explicit: model }),
  };
  const first = await models.select(wanted, signal);
  const instruction = `Fix this, reported at \`${finding.evidence.slice(0, 200)}\`: ${finding.message}`;
  return models.ask(first, { wanted, signal, isShown: () => false }, async ({ candidate, decision }, switched) => {
    const { edits, notes } = await rewrite({ snippet, range, instruction, candidate, signal });
    return { edits, notes: [...switched, ...notes], decision };
  });
}
