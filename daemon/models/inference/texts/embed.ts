// Texts into unit vectors by a loaded model. A long text is read in windows of equal length, and its vector is their mean; where
// only its first windows are asked for, they are as long as they may be and the rest is not read.
import type { LlamaEmbeddingContext, LlamaModel, Token } from 'node-llama-cpp';
import { throwIfCancelled } from '../../../base/errors.ts';
import type { EmbedRequest } from '../host-messages.ts';
import { type LoadedModel, outOfMemory } from '../models.ts';
import { WordPieces } from './word-pieces.ts';

/** What follows is not read: no text may keep the others waiting for long. */
const maxEmbeddingCharacters = 32_768;

/** One vector a text, of length 1. Throws InferenceError (`out-of-memory`), or CancelledError between two windows. */
export async function embed(
  loaded: LoadedModel,
  { texts, windowTokens = Number.POSITIVE_INFINITY, maxWindows = Number.POSITIVE_INFINITY }: Omit<EmbedRequest, 'path'>,
  signal: AbortSignal,
): Promise<Float32Array[]> {
  const contexts = await loaded.embeddingContexts().catch((error: unknown) => {
    throw outOfMemory(loaded.info.path, error);
  });
  const addedTokens = contexts[0]?.calculateInputLength([]) ?? 0;
  const maxTokens = Math.max(1, Math.min(windowTokens, loaded.maxEmbeddingTokens) - addedTokens);
  function* windows() {
    for (const [of, text] of texts.entries()) {
      const tokens = tokenize(loaded, text.slice(0, maxEmbeddingCharacters)).slice(0, maxWindows * maxTokens);
      for (const window of windowsOf(tokens, maxTokens)) yield { of, window };
    }
  }
  const parts = await inTurn(windows(), contexts, async ({ of, window }, context) => {
    throwIfCancelled(signal);
    return { of, weight: Math.max(1, window.length), vector: await vectorOf(context, window, loaded.model) };
  });
  const sums: number[][] = texts.map(() => []);
  for (const { of, weight, vector } of parts) {
    const sum = sums[of] ?? [];
    for (const [i, value] of vector.entries()) sum[i] = (sum[i] ?? 0) + value * weight;
  }
  return sums.map((sum) => Float32Array.from(unit(sum)));
}

/** Each worker takes the next item when it is done with one; after a failure none does. The results are in the items' order. */
async function inTurn<Item, Worker, Result>(
  items: Generator<Item>,
  workers: readonly Worker[],
  work: (item: Item, worker: Worker) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let count = 0;
  const run = async (worker: Worker): Promise<void> => {
    // All of them share one generator: whoever leaves its loop by an error ends it for the others too.
    for (const item of items) {
      const place = count++;
      results[place] = await work(item, worker);
    }
  };
  const ends = await Promise.allSettled(workers.map(run));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return results;
}

export function tokenize(loaded: LoadedModel, text: string): Token[] {
  loaded.wordPieces ??= wordPiecesOf(loaded.model) ?? 'none';
  return loaded.wordPieces === 'none' ? loaded.model.tokenize(text) : (loaded.wordPieces.split(text) as Token[]);
}

/** Nothing where the file does not say that it is of an uncased BERT. */
function wordPiecesOf({ fileInfo }: LlamaModel): WordPieces | undefined {
  const {
    model,
    tokens,
    unknown_token_id: unknown,
    normalizer,
  } = (fileInfo.metadata.tokenizer?.ggml ?? {}) as {
    model?: string;
    tokens?: readonly string[];
    unknown_token_id?: number;
    normalizer?: { lowercase?: boolean; strip_accents?: boolean };
  };
  if (
    model !== 'bert' ||
    !normalizer?.lowercase ||
    normalizer.strip_accents === false ||
    !tokens ||
    unknown === undefined
  )
    return undefined;
  return new WordPieces(tokens, unknown);
}

/** Equal lengths, so that no window holds but a few words; a text of no tokens is one empty window. */
function windowsOf(tokens: readonly Token[], maxTokens: number): Token[][] {
  const count = Math.max(1, Math.ceil(tokens.length / maxTokens));
  const size = Math.ceil(tokens.length / count);
  return Array.from({ length: count }, (_, i) => tokens.slice(i * size, (i + 1) * size)).filter(
    (window, i) => i === 0 || window.length > 0,
  );
}

/** An empty window would come back as no vector: it is given the token that begins every text, or where there is none a space. */
async function vectorOf(
  context: LlamaEmbeddingContext,
  window: Token[],
  model: LlamaModel,
): Promise<readonly number[]> {
  const empty = (): Token[] => (model.tokens.bos === null ? model.tokenize(' ') : [model.tokens.bos]);
  return unit((await context.getEmbeddingFor(window.length > 0 ? window : empty())).vector);
}

function unit(vector: readonly number[]): readonly number[] {
  const length = Math.hypot(...vector);
  return length > 0 ? vector.map((value) => value / length) : vector;
}
