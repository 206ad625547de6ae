// Whether a reviewer's objections pay for a model at a kind of task: revisions that correct what was wrong against revisions that break
// what was right. Below ECR/EIR = Acc/(1-Acc) a loop makes answers worse on the whole (Yang et al. 2025). Pure.

/** A draft that was revised. */
export interface RevisedDraft {
  draftPasses: boolean;
  revisionPasses: boolean;
}

/** A share with its Wilson interval of 95 %. */
export interface Share {
  count: number;
  of: number;
  low: number;
  high: number;
}

export interface LoopRates {
  /** Of drafts that failed, those whose revision passes. */
  correction: Share;
  /** Of drafts that passed, those whose revision fails. */
  introduction: Share;
}

const z = 1.96;
/** Drafts of each kind before anything is concluded. */
const minDrafts = 15;

export function shareOf(count: number, of: number): Share {
  if (of === 0) return { count, of, low: 0, high: 1 };
  const share = count / of;
  const middle = (share + z ** 2 / (2 * of)) / (1 + z ** 2 / of);
  const half = (z / (1 + z ** 2 / of)) * Math.sqrt((share * (1 - share)) / of + z ** 2 / (4 * of ** 2));
  return { count, of, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

export function loopRates(drafts: readonly RevisedDraft[]): LoopRates {
  const failed = drafts.filter(({ draftPasses }) => !draftPasses);
  const passed = drafts.filter(({ draftPasses }) => draftPasses);
  return {
    correction: shareOf(failed.filter(({ revisionPasses }) => revisionPasses).length, failed.length),
    introduction: shareOf(passed.filter(({ revisionPasses }) => !revisionPasses).length, passed.length),
  };
}

/** False only where there are enough drafts, and even the best that the rates may be does not pay. */
export function isLoopWorth({ correction, introduction }: LoopRates): boolean {
  if (correction.of < minDrafts || introduction.of < minDrafts) return true;
  const accuracy = introduction.of / (correction.of + introduction.of);
  return correction.high * (1 - accuracy) > introduction.low * accuracy;
}

/** In words for the user. */
export function ratesWords({ correction, introduction }: LoopRates): string {
  const words = ({ count, of, low, high }: Share): string =>
    `${count} of ${of} (${Math.round(low * 100)}–${Math.round(high * 100)}%)`;
  return `revisions corrected ${words(correction)} and broke ${words(introduction)}`;
}
