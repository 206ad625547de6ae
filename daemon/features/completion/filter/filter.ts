// Where this user rarely keeps what is suggested, no model is asked: learned from what became of suggestions in one profile. Pure.
import type { StoredSuggestion } from '../../../storage/written.ts';
import { type FittedRegression, fitRegression, type LabelledRow, probabilityOf } from './regression.ts';

type FilterRow = Pick<StoredSuggestion, 'features' | 'language' | 'accepted' | 'keptAfterMs'>;

export interface LearnedFilter {
  regression: FittedRegression;
  /** Below this probability of being kept, nothing is asked for. */
  threshold: number;
  /** As shares, on rows that the regression had not seen: calls that it saves, and kept suggestions that it loses. */
  saved: number;
  lost: number;
}

/** What was learned from a number of rows; no filter where they are too few, or would save too little. */
export interface FilterLesson {
  rows: number;
  kept: number;
  filter?: LearnedFilter;
}

export const minFilterRows = 200;
const minEach = 20; // of kept ones, and of others
const folds = 5;
const maxLostInTrial = 0.025; // at most 5 % of what is kept may be lost later
const minSaved = 0.1;
const minOfLanguage = 20;

/** What the user asked for tells nothing of what to do unasked. `pause` is awaited between steps of some milliseconds. */
export async function learnFilter(stored: readonly FilterRow[], pause: () => Promise<void>): Promise<FilterLesson> {
  const rows = stored.filter(({ features }) => features['invoked'] !== 1).map(labelled);
  const kept = rows.filter(({ label }) => label).length;
  const lesson = { rows: rows.length, kept };
  if (rows.length < minFilterRows || Math.min(kept, rows.length - kept) < minEach) return lesson;
  const common = withCommonLanguages(rows);
  const tried: { probability: number; label: boolean }[] = [];
  for (let fold = 0; fold < folds; fold++) {
    const regression = fitRegression(common.filter((_, at) => at % folds !== fold));
    for (const { values, label } of common.filter((_, at) => at % folds === fold))
      tried.push({ probability: probabilityOf(regression, values), label });
    await pause();
  }
  const ofKept = tried.filter(({ label }) => label).map(({ probability }) => probability);
  const threshold = ofKept.toSorted((a, b) => a - b)[Math.floor(ofKept.length * maxLostInTrial)] ?? 0;
  const below = tried.filter(({ probability }) => probability < threshold);
  const saved = below.length / tried.length;
  if (saved < minSaved) return lesson;
  const lost = below.filter(({ label }) => label).length / kept;
  return { ...lesson, filter: { regression: fitRegression(common), threshold, saved, lost } };
}

export function isWorthAsking(
  { regression, threshold }: LearnedFilter,
  place: Pick<FilterRow, 'features' | 'language'>,
): boolean {
  return probabilityOf(regression, valuesOf(place)) >= threshold;
}

function labelled(row: FilterRow): LabelledRow {
  return { values: valuesOf(row), label: row.accepted === true && row.keptAfterMs !== 0 };
}

const languagePrefix = 'language ';

function valuesOf({ features, language }: Pick<FilterRow, 'features' | 'language'>): Record<string, number> {
  return { ...features, [`${languagePrefix}${language}`]: 1 };
}

function withCommonLanguages(rows: readonly LabelledRow[]): LabelledRow[] {
  const counts = new Map<string, number>();
  for (const { values } of rows) for (const name of Object.keys(values)) counts.set(name, (counts.get(name) ?? 0) + 1);
  const isCommon = (name: string): boolean =>
    !name.startsWith(languagePrefix) || (counts.get(name) ?? 0) >= minOfLanguage;
  return rows.map(({ values, label }) => ({
    values: Object.fromEntries(Object.entries(values).filter(([name]) => isCommon(name))),
    label,
  }));
}
