// What a review has beside its findings, in words: who looked at what, by which rules, and why a finding isn't shown. Pure.
import type { AppliedRules, HeldFinding, ReviewCoverage } from './protocol/review.ts';
import { inEnglish, type Translate } from './words/translate.ts';

/** Why a finding isn't shown. */
export const heldReasons: Readonly<Record<HeldFinding['reason'], string>> = {
  dismissed: 'Dismissed',
  duplicate: 'Duplicate',
  'over-cap': 'Over the limit',
  unsure: 'Too uncertain',
  'not-repeated': 'Not found again',
  expired: 'Code is gone',
  refuted: 'Disproved',
  unconfirmed: 'Unconfirmed',
  merged: 'Merged',
  'like-dismissed': 'Like dismissed findings',
};

const maxNames = 3;
/** Readers that are no one in particular. */
const nobody = new Map([
  ['model', 'a model'],
  ['all', 'anyone'],
]);
const order: readonly ReviewCoverage['state'][] = ['failed', 'untrusted', 'partly', 'left-out', 'read'];

/** A line for each reader and outcome. What is missing comes first. */
export function coverageLines(coverage: readonly ReviewCoverage[], say: Translate = inEnglish): string[] {
  const groups = Map.groupBy(coverage, ({ by, state, why }) => JSON.stringify([by, state, why]));
  return [...groups.values()]
    .toSorted((a, b) => place(a) - place(b))
    .flatMap((group) => {
      const [first] = group;
      if (!first) return [];
      const why = first.why === undefined ? '' : ` (${withoutEnd(first.why)})`;
      return [`${headingOf(first, say)}: ${filesOf(group, say)}${why}.`];
    });
}

/** A line for each file of rules. */
export function ruleLines(
  rules: readonly Pick<AppliedRules, 'name' | 'isCut'>[],
  say: Translate = inEnglish,
): string[] {
  return rules.map(({ name, isCut }) =>
    isCut ? say('Rules applied: {0} (only its beginning).', name) : say('Rules applied: {0}.', name),
  );
}

/** Notes that say more than the coverage: why a linter did not look is said there. */
export function furtherNotes(notes: readonly string[], coverage: readonly ReviewCoverage[]): string[] {
  const reasons = coverage.flatMap(({ why = '' }) => withoutEnd(why) || []);
  return notes.filter((note) => !reasons.some((reason) => note.includes(reason)));
}

function withoutEnd(sentence: string): string {
  return sentence.replace(/[.\s]+$/, '');
}

function place([first]: readonly ReviewCoverage[]): number {
  return first ? order.indexOf(first.state) : order.length;
}

function headingOf({ by, state }: ReviewCoverage, say: Translate): string {
  const known = nobody.get(by);
  const reader = known === undefined ? by : say(known);
  if (state === 'read') return say('Checked by {0}', reader);
  if (state === 'partly') return say('Checked only in part by {0}', reader);
  if (state === 'failed' || state === 'untrusted') return say('Not checked by {0}', reader);
  return known === undefined ? say('Left out by {0}', reader) : say('Left out');
}

function filesOf(group: readonly ReviewCoverage[], say: Translate): string {
  const names = [...new Set(group.map(({ uri }) => uri))].map(fileName);
  const more = names.length - maxNames;
  const named = names.slice(0, maxNames).join(', ');
  return more > 0 ? say('{0}, and {1} more', named, more) : named;
}

function fileName(uri: string): string {
  const name = uri.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(name) || uri;
  } catch {
    return name;
  }
}
