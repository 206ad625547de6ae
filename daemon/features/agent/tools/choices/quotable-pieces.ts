// The pieces of a file that an edit can quote, for models whose answers are forced: lines, and lines that follow each other, each of them
// whole. Models quote the first line of a function and write all of it, which leaves its old rest behind: a line stands with what it opens.
// They quote as much as they can, and then repeat or lose what is around: what a line opens stands with nothing else. Pure.
import { redact } from '../../../../models/secrets/scanner.ts';

const maxQuoted = 160; // more of them slow each token down
const maxQuotedChars = 1500;
const maxQuotedLines = 12;
const maxLinesTried = 500; // each is looked for in the whole file

/** Each stands in the file exactly once, from its first letter on. What may be a secret is none of them. */
export function quotablePieces(text: string, isWanted: (piece: string) => boolean = () => true): string[] {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  const plain = lines.join('\n');
  const maxLines = Math.max(1, Math.min(maxQuotedLines, Math.floor(maxQuoted / Math.max(1, lines.length))));
  const pieces: string[] = [];
  for (const first of lines.slice(0, maxLinesTried).keys()) {
    for (const count of wholeCounts(lines, first, maxLines)) {
      const piece = lines
        .slice(first, first + count)
        .join('\n')
        .trimStart();
      if (pieces.length >= maxQuoted) return pieces;
      if (piece.trimEnd() !== piece || piece.length > maxQuotedChars) continue;
      const isOnce = plain.indexOf(piece) === plain.lastIndexOf(piece);
      if (isOnce && isWanted(piece) && piece.isWellFormed() && redact(piece).text === piece) pieces.push(piece);
    }
  }
  return pieces;
}

/** Of what goes on after a block. */
const continuation = /^\s*(?:else|elif|except|finally|catch)\b/;

/** How many lines from this one on are whole together. A line whose rest is too long stands alone. */
function wholeCounts(lines: readonly string[], first: number, maxLines: number): number[] {
  const line = lines[first] ?? '';
  if (isBlankOrEnd(line)) return [];
  const counts: number[] = [];
  for (let count = 1; count <= maxQuotedLines && first + count <= lines.length; count++) {
    if (count > maxLines && counts.length > 0) break;
    if (!isWhole(lines, first, first + count)) continue;
    counts.push(count);
    if (!goesOn(lines, first, first + count)) break;
  }
  return counts.length > 0 ? counts : [1];
}

/** Whether the next line belongs to the block that has ended, or is whole by itself as those before it are. */
function goesOn(lines: readonly string[], first: number, end: number): boolean {
  const next = lines[end] ?? '';
  if (next.trim() === '') return true;
  if (indentOf(next) !== indentOf(lines[first] ?? '')) return false;
  if (continuation.test(next)) return true;
  const isBlock = end - first > 1 && !isWhole(lines, first, first + 1);
  return !isBlock && !isBlankOrEnd(next) && isWhole(lines, end, end + 1);
}

/** The end of what is above. */
function isBlankOrEnd(line: string): boolean {
  return /^[\s)\]},;]*$/.test(line);
}

function isWhole(lines: readonly string[], first: number, end: number): boolean {
  const next = lines.slice(end).find((line) => line.trim() !== '') ?? '';
  const isGoneOn = indentOf(next) > indentOf(lines[first] ?? '');
  return !isGoneOn && openBrackets(lines.slice(first, end).join('\n')) === 0;
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

const quoted = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\\n])*`/g;

export function withoutQuotes(text: string): string {
  return text.replace(quoted, '');
}

/** Brackets that it opens and doesn't close, less those that it closes and doesn't open. Those within quotes are none. */
export function openBrackets(text: string): number {
  const code = withoutQuotes(text);
  return code.replace(/[^([{]/g, '').length - code.replace(/[^)\]}]/g, '').length;
}
