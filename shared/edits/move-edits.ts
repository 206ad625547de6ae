// Edits of a text that has changed since they were made. Pure; positions are LSP's (UTF-16).
import type { Position, TextEdit } from '../protocol/text.ts';

/** The edits for `after`, where what they replace has not changed since `before`; else undefined. */
export function moveEdits(edits: readonly TextEdit[], before: string, after: string): TextEdit[] | undefined {
  if (before === after) return [...edits];
  const { start, end } = changedSpan(before, after);
  const [startsBefore, startsAfter] = [startsOfLines(before), startsOfLines(after)];
  const moved: TextEdit[] = [];
  for (const { range, newText } of edits) {
    const [from, to] = [offsetAt(before, startsBefore, range.start), offsetAt(before, startsBefore, range.end)];
    const isAbove = to <= start;
    if (!isAbove && from < end) return undefined;
    const shift = isAbove ? 0 : after.length - before.length;
    const [newFrom, newTo] = [positionAt(startsAfter, from + shift), positionAt(startsAfter, to + shift)];
    moved.push({ range: { start: newFrom, end: newTo }, newText });
  }
  return moved;
}

/** The part of `before` outside of which both texts are the same. */
function changedSpan(before: string, after: string): { start: number; end: number } {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let kept = 0;
  while (kept < shorter - start && before[before.length - 1 - kept] === after[after.length - 1 - kept]) kept++;
  return { start, end: before.length - kept };
}

export function startsOfLines(text: string): number[] {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\r|\n/g)) starts.push(match.index + match[0].length);
  return starts;
}

/** Positions past the end of a line mean its end, as in LSP; past the last line, the end of the text. */
export function offsetAt(text: string, lineStarts: readonly number[], { line, character }: Position): number {
  const start = lineStarts[line];
  if (start === undefined) return text.length;
  let end = lineStarts[line + 1] ?? text.length;
  while (end > start && (text[end - 1] === '\n' || text[end - 1] === '\r')) end--;
  return Math.min(start + character, end);
}

function positionAt(lineStarts: readonly number[], offset: number): Position {
  const next = lineStarts.findIndex((start) => start > offset);
  const line = (next < 0 ? lineStarts.length : next) - 1;
  return { line, character: offset - (lineStarts[line] ?? 0) };
}
