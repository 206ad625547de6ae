// Whether predicting outcomes from their texts is better than expecting the plain mean. Each outcome is predicted
// before it is learned, so that no prediction is scored on its own training data. The advantage must be significant
// over all outcomes, and still be there over the last ones.

export interface PredictionErrors {
  /** Mean squared errors, of expecting the mean and of the prediction. */
  meanError: number;
  learnedError: number;
}

/** So many predicted outcomes at least. */
export const minToTrust = 30;
/** The advantage must be this many standard errors above 0: 95 %, one-sided. */
const sureness = 1.645;
/** The weight of an outcome is multiplied by this with each later one: it halves after 23. */
const fading = 0.97;
/** An error over the last ones that exceeds the mean's by more than this share is not chance. */
const maxLost = 0.02;

/** Lives as long as its head. */
export class Trial {
  readonly #all = { count: 0, meanError: 0, learnedError: 0, advantage: 0, squares: 0 };
  readonly #recent = { weight: 0, meanError: 0, learnedError: 0 };
  #wasProven = false;

  /** Adds one outcome with its two predictions. */
  observe(outcome: number, { mean, learned }: { mean: number; learned: number }): void {
    const [meanError, learnedError] = [(mean - outcome) ** 2, (learned - outcome) ** 2];
    const [all, recent] = [this.#all, this.#recent];
    all.count++;
    all.meanError += meanError;
    all.learnedError += learnedError;
    all.advantage += meanError - learnedError;
    all.squares += (meanError - learnedError) ** 2;
    recent.weight = fading * recent.weight + 1;
    recent.meanError = fading * recent.meanError + meanError;
    recent.learnedError = fading * recent.learnedError + learnedError;
    this.#wasProven ||= this.isProven();
  }

  /** Whether the predictions may be used now. Turns false again when the user or the model has changed too much. */
  isProven(): boolean {
    return this.#isBeyondChance() && !this.#isWorseRecently();
  }

  /** Whether the predictions were in use before, and are not now. */
  isWithdrawn(): boolean {
    return this.#wasProven && !this.isProven();
  }

  get predictedCount(): number {
    return this.#all.count;
  }

  overall(): PredictionErrors {
    const per = Math.max(1, this.#all.count);
    return { meanError: this.#all.meanError / per, learnedError: this.#all.learnedError / per };
  }

  recent(): PredictionErrors {
    const per = Math.max(1, this.#recent.weight);
    return { meanError: this.#recent.meanError / per, learnedError: this.#recent.learnedError / per };
  }

  #isBeyondChance(): boolean {
    const { count, advantage, squares } = this.#all;
    if (count < minToTrust) return false;
    const mean = advantage / count;
    const deviation = Math.sqrt(Math.max(0, squares / count - mean ** 2) / count);
    return mean > sureness * deviation && mean > 0;
  }

  #isWorseRecently(): boolean {
    const { meanError, learnedError } = this.#recent;
    return learnedError > (1 + maxLost) * meanError;
  }
}
