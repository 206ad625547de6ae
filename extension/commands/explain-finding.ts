// "Explain" on a finding: the inline action "explain" on the finding's code, with the finding as its diagnostic.
import type { Context } from '../context.ts';
import { codeAction } from './code-action.ts';

export async function explainFinding(ctx: Context, argument: unknown): Promise<void> {
  const findingId = ctx.findings.idOf(argument);
  const finding = findingId === undefined ? undefined : ctx.findings.get(findingId);
  if (finding)
    await codeAction(ctx, { kind: 'explain', uri: finding.uri, range: finding.range, diagnostic: finding.message });
}
