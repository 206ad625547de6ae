// Whether foretelling outcomes from their texts is better than expecting the plain mean: each outcome is foretold before it is
// learned, so that none is judged by what it taught. Over all of them the advantage must be beyond chance; over the last ones it
// must still be there.

export interface PredictionErrors {
  /** Mean squared errors of expecting the mean, and of what was foretold. */
  meanError: number;
  learnedError: number;
}

const minToTrust = 30; // foretold outcomes
/** One-sided 95 %: so many standard errors must the advantage be above 0. */
const sureness = 1.645;
/** Each outcome weighs so much less with each one after it: half as much after 23 of them. */
const fading = 0.97;
/** A little worse over the last ones is chance; this much of the mean's error is not. */
const maxLost = 0.02;

/** Lives as long as the head it is about. */
export class Trial {
  readonly #all = { count: 0, meanError: 0, learnedError: 0, advantage: 0, squares: 0 };
  readonly #recent = { weight: 0, meanError: 0, learnedError: 0 };
  #wasProven = false;

  /** Takes in one outcome with what was expected of it. */
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

  /** Whether what was learned may be used now: it turns false again when the user, or the model, has changed too much. */
  isProven(): boolean {
    return this.#isBeyondChance() && !this.#isWorseRecently();
  }

  /** Whether it was in use before, and is not any more. */
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
