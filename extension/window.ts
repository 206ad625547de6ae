// The one way to show something in the editor's own window: without hidden characters, and with progress that can be cancelled.
import * as vscode from 'vscode';
import { cleanShown, cleanTexts } from './logic/clean-shown.ts';
import { nextSteps, withoutTerminal } from './logic/next-steps.ts';

/** In the editor's language, where the bundle has the text; one with values in it is translated where it is put together. */
const translate = (text: string): string => vscode.l10n.t(text);

/** VS Code's own, but for the texts: those are translated and cleaned. Nothing else calls its messages, lists and prompts. */
export const window: Pick<
  typeof vscode.window,
  'showInformationMessage' | 'showWarningMessage' | 'showErrorMessage' | 'showQuickPick' | 'showInputBox'
> = cleanShown(vscode.window, translate);

/** Rows of a list that is filled by hand, in the editor's language and without hidden characters. */
export function shownRows<T>(rows: T): T {
  return cleanTexts(rows, undefined, translate);
}

/** Shows a sentence of the daemon's, with what helps in this window as buttons. */
export async function tellSentence(
  how: 'showErrorMessage' | 'showInformationMessage',
  told: { message: string; code?: string },
): Promise<void> {
  const steps = nextSteps(told);
  const choice = await window[how](withoutTerminal(told.message), ...steps.map(({ title }) => title));
  const step = steps.find(({ title }) => title === choice);
  if (step) await vscode.commands.executeCommand(step.command);
}

export type Progress = vscode.Progress<{ message?: string; increment?: number }>;

/** Runs work under a notification whose Cancel button aborts the signal. */
export function withCancellableProgress<T>(
  title: string,
  work: (progress: Progress, signal: AbortSignal) => Promise<T>,
): Thenable<T> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: cleanTexts(`Switchyard: ${translate(title)}`),
    cancellable: true,
  };
  return vscode.window.withProgress(options, (progress, token) => {
    const controller = new AbortController();
    token.onCancellationRequested(() => controller.abort());
    return work(cleanShown(progress), controller.signal);
  });
}

const maxNoticeChars = 400; // VS Code cuts a message at 1000, and its link with it

/**
 * Shows a message with a link to a command; returns what takes it back. The user may close it as well. It is a progress that stands still:
 * VS Code's messages with buttons stay until somebody closes them.
 */
export function showUntilWithdrawn(
  text: string,
  link: { label: string; command: string; argument: string },
): () => void {
  const clean = cleanTexts(text);
  const shown = clean.length > maxNoticeChars ? `${clean.slice(0, maxNoticeChars).toWellFormed()}…` : clean;
  const target = `command:${link.command}?${encodeURIComponent(JSON.stringify([link.argument]))}`;
  const { promise, resolve } = Promise.withResolvers<void>();
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: `${shown} [${translate(link.label)}](${target})`,
    cancellable: true,
  };
  void vscode.window.withProgress(options, (progress, token) => {
    progress.report({ increment: 0 });
    token.onCancellationRequested(() => resolve());
    return promise;
  });
  return resolve;
}
