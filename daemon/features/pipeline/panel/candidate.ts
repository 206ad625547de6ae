// What the panel passes from step to step: a model's finding with how much speaks for it. Pure.
import type { Finding } from '../types.ts';

/** Lives as long as the review of its document. */
export interface PanelCandidate {
  finding: Finding;
  /** How many passes made it, of those that read its document. */
  support: number;
  passes: number;
}

/** Whether more than one pass made it. */
export function isAgreed({ support }: Pick<PanelCandidate, 'support'>): boolean {
  return support > 1;
}

/** Whether each of several passes made it. */
export function isUnanimous({ support, passes }: Pick<PanelCandidate, 'support' | 'passes'>): boolean {
  return passes > 1 && support === passes;
}

/** The code's line as people count them. */
export function lineOf({ range }: Pick<Finding, 'range'>): number {
  return range.start.line + 1;
}
