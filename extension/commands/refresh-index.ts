// Brings the index of this window's code up to date, and says how far it is.
import * as vscode from 'vscode';
import type { Context } from '../context.ts';
import { isWorkspaceElsewhere, tellElsewhere } from '../places.ts';
import { isIndexEnabled } from '../settings.ts';
import { window, withCancellableProgress } from '../window.ts';

export async function refreshIndex(ctx: Context): Promise<void> {
  if (!isIndexEnabled()) {
    const choice = await window.showInformationMessage(
      'This code isn\'t indexed because "switchyard.index.enabled" is off. Turn it on in the settings.',
      'Open Settings',
    );
    if (choice) await vscode.commands.executeCommand('workbench.action.openSettings', 'switchyard.index.enabled');
    return;
  }
  if (!vscode.workspace.workspaceFolders?.length)
    return void window.showInformationMessage('Open a folder to index its code.');
  if (isWorkspaceElsewhere()) return tellElsewhere();
  const state = await withCancellableProgress('Indexing the code', async (progress, signal) => {
    using shown = toDispose(ctx.index.onDidChange((now) => now && progress.report({ message: now.detail })));
    void shown;
    return ctx.index.refresh(signal);
  });
  if (state) void window.showInformationMessage(state.detail);
}

function toDispose(disposable: vscode.Disposable): Disposable {
  return { [Symbol.dispose]: () => disposable.dispose() };
}
