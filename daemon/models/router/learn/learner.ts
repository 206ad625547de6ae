// What the router learns from this user's own outcomes. Each model has its own head, trained on the outcomes of its own
// answers. A head works in the shadow until it has predicted outcomes better than that model's plain mean, and goes
// back when it no longer does.
import { type Blend, fitBlend, type Sample } from './blend.ts';
import { type EmbeddingRegression, fitEmbeddings, type TextEmbedding } from './embedding-regression.ts';
import type { TextFeatures } from './features.ts';
import { type PredictionErrors, Trial } from './trial.ts';

/** One answer and how good it was. */
export interface Lesson {
  /** The answer's id. A second lesson about an answer replaces the first. */
  id?: string;
  model: string;
  text: TextFeatures;
  /** The text's embedding by the current embedding model, once there is one. */
  embedding?: TextEmbedding | undefined;
  /** 0 to 1. */
  score: number;
}

export interface Shadow {
  model: string;
  /** How many outcomes are kept. */
  outcomes: number;
  /** How many of them were predicted before they were learned. */
  predicted: number;
  state: ShadowState;
  /** Whether embeddings are used too, since with words they have predicted better than words alone. */
  usesEmbedding: boolean;
  /** Whether a text's shape and its neighbours are left out, since words alone have predicted better. */
  wordsAlone: boolean;
  /** Over all predictions, and over the last ones. */
  overall: PredictionErrors;
  recent: PredictionErrors;
}

/**
 * `collecting`: too few outcomes; `shadow`: not proven; `withdrawn`: was in use, and lately predicts worse than the
 * mean.
 */
type ShadowState = 'collecting' | 'shadow' | 'in-use' | 'withdrawn';

const minToFit = 40;
/**
 * New outcomes, or their share of all, until the next fit. Neighbours learn at once, and a fit of thousands takes a
 * second.
 */
const refitAfter = 32;
const refitShare = 1 / 4;
const maxKept = 2000; // of one model; older ones say less of it, and fitting takes time
/** After this many outcomes, the learned prediction counts as much as the plain mean. */
const priorOutcomes = 20;

/** Lives as long as the daemon. It starts empty, and past outcomes are replayed to it after a restart. */
export class Learner {
  readonly #heads = new Map<string, ModelHead>();

  /** The predicted outcome, 0 to 1. Undefined until this model's outcomes were predicted better than by their mean. */
  expect(model: string, text: TextFeatures, embedding?: TextEmbedding): number | undefined {
    return this.#heads.get(model)?.expect(text, embedding);
  }

  /** Learns from one outcome. A full fit waits for `refit`. */
  observe({ id, model, text, embedding, score }: Lesson): void {
    const head = this.#heads.get(model) ?? new ModelHead(model);
    this.#heads.set(model, head);
    head.observe({ text, target: score, ...(id !== undefined && { id }), ...(embedding && { embedding }) });
  }

