// The edit that fixes a finding: its own suggestion where it has one, else what a model writes. Bound to the code as it is now.
import { anchor } from '../base/anchor.ts';
import { UserError } from '../base/errors.ts';
import type { Snippet } from '../base/snippet.ts';
import type { Router } from '../router/router.ts';
import { rewrite, type TextEdit } from './rewrite/rewrite.ts';
import type { Finding } from './types.ts';

/** Throws UserError `finding-stale` when the finding's code is no longer there, and what `rewrite` throws. */
export async function fixFor(finding: Finding, snippet: Snippet, { router, profile, signal }: { router: Router; profile: string; signal: AbortSignal }): Promise<TextEdit[]> {
  const range = anchor(snippet.text, finding.evidence, finding.range);
  if (!range) throw new UserError('finding-stale', 'The code of this finding has changed since the review. Review it again.');
  if (finding.replacement !== undefined) return [{ range, newText: finding.replacement }];
  const { candidate } = await router.select({ task: 'action', profile }, signal);
  const instruction = `Fix this, reported at \`${finding.evidence.slice(0, 200)}\`: ${finding.message}`;
  return (await rewrite({ snippet, range, instruction, candidate, signal })).edits;
}
