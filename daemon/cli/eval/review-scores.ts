// How good reviews of known changes are. Pure.
import type { ReviewCase } from './review-corpus.ts';

/** What of a finding is weighed. */
export interface ScoredFinding {
  range: { start: { line: number }; end: { line: number; character: number } };
  evidence: string;
}

export interface ScoredReview {
  change: ReviewCase;
  findings: readonly ScoredFinding[];
  /** Whether all that should look has looked at all of it. */
  isWhole: boolean;
}

export interface ReviewScores {
  flaws: number;
  clean: number;
  /** Of the findings, those that stand on a wrong line. 1 where there are none. */
  precision: number;
  /** Of the flaws, those that a finding stands on. */
  recall: number;
  /** Of the flaws in whose file something was found, those that a finding stands on. */
  lineAccuracy: number;
  /** Of the findings, those whose code stands at their place, character for character. */
  exact: number;
  /** Of the changes that are fine, those without a finding. */
  silent: number;
  per100Lines: number;
  /** Of all changes, those that were looked at as a whole. */
  coverage: number;
  recallByClass: Record<string, number>;
}

export function scoresOf(reviews: readonly ScoredReview[]): ReviewScores {
  const flawed = reviews.filter(({ change }) => change.flaw !== undefined);
  const clean = reviews.filter(({ change }) => change.flaw === undefined);
  const findings = reviews.flatMap(({ change, findings }) => findings.map((finding) => ({ change, finding })));
  const answered = flawed.filter((review) => review.findings.length > 0);
  const lines = reviews.reduce((sum, { change }) => sum + change.text.trimEnd().split('\n').length, 0);
  const byClass = Map.groupBy(flawed, ({ change }) => change.flaw ?? '');
  return {
    flaws: flawed.length,
    clean: clean.length,
    precision: share(findings, ({ change, finding }) => isOnFlaw(finding, change)),
    recall: share(flawed, isFound),
    lineAccuracy: share(answered, isFound),
    exact: share(findings, ({ change, finding }) => isExact(finding, change.text)),
    silent: share(clean, (review) => review.findings.length === 0),
    per100Lines: lines === 0 ? 0 : (findings.length / lines) * 100,
    coverage: share(reviews, ({ isWhole }) => isWhole),
    recallByClass: Object.fromEntries([...byClass].map(([flaw, own]) => [flaw, share(own, isFound)])),
  };
}

function isFound({ change, findings }: ScoredReview): boolean {
  return findings.some((finding) => isOnFlaw(finding, change));
}

/** Whether it touches a wrong line. */
export function isOnFlaw({ range: { start, end } }: ScoredFinding, { flawedLines }: ReviewCase): boolean {
  const last = end.character === 0 && end.line > start.line ? end.line - 1 : end.line;
  return flawedLines.some((line) => line >= start.line && line <= last);
}

function isExact({ range, evidence }: ScoredFinding, text: string): boolean {
  const lines = text.split('\n').slice(range.start.line, range.end.line + 1);
  return evidence !== '' && lines.join('\n').includes(evidence);
}

/** 1 of nothing. */
function share<Item>(items: readonly Item[], isCounted: (item: Item) => boolean): number {
  return items.length === 0 ? 1 : items.filter(isCounted).length / items.length;
}
