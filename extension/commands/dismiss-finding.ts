// "Dismiss" on a finding: it goes, and does not come back in later reviews of the same code.
import { ReviewDismiss } from '../../shared/protocol/review.ts';
import type { Context } from '../context.ts';

export async function dismissFinding(ctx: Context, argument: unknown): Promise<void> {
  const findingId = ctx.findings.idOf(argument);
  if (findingId === undefined) return;
  await ctx.daemon.call(ReviewDismiss, { findingId });
  ctx.findings.remove(findingId);
}
