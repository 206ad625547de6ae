// How a review that has ended is told: a warning where something that should have looked did not, and a way to what it found.
import type { Result } from '../../shared/protocol/define.ts';
import { isIncompleteReview, type ReviewRun } from '../../shared/protocol/review.ts';
import { furtherNotes } from '../../shared/review-words.ts';
import type { Context } from '../context.ts';
import { whyThisModel } from '../logic/decision-text.ts';
import { window } from '../window.ts';

export function tellReview(
  ctx: Context,
  { summary, decision, notes, findings, coverage }: Result<typeof ReviewRun>,
  more: readonly string[] = [],
): void {
  const show = isIncompleteReview(coverage) ? window.showWarningMessage : window.showInformationMessage;
  const button = findings.length > 0 ? ['Show Findings'] : [];
  void show([summary, ...whyThisModel(decision), ...furtherNotes(notes, coverage), ...more].join(' '), ...button).then(
    (choice) => {
      if (choice) void ctx.review.focus();
    },
  );
}
