// What the panel passes from step to step: a model's finding with how much speaks for it, and what is held back with why. Pure.
import type { Finding } from '../types.ts';

/** Lives as long as the review of its document. */
export interface Candidate {
  finding: Finding;
  /** How many passes made it, of those that read its document. */
  support: number;
  passes: number;
}

/** `refuted`: the code disproves it. `unconfirmed`: one pass of several made it, and nothing confirms it. `merged`: another says the same. */
type HoldReason = 'refuted' | 'unconfirmed' | 'merged' | 'like-dismissed';

/** A finding that isn't shown, and why, in a sentence. */
export interface Held {
  finding: Finding;
  reason: HoldReason;
  detail: string;
}

/** Whether more than one pass made it. */
export function isAgreed({ support }: Pick<Candidate, 'support'>): boolean {
  return support > 1;
}

/** The code's line as people count them. */
export function lineOf({ range }: Pick<Finding, 'range'>): number {
  return range.start.line + 1;
}
