// Which paths an undo puts back, and what each of them becomes. Pure.
import { isSame, type PathDifference, type PathState } from './differences.ts';
import type { Restoration, UndoConflict } from './restore.ts';

export interface UndoPlan {
  restorations: Restoration[];
  conflicts: UndoConflict[];
}

const changedBetween = 'It changed between two steps of the agent, so it stays as it is.';

/**
 * `steps`: what each of the steps that are undone changed, the oldest first. A path goes back through all of them; where what one step
 * left isn't what the next one found, somebody else has written it meanwhile.
 */
export function planUndo(steps: readonly (readonly PathDifference[])[]): UndoPlan {
  const ways = new Map<string, { expected: PathState | undefined; wanted: PathState | undefined } | 'broken'>();
  for (const differences of steps.toReversed())
    for (const { path, before, after } of differences) {
      const way = ways.get(path);
      if (way === 'broken') continue;
      if (!way) ways.set(path, { expected: after, wanted: before });
      else ways.set(path, isSame(way.wanted, after) ? { ...way, wanted: before } : 'broken');
    }
  const plan: UndoPlan = { restorations: [], conflicts: [] };
  for (const [path, way] of ways)
    if (way === 'broken') plan.conflicts.push({ path, why: changedBetween });
    else if (!isSame(way.expected, way.wanted)) plan.restorations.push({ path, ...way });
  return plan;
}
