// How good a ranking of prompts by their need of the strong model is, by the measures of RouteLLM (Ong et al. 2024,
// arXiv 2406.18665, section 3.2):
//   PGR(share)  performance gap recovered: (accuracy when that share of prompts goes to the strong model - weak) / (strong - weak)
//   APGR        its mean over all shares from 0 to 1, here the exact area by trapezoids, one for each prompt
//   CPT(x)      call-performance threshold: the least share of strong calls, in percent, with a PGR of x
// Beside them, what taking one model always, or tossing a coin, would give for the same cost. A call costs by its prompt's length.
import type { Prompt } from './data.ts';

export interface Measures {
  /** Absent, as are the two below, where the strong model is no better than the weak one: there is no gap to recover. */
  apgr?: number;
  /** Percent of strong calls; absent where that PGR is never reached. */
  cpt50?: number;
  cpt80?: number;
  /** The best accuracy at any share, and at which percent of strong calls. */
  bestAccuracy: number;
  bestAtPercent: number;
  /** At each whole percent of the strong model's calls, and at each of its cost, the least distance above each. */
  above: { calls: Distances; cost: Distances };
}

/** In accuracy; below 0 the router loses somewhere to what is simpler. */
interface Distances {
  /** To the best single model that costs no more: the weak one, until everything goes to the strong one. */
  single: number;
  /** To a coin that sends as much to the strong model. */
  coin: number;
}

/** `scores`: the higher, the sooner a prompt goes to the strong model. Equal scores are broken by a fixed shuffle of the places. */
export function measure(prompts: readonly Prompt[], scores: ArrayLike<number>): Measures {
  const curve = curveOf(prompts, scores);
  const { accuracies, weak, gap } = curve;
  const shares = accuracies.length - 1;
  let area = 0;
  let best = 0;
  for (let i = 0; i < shares; i++) {
    area += ((accuracies[i] ?? 0) + (accuracies[i + 1] ?? 0)) / 2 - weak;
    if ((accuracies[i + 1] ?? 0) > (accuracies[best] ?? 0)) best = i + 1;
  }
  const cpt = (pgr: number): number | undefined => {
    const place = accuracies.findIndex((accuracy) => accuracy - weak >= pgr * gap - rounding);
    return place < 0 || gap <= rounding ? undefined : (100 * place) / shares;
  };
  const [cpt50, cpt80] = [cpt(0.5), cpt(0.8)];
  return {
    ...(gap > rounding && { apgr: area / shares / gap }),
    ...(cpt50 !== undefined && { cpt50 }),
    ...(cpt80 !== undefined && { cpt80 }),
    bestAccuracy: accuracies[best] ?? 0,
    bestAtPercent: (100 * best) / Math.max(1, shares),
    above: {
      calls: minAbove(
        curve,
        Float64Array.from(accuracies, (_, calls) => calls / Math.max(1, shares)),
      ),
      cost: minAbove(curve, curve.costs),
    },
  };
}

const rounding = 1e-12;

interface Curve {
  /** For each number of strong calls from 0 to all. */
  accuracies: Float64Array;
  /** The share of what it costs to send everything to the strong model. */
  costs: Float64Array;
  weak: number;
  gap: number;
}

function curveOf(prompts: readonly Prompt[], scores: ArrayLike<number>): Curve {
  const tie = (place: number): number => Math.imul(place + 1, 0x9e3779b1) >>> 0;
  const order = Array.from(prompts.keys()).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || tie(a) - tie(b));
  const accuracies = new Float64Array(prompts.length + 1);
  const costs = new Float64Array(prompts.length + 1);
  const weak = meanOf(prompts, ({ weak: correct }) => correct);
  const whole = prompts.reduce((sum, prompt) => sum + costOf(prompt), 0);
  accuracies[0] = weak;
  order.forEach((place, rank) => {
    accuracies[rank + 1] = (accuracies[rank] ?? 0) + gainOf(prompts[place]) / prompts.length;
    costs[rank + 1] = (costs[rank] ?? 0) + costOf(prompts[place]) / whole;
  });
  return { accuracies, costs, weak, gap: meanOf(prompts, gainOf) };
}

const charactersOfAnyCall = 400; // its answer costs too

function costOf(prompt: Prompt | undefined): number {
  return charactersOfAnyCall + (prompt?.text.length ?? 0);
}

/** At each whole percent of `spent`, which says for each number of strong calls what share of everything they are. */
function minAbove({ accuracies, weak, gap }: Curve, spent: Float64Array): Distances {
  const least: Distances = { single: Number.POSITIVE_INFINITY, coin: Number.POSITIVE_INFINITY };
  for (let percent = 1; percent <= 100; percent++) {
    const calls = lastWithin(spent, percent / 100);
    const accuracy = accuracies[calls] ?? 0;
    const single = calls === accuracies.length - 1 ? Math.max(weak, weak + gap) : weak;
    least.single = Math.min(least.single, accuracy - single);
    least.coin = Math.min(least.coin, accuracy - (weak + gap * (spent[calls] ?? 0)));
  }
  return { single: rounded(least.single), coin: rounded(least.coin) };
}

/** What adding up thousands of numbers adds to them is no loss. */
function rounded(value: number): number {
  return Math.round(value * 1e9) / 1e9 + 0;
}

/** The most calls that this share buys. */
function lastWithin(spent: Float64Array, share: number): number {
  const beyond = spent.findIndex((sum) => sum > share + 1e-9);
  return beyond < 0 ? spent.length - 1 : beyond - 1;
}

/** What the strong model adds: -1, 0 or 1. */
export function gainOf(prompt: Prompt | undefined): number {
  return (prompt?.strong ?? 0) - (prompt?.weak ?? 0);
}

export function meanOf(prompts: readonly Prompt[], value: (prompt: Prompt) => number): number {
  return prompts.reduce((sum, prompt) => sum + value(prompt), 0) / Math.max(1, prompts.length);
}
