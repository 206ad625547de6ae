// The place that a gesture is about: the active editor, its selection, or what a menu or a code action names. Also converts ranges
// between the wire and the editor. Where there is no such place, the user is shown what to do and the answer is undefined.
import * as vscode from 'vscode';
import type { Range } from '../shared/protocol/text.ts';
import { window } from './window.ts';

/** The active editor, if the daemon can see its document. */
export function syncedEditor(sentence: string): vscode.TextEditor | undefined {
  const editor = vscode.window.activeTextEditor;
  if (editor && isSynced(editor.document)) return editor;
  void window.showInformationMessage(editor ? notSynced : sentence);
  return undefined;
}

export function selectedRange({ selection }: vscode.TextEditor, sentence: string): Range | undefined {
  if (!selection.isEmpty) return toWire(selection);
  void window.showInformationMessage(sentence);
  return undefined;
}

/** The document that a menu names by its URI, else that of the active editor. */
export async function documentOf(argument: unknown, sentence: string): Promise<vscode.TextDocument | undefined> {
  if (!(argument instanceof vscode.Uri)) return syncedEditor(sentence)?.document;
  const document = await vscode.workspace.openTextDocument(argument);
  if (isSynced(document)) return document;
  void window.showInformationMessage(notSynced);
  return undefined;
}

/** The place in a code action's `{uri, range?}`. */
export function placeOf(argument: unknown): { uri: vscode.Uri; range?: Range } | undefined {
  const { uri, range } = (argument ?? {}) as { uri?: unknown; range?: Range };
  return typeof uri === 'string' ? { uri: vscode.Uri.parse(uri), ...(range && { range }) } : undefined;
}

export function toWire({ start, end }: vscode.Range): Range {
  return { start: { line: start.line, character: start.character }, end: { line: end.line, character: end.character } };
}

export function toEditor({ start, end }: Range): vscode.Range {
  return new vscode.Range(start.line, start.character, end.line, end.character);
}

const notSynced = 'Switchyard works only with files and untitled documents. Open one and try again.';

function isSynced({ uri }: vscode.TextDocument): boolean {
  return uri.scheme === 'file' || uri.scheme === 'untitled';
}
