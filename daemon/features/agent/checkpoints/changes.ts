// What a run changed, as files and hunks that people can read.
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Range } from '../../../base/snippet.ts';
import { differences, textLines } from '../../change-sets/text-lines.ts';
import type { PathDifference, PathState } from './differences.ts';
import type { Shadow } from './shadow.ts';

/** Lines that changed: `oldText` stood in `range` of the file as it was, and `newText` stands there now. */
export interface RunHunk {
  range: Range;
  oldText: string;
  newText: string;
}

export interface ChangedRunFile {
  uri: string;
  /** From the root. */
  path: string;
  change: 'created' | 'changed' | 'deleted';
  /** In the order of the lines; none of what isn't text. */
  hunks: RunHunk[];
  /** Lines. */
  added: number;
  removed: number;
}

export interface RunChanges {
  files: ChangedRunFile[];
  /** What isn't seen in the files, in sentences. */
  notes: string[];
}

const maxFiles = 500; // whose texts are compared
const blobsAtOnce = 32;
const maxTextBytes = 5 * 1024 * 1024;

export async function changesBetween(shadow: Shadow, changed: readonly PathDifference[]): Promise<RunChanges> {
  const { workTree, prefix } = shadow.place;
  const files: ChangedRunFile[] = [];
  const notes: string[] = [];
  const sorted = changed.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  let kept: ReadonlyMap<string, Buffer> = new Map();
  for (const [at, { path, before, after }] of sorted.entries()) {
    if (at % blobsAtOnce === 0 && at < maxFiles)
      kept = await shadow.blobs(sorted.slice(at, at + blobsAtOnce).flatMap((each) => each.before?.id ?? []));
    const shown = path.slice(prefix.length);
    const texts = at < maxFiles ? await textsOf({ path, before, after }, kept, workTree) : undefined;
    const hunks = texts ? hunksBetween(texts.old, texts.now) : [];
    files.push({
      uri: pathToFileURL(join(workTree, path)).href,
      path: shown,
      change: !before ? 'created' : after ? 'changed' : 'deleted',
      hunks,
      added: sumOf(hunks, ({ newText }) => newText),
      removed: sumOf(hunks, ({ oldText }) => oldText),
    });
    if (!texts && at < maxFiles) notes.push(`${shown} isn't text, so it can only be undone as a whole.`);
    if (before?.kind === 'file' && after?.kind === 'file' && before.mode !== after.mode)
      notes.push(`${shown} has other permissions: ${octal(before)} became ${octal(after)}.`);
  }
  if (sorted.length > maxFiles) notes.push(`Only the first ${maxFiles} files show which lines changed.`);
  return { files, notes };
}

/** The hunks between two texts, line ends included: with each `oldText` replaced, the old text is the new one. */
export function hunksBetween(oldText: string, newText: string): RunHunk[] {
  const [old, now] = [linesOf(oldText), linesOf(newText)];
  return differences(old, now).map(({ first, end, lines }) => ({
    range: { start: startOf(old, first), end: startOf(old, end) },
    oldText: old.slice(first, end).join(''),
    newText: lines.join(''),
  }));
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

function sumOf(hunks: readonly RunHunk[], textOf: (hunk: RunHunk) => string): number {
  return hunks.reduce((sum, hunk) => sum + linesOf(textOf(hunk)).length, 0);
}

/** Undefined where one of them isn't text, or wasn't kept. */
async function textsOf(
  { path, before, after }: PathDifference,
  kept: ReadonlyMap<string, Buffer>,
  workTree: string,
): Promise<{ old: string; now: string } | undefined> {
  if (before?.kind === 'link' || after?.kind === 'link') return undefined;
  const bytes = kept.get(before?.id ?? '');
  const old = before ? bytes && decoded(bytes) : '';
  const now = after ? await textAt(join(workTree, path)) : '';
  return old === undefined || now === undefined ? undefined : { old, now };
}

/** Undefined of what isn't text, can't be read, or is a link. */
export async function textAt(path: string): Promise<string | undefined> {
  try {
    await using file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    const { size } = await file.stat();
    return size > maxTextBytes ? undefined : decoded(await file.readFile());
  } catch {
    return undefined;
  }
}

/** Without a mark of the byte order, which editors don't show. Undefined of what isn't text. */
export function decoded(bytes: Buffer): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function octal({ mode }: PathState): string {
  return mode.toString(8);
}
