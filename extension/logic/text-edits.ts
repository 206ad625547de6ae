// What a text looks like after edits, and whether edits may be offered at all. Pure; positions are LSP's (UTF-16).
import { offsetAt, startsOfLines } from '../../shared/edits/move-edits.ts';
import type { TextEdit, WorkspaceEdit } from '../../shared/protocol/text.ts';

/** A document as the editor holds it now. */
export interface CurrentDocument {
  version: number;
  text: string;
}

export type Proposal =
  | { kind: 'proposed'; edits: readonly TextEdit[]; text: string }
  /** Nothing may be applied; the sentence says why and what to do. */
  | { kind: 'refused'; sentence: string };

/**
 * Decides what an edit does to its document. Refuses when the document has moved on since the edit was made, when
 * the edit is about more than one document, and when there is nothing to change.
 */
export function propose(edit: WorkspaceEdit, document: CurrentDocument, requestedVersion: number): Proposal {
  const [change, ...others] = edit.documentChanges;
  if (!change || others.length > 0)
    return { kind: 'refused', sentence: "The change covers more than one file, so it wasn't applied." };
  const madeFor = change.textDocument.version ?? requestedVersion;
  if (madeFor !== document.version) return { kind: 'refused', sentence: staleSentence };
  const text = applyTextEdits(document.text, change.edits);
  if (text === undefined)
    return { kind: 'refused', sentence: "The parts of the change overlap, so it wasn't applied. Ask again." };
  if (text === document.text)
    return { kind: 'refused', sentence: "There's nothing to change. The text already matches the suggestion." };
  return { kind: 'proposed', edits: change.edits, text };
}

export const staleSentence =
  "The code changed after you asked, so the edit wasn't applied. Ask again to edit the current version.";

/** The text after all edits, with the text's own line ends; undefined when edits overlap. */
export function applyTextEdits(text: string, edits: readonly TextEdit[]): string | undefined {
  const lineStarts = startsOfLines(text);
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const spans = edits
    .map(({ range, newText }) => ({
      start: offsetAt(text, lineStarts, range.start),
      end: offsetAt(text, lineStarts, range.end),
      newText: newText.replace(/\r\n|\r|\n/g, eol),
    }))
    .sort((a, b) => a.start - b.start || a.end - b.end);

  let result = '';
  let position = 0;
  for (const { start, end, newText } of spans) {
    if (start < position || end < start) return undefined;
    result += text.slice(position, start) + newText;
    position = end;
  }
  return result + text.slice(position);
}
