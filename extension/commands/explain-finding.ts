// "Explain" on a finding: the inline action "explain" on the finding's code, with the finding as its diagnostic.
import type { Context } from '../context.ts';
import { codeAction } from './code-action.ts';

export async function explainFinding(ctx: Context, argument: unknown): Promise<void> {
  const finding = ctx.findings.of(argument);
  if (finding)
    await codeAction(ctx, { kind: 'explain', uri: finding.uri, range: finding.range, diagnostic: finding.message });
}
