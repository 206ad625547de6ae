// "Apply Safe Fixes": every finding that comes with its own fix, of which the user chooses. No model is asked. Those of linters are
// chosen already; what a model suggested is for the user to choose.
import * as vscode from 'vscode';
import { type Finding, ReviewFix } from '../../shared/protocol/review.ts';
import type { WorkspaceEdit } from '../../shared/protocol/text.ts';
import type { Context } from '../context.ts';
import { byPlace } from '../review/finding-order.ts';
import { window, withCancellableProgress } from '../window.ts';

export async function applyFixes(ctx: Context): Promise<void> {
  const fixable = ctx.findings.all().filter(({ replacement }) => replacement !== undefined);
  if (fixable.length === 0)
    return void window.showInformationMessage(
      'No finding comes with its own fix. Use Apply on a finding to ask a model for one.',
    );
  const chosen = await window.showQuickPick(fixable.toSorted(byPlace).map(itemOf), {
    title: 'Apply Safe Fixes',
    placeHolder: 'Fixes from linters are selected. Check the others first.',
    canPickMany: true,
    matchOnDetail: true,
  });
  if (!chosen || chosen.length === 0) return;
  const { edits, missed } = await withCancellableProgress('Checking the fixes', (_progress, signal) =>
    editsOf(
      ctx,
      chosen.map(({ finding }) => finding),
      signal,
    ),
  );
  const applied = await ctx.edits.applyTogether(edits.map(({ edit }) => edit));
  for (const [index, { finding }] of edits.entries()) if (applied.has(index)) ctx.findings.remove(finding.id);
  tell(applied.size, missed + edits.length - applied.size);
}

function itemOf(finding: Finding): vscode.QuickPickItem & { finding: Finding } {
  const { message, uri, range, evidence, replacement = '', source, rule } = finding;
  return {
    label: message,
    description: `${vscode.workspace.asRelativePath(vscode.Uri.parse(uri))}:${range.start.line + 1} · ${source}`,
    detail: `${oneLine(evidence)} → ${oneLine(replacement) || vscode.l10n.t('(removed)')}`,
    picked: rule !== undefined, // a linter's own
    finding,
  };
}

async function editsOf(
  ctx: Context,
  findings: readonly Finding[],
  signal: AbortSignal,
): Promise<{ edits: { finding: Finding; edit: WorkspaceEdit }[]; missed: number }> {
  const edits: { finding: Finding; edit: WorkspaceEdit }[] = [];
  for (const finding of findings) {
    await vscode.workspace.openTextDocument(vscode.Uri.parse(finding.uri)).then(undefined, () => {}); // gone: the daemon says so
    const fix = await ctx.daemon
      .call(ReviewFix, { findingId: finding.id, onlySuggested: true }, { signal })
      .catch((error: unknown) => {
        if (signal.aborted) throw error;
        return ctx.log.warn(`Left out a fix: ${String(error)}`);
      });
    if (fix?.edit) edits.push({ finding, edit: fix.edit });
  }
  return { edits, missed: findings.length - edits.length };
}

function tell(applied: number, missed: number): void {
  const done = vscode.l10n.t(applied === 1 ? 'Applied 1 fix.' : 'Applied {0} fixes.', applied);
  if (missed === 0) return void window.showInformationMessage(done);
  const rest = vscode.l10n.t(
    missed === 1
      ? '1 fix left out, since the code changed or would no longer parse.'
      : '{0} fixes left out, since the code changed or would no longer parse.',
    missed,
  );
  void window.showWarningMessage(
    applied === 0 ? rest : `${done} ${rest} ${vscode.l10n.t("Review again to see what's left.")}`,
  );
}

function oneLine(code: string): string {
  const line = code.replace(/\s+/g, ' ').trim();
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
