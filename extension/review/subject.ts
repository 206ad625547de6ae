// What a review is of, such that it can be run again. Pure.
import type { ParamsInput } from '../../shared/protocol/define.ts';
import type { PastReview } from '../../shared/protocol/review.ts';
import type { ReviewScope } from '../../shared/protocol/revisions.ts';
import type { Range } from '../../shared/protocol/text.ts';
import { inEnglish, type Translate } from '../../shared/words/translate.ts';
import { lastLineOf } from '../logic/findings-after-review.ts';

/** Of a repository. */
export type Changes = Pick<ParamsInput<typeof ReviewScope>, 'diff' | 'commit' | 'base'>;

export type ReviewedThing =
  | { kind: 'document'; uri: string; range?: Range | undefined }
  | { kind: 'documents'; uris: readonly string[] }
  | { kind: 'changes'; root: string; changes: Changes };

/** `nameOf` says how a file or folder is called. */
export function thingName(thing: ReviewedThing, nameOf: (uri: string) => string, t: Translate = inEnglish): string {
  if (thing.kind === 'changes') return changesName(thing.changes, t);
  if (thing.kind === 'documents') return t('{0} files', thing.uris.length);
  const { uri, range } = thing;
  if (!range) return nameOf(uri);
  const [first, last] = [range.start.line + 1, lastLineOf(range) + 1];
  return `${nameOf(uri)}, ${last > first ? t('lines {0}–{1}', first, last) : t('line {0}', first)}`;
}

export function changesName({ diff, commit, base }: Changes, t: Translate = inEnglish): string {
  if (commit !== undefined) return commit.includes('..') ? commit : t('commit {0}', commit);
  if (base !== undefined) return t('changes since {0}', base);
  if (diff === undefined) return t('the changes');
  return diff === 'staged' ? t('staged changes') : t('unstaged changes');
}

/** Undefined where it can't be run again: of a diff as text, and of old reviews. */
export function thingOfPast({ uri, subject }: Pick<PastReview, 'uri' | 'subject'>): ReviewedThing | undefined {
  const { kind, revision, lines, files } = subject ?? {};
  if (kind === 'file') return { kind: 'document', uri };
  if (kind === 'files' && files) return { kind: 'documents', uris: files };
  if (kind === 'selection' && lines) {
    const [start, end] = [lines.first, lines.last + 1].map((line) => ({ line, character: 0 }));
    return start && end && { kind: 'document', uri, range: { start, end } };
  }
  if (kind === 'staged' || kind === 'unstaged') return { kind: 'changes', root: uri, changes: { diff: kind } };
  if (revision === undefined) return undefined;
  if (kind === 'commit' || kind === 'range') return { kind: 'changes', root: uri, changes: { commit: revision } };
  return kind === 'base' ? { kind: 'changes', root: uri, changes: { base: revision } } : undefined;
}
