// The pieces of a file that an edit can quote, for models whose answers are forced: lines, and lines that follow each other, each of them
// whole. Models quote the first line of a function and write all of it, which leaves its old rest behind: a line stands with what it opens. Pure.
import { redact } from '../../../models/secrets/scanner.ts';

const maxQuoted = 160; // more of them slow each token down
const maxQuotedChars = 1500;
const maxQuotedLines = 12;
const maxLinesTried = 500; // each is looked for in the whole file

/** Each stands in the file exactly once, from its first letter on. What may be a secret is none of them. */
export function quotablePieces(text: string): string[] {
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
      if (isOnce && piece.isWellFormed() && redact(piece).text === piece) pieces.push(piece);
    }
  }
  return pieces;
}

/** How many lines from this one on are whole together. A line whose rest is too long stands alone. */
function wholeCounts(lines: readonly string[], first: number, maxLines: number): number[] {
  const line = lines[first] ?? '';
  if (/^[\s)\]},;]*$/.test(line)) return []; // blank, or the end of what is above
  const counts: number[] = [];
  for (let count = 1; count <= maxQuotedLines && first + count <= lines.length; count++) {
    if (count > maxLines && counts.length > 0) break;
    if (isWhole(lines, first, first + count)) counts.push(count);
  }
  return counts.length > 0 ? counts : [1];
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

/** Brackets that it opens and doesn't close, less those that it closes and doesn't open. Those within quotes are none. */
export function openBrackets(text: string): number {
  const code = text.replace(quoted, '');
  return code.replace(/[^([{]/g, '').length - code.replace(/[^)\]}]/g, '').length;
}
