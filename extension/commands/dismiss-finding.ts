// "Dismiss" on a finding: asks why, and the finding goes and does not come back in later reviews of the same code, until it is restored.
import * as vscode from 'vscode';
import { ReviewDismiss, ReviewDismissed, ReviewForget, ReviewUndismiss } from '../../shared/protocol/review.ts';
import type { Context } from '../context.ts';
import { window } from '../window.ts';

const otherReason = 'Another reason…';
const reasons: readonly vscode.QuickPickItem[] = [
  { label: 'Not a problem', detail: 'The finding is wrong.' },
  { label: 'On purpose', detail: 'The code is meant to be like this.' },
  { label: 'Not important', detail: 'True, but not worth a change.' },
  { label: otherReason },
];

export async function dismissFinding(ctx: Context, argument: unknown): Promise<void> {
  const findingId = ctx.findings.idOf(argument);
  if (findingId === undefined) return;
  const reason = await askWhy();
  if (reason === undefined) return;
  await ctx.daemon.call(ReviewDismiss, { findingId, reason });
  const finding = ctx.findings.of(argument);
  ctx.findings.remove(findingId);
  if (finding) ctx.review.hold(finding, 'dismissed');
  void window
    .showInformationMessage("Finding dismissed. It won't come back in later reviews of this code.", 'Undo')
    .then((button) => (button ? restore(ctx, findingId) : undefined))
    .then(undefined, (error: unknown) => ctx.log.error(`couldn't restore the finding: ${String(error)}`));
}

/** Undefined where the user dismisses nothing after all. */
async function askWhy(): Promise<string | undefined> {
  const picked = await window.showQuickPick(reasons, { title: 'Dismiss finding: why?' });
  if (picked?.label !== otherReason) return picked?.label;
  return window.showInputBox({
    title: 'Dismiss finding: why?',
    prompt: 'Your reason is kept with the finding.',
  });
}

/** Lists what was dismissed; those that are chosen are shown again. */
export async function showDismissed(ctx: Context): Promise<void> {
  const { dismissed } = await ctx.daemon.call(ReviewDismissed, {});
  if (dismissed.length === 0) return void window.showInformationMessage('No dismissed findings.');
  const items = dismissed.map(({ finding, reason, dismissedAt }) => ({
    label: finding.message,
    description: vscode.workspace.asRelativePath(vscode.Uri.parse(finding.uri)),
    detail: [reason, new Date(dismissedAt).toLocaleDateString()].filter(Boolean).join(' · '),
    id: finding.id,
  }));
  const chosen = await window.showQuickPick(items, {
    title: 'Dismissed findings',
    placeHolder: 'Select findings to restore',
    canPickMany: true,
    matchOnDescription: true,
    matchOnDetail: true,
  });
  for (const { id } of chosen ?? []) await restore(ctx, id);
}

/** Later reviews hold nothing back any more for being like what was dismissed. What was dismissed stays hidden. */
export async function forgetDismissals(ctx: Context): Promise<void> {
  const detail =
    'Reviews will no longer hold back findings that are like ones you dismissed. Dismissed findings themselves stay hidden.';
  const forget = 'Forget';
  const choice = await window.showWarningMessage(
    'Forget what was learned from dismissed and applied findings?',
    { modal: true, detail },
    forget,
  );
  if (choice !== forget) return;
  const { forgotten } = await ctx.daemon.call(ReviewForget, {});
  void window.showInformationMessage(
    vscode.l10n.t(
      forgotten === 1 ? 'Forgot 1 decision about findings.' : 'Forgot {0} decisions about findings.',
      forgotten,
    ),
  );
}

/** One that the Review view lists as dismissed. A finding that a later review held back is stored as it was before. */
export async function restoreFinding(ctx: Context, argument: unknown): Promise<void> {
  const finding = ctx.findings.of(argument);
  if (finding) await restore(ctx, finding.previousId ?? finding.id);
}

async function restore(ctx: Context, findingId: string): Promise<void> {
  const { finding } = await ctx.daemon.call(ReviewUndismiss, { findingId });
  ctx.findings.show(finding);
  ctx.review.release(finding);
}
