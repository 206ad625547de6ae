// Holes in real code: what a developer would have typed is taken out, and is what a suggestion is compared with. Pure, and the same holes
// for the same files.

/** Of a line its end or all of it, or the body of a block. */
export const holeKinds = ['end', 'line', 'block'] as const;
export type HoleKind = (typeof holeKinds)[number];

export interface CodeFile {
  /** From the folder, with `/` between its parts. */
  path: string;
  language: string;
  text: string;
}

export interface Hole {
  path: string;
  language: string;
  kind: HoleKind;
  before: string;
  /** What was there. */
  truth: string;
  after: string;
}

const minLineChars = 10;
const maxBlockLines = 12;
const triesPerHole = 40;
const trailingClosers = /[\])}'"`;,]+$/;

/** At most `count`, the kinds in turn; fewer where the files have no more places. */
export function holesIn(files: readonly CodeFile[], count: number, random: () => number): Hole[] {
  const holes: Hole[] = [];
  const taken = new Set<string>();
  for (let tries = 0; files.length > 0 && holes.length < count && tries < count * triesPerHole; tries++) {
    const file = files[Math.floor(random() * files.length)];
    const kind = holeKinds[holes.length % holeKinds.length] ?? 'line';
    const hole = file && cut(file, kind, random);
    const place = hole && `${hole.path}:${hole.before.length}`;
    if (!place || taken.has(place)) continue;
    taken.add(place);
    holes.push(hole);
  }
  return holes;
}

/** The holes of a file together, from its beginning to its end; the files in the order in which they came. */
export function byFile(holes: readonly Hole[]): Hole[] {
  const files = Map.groupBy(holes, ({ path }) => path);
  return [...files.values()].flatMap((own) => own.toSorted((a, b) => a.before.length - b.before.length));
}

function cut({ path, language, text }: CodeFile, kind: HoleKind, random: () => number): Hole | undefined {
  const lines = text.split('\n');
  const at = Math.floor(random() * lines.length);
  const line = (lines[at] ?? '').trimEnd();
  if (line.trim().length < minLineChars) return undefined;
  const lineStart = lines.slice(0, at).reduce((sum, { length }) => sum + length + 1, 0);
  const hole = (from: number, truth: string): Hole => ({
    ...{ path, language, kind, before: text.slice(0, from), truth },
    after: text.slice(from + truth.length),
  });
  const indent = indentOf(line);
  if (kind === 'line') return hole(lineStart + indent, line.slice(indent));
  if (kind === 'end') {
    const column = indent + 2 + Math.floor(random() * (line.length - indent - 4));
    // Editors close brackets and quotes by themselves: half of the time that has happened.
    const truth = random() < 0.5 ? withoutClosed(line.slice(column)) : line.slice(column);
    return truth.trim() === '' ? undefined : hole(lineStart + column, truth);
  }
  const body = bodyBelow(lines, at, language);
  if (body === undefined) return undefined;
  const inner = indentOf(body);
  return hole(lineStart + (lines[at] ?? '').length + 1 + inner, body.slice(inner));
}

/** Without the closers at its end that an editor has written: those of what stands before it. */
function withoutClosed(text: string): string {
  const closers = trailingClosers.exec(text)?.[0].length ?? 0;
  for (let count = closers; count > 0; count--) {
    const left = text.slice(0, text.length - count);
    if (!leavesOpen(left)) return left;
  }
  return text;
}

/** Whether it opens a bracket or a quote that it doesn't close. */
function leavesOpen(text: string): boolean {
  const brackets = [/[([{]/g, /[\])}]/g].map((kind) => text.match(kind)?.length ?? 0);
  const quotes = ['"', "'", '`'].map((quote) => text.split(quote).length - 1);
  return (brackets[0] ?? 0) > (brackets[1] ?? 0) || quotes.some((count) => count % 2 === 1);
}

/** The lines that a line opens, and nothing where there are none, or too many. */
function bodyBelow(lines: readonly string[], at: number, language: string): string | undefined {
  const line = (lines[at] ?? '').trimEnd();
  if (!line.endsWith('{') && !(language === 'python' && line.endsWith(':'))) return undefined;
  let end = at + 1;
  while (end < lines.length && (lines[end]?.trim() === '' || indentOf(lines[end] ?? '') > indentOf(line))) end++;
  while (lines[end - 1]?.trim() === '') end--;
  const body = lines.slice(at + 1, end);
  return body.length === 0 || body.length > maxBlockLines || body[0]?.trim() === ''
    ? undefined
    : body.join('\n').trimEnd();
}

/** Characters that a line is indented by. */
function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
