// How much a review of a change would look at, known before it starts.
import { targetsOfDiff } from './diff-targets.ts';
import { gitChange, type WantedChange } from './git-change.ts';

interface ChangeScope {
  files: number;
  /** Lines that were added or changed. */
  lines: number;
  leftOut: number;
}

/** Throws UserErrors `no-diff` and `no-revision`. */
export async function scopeOf(wanted: WantedChange, folder: string, signal: AbortSignal): Promise<ChangeScope> {
  const { diff, root, textAfter } = await gitChange(wanted, folder, signal);
  const { targets, leftOut } = await targetsOfDiff(diff, root, textAfter);
  const spans = targets.flatMap(({ lines }) => lines);
  return {
    files: targets.length,
    lines: spans.reduce((sum, { first, last }) => sum + last - first + 1, 0),
    leftOut: leftOut.length,
  };
}
