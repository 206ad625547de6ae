// What a review looks at in one document: the document, and the lines that findings may be about. A rewrite has a
// target too.
import { lineStarts, type Range, type Snippet } from '../../base/snippet.ts';

/** Zero-based, both ends included. */
export interface LineSpan {
  first: number;
  last: number;
}

export interface ReviewTarget {
  snippet: Snippet;
  /** What the document was called before the change under review; rules for that name hold too. */
  formerUri?: string;
  /** Ascending and disjoint. */
  lines: LineSpan[];
  /** Start of each line of the document. */
  starts: number[];
  /** The document without white space, computed on the first call. */
  compact(): CompactText;
}

export interface CompactText {
  text: string;
  /** Where each of its characters stands in the document. */
  offsets: Uint32Array;
}

/** The given lines; else the snippet's range; else its whole document. */
export function targetOf(snippet: Snippet, lines?: LineSpan[]): ReviewTarget {
  const starts = lineStarts(snippet.text);
  const whole = { first: 0, last: starts.length - 1 };
  let compact: CompactText | undefined;
  return {
    snippet,
    starts,
    lines: lines ?? [snippet.range ? wholeLines(snippet.range) : whole],
    compact: () => (compact ??= compactText(snippet.text)),
  };
}

/** A text without its white space. */
export function compactText(text: string): CompactText {
  const offsets = new Uint32Array(text.length);
  let length = 0;
  const compact = text.replace(/\S+/g, (run, at: number) => {
    for (let i = 0; i < run.length; i++) offsets[length++] = at + i;
    return run;
  });
  return { text: compact.replace(/\s+/g, ''), offsets: offsets.subarray(0, length) };
}

/** The lines of a range. A line is left out when the range ends before its first character. */
export function wholeLines(range: Range): LineSpan {
  const isPastLineEnd = range.end.character === 0 && range.end.line > range.start.line;
  return { first: range.start.line, last: isPastLineEnd ? range.end.line - 1 : range.end.line };
}

export function rangeOf(target: ReviewTarget, lines: LineSpan): Range {
  return {
    start: { line: lines.first, character: 0 },
    end: { line: lines.last, character: lineAt(target, lines.last).length },
  };
}

/** Whether two ranges of one document have a line in common. */
export function sharesLine(a: Range, b: Range): boolean {
  const [one, other] = [wholeLines(a), wholeLines(b)];
  return one.first <= other.last && other.first <= one.last;
}

export function touchesLines(target: ReviewTarget, range: Range): boolean {
  const { first, last } = wholeLines(range);
  return target.lines.some((span) => first <= span.last && last >= span.first);
}

export function countLines(target: ReviewTarget): number {
  return target.lines.reduce((sum, span) => sum + span.last - span.first + 1, 0);
}

/** A line's text, without its line break. */
export function lineAt(target: Pick<ReviewTarget, 'snippet' | 'starts'>, line: number): string {
  return target.snippet.text
    .slice(target.starts[line] ?? target.snippet.text.length, target.starts[line + 1])
    .replace(/[\r\n]+$/, '');
}

/** None where the last is before the first. */
export function linesIn(target: ReviewTarget, { first, last }: LineSpan): string[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => lineAt(target, first + i));
}

/** The file name at the end of a URI. */
export function fileNameOf(uri: string): string {
  const name = uri.split(/[?#]/, 1)[0]?.split('/').at(-1) ?? uri;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
