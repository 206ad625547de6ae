// What a request to @switchyard is about: the files and selections that it names, else the active editor.
import * as vscode from 'vscode';
import type { Attachment } from '../../shared/protocol/chat.ts';
import { DaemonError } from '../daemon-client.ts';
import { toWire } from '../places.ts';
import { distinctPlaces } from './distinct-places.ts';

/** A document, or a range of it. */
export interface Subject {
  document: vscode.TextDocument;
  range?: vscode.Range;
}

const maxSubjects = 10;
const maxChars = 1_000_000; // what the protocol takes in one attachment

/** Those that the request names, in its order. Throws DaemonError where one of them can't be read. */
export async function namedSubjects({ references }: Pick<vscode.ChatRequest, 'references'>): Promise<Subject[]> {
  const named = references.flatMap(({ value }) => {
    if (value instanceof vscode.Uri) return [{ uri: value }];
    return value instanceof vscode.Location ? [{ uri: value.uri, range: value.range }] : [];
  });
  const places = distinctPlaces(named);
  if (places.length > maxSubjects)
    throw new DaemonError(
      'too-many',
      vscode.l10n.t('Attach at most {0} files. You attached {1}.', maxSubjects, places.length),
    );
  return Promise.all(places.map(open));
}

async function open({ uri, range }: { uri: vscode.Uri; range?: vscode.Range }): Promise<Subject> {
  try {
    const document = await vscode.workspace.openTextDocument(uri);
    return { document, ...(range && !range.isEmpty && { range }) };
  } catch {
    const name = vscode.workspace.asRelativePath(uri);
    throw new DaemonError('unreadable', vscode.l10n.t("{0} can't be read as text. Attach a text file.", name));
  }
}

/** What the request names, else the selection in the active editor, else its document. Throws DaemonError where there is none. */
export async function subjectsOf(request: Pick<vscode.ChatRequest, 'references'>): Promise<[Subject, ...Subject[]]> {
  const [first, ...others] = await namedSubjects(request);
  if (first) return [first, ...others];
  const editor = vscode.window.activeTextEditor;
  if (!editor)
    throw new DaemonError('no-subject', vscode.l10n.t('Open a file, or attach one to your message, and try again.'));
  const { document, selection } = editor;
  return [{ document, ...(!selection.isEmpty && { range: new vscode.Range(selection.start, selection.end) }) }];
}

/** Texts that the request carries with it, such as what is selected in the terminal. */
export function carriedTexts({ references }: Pick<vscode.ChatRequest, 'references'>): Attachment[] {
  return references.flatMap(({ value }) =>
    typeof value === 'string' && value !== ''
      ? [{ kind: 'terminal' as const, uri: 'switchyard:vscode-chat', text: value.slice(0, maxChars).toWellFormed() }]
      : [],
  );
}

/** Whole lines of a range, as they are in the editor. Throws DaemonError where they are too long. */
export function attachmentOf({ document, range }: Subject): Attachment {
  const lines = range && wholeLines({ document, range });
  const text = document.getText(lines);
  const { uri, languageId } = document;
  if (text.length > maxChars)
    throw new DaemonError(
      'too-long',
      vscode.l10n.t('{0} is too long to attach. Select the part that matters.', nameOf({ document })),
    );
  const place = lines ? { kind: 'selection' as const, range: toWire(lines) } : { kind: 'file' as const };
  return { ...place, uri: uri.toString(), languageId, text };
}

/** A selection that ends at the beginning of a line has nothing of that line. */
function wholeLines({ document, range }: Required<Subject>): vscode.Range {
  const { start, end } = range;
  const last = end.character === 0 && end.line > start.line ? end.line - 1 : end.line;
  return document.validateRange(new vscode.Range(start.line, 0, last, Number.MAX_SAFE_INTEGER));
}

export function wholeRange({ document, range }: Subject): vscode.Range {
  return range ?? document.validateRange(new vscode.Range(0, 0, document.lineCount, 0));
}

/** `src/a.ts`, or `src/a.ts, lines 3–5`. */
export function nameOf({ document, range }: Subject): string {
  const path = vscode.workspace.asRelativePath(document.uri);
  if (!range) return path;
  const [first, last] = [range.start.line + 1, range.end.line + 1];
  return `${path}, ${last > first ? vscode.l10n.t('lines {0}–{1}', first, last) : vscode.l10n.t('line {0}', first)}`;
}
