// How well each able model suits a request, in parts that can be shown, stored, and weighed again under another policy.
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

/** With its score under a policy, 0 to 1. */
export type RankedCandidate = ScoredCandidate & { score: number };

/** What is known of the models beyond their own entries. */
export interface RouterState {
  /**
   * The outcome predicted for a model from this user's past outcomes, 0 to 1; undefined while its predictions are
   * unproven.
   */
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
        preference: candidate.info.loaded ? 1 : firstPreference / (1 + place),
        ...(costUsd !== undefined && { cost: cheapness(costUsd) }),
        ...(learned !== undefined && { learned }),
      },
      ...(costUsd !== undefined && { costUsd }),
    };
  });
}

const ordinaryDifficulty = 0.3;
const firstPreference = 0.5; // of the first in the configuration; small, so that it decides between equal models only
const loadedBonus = 0.15; // a model that must be loaded first answers seconds later

/** The wanted quality grows with difficulty. Too little counts five times as much as too much. */
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

/** The values of unknown parts. An unknown price may be high, so its part is below the middle. */
const unknownParts: ScoreParts & { cost: number; learned: number } = {
  quality: 0.5,
  match: 0.5,
  cost: 0.25,
  speed: 0.5,
  preference: 0,
  learned: 0.5,
};

/** 0 to 1 under a policy. */
export function weightedScore(parts: ScoreParts, { weights }: Policy): number {
  let sum = 0;
  let whole = 0;
  for (const part of Object.keys(weights) as (keyof ScoreParts)[]) {
    sum += weights[part] * (parts[part] ?? unknownParts[part]);
    whole += weights[part];
  }
  return sum / whole;
}
