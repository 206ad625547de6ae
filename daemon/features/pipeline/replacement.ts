// Fits code from a model's answer to the range it replaces. Indentation and line endings stay those of the document.
import type { Range } from '../../base/snippet.ts';
import { lineAt, type ReviewTarget } from './target.ts';

/** The replacement of a range, indented as the code it replaces. */
export function fitReplacement(target: ReviewTarget, range: Range, code: string): string {
  const indent = /^\s*/.exec(lineAt(target, range.start.line))?.[0] ?? '';
  const beginsLine = range.start.character <= indent.length;
  if (!beginsLine) return withLineEndings(target, code.trim()); // in the middle of a line there is no indentation to follow
  const originals = Array.from({ length: range.end.line - range.start.line + 1 }, (_, i) =>
    lineAt(target, range.start.line + i),
  );
  const fitted = reindent(withoutBlankEdges(code), commonIndent(originals));
  const isIndentKept = fitted.startsWith(indent.slice(0, range.start.character));
  return withLineEndings(target, isIndentKept ? fitted.slice(range.start.character) : fitted.trimStart());
}

/** Replaces the indentation that all lines have in common. */
function reindent(code: string, indent: string): string {
  const lines = code.split('\n');
  const had = commonIndent(lines).length;
  return lines.map((line) => (line.trim() === '' ? '' : indent + line.slice(had))).join('\n');
}

function commonIndent(lines: readonly string[]): string {
  const indents = lines.filter((line) => line.trim() !== '').map((line) => /^[ \t]*/.exec(line)?.[0] ?? '');
  return indents.reduce((shortest, indent) => (indent.length < shortest.length ? indent : shortest), indents[0] ?? '');
}

function withoutBlankEdges(code: string): string {
  return code.replace(/^(?:[ \t]*\n)+/, '').trimEnd();
}

function withLineEndings(target: ReviewTarget, code: string): string {
  return target.snippet.text.includes('\r\n') ? code.replaceAll('\n', '\r\n') : code;
}

/** The code of an answer that should hold one code block. Undefined when it has none, or several. */
export function codeIn(answer: string): string | undefined {
  const blocks = fencedBlocks(answer);
  if (blocks.length > 0) return blocks.length === 1 ? blocks[0] : undefined;
  return answer.trim() === '' || readsLikeProse(answer) ? undefined : answer;
}

/**
 * A block ends at a fence at least as long as its own, so code may contain shorter fences. The last block may lack its
 * end.
 */
function fencedBlocks(answer: string): string[] {
  const blocks: string[] = [];
  let open: { fence: string; lines: string[] } | undefined;
  for (const line of answer.split(/\r?\n/)) {
    const fence = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line);
    if (!open && fence) open = { fence: fence[1] ?? '', lines: [] };
    else if (open && fence?.[1]?.startsWith(open.fence) && fence[2]?.trim() === '') {
      blocks.push(open.lines.join('\n'));
      open = undefined;
    } else open?.lines.push(line);
  }
  return open ? [...blocks, open.lines.join('\n')] : blocks;
}

/** Code does not begin with a capital and four plain words in a row, or with an excuse. */
function readsLikeProse(answer: string): boolean {
  return /^\s*(?:I'm |I am |I can|I will |Sorry\b|[A-Z][a-z']*(?:,? [a-z][a-z']*){3,}(?:[\s.,:]|$))/.test(answer);
}
