// The rows from which the changes to review are chosen, and how much of them a review would look at, in words. Pure.
import type { Result } from '../../shared/protocol/define.ts';
import type { RepositoryRevisions, ReviewScope } from '../../shared/protocol/revisions.ts';
import { inEnglish, type Translate } from '../../shared/words/translate.ts';
import { withoutIcons } from '../logic/without-icons.ts';
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
export function commitGroups({ commits }: RepositoryRevisions, now: number, t: Translate = inEnglish): ChangesGroup[] {
  const items = commits.map(({ id, subject, author, at }) => ({
    label: withoutIcons(subject) || id,
    description: withoutIcons([id, author, ageWords(at, now, t)].join(' · ')),
    changes: { commit: id },
  }));
  return [{ heading: t('Last commits'), items }];
}

/** What a branch can be compared with. */
export function baseGroups(
  { branches, tags }: RepositoryRevisions,
  now: number,
  t: Translate = inEnglish,
): ChangesGroup[] {
  const row = (icon: string, { name, subject, at }: RepositoryRevisions['tags'][number], more = ''): ChangesItem => ({
    label: `$(${icon}) ${withoutIcons(name)}`,
    description: withoutIcons([more, ageWords(at, now, t), subject].filter(Boolean).join(' · ')),
    changes: { base: name },
  });
  return [
    {
      heading: t('Branches'),
      items: branches.map((branch) =>
        row('git-branch', branch, branch.isCurrent ? t('current: uncommitted changes') : ''),
      ),
    },
    { heading: t('Tags'), items: tags.map((tag) => row('tag', tag)) },
  ];
}

/**
 * A revision that isn't in the list, as it is typed; none while it can't be one. It stands behind the label: VS Code puts the shortest label
 * that begins with what is typed first, and Enter is for the branch that begins like it.
 */
export function typedItems(text: string, which: 'commit' | 'base'): ChangesItem[] {
  const revision = text.trim();
  if (revision === '' || /\s/.test(revision)) return [];
  const label = which === 'commit' ? 'Review this revision or range' : 'Compare with this revision';
  return [{ label, description: withoutIcons(revision), alwaysShow: true, changes: { [which]: revision } }];
}

/** `3 files, 41 changed lines`. */
export function scopeWords({ files, lines, leftOut }: Result<typeof ReviewScope>, t: Translate = inEnglish): string {
  if (files === 0) return leftOut === 0 ? t('no changes') : t('nothing to read, {0} left out', leftOut);
  const words = [
    t(files === 1 ? '1 file' : '{0} files', files),
    t(lines === 1 ? '1 changed line' : '{0} changed lines', lines),
  ];
  return [...words, ...(leftOut > 0 ? [t('{0} left out', leftOut)] : [])].join(', ');
}

const units: readonly (readonly [seconds: number, one: string, more: string])[] = [
  [365 * 24 * 3600, '1 year ago', '{0} years ago'],
  [30 * 24 * 3600, '1 month ago', '{0} months ago'],
  [7 * 24 * 3600, '1 week ago', '{0} weeks ago'],
  [24 * 3600, '1 day ago', '{0} days ago'],
  [3600, '1 hour ago', '{0} hours ago'],
  [60, '1 minute ago', '{0} minutes ago'],
];

/** `3 days ago`. Both in milliseconds since the epoch. */
export function ageWords(at: number, now: number, t: Translate = inEnglish): string {
  const seconds = (now - at) / 1000;
  const unit = units.find(([size]) => seconds >= size);
  if (!unit) return t('just now');
  const [size, one, more] = unit;
  const count = Math.floor(seconds / size);
  return t(count === 1 ? one : more, count);
}
