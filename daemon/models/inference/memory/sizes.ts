// How much memory a model takes, by the arithmetic of its header: weights, what is kept of each token that was read, and the buffers of a
// step. Pure.
import type { LocalSettings } from '../../../base/config/local-settings.ts';
import type { LoadSize } from './admission.ts';

/** What of a model's header decides how much memory its contexts take. */
export interface ModelShape {
  /** Numbers that are stored for a token of a context, over all layers. */
  kvWidth: number;
  embedding: number;
  heads: number;
  vocabulary: number;
}

const mostSlots = 4;
/** All slots together take no more than this, or than the weights where those are larger, unless the user sets their number. */
const slotsBytes = 1e9;
/** A chat needs at least so much context, or all of its model's. */
const leastContextTokens = 2048;
/** Tokens that llama.cpp reads in a step. */
const stepTokens = 512;
/** Bytes of a number as it is stored in a context, by the blocks of ggml. */
const kvBytes = { F16: 2, Q8_0: 34 / 32, Q4_0: 18 / 32 } as const;

/** The ways to generate with a model, by its settings: `weightsBytes` are 0 where it is loaded already. */
export function chatSizes(
  shape: ModelShape,
  settings: LocalSettings,
  { weightsBytes, fileBytes, contextTokens }: { weightsBytes: number; fileBytes: number; contextTokens: number },
): LoadSize[] {
  const { slots, kvType = 'F16', flashAttention = true } = settings;
  const sizeOf = (count: number, tokens: number): LoadSize => {
    const kv = shape.kvWidth * kvBytes[kvType] * tokens * count;
    const attention = flashAttention ? 0 : shape.heads * tokens * count * stepTokens * 4;
    return { slots: count, contextTokens: tokens, bytes: weightsBytes + kv + stepBytes(shape, stepTokens) + attention };
  };
  const counts = slots ? [slots] : Array.from({ length: mostSlots }, (_, i) => mostSlots - i);
  const mostBytes = weightsBytes + Math.max(slotsBytes, fileBytes);
  const whole = counts
    .map((count) => sizeOf(count, contextTokens))
    .filter((size) => slots || size.slots === 1 || size.bytes <= mostBytes);
  if (settings.contextTokens) return whole;
  const shorter = [];
  for (let tokens = contextTokens / 2; tokens >= leastContextTokens; tokens /= 2)
    shorter.push(sizeOf(slots ?? 1, Math.floor(tokens)));
  return [...whole, ...shorter];
}

/** To embed with a model: texts of so many tokens are read in one step, in at most so many contexts beside each other. */
export function embeddingSizes(
  shape: ModelShape,
  { weightsBytes, windowTokens, most }: { weightsBytes: number; windowTokens: number; most: number },
): LoadSize[] {
  // What keeps nothing of a text looks at all of it at once: scores between all tokens, in about three buffers (measured).
  const scores = shape.kvWidth === 0 ? 3 * 4 * shape.heads * windowTokens ** 2 : 0;
  const contextBytes = shape.kvWidth * kvBytes.F16 * windowTokens + stepBytes(shape, windowTokens) + scores;
  return Array.from({ length: most }, (_, i) => most - i).map((slots) => ({
    slots,
    contextTokens: windowTokens,
    bytes: weightsBytes + slots * contextBytes,
  }));
}

/** Buffers for what a step computes: a number for each word of the vocabulary, and two rows of the model's width, for each token. */
function stepBytes({ vocabulary, embedding }: ModelShape, tokens: number): number {
  return tokens * 4 * (vocabulary + 2 * embedding);
}
