// The texts of the last decisions, kept while their outcomes may still come. A text with an outcome is embedded in the
// background. A decision never waits for an embedding; it uses one that exists.
import { LRUCache } from 'lru-cache';
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

const maxTexts = 200; // the oldest goes, whether it was looked at or not: hence `peek`

/** Lives as long as the router, in memory only. */
export class RecentRequests {
  readonly #source: EmbeddingSource | undefined;
  readonly #texts = new LRUCache<string, string>({ max: maxTexts });
  readonly #embeddings = new LRUCache<string, TextEmbedding>({ max: maxTexts });

  constructor(source: EmbeddingSource | undefined) {
    this.#source = source;
  }

  get model(): string | undefined {
    return this.#source?.model;
  }

  remember(decisionId: string, text: string): void {
    if (this.#source) this.#texts.set(decisionId, text);
  }

  forget(): void {
    this.#texts.clear();
    this.#embeddings.clear();
  }

  /** The embedding of a text, if there is one without waiting. */
  known(text: string): TextEmbedding | undefined {
    const source = this.#source;
    if (!source) return undefined;
    const own = this.#embeddings.peek(text);
    if (own?.model === source.model) return own;
    const vector = source.known(text);
    return vector && { model: source.model, vector };
  }

  /** The embedding of a decision's text. Undefined when the decision is too old or no embedding model is available. */
  async embeddingOf(decisionId: string): Promise<TextEmbedding | undefined> {
    const text = this.#texts.peek(decisionId);
    const source = this.#source;
    if (text === undefined || text.trim() === '' || !source) return undefined;
    const known = this.known(text);
    if (known) return known;
    const { model } = source;
    const vector = await source.embed(text);
    if (!vector || source.model !== model) return undefined;
    this.#embeddings.set(text, { model, vector });
    return { model, vector };
  }
}
