// The texts of the last decisions, while it may still turn out how their answers were: what is learned from then is embedded, in the
// background. A decision waits for no embedding; it uses what is at hand.
import { LRUCache } from 'lru-cache';
import type { TextEmbedding } from './learn/embedding-model.ts';

/** An embedding model, as the router sees it. */
export interface EmbeddingSource {
  /** Which one it is now; vectors of another cannot be compared with its own. */
  readonly model: string;
  /** What was embedded a moment ago, for a search or for another question. */
  known(text: string): Float32Array | undefined;
  /** When nobody else wants the model. */
  embed(text: string): Promise<Float32Array | undefined>;
}

const maxTexts = 200; // the oldest goes, whether it was looked at or not: hence `peek`

/** Lives as long as the router, in memory alone. */
export class RecentRequests {
  readonly #source: EmbeddingSource | undefined;
  readonly #texts = new LRUCache<string, string>({ max: maxTexts });
  readonly #meanings = new LRUCache<string, TextEmbedding>({ max: maxTexts });

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
    this.#meanings.clear();
  }

  /** What is at hand without waiting. */
  known(text: string): TextEmbedding | undefined {
    const source = this.#source;
    if (!source) return undefined;
    const own = this.#meanings.peek(text);
    if (own?.model === source.model) return own;
    const vector = source.known(text);
    return vector && { model: source.model, vector };
  }

  /** Of a decision's text; nothing where that was too long ago, or no model can be had. */
  async meaningOf(decisionId: string): Promise<TextEmbedding | undefined> {
    const text = this.#texts.peek(decisionId);
    const source = this.#source;
    if (text === undefined || text.trim() === '' || !source) return undefined;
    const known = this.known(text);
    if (known) return known;
    const { model } = source;
    const vector = await source.embed(text);
    if (!vector || source.model !== model) return undefined;
    this.#meanings.set(text, { model, vector });
    return { model, vector };
  }
}
