// Where the code of a chat answer goes when the user presses "apply". Pure.
import { indentationOf } from '../../shared/edits/lines.ts';

/** Lines of the file from 0, the end not included. */
export type ApplyTarget = 'selection' | 'file' | 'cursor' | { startLine: number; endLine: number };

const shareOfSameLines = 0.5;

/**
 * The selection, if there is one. Else the whole file, if the code looks like another version of it: at least half of the
 * file's lines stand in the code. Else the lines that the code is another version of. Else the cursor.
 */
export function chooseApplyTarget(options: { hasSelection: boolean; fileText: string; code: string }): ApplyTarget {
  if (options.hasSelection) return 'selection';
  const fileLines = wordedLines(options.fileText);
  const codeLines = wordedLines(options.code);
  const same = [...fileLines].filter((line) => codeLines.has(line)).length;
  if (same >= fileLines.size * shareOfSameLines) return 'file';
  return linesOfVersion(splitLines(options.fileText), splitLines(options.code.replace(/\s+$/, ''))) ?? 'cursor';
}

/** The code, indented as the lines that it replaces. */
export function indentedAs(firstLine: string, code: string): string {
  const lines = splitLines(code.replace(/\s+$/, ''));
  const [own, given] = [indentationOf(firstLine), indentationOf(lines[0] ?? '')];
  return lines
    .map((line) => (line.trim() === '' || !line.startsWith(given) ? line : own + line.slice(given.length)))
    .join('\n');
}

/** Lines that declare the same, or that begin and end alike; undefined where there are none, or several such places. */
function linesOfVersion(
  file: readonly string[],
  code: readonly string[],
): { startLine: number; endLine: number } | undefined {
  const head = headOf(code, 0);
  const heading = code[head] ?? '';
  const name = declaredIn(heading);
  const starts = file.flatMap((line, at) =>
    line.trim() === heading.trim() || (name !== undefined && declaredIn(line) === name) ? [at] : [],
  );
  const [start, another] = starts;
  if (start === undefined || another !== undefined || heading.trim() === '') return undefined;
  const endLine = isOneBlock(code.slice(head)) ? endOfBlock(file, start) : endAlike(file, start, code.slice(head));
  if (endLine === undefined) return undefined;
  return { startLine: head > 0 ? commentAbove(file, start) : start, endLine };
}

const keyword =
  /\b(?:function\*?|class|interface|type|enum|def|fn|func|struct|trait|impl|module|namespace|const|let|var|sub|procedure)\s+([\p{L}_$][\p{L}\p{N}_$]*)/u;
const method =
  /^\s*(?:(?:public|private|protected|static|async|override|export|final|abstract|get|set)\s+)*([\p{L}_$#][\p{L}\p{N}_$]*)\s*\([^;]*\)[^;]*\{\s*$/u;
const notNames = new Set(['if', 'for', 'while', 'switch', 'catch', 'with', 'return', 'do']);

/** What a line declares, with its keyword left out, since `function` may become `const`. */
function declaredIn(line: string): string | undefined {
  const name = keyword.exec(line)?.[1] ?? method.exec(line)?.[1];
  return name === undefined || notNames.has(name) ? undefined : name;
}

const isAbove = (line: string): boolean => /^\s*(?:\/\/|\/?\*|#|--|@|"""|\[)/.test(line);

/** The first line that is no comment and no decorator. */
function headOf(lines: readonly string[], from: number): number {
  let at = from;
  while (at < lines.length - 1 && ((lines[at] ?? '').trim() === '' || isAbove(lines[at] ?? ''))) at++;
  return at;
}

function commentAbove(file: readonly string[], start: number): number {
  let at = start;
  while (at > 0 && isAbove(file[at - 1] ?? '')) at--;
  return at;
}

const closes = (line: string): boolean =>
  /^\s*(?:[\])}]|end\b|else\b|elif\b|except\b|finally\b|catch\b|rescue\b)/.test(line);

/** A heading, and lines that are deeper than it or close it. */
function isOneBlock([heading = '', ...lines]: readonly string[]): boolean {
  const depth = indentationOf(heading).length;
  return (
    lines.length > 0 && lines.every((line) => line.trim() === '' || indentationOf(line).length > depth || closes(line))
  );
}

function endOfBlock(file: readonly string[], start: number): number {
  const depth = indentationOf(file[start] ?? '').length;
  let end = start + 1;
  for (let at = start + 1; at < file.length; at++) {
    const line = file[at] ?? '';
    if (line.trim() === '') continue;
    const own = indentationOf(line).length;
    if (own < depth || (own === depth && !closes(line))) break;
    end = at + 1;
  }
  return end;
}

/** Behind the one line below the start that is the code's last one, no further away than the code is long and half again. */
function endAlike(file: readonly string[], start: number, code: readonly string[]): number | undefined {
  const last = code.at(-1)?.trim();
  const reach = file.slice(start, start + Math.ceil(code.length * 1.5) + 2);
  const ends = reach.flatMap((line, i) =>
    line.trim() === last && (i > 0 || code.length === 1) ? [start + i + 1] : [],
  );
  return ends.length === 1 ? ends[0] : undefined;
}

function splitLines(text: string): string[] {
  return text.split(/\r\n|\r|\n/);
}

/** Distinct lines that say something: a lone bracket stands in every file. */
function wordedLines(text: string): Set<string> {
  return new Set(
    splitLines(text)
      .map((line) => line.trim())
      .filter((line) => /\w/.test(line)),
  );
}
