// Puts back all that a run of the agent changed, once the user has agreed.
import * as vscode from 'vscode';
import { AgentUndo } from '../../shared/protocol/agent.ts';
import type { Context } from '../context.ts';
import { window } from '../window.ts';

export async function undoRun(ctx: Context, jobId: string): Promise<void> {
  const detail = 'Files go back to what they were before. Files that changed since then stay as they are.';
  const choice = await window.showWarningMessage(
    'Undo everything the agent changed in this run?',
    { modal: true, detail },
    'Undo',
  );
  if (choice !== 'Undo') return;
  const { restored, conflicts } = await ctx.daemon.call(AgentUndo, { jobId });
  const done = vscode.l10n.t('Files put back: {0}.', restored.length);
  if (conflicts.length === 0) return void window.showInformationMessage(done);
  const left = conflicts.map(({ path, why }) => `${path}: ${why}`).join(' ');
  void window.showWarningMessage(`${done} ${left}`);
}
