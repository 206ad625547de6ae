// How a review that has ended is told: a warning where something that should have looked did not.
import { isIncompleteReview, type ReviewCoverage } from '../../shared/protocol/review.ts';
import { window } from '../window.ts';

type ShowMessage = (message: string, ...buttons: string[]) => Thenable<string | undefined>;

export function reviewMessage(coverage: readonly ReviewCoverage[]): ShowMessage {
  const { showWarningMessage, showInformationMessage } = window;
  return isIncompleteReview(coverage) ? showWarningMessage : showInformationMessage;
}
