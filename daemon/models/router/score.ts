// How well each able model suits a request, in parts that can be shown, stored, and weighed anew under another policy.
import type { Analysis } from './analyse.ts';
import type { Policy, ScoreParts } from './policies.ts';
import type { Candidate } from './router.ts';
import { traitsOf } from './traits.ts';

export interface ScoredCandidate {
  candidate: Candidate;
  parts: ScoreParts;
  /** US dollars; absent when the price is unknown. */
  costUsd?: number;
}

/** What is known of the models beyond their own entries. */
export interface RouterState {
  /** What this user's own past outcomes let expect of a model for this request, 0 to 1; nothing where that is not proven. */
  expect?(model: string): number | undefined;
}

export function score(
  candidates: readonly Candidate[],
  analysis: Analysis | undefined,
  state: RouterState = {},
): ScoredCandidate[] {
  return candidates.map((candidate, place) => {
    const { quality, speed } = traitsOf(candidate);
    const costUsd = costOf(candidate, analysis);
    const learned = state.expect?.(candidate.id);
    return {
      candidate,
      parts: {
        quality,
        match: matchOf(quality, analysis?.difficulty ?? ordinaryDifficulty),
        speed: candidate.info.loaded ? Math.min(1, speed + loadedBonus) : speed,
        preference: candidate.info.loaded ? 1 : firstPlace / (1 + place),
        ...(costUsd !== undefined && { cost: cheapness(costUsd) }),
        ...(learned !== undefined && { learned }),
      },
      ...(costUsd !== undefined && { costUsd }),
    };
  });
}

const ordinaryDifficulty = 0.3;
const firstPlace = 0.5; // in the configuration; among what is not loaded it decides between equals, not between a small model and a good one
const loadedBonus = 0.15; // a model that must be loaded first answers seconds later

/** Quality wanted grows with difficulty. What is missing counts five times as much as what is too much. */
function matchOf(quality: number, difficulty: number): number {
  const wantedQuality = 0.3 + 0.65 * difficulty;
  return Math.max(
    0,
    quality >= wantedQuality ? 1 - 0.3 * (quality - wantedQuality) : 1 - 1.5 * (wantedQuality - quality),
  );
}

const tokensPerPrice = 1_000_000;

function costOf({ provider, info }: Candidate, analysis: Analysis | undefined): number | undefined {
  if (provider.local && !info.price) return 0;
  if (!info.price || !analysis) return undefined;
  const { price } = info;
  const rates = price.longPrompt && analysis.tokens > price.longPrompt.aboveTokens ? price.longPrompt : price;
  return (analysis.tokens * rates.input + analysis.outputTokens * rates.output) / tokensPerPrice;
}

const halfCheapUsd = 0.005; // a request of this cost counts as half cheap

function cheapness(costUsd: number): number {
  return halfCheapUsd / (halfCheapUsd + costUsd);
}

/** What an unknown part counts as: an unknown price may be high, so it is less than the middle; the rest is simply open. */
const openParts: ScoreParts & { cost: number; learned: number } = {
  quality: 0.5,
  match: 0.5,
  cost: 0.25,
  speed: 0.5,
  preference: 0,
  learned: 0.5,
};

/** 0 to 1 under a policy. */
export function weigh(parts: ScoreParts, { weights }: Policy): number {
  let sum = 0;
  let whole = 0;
  for (const part of Object.keys(weights) as (keyof ScoreParts)[]) {
    sum += weights[part] * (parts[part] ?? openParts[part]);
    whole += weights[part];
  }
  return sum / whole;
}
