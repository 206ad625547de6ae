// One answer of a model about a piece of code, as it comes, and whether it is a review at all: prose, an excuse or nothing is none.
import type { FinishReason } from '../../../models/providers/provider.ts';
import { claimFrom } from '../claim.ts';
import { createFindingsParser } from '../findings-stream.ts';
import { isExample } from '../review-prompt.ts';
import type { Claim } from '../types.ts';

const maxHeadChars = 2000;
/** A model that does not stop by itself is stopped after so many. */
const maxClaims = 100;

/** Lives as long as the answer. */
export class ReviewAnswer {
  /** Why it ended; it has none where it was stopped here. */
  reason: FinishReason = 'stop';
  readonly #parser = createFindingsParser();
  #claims = 0;
  #usable = 0;
  #examples = 0;
  #head = '';

  /** The claims that became complete with this piece. The prompt's own example is none. */
  push(text: string): Claim[] {
    if (this.#head.length < maxHeadChars) this.#head += text;
    return this.#parser.push(text).flatMap((raw) => {
      this.#claims++;
      const claim = claimFrom(raw);
      if (claim && isExample(claim)) {
        this.#examples++;
        return [];
      }
      if (claim) this.#usable++;
      return claim ?? [];
    });
  }

  get isFull(): boolean {
    return this.#claims >= maxClaims;
  }

  /** Whether it has a claim, or says that there is none. */
  get isReview(): boolean {
    if (this.#usable > 0) return true;
    const isList = this.#parser.answered || isEmptyList(this.#head);
    return this.reason === 'stop' && isList && this.#examples === 0 && this.#claims === 0;
  }

  /** What is wrong with it: the end of a sentence that begins with the model. Undefined where it is a whole review. */
  fault(): string | undefined {
    if (this.reason === 'content-filter') return 'declined to continue, or its provider stopped it';
    if (this.reason !== 'stop') return 'was cut off, so there may be more to find';
    if (this.isFull) return `was stopped after ${maxClaims} findings in one answer`;
    if (this.isReview) return undefined;
    if (this.#head.trim() === '') return 'returned an empty answer';
    if (this.#examples > 0) return 'only repeated the example from its instructions. A larger model may do better';
    return "didn't answer in the expected format, so nothing in it could be used. A larger model may do better";
  }
}

/** `[]` alone, in a fence or not. */
function isEmptyList(text: string): boolean {
  return /^(?:```\w*)?\s*\[\s*\]\s*(?:```)?$/.test(text.trim());
}
