// The rows from which the changes to review are chosen, and how much of them a review would look at, in words. Pure.
import type { Result } from '../../shared/protocol/define.ts';
import type { RepositoryRevisions, ReviewScope } from '../../shared/protocol/revisions.ts';
import { counted } from '../../shared/words/counted.ts';
import type { Changes } from './subject.ts';

export interface ChangesItem {
  label: string;
  description?: string;
  detail?: string;
  /** Shown whatever is typed. */
  alwaysShow?: boolean;
  /** Absent where more has to be asked first. */
  changes?: Changes;
}

/** Rows under a heading. */
export interface ChangesGroup {
  heading: string;
  items: readonly ChangesItem[];
}

/** Commits to review one of. */
export function commitGroups({ commits }: RepositoryRevisions, now: number): ChangesGroup[] {
  const items = commits.map(({ id, subject, author, at }) => ({
    label: plain(subject) || id,
    description: plain([id, author, ageWords(at, now)].join(' · ')),
    changes: { commit: id },
  }));
  return [{ heading: 'Last commits', items }];
}

/** What a branch can be compared with. */
export function baseGroups({ branches, tags }: RepositoryRevisions, now: number): ChangesGroup[] {
  const row = (icon: string, { name, subject, at }: RepositoryRevisions['tags'][number], more = ''): ChangesItem => ({
    label: `$(${icon}) ${plain(name)}`,
    description: plain([more, ageWords(at, now), subject].filter(Boolean).join(' · ')),
    changes: { base: name },
  });
  return [
    {
      heading: 'Branches',
      items: branches.map((branch) =>
        row('git-branch', branch, branch.isCurrent ? 'current: uncommitted changes' : ''),
      ),
    },
    { heading: 'Tags', items: tags.map((tag) => row('tag', tag)) },
  ];
}

/** A revision that isn't in the list, as it is typed; none while it can't be one. */
export function typedItems(text: string, which: 'commit' | 'base'): ChangesItem[] {
  const revision = text.trim();
  if (revision === '' || /\s/.test(revision)) return [];
  const description = which === 'commit' ? 'Review this revision or range' : 'Compare with this revision';
  return [{ label: plain(revision), description, alwaysShow: true, changes: { [which]: revision } }];
}

/** `3 files, 41 changed lines`. */
export function scopeWords({ files, lines, leftOut }: Result<typeof ReviewScope>): string {
  if (files === 0) return leftOut === 0 ? 'no changes' : `nothing to read, ${leftOut} left out`;
  const words = [counted(files, 'file'), counted(lines, 'changed line')];
  return [...words, ...(leftOut > 0 ? [`${leftOut} left out`] : [])].join(', ');
}

const units: readonly (readonly [seconds: number, name: string])[] = [
  [365 * 24 * 3600, 'year'],
  [30 * 24 * 3600, 'month'],
  [7 * 24 * 3600, 'week'],
  [24 * 3600, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
];

/** `3 days ago`. Both in milliseconds since the epoch. */
export function ageWords(at: number, now: number): string {
  const seconds = (now - at) / 1000;
  const [size, name] = units.find(([unit]) => seconds >= unit) ?? [];
  return size === undefined || name === undefined ? 'just now' : `${counted(Math.floor(seconds / size), name)} ago`;
}

/** Without icons, which lists make of `$(name)`. */
function plain(text: string): string {
  return text.replaceAll('$(', '$ (');
}
