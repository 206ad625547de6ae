// The texts of the last decisions, kept while their outcomes may still come. A text with an outcome is embedded in the
// background. A decision never waits for an embedding; it uses one that exists.
import type { TextEmbedding } from './learn/embedding-regression.ts';

/** An embedding model, as the router sees it. */
export interface EmbeddingSource {
  /** Its current name. Vectors of different models cannot be compared. */
  readonly model: string;
  /** The vector of a text that was embedded recently, for a search or another question. */
  known(text: string): Float32Array | undefined;
  /** Waits until the model is idle. */
  embed(text: string): Promise<Float32Array | undefined>;
}

const maxTexts = 200;

/** Lives as long as the router, in memory only. */
export class RecentRequests {
  readonly #source: EmbeddingSource | undefined;
  readonly #texts = new Map<string, string>();
  readonly #embeddings = new Map<string, TextEmbedding>();

  constructor(source: EmbeddingSource | undefined) {
    this.#source = source;
  }

  get model(): string | undefined {
    return this.#source?.model;
  }

  remember(decisionId: string, text: string): void {
    if (this.#source) put(this.#texts, decisionId, text);
  }

  forget(): void {
    this.#texts.clear();
    this.#embeddings.clear();
  }

  /** The embedding of a text, if there is one without waiting. */
  known(text: string): TextEmbedding | undefined {
    const source = this.#source;
    if (!source) return undefined;
    const own = this.#embeddings.get(text);
    if (own?.model === source.model) return own;
    const vector = source.known(text);
    return vector && { model: source.model, vector };
  }

  /** The embedding of a decision's text. Undefined when the decision is too old or no embedding model is available. */
  async embeddingOf(decisionId: string): Promise<TextEmbedding | undefined> {
    const text = this.#texts.get(decisionId);
    const source = this.#source;
    if (text === undefined || text.trim() === '' || !source) return undefined;
    const known = this.known(text);
    if (known) return known;
    const { model } = source;
    const vector = await source.embed(text);
    if (!vector || source.model !== model) return undefined;
    put(this.#embeddings, text, { model, vector });
    return { model, vector };
  }
}

/** Drops the oldest entry beyond the limit. */
function put<T>(entries: Map<string, T>, key: string, value: T): void {
  entries.set(key, value);
  const oldest = entries.keys().next();
  if (entries.size > maxTexts && !oldest.done) entries.delete(oldest.value);
}
