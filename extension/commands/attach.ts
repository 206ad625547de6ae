// Attaches a selection or a file to the chat's next message. The editor reads the text: the daemon opens no file on a client's word.
import * as vscode from 'vscode';
import type { Attachment } from '../../shared/protocol/chat.ts';
import type { Context } from '../context.ts';
import { selectedRange } from '../places.ts';
import { window } from '../window.ts';

const maxChars = 1_000_000; // what the protocol takes in one attachment

export async function attachSelection(ctx: Context): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return void window.showInformationMessage('Open a file and select what to attach.');
  const range = selectedRange(editor, 'Select what to attach, or use "Attach File to Chat".');
  if (range)
    await attach(ctx, editor.document, { kind: 'selection', range, text: editor.document.getText(editor.selection) });
}

/** The file of the active editor, or the file that a menu names. */
export async function attachFile(ctx: Context, argument: unknown): Promise<void> {
  const document =
    argument instanceof vscode.Uri
      ? await vscode.workspace.openTextDocument(argument)
      : vscode.window.activeTextEditor?.document;
  if (!document) return void window.showInformationMessage('Open the file to attach.');
  await attach(ctx, document, { kind: 'file', text: document.getText() });
}

async function attach(
  ctx: Context,
  document: vscode.TextDocument,
  what: Pick<Attachment, 'kind' | 'range' | 'text'>,
): Promise<void> {
  if (!withinAttachment(what.text)) return;
  await ctx.chat.attach({ ...what, uri: document.uri.toString(), languageId: document.languageId });
}

/** Says so where a text is too long. */
export function withinAttachment(text: string): boolean {
  if (text.length <= maxChars) return true;
  void window.showWarningMessage(
    'This is too long to attach. The limit is a million characters. Select the part that matters and attach that.',
  );
  return false;
}
