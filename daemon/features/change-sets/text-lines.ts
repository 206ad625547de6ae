// A text as lines that know how they end, and edits of whole lines in it. Pure.
import { withLineFeeds } from '../../base/clean-text.ts';
import type { Range } from '../../base/snippet.ts';

export interface TextLines {
  lines: readonly string[];
  /** How each ends: nothing, of a last line without an end. */
  ends: readonly string[];
  /** How new lines end. */
  eol: string;
}

/** Lines `first` to before `end` become others. */
export interface LineEdit {
  first: number;
  end: number;
  lines: readonly string[];
}

/** A change that can be kept or undone by itself. */
export interface Hunk {
  range: Range;
  oldText: string;
  newText: string;
}

export function textLines(text: string): TextLines {
  const lines: string[] = [];
  const ends: string[] = [];
  for (const [, line = '', end = ''] of text.matchAll(/([^\r\n]*)(\r\n|\r|\n|$)/g)) {
    if (line === '' && end === '') break; // behind the last line's end
    lines.push(line);
    ends.push(end);
  }
  return { lines, ends, eol: text.includes('\r\n') ? '\r\n' : '\n' };
}

/** What happened to the ends of lines, as `LF became CRLF`; undefined where they are of the kind that they were. */
export function endingsChange(before: string, after: string): string | undefined {
  const [old, now] = [endingsOf(before), endingsOf(after)];
  if (old !== undefined && now !== undefined && old !== now) return `${old} became ${now}`;
  const isOnlyThat = before !== after && withLineFeeds(before) === withLineFeeds(after);
  return isOnlyThat && old === now ? 'some changed' : undefined;
}

function endingsOf(text: string): string | undefined {
  const kinds = new Set(textLines(text).ends);
  kinds.delete('');
  if (kinds.size > 1) return 'mixed';
  return [...kinds].map((end) => ({ '\n': 'LF', '\r\n': 'CRLF' })[end] ?? 'CR')[0];
}

/** The edit as a change of the text. Where the last line had no end, it has none afterwards. */
export function hunkOf({ lines, ends, eol }: TextLines, { first, end, lines: now }: LineEdit): Hunk {
  const last = lines.length - 1;
  const isOpenEnd = end === lines.length && last >= 0 && ends[last] === '';
  const lineEnd = { line: last, character: lines[last]?.length ?? 0 };
  const oldText = lines.slice(first, end).reduce((text, line, i) => text + line + (ends[first + i] ?? ''), '');
  if (isOpenEnd && first === end)
    return { range: { start: lineEnd, end: lineEnd }, oldText, newText: now.map((line) => eol + line).join('') };
  return {
    range: { start: { line: first, character: 0 }, end: isOpenEnd ? lineEnd : { line: end, character: 0 } },
    oldText,
    newText: isOpenEnd ? now.join(eol) : now.map((line) => line + eol).join(''),
  };
}

const maxDistance = 1000; // lines that go or come: memory and time grow with its square

/** The parts in which two lists of lines differ. Parts with one line between them are one. */
export function differences(old: readonly string[], now: readonly string[]): LineEdit[] {
  return joined(separateDifferences(old, now), old);
}

/** The same, each part by itself: the fewest lines in all; one part where the lists have little in common (Myers 1986). */
export function separateDifferences(old: readonly string[], now: readonly string[]): LineEdit[] {
  const shorter = Math.min(old.length, now.length);
  let start = 0;
  while (start < shorter && old[start] === now[start]) start++;
  let tail = 0;
  while (tail < shorter - start && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
  const [a, b] = [old.slice(start, old.length - tail), now.slice(start, now.length - tail)];
  if (a.length === 0 && b.length === 0) return [];
  const same = sameLines(a, b) ?? [];
  const edits: LineEdit[] = [];
  let [fromA, fromB] = [0, 0];
  for (const [atA, atB] of [...same, [a.length, b.length] as const]) {
    if (atA > fromA || atB > fromB) edits.push({ first: start + fromA, end: start + atA, lines: b.slice(fromB, atB) });
    [fromA, fromB] = [atA + 1, atB + 1];
  }
  return edits;
}

/** Parts with at most one line between them, as one where they may be. */
export function joined<T extends LineEdit>(
  edits: readonly T[],
  old: readonly string[],
  mayJoin: (before: T, edit: T) => boolean = () => true,
): T[] {
  const result: T[] = [];
  for (const edit of edits) {
    const before = result.at(-1);
    if (before && edit.first - before.end <= 1 && mayJoin(before, edit)) {
      const between = old.slice(before.end, edit.first);
      const lines = [...before.lines, ...between, ...edit.lines];
      result[result.length - 1] = { ...before, end: edit.end, lines };
    } else result.push(edit);
  }
  return result;
}

/** Pairs of places with the same line, ascending; undefined where the lists are further apart than `maxDistance`. */
function sameLines(a: readonly string[], b: readonly string[]): [number, number][] | undefined {
  const rounds: Int32Array[] = [];
  const reached = new Int32Array(2 * maxDistance + 3);
  const middle = maxDistance + 1;
  for (let distance = 0; distance <= maxDistance; distance++) {
    rounds.push(reached.slice(middle - distance - 1, middle + distance + 2));
    for (let k = -distance; k <= distance; k += 2) {
      let x = beginsDown(reached, middle, k, distance)
        ? (reached[middle + k + 1] ?? 0)
        : (reached[middle + k - 1] ?? 0) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      reached[middle + k] = x;
      if (x >= a.length && x - k >= b.length) return wayBack(rounds, a.length, b.length);
    }
  }
  return undefined;
}

function beginsDown(reached: Int32Array, middle: number, k: number, distance: number): boolean {
  if (k === -distance) return true;
  return k !== distance && (reached[middle + k - 1] ?? 0) < (reached[middle + k + 1] ?? 0);
}

function wayBack(rounds: readonly Int32Array[], lengthA: number, lengthB: number): [number, number][] {
  const same: [number, number][] = [];
  let [x, y] = [lengthA, lengthB];
  for (let distance = rounds.length - 1; distance >= 0; distance--) {
    const reached = rounds[distance] ?? new Int32Array(0);
    const middle = distance + 1;
    const k = x - y;
    const from = beginsDown(reached, middle, k, distance) ? k + 1 : k - 1;
    const fromX = distance === 0 ? 0 : (reached[middle + from] ?? 0);
    const fromY = distance === 0 ? 0 : fromX - from;
    while (x > fromX && y > fromY) same.push([--x, --y]);
    [x, y] = [fromX, fromY];
  }
  return same.reverse();
}
