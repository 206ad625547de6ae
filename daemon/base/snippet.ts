// A piece of a document at a version: what the parts work on instead of editors and files.

export interface Position {
  /** Zero-based. */
  line: number;
  /** Zero-based, in UTF-16 code units. */
  character: number;
}
export interface Range {
  start: Position;
  end: Position;
}

export interface Snippet {
  readonly uri: string;
  readonly languageId: string;
  /** The client's version of the document; null where the client keeps none. */
  readonly version: number | null;
  /** The whole document. */
  readonly text: string;
  /** The part that is meant; the whole document when absent. */
  readonly range?: Range;
}

/** Start of each line as an offset into the text. Lines end with \n, \r\n or \r, as LSP says. */
export function lineStarts(text: string): number[] {
  const starts = [0];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 13 && text.charCodeAt(i + 1) === 10) i++;
    if (code === 13 || code === 10) starts.push(i + 1);
  }
  return starts;
}

/** Offset of a position, clamped to the text. */
export function offsetAt(text: string, position: Position, starts = lineStarts(text)): number {
  const start = starts[position.line];
  if (start === undefined) return text.length;
  const end = starts[position.line + 1] ?? text.length;
  return Math.min(start + position.character, end);
}

/** Position of an offset, clamped to the text. */
export function positionAt(text: string, offset: number, starts = lineStarts(text)): Position {
  const clamped = Math.max(0, Math.min(offset, text.length));
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= clamped) low = middle;
    else high = middle - 1;
  }
  return { line: low, character: clamped - (starts[low] ?? 0) };
}

/** The text once `newText` stands in place of the range. */
export function replaceIn(text: string, { range, newText }: { range: Range; newText: string }): string {
  const starts = lineStarts(text);
  return text.slice(0, offsetAt(text, range.start, starts)) + newText + text.slice(offsetAt(text, range.end, starts));
}

/** The text of a range. */
export function textIn(text: string, range: Range): string {
  const starts = lineStarts(text);
  return text.slice(offsetAt(text, range.start, starts), offsetAt(text, range.end, starts));
}
