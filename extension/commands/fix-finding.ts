// "Apply" on a finding: asks for the edit that fixes it, and previews it while it is written.
import * as vscode from 'vscode';
import { ReviewFix } from '../../shared/protocol/review.ts';
import type { Context } from '../context.ts';
import { whyThisModel } from '../logic/decision-text.ts';
import { tellSentence, withCancellableProgress } from '../window.ts';

export async function fixFinding(ctx: Context, argument: unknown): Promise<void> {
  const findingId = ctx.findings.idOf(argument);
  if (findingId === undefined) return;
  const { result, draft } = await ctx.edits.drafted('Fix', (shown) =>
    withCancellableProgress('Writing the fix', (_progress, signal) =>
      ctx.daemon.call(
        ReviewFix,
        { findingId },
        { signal: AbortSignal.any([signal, shown.signal]), onPart: (part) => shown.hear(part) },
      ),
    ),
  );
  const { edit, text, version, note, decision } = result;
  if (note) void tellSentence('showInformationMessage', { message: note });
  const finding = ctx.findings.get(findingId);
  if (text && finding)
    ctx.findings.explain({ uri: vscode.Uri.parse(finding.uri), range: finding.range }, 'Not applied', text);
  if (!edit) return;
  const outcome = await ctx.edits.preview('Fix', edit, {
    requestedVersion: version ?? undefined,
    decisionId: decision?.id,
    why: whyThisModel(decision),
    draft,
  });
  if (outcome === 'applied') ctx.findings.remove(findingId);
}
