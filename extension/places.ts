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

/**
 * The schemes of documents that the daemon is sent: of new ones, of files on its own machine, and of the workspace's, wherever that is.
 * In a remote window those are `file` where the extension runs on the remote machine.
 */
export function syncedSchemes(): string[] {
  const { workspaceFolders = [] } = vscode.workspace;
  const remote = vscode.env.remoteName === undefined ? [] : ['vscode-remote'];
  return [...new Set(['file', 'untitled', ...remote, ...workspaceFolders.map(({ uri }) => uri.scheme)])];
}

/** Of a remote window: whether this runs on the user's own machine, or with the workspace. */
export function runsWhere(): 'here' | 'there' | undefined {
  if (vscode.env.remoteName === undefined) return undefined;
  const own = vscode.extensions.getExtension('switchyard.switchyard');
  return own?.extensionKind === vscode.ExtensionKind.UI ? 'here' : 'there';
}

/** Whether no folder of the workspace is on the machine that this runs on. */
export function isWorkspaceElsewhere(): boolean {
  const { workspaceFolders = [] } = vscode.workspace;
  return workspaceFolders.length > 0 && workspaceFolders.every(({ uri }) => uri.scheme !== 'file');
}

/** Tells that something needs the files of a workspace that is elsewhere. */
export function tellElsewhere(): void {
  void window.showInformationMessage(
    "Switchyard runs on your own machine here, and this needs the workspace's files. Install Switchyard where the workspace is, too.",
  );
}

export function isSynced({ uri }: Pick<vscode.TextDocument, 'uri'>): boolean {
  return syncedSchemes().includes(uri.scheme);
}

/** Cells of notebooks are sent to the daemon as well, for completion alone: everything else is about files. */
export const cellScheme = 'vscode-notebook-cell';

/** The URI of what a document is in: of a notebook's cell, what it shares with the others of it. */
export function wholeUri(uri: vscode.Uri): vscode.Uri {
  return uri.scheme === cellScheme ? uri.with({ fragment: '' }) : uri;
}
