// The hunks between a file as it was before a run and as it is now: who wrote each of them, and the file without some of them. Pure.
import { createHash } from 'node:crypto';
import { takenBack } from '../../../../shared/edits/take-back.ts';
import { lineStarts, offsetAt, type Range } from '../../../base/snippet.ts';
import { joined, type LineEdit, separateDifferences, textLines } from '../../change-sets/text-lines.ts';

/** Who made a change: this run of the agent, or somebody else, another run too. */
export type Author = 'agent' | 'others';

/** Lines that changed: `oldText` stood in `range` of the file as it was, and `newText` stands there now. */
export interface RunHunk {
  /** It stays while the hunk is the same, whatever else changes in the file. */
  id: string;
  by: Author | 'both';
  range: Range;
  oldText: string;
  newText: string;
}

/** A text of the file on its way, and who made it of the one before; undefined where it isn't known. */
export interface TextRevision {
  text: string | undefined;
  by: Author;
}

type AuthoredEdit = LineEdit & Pick<RunHunk, 'by'>;

/**
 * The hunks between two texts, line ends included: with each `oldText` replaced, the old text is the new one. Without revisions, all of
 * them are the agent's. Neighbors are one hunk where they have the same author.
 */
export function hunksBetween(oldText: string, newText: string, revisions: readonly TextRevision[] = []): RunHunk[] {
  const [old, now] = [linesOf(oldText), linesOf(newText)];
  const edits = authored(separateDifferences(old, now), old, revisions);
  return joined(edits, old, (before, edit) => before.by === edit.by).map(({ first, end, lines, by }) => {
    const hunk = { oldText: old.slice(first, end).join(''), newText: lines.join('') };
    const id = idOf(first, hunk);
    return { id, by, range: { start: startOf(old, first), end: startOf(old, end) }, ...hunk };
  });
}

/** What stands in the file now, with what stood there before in place of some of its hunks. All else stays as it is. */
export function withoutHunks(now: string, hunks: readonly RunHunk[], isUndone: (hunk: RunHunk) => boolean): string {
  const starts = lineStarts(now);
  const parts: string[] = [];
  let at = 0;
  for (const [index, { range, newText }] of takenBack(hunks).entries()) {
    const hunk = hunks[index];
    if (!hunk || !isUndone(hunk)) continue;
    parts.push(now.slice(at, offsetAt(now, range.start, starts)), newText);
    at = offsetAt(now, range.end, starts);
  }
  return [...parts, now.slice(at)].join('');
}

/** Where the hunks stand in a text, in whole lines; those that it doesn't have there are left out. Where lines went, it's the next one. */
export function placesIn(text: string, hunks: readonly RunHunk[]): Pick<RunHunk, 'id' | 'by' | 'range'>[] {
  const { lines } = textLines(text);
  return takenBack(hunks).flatMap(({ range: { start }, oldText: written }, at) => {
    const { id, by } = hunks[at] ?? { id: '', by: 'others' };
    const own = textLines(written).lines;
    if (own.some((line, offset) => lines[start.line + offset] !== line)) return [];
    const last = Math.max(0, Math.min(start.line + Math.max(own.length, 1), lines.length) - 1);
    const end = { line: last, character: lines[last]?.length ?? 0 };
    const range = { start: { line: Math.min(start.line, last), character: 0 }, end };
    return [{ id, by, range }];
  });
}

/** Lines, with the last one where it has no end. */
export function countLines(text: string): number {
  return linesOf(text).length;
}

/** Each with its end. */
function linesOf(text: string): string[] {
  const { lines, ends } = textLines(text);
  return lines.map((line, at) => line + (ends[at] ?? ''));
}

/** Where a line begins: behind the last one, that is its end if it doesn't end. */
function startOf(lines: readonly string[], line: number): Range['start'] {
  const last = lines.at(-1);
  const isOpen = line === lines.length && last !== undefined && !/[\r\n]$/.test(last);
  return isOpen ? { line: line - 1, character: last.length } : { line, character: 0 };
}

/** The place is that in the file as it was before the run, which no later change moves. */
function idOf(first: number, { oldText, newText }: Pick<RunHunk, 'oldText' | 'newText'>): string {
  return createHash('sha256')
    .update(JSON.stringify([first, oldText, newText]))
    .digest('hex')
    .slice(0, 32);
}

function authored(
  edits: readonly LineEdit[],
  old: readonly string[],
  revisions: readonly TextRevision[],
): AuthoredEdit[] {
  const texts = revisions.flatMap(({ text, by }) => (text === undefined ? [] : [{ lines: linesOf(text), by }]));
  if (revisions.every(({ by }) => by === 'agent')) return edits.map((edit) => ({ ...edit, by: 'agent' }));
  if (texts.length < revisions.length) return edits.map((edit) => ({ ...edit, by: 'both' }));
  const { ofLines, ofRemoved } = authorsOf(old, texts);
  let grown = 0;
  return edits.map((edit) => {
    const { first, end, lines } = edit;
    const authors = new Set(ofLines.slice(first + grown, first + grown + lines.length));
    for (let line = first; line < end; line++) authors.add(ofRemoved.get(line));
    grown += lines.length - (end - first);
    if (authors.has('agent') === authors.has('others')) return { ...edit, by: 'both' }; // or one line for another
    return { ...edit, by: authors.has('agent') ? 'agent' : 'others' };
  });
}

/** Who wrote each line of the last revision, and who removed which lines of the first text; undefined of a line that stayed. */
function authorsOf(
  old: readonly string[],
  revisions: readonly { lines: readonly string[]; by: Author }[],
): { ofLines: (Author | undefined)[]; ofRemoved: ReadonlyMap<number, Author> } {
  const ofRemoved = new Map<number, Author>();
  let from = old;
  /** Of each line: its place in the first text, or its author. */
  let origins: (number | Author)[] = old.map((_, at) => at);
  for (const { lines, by } of revisions) {
    const next: (number | Author)[] = [];
    let at = 0;
    for (const { first, end, lines: written } of separateDifferences(from, lines)) {
      for (; at < first; at++) next.push(origins[at] ?? by);
      for (; at < end; at++) {
        const origin = origins[at];
        if (typeof origin === 'number') ofRemoved.set(origin, by);
      }
      for (const _ of written) next.push(by);
    }
    for (; at < origins.length; at++) next.push(origins[at] ?? by);
    [from, origins] = [lines, next];
  }
  return { ofLines: origins.map((origin) => (typeof origin === 'number' ? undefined : origin)), ofRemoved };
}