  /** Fits the heads with enough new outcomes, in steps of a few milliseconds. */
  *refit(): Generator<void, void> {
    for (const head of this.#heads.values()) yield* head.refit();
  }

  shadows(): Shadow[] {
    return Array.from(this.#heads.values(), (head) => head.shadow());
  }
}

interface KeptSample extends Sample {
  id?: string;
  embedding?: TextEmbedding;
  /** The prediction from its words before it was learned. */
  expected?: number;
}

/** Lives as long as its learner. */
class ModelHead {
  readonly #model: string;
  #samples: KeptSample[] = [];
  #sum = 0;
  #newOutcomes = 0;
  #blend: Blend | undefined;
  #regression: EmbeddingRegression | undefined;
  readonly #trial = new Trial();
  /** Embeddings and words together, against words alone. */
  readonly #embeddingTrial = new Trial();

  constructor(model: string) {
    this.#model = model;
  }

  expect(text: TextFeatures, embedding: TextEmbedding | undefined): number | undefined {
    const expected = this.#trial.isProven() ? this.#predict(text) : undefined;
    if (expected === undefined || !this.#embeddingTrial.isProven()) return expected;
    return this.#withEmbedding(expected, embedding) ?? expected;
  }

  observe(observed: KeptSample): void {
    if (this.#revise(observed)) return;
    const expected = this.#predict(observed.text);
    const sample = { ...observed, ...(expected !== undefined && { expected }) };
    if (expected !== undefined) this.#trial.observe(sample.target, { mean: this.#mean(), learned: expected });
    this.#tryEmbedding(sample);
    this.#blend?.add(sample);
    this.#samples.push(sample);
    this.#sum += sample.target;
    this.#newOutcomes++;
    if (this.#samples.length > maxKept) this.#sum -= this.#samples.shift()?.target ?? 0;
  }

  /** Replaces a kept sample when the user has changed their mind about an answer. Returns whether there was one. */
  #revise(sample: KeptSample): boolean {
    const index = sample.id === undefined ? -1 : this.#samples.findIndex(({ id }) => id === sample.id);
    const known = this.#samples[index];
    if (!known) return false;
    const now = { ...known, ...sample };
    if (!known.embedding) this.#tryEmbedding(now);
    this.#samples[index] = now;
    this.#sum += sample.target - known.target;
    if (sample.target !== known.target) this.#newOutcomes++;
    return true;
  }

  *refit(): Generator<void, void> {
    const count = this.#samples.length;
    if (count < minToFit || (this.#blend && this.#newOutcomes < Math.max(refitAfter, count * refitShare))) return;
    const samples = [...this.#samples];
    this.#newOutcomes = 0;
    const blend = yield* fitBlend(samples);
    const known = new Set(samples.map(({ text }) => text));
    for (const sample of this.#samples) if (!known.has(sample.text)) blend.add(sample); // arrived during the fit
    this.#blend = blend;
    yield* this.#refitEmbeddings(samples);
  }

  *#refitEmbeddings(samples: readonly KeptSample[]): Generator<void, void> {
    const model = samples.findLast(({ embedding }) => embedding)?.embedding?.model;
    const embedded = samples.flatMap(({ embedding, target }) =>
      embedding && embedding.model === model ? { embedding, target } : [],
    );
    this.#regression = embedded.length < minToFit ? undefined : yield* fitEmbeddings(embedded);
  }

  /** Scores what the embedding would have added to the prediction from words. The sample was in no fit yet. */
  #tryEmbedding({ embedding, expected, target }: KeptSample): void {
    if (expected === undefined) return;
    const learned = this.#withEmbedding(expected, embedding);
    if (learned !== undefined) this.#embeddingTrial.observe(target, { mean: expected, learned });
  }

  /** The mean of both predictions, since they err on different texts. */
  #withEmbedding(expected: number, embedding: TextEmbedding | undefined): number | undefined {
    const embedded = embedding && this.#regression?.predict(embedding);
    return embedded === undefined ? undefined : Math.min(1, Math.max(0, (expected + embedded) / 2));
  }

  shadow(): Shadow {
    return {
      model: this.#model,
      outcomes: this.#samples.length,
      predicted: this.#trial.predictedCount,
      state: this.#state(),
      usesEmbedding: this.#embeddingTrial.isProven(),
      wordsAlone: this.#blend?.wordsAlone ?? false,
      overall: this.#trial.overall(),
      recent: this.#trial.recent(),
    };
  }

  #state(): ShadowState {
    if (!this.#blend) return 'collecting';
    if (this.#trial.isProven()) return 'in-use';
    return this.#trial.isWithdrawn() ? 'withdrawn' : 'shadow';
  }

  /** Undefined before the first fit. Drawn towards the mean while there are few outcomes. */
  #predict(text: TextFeatures): number | undefined {
    if (!this.#blend) return undefined;
    const trust = this.#samples.length / (this.#samples.length + priorOutcomes);
    return Math.min(1, Math.max(0, trust * this.#blend.predict(text) + (1 - trust) * this.#mean()));
  }

  #mean(): number {
    return this.#sum / Math.max(1, this.#samples.length);
  }
}
