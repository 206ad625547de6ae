// The texts of the last decisions, while it may still turn out how their answers were: what is learned from then is embedded, in the
// background. A decision waits for no embedding; it uses what is at hand.
import type { TextEmbedding } from './learn/embedding-regression.ts';

/** An embedding model, as the router sees it. */
export interface EmbeddingSource {
  /** Which one it is now; vectors of another cannot be compared with its own. */
  readonly model: string;
  /** What was embedded a moment ago, for a search or for another question. */
  known(text: string): Float32Array | undefined;
  /** When nobody else wants the model. */
  embed(text: string): Promise<Float32Array | undefined>;
}

const maxTexts = 200;

/** Lives as long as the router, in memory alone. */
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

  /** What is at hand without waiting. */
  known(text: string): TextEmbedding | undefined {
    const source = this.#source;
    if (!source) return undefined;
    const own = this.#embeddings.get(text);
    if (own?.model === source.model) return own;
    const vector = source.known(text);
    return vector && { model: source.model, vector };
  }

  /** Of a decision's text; nothing where that was too long ago, or no model can be had. */
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

/** The oldest goes. */
function put<T>(entries: Map<string, T>, key: string, value: T): void {
  entries.set(key, value);
  const oldest = entries.keys().next();
  if (entries.size > maxTexts && !oldest.done) entries.delete(oldest.value);
}
