// The routers that are compared: the product's learned one, and what it must beat.
import { estimateTokens } from '../../../daemon/base/tokens.ts';
import { analyse } from '../../../daemon/models/router/analyse.ts';
import { finish, fitBlend } from '../../../daemon/models/router/learn/blend.ts';
import { hashSpace, type TextFeatures } from '../../../daemon/models/router/learn/features.ts';
import { createRandom } from '../../../daemon/models/router/learn/random.ts';
import { fitRidge } from '../../../daemon/models/router/learn/ridge.ts';
import { inverseFrequencies, termWeightRows, termWeights } from '../../../daemon/models/router/learn/weighting.ts';
import type { Prompt } from './data.ts';
import { gainOf } from './measures.ts';

/** Learns from some prompts to score others: the higher, the more the strong model is needed. */
export type Train = (prompts: readonly Prompt[]) => (prompt: Prompt) => number;

const seed = 1;

export const routers = {
  learned: (prompts) => {
    const blend = finish(fitBlend(prompts.map((prompt) => ({ text: prompt.features, target: gainOf(prompt) }))));
    return ({ features }) => blend.predict(features);
  },
  /** Single words alone, TF-IDF, ridge: the reference that needs no idea. */
  ridge: (prompts) => {
    const texts = prompts.map(({ text }) => wordsOf(text));
    const inverse = inverseFrequencies(texts);
    const mean = prompts.reduce((sum, prompt) => sum + gainOf(prompt), 0) / prompts.length;
    const weights = finish(
      fitRidge(
        termWeightRows(texts, inverse),
        Float64Array.from(prompts, (prompt) => gainOf(prompt) - mean),
        { penalty: 3, rounds: 25 },
      ),
    );
    return ({ text }) => {
      const words = wordsOf(text);
      return termWeights(words, inverse).reduce(
        (sum, value, i) => sum + value * (weights[words.hashes[i] ?? 0] ?? 0),
        0,
      );
    };
  },
  /** What a new user has: the request as the rules read it, nothing learned yet. */
  rules:
    () =>
    ({ text }) =>
      analyse({ text }, { task: 'chat', countTokens: estimateTokens }).difficulty,
  longest:
    () =>
    ({ text }) =>
      text.length,
  random: () => createRandom(seed),
  oracle: () => gainOf,
} as const satisfies Record<string, Train>;

export type RouterName = keyof typeof routers;

function wordsOf(text: string): TextFeatures {
  const counts = new Map<number, number>();
  for (const word of text.toLowerCase().match(/[a-z]+|\d+|[^\sa-z\d]/g) ?? []) {
    let hash = 0x811c9dc5;
    for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
    const place = ((hash ^ (hash >>> 15)) >>> 0) % hashSpace;
    counts.set(place, (counts.get(place) ?? 0) + 1);
  }
  return { hashes: [...counts.keys()], counts: [...counts.values()], shape: [] };
}
