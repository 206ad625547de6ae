// Hunks that lead back from a text to the one that it was made of. Pure; positions are LSP's (UTF-16).
import type { ChangedHunk } from '../protocol/chat.ts';
import type { Position } from '../protocol/text.ts';

/** `hunks` are of whole lines, in their order. Each comes back with its place in the new text. */
export function takenBack(hunks: readonly ChangedHunk[]): ChangedHunk[] {
  let grown = 0; // lines
  return hunks.map(({ range: { start: from, end: to }, oldText, newText }) => {
    const start = { line: from.line + grown, character: from.character };
    const end = endOf(newText, start);
    grown = end.line - to.line;
    return { range: { start, end }, oldText: newText, newText: oldText };
  });
}

function endOf(text: string, { line, character }: Position): Position {
  const lines = text.split(/\r\n|\r|\n/);
  const last = lines.at(-1) ?? '';
  return lines.length === 1
    ? { line, character: character + last.length }
    : { line: line + lines.length - 1, character: last.length };
}
