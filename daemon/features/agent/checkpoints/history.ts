// What became of a path since a run began: what each step found there and left, and what is there now.
import { isSame, type PathDifference, type PathState } from './differences.ts';
import { stateOnDisk } from './disk-state.ts';
import type { Author } from './hunks.ts';
import type { Shadow } from './shadow.ts';

/** `before` is what was there at first, `after` what is there now. */
export interface PathHistory extends PathDifference {
  /** The oldest first. */
  steps: readonly PathDifference[];
}

export async function historiesOf(
  { place: { workTree, modes } }: Shadow,
  steps: readonly (readonly PathDifference[])[],
): Promise<PathHistory[]> {
  const byPath = Map.groupBy(steps.flat(), ({ path }) => path);
  const found: PathHistory[] = [];
  for (const [path, own] of byPath) {
    const after = await stateOnDisk(workTree, path, modes).catch(() => undefined);
    found.push({ path, before: own[0]?.before, after, steps: own });
  }
  return found;
}

/** How the path came to be what it is, one change after the other. What changed around the steps wasn't the run. */
export function revisionsOf({ before, after, steps }: PathHistory): { state: PathState | undefined; by: Author }[] {
  const revisions: { state: PathState | undefined; by: Author }[] = [];
  let last = before;
  const add = (state: PathState | undefined, by: Author): void => {
    if (!isSame(last, state)) revisions.push({ state, by });
    last = state;
  };
  for (const step of steps) {
    add(step.before, 'others');
    add(step.after, 'agent');
  }
  add(after, 'others');
  return revisions;
}
