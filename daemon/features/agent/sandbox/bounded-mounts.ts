// What is mounted read-only for a program: all settings of its folder, or, where those are too many, whole folders that hold many of them.
// Each mount takes the system longer than the one before: 500 take under a second, 2500 half a minute, and bubblewrap takes no more than
// 3000.
import { dirname, relative } from 'node:path';
import { isInside } from '../../../base/paths.ts';

export interface Mounts {
  paths: string[];
  /** The folders among them that hold more than settings. */
  wholeFolders: string[];
}

const maxMounts = 1000;

/** `paths`: in the root. Those that lie in the root itself stay as they are, however many. */
export function boundedMounts(root: string, paths: readonly string[]): Mounts {
  let singles = [...paths];
  const wholeFolders: string[] = [];
  for (;;) {
    const excess = singles.length + wholeFolders.length + 1 - maxMounts; // with the one that takes their place
    const whole = excess > 1 ? fullestFolder(root, singles, excess) : undefined;
    if (whole === undefined) return { paths: [...singles, ...wholeFolders], wholeFolders };
    singles = singles.filter((path) => !isInside(path, whole));
    wholeFolders.push(whole);
  }
}

/** Of the folders that hold enough settings the one with the fewest, and of several the innermost; else the one with the most. */
function fullestFolder(root: string, paths: readonly string[], enough: number): string | undefined {
  const counts = new Map<string, number>();
  for (const path of paths)
    for (let folder = dirname(path); relative(root, folder) !== ''; folder = dirname(folder))
      counts.set(folder, (counts.get(folder) ?? 0) + 1);
  const byUse = [...counts].filter(([, count]) => count > 1).toSorted(([, one], [, other]) => one - other);
  const [, least] = byUse.find(([, count]) => count >= enough) ?? byUse.at(-1) ?? [];
  const equal = byUse.filter(([, count]) => count === least).map(([folder]) => folder);
  return equal.toSorted((one, other) => other.length - one.length)[0];
}
