// What the router learns from this user's own outcomes. Each model has its own head, trained on the outcomes of its own answers,
// and works in the shadow until it has foretold them better than the plain mean of that model does.
import { type Blend, fitBlend, type Sample } from './blend.ts';
import type { TextFeatures } from './features.ts';

/** One answer and how good it was. */
export interface Lesson {
  /** Names the answer: a second lesson about it takes the place of the first. */
  id?: string;
  model: string;
  text: TextFeatures;
  /** 0 to 1. */
  score: number;
}

export interface Shadow {
  model: string;
  outcomes: number;
  /** Mean squared errors of foretelling each outcome before it was learned. */
  meanError: number;
  learnedError: number;
  inUse: boolean;
}

const fewestToFit = 40;
const fewestToTrust = 30; // foretold outcomes
const refitAfter = 32; // new outcomes
const mostKept = 2000; // of one model; older ones say less of it, and fitting takes time
/** One-sided 95 %: so many standard errors must the advantage be above 0. */
const sureness = 1.645;
/** Outcomes after which what was learned of a model counts as much as what was assumed. */
const priorOutcomes = 20;

/** Lives as long as the daemon; it starts from nothing, and is told of past outcomes again after a restart. */
export class Learner {
  readonly #heads = new Map<string, Head>();

  /** The outcome to expect, 0 to 1; nothing until this model's outcomes have been foretold better than by their mean. */
  expect(model: string, text: TextFeatures): number | undefined {
    return this.#heads.get(model)?.expect(text);
  }

  /** Learns from one outcome at once; a full fit waits for `refit`. */
  observe({ id, model, text, score }: Lesson): void {
    const head = this.#heads.get(model) ?? new Head(model);
    this.#heads.set(model, head);
    head.observe({ text, target: score, ...(id !== undefined && { id }) });
  }

  /** Fits what has enough news, in steps of a few milliseconds. */
  *refit(): Generator<void, void> {
    for (const head of this.#heads.values()) yield* head.refit();
  }

  shadows(): Shadow[] {
    return Array.from(this.#heads.values(), (head) => head.shadow());
  }
}

type Named = Sample & { id?: string };

/** Lives as long as its learner. */
class Head {
  readonly #model: string;
  #samples: Named[] = [];
  #sum = 0;
  #news = 0;
  #blend: Blend | undefined;
  /** Of the foretold outcomes: their number, both squared errors, and the sums of the advantage and of its square. */
  readonly #trial = { count: 0, meanError: 0, learnedError: 0, advantage: 0, squares: 0 };

  constructor(model: string) {
    this.#model = model;
  }

  expect(text: TextFeatures): number | undefined {
    if (!this.#blend || !this.#isProven()) return undefined;
    const trust = this.#samples.length / (this.#samples.length + priorOutcomes);
    return Math.min(1, Math.max(0, trust * this.#blend.predict(text) + (1 - trust) * this.#mean()));
  }

  observe(sample: Named): void {
    if (this.#revise(sample)) return;
    if (this.#blend) this.#foretell(sample, this.#blend.predict(sample.text));
    this.#blend?.add(sample);
    this.#samples.push(sample);
    this.#sum += sample.target;
    if (this.#samples.length > mostKept) this.#sum -= this.#samples.shift()?.target ?? 0;
  }

  /** The user has changed his mind about an answer: whether it is one of those that are kept. */
  #revise(sample: Named): boolean {
    const index = sample.id === undefined ? -1 : this.#samples.findIndex(({ id }) => id === sample.id);
    const known = this.#samples[index];
    if (!known) return false;
    this.#samples[index] = sample;
    this.#sum += sample.target - known.target;
    if (sample.target !== known.target) this.#news++;
    return true;
  }

  *refit(): Generator<void, void> {
    if (this.#samples.length < fewestToFit || (this.#blend && this.#news < refitAfter)) return;
    const samples = [...this.#samples];
    this.#news = 0;
    const blend = yield* fitBlend(samples);
    for (const sample of this.#samples.slice(samples.length)) blend.add(sample); // came while it was being fitted
    this.#blend = blend;
  }

  shadow(): Shadow {
    const { count, meanError, learnedError } = this.#trial;
    const per = Math.max(1, count);
    return { model: this.#model, outcomes: this.#samples.length, meanError: meanError / per, learnedError: learnedError / per, inUse: this.#isProven() };
  }

  #mean(): number {
    return this.#sum / Math.max(1, this.#samples.length);
  }

  /** Each outcome is foretold before it is learned, so that none is judged by what it taught. */
  #foretell({ target }: Sample, predicted: number): void {
    const mean = (this.#mean() - target) ** 2;
    const learned = (predicted - target) ** 2;
    this.#trial.count++;
    this.#trial.meanError += mean;
    this.#trial.learnedError += learned;
    this.#trial.advantage += mean - learned;
    this.#trial.squares += (mean - learned) ** 2;
  }

  #isProven(): boolean {
    const { count, advantage, squares } = this.#trial;
    if (count < fewestToTrust) return false;
    const mean = advantage / count;
    const deviation = Math.sqrt(Math.max(0, squares / count - mean ** 2) / count);
    return mean > sureness * deviation && mean > 0;
  }
}
