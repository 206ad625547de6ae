// Plain windows: runs of whole lines of a bounded size, which end at a blank line where one is near.
import { type Chunk, type ChunkKind, maxChunkCharacters, maxChunkLines } from './chunk.ts';

export interface WindowOptions {
  startLine: number;
  /** Not part of it. */
  endLine: number;
  kind?: ChunkKind;
  symbol?: string;
  context?: string;
}

const hasWord = /[\p{L}\p{N}]/u; // what is left between units is often a lone bracket
const earliestBreak = 0.5; // a window that ends at a blank line is at least so full

/** Windows over the lines from `startLine` to `endLine`; blank lines at their ends are left out, and so are windows without a word. */
export function windows(
  lines: readonly string[],
  { startLine, endLine, kind = 'window', symbol = '', context = '' }: WindowOptions,
): Chunk[] {
  const chunks: Chunk[] = [];
  for (let from = skipBlank(lines, startLine, endLine); from < endLine; from = skipBlank(lines, from, endLine)) {
    const to = endOf(lines, from, endLine);
    const last = lastFilled(lines, from, to);
    const text = cut(lines.slice(from, last).join('\n'));
    if (hasWord.test(text)) chunks.push({ kind, symbol, startLine: from, endLine: last, text, context });
    from = to;
  }
  return chunks;
}

function endOf(lines: readonly string[], from: number, endLine: number): number {
  let characters = 0;
  let to = from;
  let blank = -1;
  while (to < endLine && to - from < maxChunkLines) {
    characters += (lines[to]?.length ?? 0) + 1;
    if (characters > maxChunkCharacters && to > from) break;
    if (lines[to]?.trim() === '' && to - from >= maxChunkLines * earliestBreak) blank = to;
    to++;
  }
  return to < endLine && blank > from ? blank : to;
}

function skipBlank(lines: readonly string[], from: number, endLine: number): number {
  let at = from;
  while (at < endLine && lines[at]?.trim() === '') at++;
  return at;
}

function lastFilled(lines: readonly string[], from: number, to: number): number {
  let end = to;
  while (end > from + 1 && lines[end - 1]?.trim() === '') end--;
  return end;
}

/** One line alone can be longer than any chunk: only its beginning is kept. */
function cut(text: string): string {
  return text.length <= maxChunkCharacters ? text : text.slice(0, maxChunkCharacters).toWellFormed();
}
