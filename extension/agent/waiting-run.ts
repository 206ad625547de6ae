// Tells the user that a run of the agent waits for them while the chat view is hidden. What is decided about is shown there alone.
import * as vscode from 'vscode';
import { window } from '../window.ts';

/** `part`: one of a run, whose page is gone; `params`: what the run was asked with. */
export async function tellWaiting(
  { part, params }: { part: unknown; params: unknown },
  openChat: (chatId: string) => Promise<void>,
): Promise<void> {
  const { kind, approval } = fieldsOf(part);
  const { chatId } = fieldsOf(params);
  const { text } = fieldsOf(approval);
  if (kind !== 'approval' || typeof text !== 'string' || typeof chatId !== 'string') return;
  const choice = await window.showInformationMessage(vscode.l10n.t('The agent is waiting for you. {0}', text), 'Show');
  if (choice === 'Show') await openChat(chatId);
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
