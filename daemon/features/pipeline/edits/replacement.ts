// Fits code from a model's answer to the range it replaces. Indentation and line endings stay those of the document.
import type { Range } from '../../../base/snippet.ts';
import { lineAt, type ReviewTarget } from '../target.ts';

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
