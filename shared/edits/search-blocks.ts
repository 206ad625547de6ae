// Search-and-replace blocks of an answer, and what they make of lines. Pure.
import { indentationOf, withoutBlankEnds } from './lines.ts';

/** What stands between the markers, line by line. */
export interface SearchBlock {
  search: string[];
  replace: string[];
}

/** As it was written. */
interface ReadBlock extends SearchBlock {
  /** What stands behind the opening marker, such as a path. */
  header: string;
  /** The lines between the block before and this one. */
  above: string[];
  /** Lines of `=======`: one, in a block that is whole. Others than the first are in `replace`, too. */
  dividers: number;
}

/** The lines with every block in its place, or why there are none: the end of a sentence that begins with the answer. */
type PlacedBlocks = { lines: string[] } | { why: string };

const opening = /^ {0,3}<{5,9} ?(?:SEARCH|ORIGINAL|OLD)\b/i;
/** A model that was asked for blocks may leave the word out. Elsewhere such a line may be git's mark of a conflict. */
const bareOpening = /^ {0,3}<{5,9}(?: ?HEAD)?\s*$/;
const divider = /^ {0,3}={5,9}\s*$/;
const closing = /^ {0,3}>{5,9}(?: ?(?:REPLACE|UPDATED|NEW)\b|\s*$)/i;

/** Whether a block begins at this line, whatever was asked for. */
export function opensBlock(line: string): boolean {
  return opening.test(line);
}

export function closesBlock(line: string): boolean {
  return closing.test(line);
}

/** Whether a line would be taken for one of a block's own. */
export function isBlockMarker(line: string): boolean {
  return opensBlock(line) || bareOpening.test(line) || divider.test(line) || closesBlock(line);
}

/** The blocks of an answer, fenced or not. Undefined where it has none, or one that isn't whole. */
export function searchBlocksIn(answer: string): SearchBlock[] | undefined {
  const { blocks, open } = readBlocks(answer.split(/\r?\n/));
  const areWhole = !open && blocks.length > 0 && blocks.every(({ dividers }) => dividers > 0);
  return areWhole ? blocks : undefined;
}

/** The blocks of an answer that is still being written, the last as far as it has come. */
export function searchBlocksSoFar(answer: string): SearchBlock[] {
  const { blocks, open } = readBlocks(answer.split(/\r?\n/));
  return [...blocks, ...(open ? [open] : [])].filter(({ dividers }) => dividers > 0);
}

/** `open` has no end yet. */
export function readBlocks(lines: readonly string[]): { blocks: ReadBlock[]; open: ReadBlock | undefined } {
  const blocks: ReadBlock[] = [];
  let open: ReadBlock | undefined;
  let above: string[] = [];
  for (const line of lines) {
    if (open && closesBlock(line)) {
      blocks.push(open);
      open = undefined;
    } else if (open) {
      const isDivider = divider.test(line);
      if (isDivider) open.dividers++;
      if (!isDivider || open.dividers > 1) open[open.dividers === 0 ? 'search' : 'replace'].push(line);
    } else if (opensBlock(line) || bareOpening.test(line)) {
      open = { search: [], replace: [], header: line.replace(opening, ''), above, dividers: 0 };
      above = [];
    } else above.push(line);
  }
  return { blocks, open };
}

/** Each block's lines must be found exactly once; where none are the same, lines that differ in indentation alone are. */
export function placeBlocks(lines: readonly string[], blocks: readonly SearchBlock[]): PlacedBlocks {
  const places: { at: number; length: number; replace: string[] }[] = [];
  for (const block of blocks) {
    const search = withoutBlankEnds(block.search);
    if (search.length === 0 && lines.some((line) => line.trim() !== ''))
      return { why: "doesn't say which lines it replaces" };
    const found = search.length === 0 ? [0] : placesOf(lines, search);
    const [at] = found;
    if (at === undefined) return { why: "replaces lines that aren't there" };
    if (found.length > 1) return { why: 'replaces lines that are there more than once' };
    const length = search.length === 0 ? lines.length : search.length;
    places.push({ at, length, replace: indentedLike(lines[at] ?? '', search[0] ?? '', block) });
  }
  places.sort((a, b) => a.at - b.at);
  const result: string[] = [];
  let next = 0;
  for (const { at, length, replace } of places) {
    if (at < next) return { why: 'replaces the same lines twice' };
    result.push(...lines.slice(next, at), ...replace);
    next = at + length;
  }
  return { lines: [...result, ...lines.slice(next)] };
}

function placesOf(lines: readonly string[], search: readonly string[]): number[] {
  for (const form of [(line: string) => line.trimEnd(), (line: string) => line.trim()]) {
    const [has, wanted] = [lines.map(form), search.map(form)];
    const found = has.flatMap((_, at) => (wanted.every((line, i) => has[at + i] === line) ? [at] : []));
    if (found.length > 0) return found;
  }
  return [];
}

/** The new lines, moved as far as the searched ones stand from where they were found. */
function indentedLike(found: string, searched: string, { search, replace }: SearchBlock): string[] {
  // Blank lines that the search has at an end were not looked for; those of the replacement there go with them.
  const hasBlankEnd = search[0]?.trim() === '' || search.at(-1)?.trim() === '';
  const trimmed = hasBlankEnd ? withoutBlankEnds(replace) : replace;
  const [has, had] = [indentationOf(found), indentationOf(searched)];
  if (has === had) return trimmed;
  return trimmed.map((line) => (line.startsWith(had) && line.trim() !== '' ? has + line.slice(had.length) : line));
}
