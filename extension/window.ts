// The one way to show something in the editor's own window: without hidden characters, and with progress that can be cancelled.
import * as vscode from 'vscode';
import { cleanShown, cleanTexts } from './logic/clean-shown.ts';

/** VS Code's own, but for the texts: those are cleaned. Nothing else calls its messages, lists and prompts. */
export const window: Pick<
  typeof vscode.window,
  'showInformationMessage' | 'showWarningMessage' | 'showErrorMessage' | 'showQuickPick' | 'showInputBox'
> = cleanShown(vscode.window);

export type Progress = vscode.Progress<{ message?: string; increment?: number }>;

/** Runs work under a notification whose Cancel button aborts the signal. */
export function withCancellableProgress<T>(
  title: string,
  work: (progress: Progress, signal: AbortSignal) => Promise<T>,
): Thenable<T> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: cleanTexts(`Switchyard: ${title}`),
    cancellable: true,
  };
  return vscode.window.withProgress(options, (progress, token) => {
    const controller = new AbortController();
    token.onCancellationRequested(() => controller.abort());
    return work(cleanShown(progress), controller.signal);
  });
}
