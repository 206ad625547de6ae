// How good a ranking of prompts by their need of the strong model is, by the measures of RouteLLM (Ong et al. 2024,
// arXiv 2406.18665, section 3.2):
//   PGR(share)  performance gap recovered: (accuracy when that share of prompts goes to the strong model - weak) / (strong - weak)
//   APGR        its mean over all shares from 0 to 1, here the exact area by trapezoids, one for each prompt
//   CPT(x)      call-performance threshold: the least share of strong calls, in percent, with a PGR of x
import type { Prompt } from './data.ts';

export interface Measures {
  apgr: number;
  /** Percent of strong calls; absent where that PGR is never reached. */
  cpt50?: number;
  cpt80?: number;
  /** The best accuracy at any share, and at which percent of strong calls. */
  bestAccuracy: number;
  bestAtPercent: number;
  /**
   * The least distance above the weak model alone, which is the best single model that costs less than the strong one, at each
   * whole percent of strong calls: below 0 the router would lose to taking one model always.
   */
  leastAboveWeak: number;
}

/** `scores`: the higher, the sooner a prompt goes to the strong model. Equal scores are broken by a fixed shuffle of the places. */
export function measure(prompts: readonly Prompt[], scores: ArrayLike<number>): Measures {
  const { accuracies, weak, gap } = curveOf(prompts, scores);
  const shares = accuracies.length - 1;
  let area = 0;
  let best = 0;
  for (let i = 0; i < shares; i++) {
    area += ((accuracies[i] ?? 0) + (accuracies[i + 1] ?? 0)) / 2 - weak;
    if ((accuracies[i + 1] ?? 0) > (accuracies[best] ?? 0)) best = i + 1;
  }
  const cpt = (pgr: number): number | undefined => {
    const place = accuracies.findIndex((accuracy) => accuracy - weak >= pgr * gap - 1e-12);
    return place < 0 ? undefined : (100 * place) / shares;
  };
  const [cpt50, cpt80] = [cpt(0.5), cpt(0.8)];
  return {
    apgr: area / shares / gap,
    ...(cpt50 !== undefined && { cpt50 }),
    ...(cpt80 !== undefined && { cpt80 }),
    bestAccuracy: accuracies[best] ?? 0,
    bestAtPercent: (100 * best) / shares,
    leastAboveWeak: Math.min(...Array.from({ length: 100 }, (_, percent) => (accuracies[Math.round(((percent + 1) / 100) * shares)] ?? 0) - weak)),
  };
}

/** The accuracy for each number of strong calls from 0 to all. */
function curveOf(prompts: readonly Prompt[], scores: ArrayLike<number>): { accuracies: Float64Array; weak: number; gap: number } {
  const tie = (place: number): number => Math.imul(place + 1, 0x9e3779b1) >>> 0;
  const order = Array.from(prompts.keys()).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || tie(a) - tie(b));
  const accuracies = new Float64Array(prompts.length + 1);
  const weak = meanOf(prompts, ({ weak: correct }) => correct);
  accuracies[0] = weak;
  order.forEach((place, rank) => {
    accuracies[rank + 1] = (accuracies[rank] ?? 0) + gainOf(prompts[place]) / prompts.length;
  });
  return { accuracies, weak, gap: meanOf(prompts, gainOf) };
}

/** What the strong model adds: -1, 0 or 1. */
export function gainOf(prompt: Prompt | undefined): number {
  return (prompt?.strong ?? 0) - (prompt?.weak ?? 0);
}

export function meanOf(prompts: readonly Prompt[], value: (prompt: Prompt) => number): number {
  return prompts.reduce((sum, prompt) => sum + value(prompt), 0) / Math.max(1, prompts.length);
}
