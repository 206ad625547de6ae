// What a run changed, as files and hunks that people can read.
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { endingsChange } from '../../change-sets/text-lines.ts';
import { isSame, type PathState } from './differences.ts';
import { type PathHistory, revisionsOf } from './history.ts';
import { countLines, hunksBetween, type RunHunk, type TextRevision } from './hunks.ts';
import { fileIdOf, type KeptIds, type ReviewedHunk } from './kept-hunks.ts';
import type { Shadow } from './shadow.ts';

export interface ChangedRunFile {
  uri: string;
  /** From the root. */
  path: string;
  change: 'created' | 'changed' | 'deleted';
  /** In the order of the lines; none of what isn't text. */
  hunks: ReviewedHunk[];
  /** Its user has nothing left to decide about it. */
  isKept: boolean;
  /** What it's kept by where it has no hunks. */
  id: string;
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

/** Of the paths that aren't what they were. */
export async function changesOf(
  shadow: Shadow,
  histories: readonly PathHistory[],
  keptIds: KeptIds,
): Promise<RunChanges> {
  const { workTree, prefix } = shadow.place;
  const files: ChangedRunFile[] = [];
  const notes: string[] = [];
  const changed = histories.filter(({ before, after }) => !isSame(before, after));
  const sorted = changed.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  let kept: ReadonlyMap<string, Buffer> = new Map();
  for (const [at, history] of sorted.entries()) {
    const { path, before, after } = history;
    if (at % blobsAtOnce === 0 && at < maxFiles)
      kept = await shadow.blobs(sorted.slice(at, at + blobsAtOnce).flatMap((each) => each.before?.id ?? []));
    const shown = path.slice(prefix.length);
    const texts = at < maxFiles ? await textsOf(history, kept, workTree) : undefined;
    const found = texts ? hunksBetween(texts.old, texts.now, await textRevisions(shadow, history, texts.now)) : [];
    const { hunks, ...decided } = reviewed(history, found, keptIds.get(path));
    files.push({
      uri: pathToFileURL(join(workTree, path)).href,
      path: shown,
      change: !before ? 'created' : after ? 'changed' : 'deleted',
      hunks,
      ...decided,
      added: sumOf(hunks, ({ newText }) => newText),
      removed: sumOf(hunks, ({ oldText }) => oldText),
    });
    const endings = texts && endingsChange(texts.old, texts.now);
    if (endings !== undefined) notes.push(`${shown} has other line endings: ${endings}.`);
    if (!texts && at < maxFiles) notes.push(whyNoLines(shown, before === undefined || kept.has(before.id)));
    if (before?.kind === 'file' && after?.kind === 'file' && before.mode !== after.mode)
      notes.push(`${shown} has other permissions: ${octal(before)} became ${octal(after)}.`);
  }
  if (sorted.length > maxFiles) notes.push(`Only the first ${maxFiles} files show which lines changed.`);
  return { files, notes };
}

function reviewed(
  history: PathHistory,
  found: readonly RunHunk[],
  kept: ReadonlySet<string> = new Set(),
): Pick<ChangedRunFile, 'hunks' | 'isKept' | 'id'> {
  const id = fileIdOf(history);
  const hunks = found.map((hunk) => ({ ...hunk, isKept: kept.has(hunk.id) }));
  const isKept =
    hunks.length === 0 ? kept.has(id) : hunks.every(({ by, isKept: isDecided }) => isDecided || by === 'others');
  return { id, hunks, isKept };
}

function whyNoLines(shown: string, isKept: boolean): string {
  return isKept
    ? `${shown} isn't text, or is too long to compare, so it can only be undone as a whole.`
    : `${shown} was too large to be kept, so it can't be undone.`;
}

function sumOf(hunks: readonly RunHunk[], textOf: (hunk: RunHunk) => string): number {
  return hunks.reduce((sum, hunk) => sum + countLines(textOf(hunk)), 0);
}

/** Undefined where one of them isn't text, or wasn't kept. */
async function textsOf(
  { path, before, after }: PathHistory,
  kept: ReadonlyMap<string, Buffer>,
  workTree: string,
): Promise<{ old: string; now: string } | undefined> {
  if (before?.kind === 'link' || after?.kind === 'link') return undefined;
  const bytes = kept.get(before?.id ?? '');
  const old = before ? bytes && decoded(bytes) : '';
  const now = after ? await textAt(join(workTree, path)) : '';
  return old === undefined || now === undefined ? undefined : { old, now };
}

/** How a text became what it is `now`. */
export async function textRevisions(shadow: Shadow, history: PathHistory, now: string): Promise<TextRevision[]> {
  const revisions = revisionsOf(history);
  if (revisions.every(({ by }) => by === 'agent')) return [];
  const earlier = revisions.slice(0, -1);
  const blobs = await shadow.blobs(earlier.flatMap(({ state }) => (state?.kind === 'file' ? state.id : [])));
  const texts = earlier.map(({ state }) => {
    const bytes = state && blobs.get(state.id);
    return state ? bytes && decoded(bytes) : '';
  });
  return revisions.map(({ by }, at) => ({ text: at < earlier.length ? texts[at] : now, by }));
}

/** Undefined of what isn't text, can't be read, or is a link. */
export async function textAt(path: string): Promise<string | undefined> {
  const bytes = await bytesAt(path);
  return bytes && decoded(bytes);
}

/** Undefined of what can't be read, is too long to compare, or is a link. */
export async function bytesAt(path: string): Promise<Buffer | undefined> {
  try {
    await using file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    const { size } = await file.stat();
    return size > maxTextBytes ? undefined : await file.readFile();
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
