// Which changes of a run its user keeps, so that no client asks about them again. A change is known by its file and its id, which stays
// while the change is the same: lines that change again are asked about again. An undo takes nothing away here, since the undo of that
// undo brings back what was kept.
import { createHash } from 'node:crypto';
import type { PathDifference } from './differences.ts';
import type { RunHunk } from './hunks.ts';
import type { UndoConflict } from './restore.ts';
import type { Shadow } from './shadow.ts';

/** Ids of hunks, or of files without lines to show, by the file's path from the work tree. */
export type KeptIds = ReadonlyMap<string, ReadonlySet<string>>;

export interface ReviewedHunk extends RunHunk {
  /** Its user has said so, and isn't asked about it any more. */
  isKept: boolean;
}

export const movedOn = 'This change is no longer as you saw it. Review the changes again.';

export async function keptIdsOf(shadow: Shadow, jobId: string): Promise<KeptIds> {
  const text = await shadow.kept(jobId);
  const stored: [path: string, ids: string[]][] = text === undefined ? [] : JSON.parse(text); // as `keepIds` wrote it
  return new Map(stored.map(([path, ids]) => [path, new Set(ids)]));
}

export async function keepIds(shadow: Shadow, jobId: string, chosen: KeptIds): Promise<void> {
  const kept = new Map(await keptIdsOf(shadow, jobId));
  for (const [path, ids] of chosen) kept.set(path, new Set([...(kept.get(path) ?? []), ...ids]));
  await shadow.setKept(jobId, JSON.stringify([...kept].map(([path, ids]) => [path, [...ids]])));
}

/** What a file without lines to show is kept by: as what it is now, and instead of what. */
export function fileIdOf({ before, after }: PathDifference): string {
  return createHash('sha256')
    .update(JSON.stringify([before, after].map((state) => state && [state.kind, state.id, state.mode])))
    .digest('hex')
    .slice(0, 32);
}

/** What isn't kept of a file yet, by its ids: of all hunks, or of those that are meant. */
export function idsToKeep(
  { id, hunks, isKept }: { id: string; hunks: readonly ReviewedHunk[]; isKept: boolean },
  meant: readonly string[] | undefined,
): Set<string> {
  if (isKept) return new Set();
  if (hunks.length === 0) return new Set(meant ? [] : [id]);
  const open = hunks.filter(({ by, isKept: isDecided }) => by !== 'others' && !isDecided);
  const named = meant && new Set(meant);
  return new Set(open.flatMap((hunk) => (named?.has(hunk.id) === false ? [] : [hunk.id])));
}

/** Named where one of the hunks that are meant isn't there any more. */
export function goneFrom(path: string, hunks: readonly ReviewedHunk[], meant: readonly string[] = []): UndoConflict[] {
  const known = new Set(hunks.map(({ id }) => id));
  return meant.every((id) => known.has(id)) ? [] : [{ path, why: movedOn }];
}
