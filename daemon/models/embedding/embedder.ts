// The embedder as the rest of the daemon sees it: texts in, unit vectors out, by the model that ships or the one that is configured.
import { CancelledError, throwIfCancelled, UserError } from '../../base/errors.ts';
import { FairQueue, type Priority } from '../../base/fair-queue.ts';
import { RecentVectors } from './recent-vectors.ts';

interface EmbedOptions {
  signal: AbortSignal;
  /** `interactive` goes before all `background` work that has not begun; the latter is the default. */
  priority?: Priority;
}

/** Lives as long as the daemon. Vectors of another `model` or `dimensions` cannot be compared with its own. */
export interface Embedder {
  /** Changes with the configuration. */
  readonly model: string;
  /** 0 until the first vector of a configured model has come. */
  readonly dimensions: number;
  /** False while it has no process yet that could embed: the next text starts one. True where left out. */
  readonly ready?: boolean;
  /**
   * One vector of length 1 for each text, however long it is. Throws UserError `embedding-unavailable`, which full text search
   * can stand in for, or CancelledError.
   */
  embed(texts: readonly string[], options: EmbedOptions): Promise<Float32Array[]>;
}

export interface ExaminedEmbedder extends Embedder {
  /** The cached vector of a text that was a query lately; asks no model. */
  known(text: string): Float32Array | undefined;
  /** For `doctor`: embeds a word, unless that would be sent to another machine. Throws as `embed` does. */
  examine(signal: AbortSignal): Promise<string>;
}

/** One model. Lives until another is configured. */
export interface EmbeddingModel {
  readonly model: string;
  /** Known beforehand only for the model that ships. */
  readonly dimensions?: number;
  readonly local: boolean;
  /** As of an `Embedder`. */
  readonly ready?: boolean;
  /** How much is asked of it at once. */
  readonly batch: { texts: number; characters: number };
  /** What to do when it fails. */
  readonly fix: string;
  embed(texts: readonly string[], signal: AbortSignal): Promise<Float32Array[]>;
}

/** `current` is asked at every use, and answers with the same object until another model is configured. */
export function createEmbedder(current: () => EmbeddingModel): ExaminedEmbedder {
  const queue = new FairQueue();
  const recent = new RecentVectors();
  const learnedDimensions = new WeakMap<EmbeddingModel, number>();
  const dimensionsOf = (model: EmbeddingModel): number => model.dimensions ?? learnedDimensions.get(model) ?? 0;

  async function ask(
    model: EmbeddingModel,
    texts: readonly string[],
    { signal, priority = 'background' }: EmbedOptions,
  ): Promise<Float32Array[]> {
    using _turn = await queue.take({ priority, signal });
    throwIfCancelled(signal);
    const vectors = (await model.embed(texts, signal)).map(unit);
    const dimensions = dimensionsOf(model) || (vectors[0]?.length ?? 0);
    if (vectors.length !== texts.length || dimensions === 0 || vectors.some(({ length }) => length !== dimensions)) {
      throw new UserError('embedding-unavailable', `"${model.model}" returned no usable vectors. ${model.fix}`);
    }
    learnedDimensions.set(model, dimensions);
    return vectors;
  }

  async function embed(texts: readonly string[], options: EmbedOptions): Promise<Float32Array[]> {
    const model = current();
    const isQuery = options.priority === 'interactive' && texts.length === 1;
    const known = isQuery ? recent.get(model, texts[0] ?? '') : undefined;
    if (known) return [known];
    try {
      const vectors: Float32Array[] = [];
      for (const batch of batchesOf(texts, model.batch)) vectors.push(...(await ask(model, batch, options)));
      if (isQuery && vectors[0]) recent.set(model, texts[0] ?? '', vectors[0]);
      return vectors;
    } catch (error) {
      throw toUnavailable(error, model);
    }
  }

  return {
    get model() {
      return current().model;
    },
    get dimensions() {
      return dimensionsOf(current());
    },
    get ready() {
      return current().ready ?? true;
    },
    embed,
    known: (text) => recent.get(current(), text),
    async examine(signal) {
      const model = current();
      if (!model.local) return `${model.model}, on another machine; not checked here`;
      await embed(['ready'], { signal, priority: 'interactive' });
      return `${model.model} works, with ${dimensionsOf(model)} dimensions`;
    },
  };
}

/** Texts in order, as many at once as the model takes; a text is never torn here. */
function batchesOf(texts: readonly string[], max: EmbeddingModel['batch']): string[][] {
  const batches: string[][] = [];
  let characters = 0;
  for (const text of texts) {
    const last = batches.at(-1);
    characters += text.length;
    if (last && last.length < max.texts && characters <= max.characters) {
      last.push(text);
    } else {
      batches.push([text]);
      characters = text.length;
    }
  }
  return batches;
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return length > 0 ? vector.map((value) => value / length) : vector;
}

/** A UserError gets the advice on embeddings added; a bug stays a bug. */
function toUnavailable(error: unknown, model: EmbeddingModel): unknown {
  if (error instanceof CancelledError || !(error instanceof UserError) || error.code === 'embedding-unavailable')
    return error;
  return new UserError(
    'embedding-unavailable',
    `Couldn't embed text with "${model.model}": ${error.message} ${model.fix}`,
    { retryable: error.retryable, cause: error },
  );
}
