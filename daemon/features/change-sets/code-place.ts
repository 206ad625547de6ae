// Where code goes that names a file and quotes nothing of it: it is one function or several of that file, or all of the file.
import { indentationOf, withoutBlankEnds } from '../../../shared/edits/lines.ts';
import type { Declaration, Outlines } from '../../code-index/syntax-checker.ts';
import type { LineEdit } from './text-lines.ts';

interface PlacedFile {
  uri: string;
  languageId: string;
  lines: readonly string[];
}

type CodePlace = { edits: LineEdit[] } | { why: string };

export async function placeCode(
  code: readonly string[],
  file: PlacedFile,
  { outlines, signal }: { outlines: Outlines; signal: AbortSignal },
): Promise<CodePlace> {
  if (!file.lines.some((line) => line.trim() !== ''))
    return { edits: [{ first: 0, end: file.lines.length, lines: code }] };
  const { uri, languageId } = file;
  const outlineOf = async (lines: readonly string[]): Promise<Span[]> =>
    spansOf((await outlines.outline({ uri, languageId, text: `${lines.join('\n')}\n` }, signal)) ?? []);
  const [said, known] = [await outlineOf(code), await outlineOf(file.lines)];
  const functions = placeFunctions({ lines: code, spans: said }, { lines: file.lines, spans: known });
  if (functions && 'edits' in functions) return functions;
  if (isVersionOf(code, file.lines)) return { edits: [{ first: 0, end: file.lines.length, lines: code }] };
  return functions ?? { why: "doesn't say where it belongs: it's neither the whole file nor functions from it" };
}

/** Lines of one declaration. */
interface Span {
  symbol: string;
  first: number;
  end: number;
}

/** Long declarations come in several pieces. */
function spansOf(declarations: readonly Declaration[]): Span[] {
  const spans: Span[] = [];
  for (const { symbol, startLine, endLine } of declarations) {
    const before = spans.at(-1);
    if (before?.symbol === symbol && before.end === startLine) before.end = endLine;
    else spans.push({ symbol, first: startLine, end: endLine });
  }
  return spans;
}

interface Outlined {
  lines: readonly string[];
  spans: readonly Span[];
}

const isBeside = (line: string): boolean => line.trim() === '' || isAbove(line);
/** A comment or a decorator. */
const isAbove = (line: string): boolean => /^\s*(?:\/\/|\/?\*|#(?!include|define|if|endif)|--|@|"""|\[)/.test(line);

/** Undefined where the code is more than declarations, or the file has none of them. One that the file doesn't have goes with its neighbor. */
function placeFunctions(code: Outlined, file: Outlined): CodePlace | undefined {
  const isCovered = code.lines.every(
    (line, at) => isBeside(line) || code.spans.some(({ first, end }) => at >= first && at < end),
  );
  const known = code.spans.filter(({ symbol }) => file.spans.some((span) => span.symbol === symbol));
  if (!isCovered || known.length === 0) return undefined;
  const edits: LineEdit[] = [];
  let from = 0;
  for (const [index, { symbol, first, end }] of known.entries()) {
    const places = file.spans.filter((span) => span.symbol === symbol);
    const [place] = places;
    if (!place || places.length > 1) return { why: `has ${symbol}, which the file has ${places.length} times` };
    if (file.spans.some((span) => span.symbol.startsWith(`${symbol}.`)))
      return { why: `has ${symbol}, and it isn't clear what of it stays. Ask for the parts that change` };
    const until = index === known.length - 1 ? code.lines.length : end;
    const lines = withoutBlankEnds(code.lines.slice(from, until));
    const hasAbove = headOf(code.lines, first) > from && isAbove(lines[0] ?? '');
    const head = headOf(file.lines, place.first);
    edits.push({ first: hasAbove ? firstAbove(file.lines, head) : head, end: place.end, lines });
    from = until;
  }
  const indented = edits.map((edit) => ({ ...edit, lines: indentedAs(file.lines[edit.first] ?? '', edit.lines) }));
  return { edits: indented };
}

/** A declaration's own first line, below its comments and decorators. */
function headOf(lines: readonly string[], first: number): number {
  let at = first;
  while (at < lines.length - 1 && isBeside(lines[at] ?? '')) at++;
  return at;
}

function firstAbove(lines: readonly string[], first: number): number {
  let at = first;
  while (at > 0 && isAbove(lines[at - 1] ?? '')) at--;
  return at;
}

function indentedAs(line: string, lines: readonly string[]): string[] {
  const [own, given] = [indentationOf(line), indentationOf(lines[0] ?? '')];
  return lines.map((each) => (each.trim() !== '' && each.startsWith(given) ? own + each.slice(given.length) : each));
}

const shareOfSameLines = 0.5;

/** Whether at least half of what a file's lines say stands in the code. */
function isVersionOf(code: readonly string[], lines: readonly string[]): boolean {
  const said = (all: readonly string[]): Set<string> =>
    new Set(all.map((line) => line.trim()).filter((line) => /\w/.test(line)));
  const [has, had] = [said(code), said(lines)];
  return [...had].filter((line) => has.has(line)).length >= had.size * shareOfSameLines;
}
