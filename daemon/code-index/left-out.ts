// What a scan leaves out and why, so that a file that is not found is not a riddle.
import { maxFileBytes, maxFiles } from './limits.ts';

export type LeftOutReason =
  | 'ignored'
  | 'packages'
  | 'generated'
  | 'kind'
  | 'large'
  | 'binary'
  | 'link'
  | 'unreadable'
  | 'too-many';

export interface LeftOut {
  reason: LeftOutReason;
  /** For the user, such as `ignored by .gitignore, line 3 (dist/)`. */
  why: string;
  /** Files, or folders where a whole one is left out. */
  count: number;
  /** The first of them, from the root. */
  examples: string[];
}

const maxGroups = 30;
const maxExamples = 5;

/** Without what decided in a single case: for those who may not see the folder. */
const reasons: Readonly<Record<LeftOutReason, string>> = {
  ignored: 'ignored by a rule',
  packages: 'package and tool folders',
  generated: 'lock files, minified files, and source maps',
  kind: "file types that the index doesn't read",
  large: `larger than ${maxFileBytes / 1024 / 1024} MB`,
  binary: 'binary, or with lines too long for code',
  link: 'symbolic links',
  unreadable: "couldn't be read",
  'too-many': `beyond the first ${maxFiles.toLocaleString('en')} files`,
};

/** Lives as long as a scan. */
export class LeftOutFiles {
  readonly #groups = new Map<string, LeftOut>();

  add(path: string, reason: LeftOutReason, by?: string): void {
    const why = by === undefined ? reasons[reason] : `ignored by ${by}`;
    const isNew = !this.#groups.has(why) && this.#groups.size < maxGroups;
    const shown = isNew || this.#groups.has(why) ? why : reasons[reason];
    const group = this.#groups.get(shown) ?? { reason, why: shown, count: 0, examples: [] };
    this.#groups.set(shown, group);
    group.count++;
    if (group.examples.length < maxExamples) group.examples.push(path);
  }

  /** The largest groups first. */
  list(): LeftOut[] {
    return [...this.#groups.values()].sort((one, other) => other.count - one.count);
  }
}

/** Of several folders, by reason alone. */
export function summed(lists: readonly (readonly LeftOut[])[]): string[] {
  const counts = new Map<LeftOutReason, number>();
  for (const { reason, count } of lists.flat()) counts.set(reason, (counts.get(reason) ?? 0) + count);
  return [...counts].sort((one, other) => other[1] - one[1]).map(([reason, count]) => `${count} ${reasons[reason]}`);
}
