// How much texts bear on a query, by a loaded model that was made for that. Of a long text its beginning is read.
import { basename } from 'node:path';
import type { LlamaRankingContext, Token } from 'node-llama-cpp';
import { throwIfCancelled } from '../../../base/errors.ts';
import type { RankRequest } from '../host-messages.ts';
import { InferenceError } from '../inference.ts';
import { type LoadedModel, outOfMemory } from '../models.ts';
import { firstLine } from '../native.ts';
import { tokenize } from './embed.ts';

/** Of the context, that a query may take. */
const queryShare = 0.25;

/** A number from 0 to 1 for each text. Throws InferenceError, or CancelledError between two texts. */
export async function rank(
  loaded: LoadedModel,
  { query, texts }: Omit<RankRequest, 'path'>,
  signal: AbortSignal,
): Promise<number[]> {
  const context = await rankingContextOf(loaded);
  const asked = tokenize(loaded, query).slice(0, context.contextSize * queryShare);
  const scores: number[] = [];
  for (const text of texts) {
    throwIfCancelled(signal);
    scores.push(await scoreOf(context, asked, tokenize(loaded, text)));
  }
  if (scores.every(Number.isFinite)) return scores;
  throw new InferenceError(
    'bad-model-file',
    `${basename(loaded.info.path)} is damaged: it computes values that are not numbers. Download it again, or choose another file.`,
  );
}

async function scoreOf(context: LlamaRankingContext, query: Token[], text: Token[]): Promise<number> {
  let read = text.slice(0, context.contextSize);
  // A model's template may say a text twice, so how long a text may be is tried.
  while (read.length > 0 && context.calculateInputLength(query, read) >= context.contextSize)
    read = read.slice(0, Math.floor(read.length * 0.9));
  return read.length === 0 ? 0 : await context.rank(query, read);
}

async function rankingContextOf(loaded: LoadedModel): Promise<LlamaRankingContext> {
  const { info, model, native } = loaded;
  if (!model.fileInsights.supportsRanking)
    throw new InferenceError(
      'bad-model-file',
      `${basename(info.path)} isn't a reranker. Set another model as "rerank" in config.json.`,
    );
  try {
    return await loaded.rankingContext();
  } catch (error) {
    if (error instanceof native.module.InsufficientMemoryError) throw outOfMemory(info.path, error);
    throw new InferenceError('bad-model-file', `${basename(info.path)} can't rank (${firstLine(error)}).`, error);
  }
}
