// TABLE of the limits of a run, each with what its user is told when it ends there. They count what its stages have stored, so that a run
// that goes on after a crash ends where it would have ended.
import { formatUsd } from '../../../../shared/usd.ts';
import { counted } from '../../../../shared/words/counted.ts';
import type { RunBudget } from '../tools/tool.ts';
import { costOf, type RunSpent, roundsOf, tokensOf } from './spending.ts';

export interface RunLimits extends Pick<RunBudget, 'rounds'> {
  /** US dollars; absent where only the budgets hold. */
  usd?: number | undefined;
  /** Those of every run where they are left out, as those after it. */
  tokens?: number;
  workMs?: number;
  /** What to do then, in a sentence. */
  toGoOn?: string;
}

export const defaultRounds = 25;
export const maxTokens = 2_000_000;
export const maxWorkMs = 60 * 60_000;
const toContinue = 'To continue, send another message in its chat.';

interface LimitRow {
  name: 'rounds' | 'tokens' | 'money' | 'minutes';
  /** The sentence, where it is reached. */
  why(spent: RunSpent, limits: RunLimits): string | undefined;
}

const rows: readonly LimitRow[] = [
  {
    name: 'rounds',
    why: (spent, { rounds, toGoOn = toContinue }) =>
      roundsOf(spent) >= rounds
        ? `Stopped after ${counted(rounds, 'turn')}, which is the limit of this run. ${toGoOn}`
        : undefined,
  },
  {
    name: 'tokens',
    why: (spent, { tokens = maxTokens, toGoOn = toContinue }) =>
      tokensOf(spent) >= tokens
        ? `Stopped after ${tokensOf(spent)} tokens, since it may use ${tokens}. ${toGoOn}`
        : undefined,
  },
  {
    name: 'money',
    why({ turns, tools = [] }, { usd, toGoOn = toContinue }) {
      if (usd === undefined) return undefined;
      const costs = [...tools, ...turns];
      const spent = costOf(costs);
      if (spent === undefined)
        return `Stopped, since it isn't known what ${turns.at(-1)?.model ?? 'the model'} costs, so the limit of ${formatUsd(usd)} can't be kept. Choose a model with a known price, or run it without a limit.`;
      const next = costs.at(-1)?.costUsd ?? 0; // the next turn costs at least about what the last one did
      return spent + next > usd && costs.length > 0
        ? `Stopped at ${formatUsd(spent)}, since another turn would exceed the limit of ${formatUsd(usd)}. ${toGoOn}`
        : undefined;
    },
  },
  {
    name: 'minutes',
    why: ({ workMs }, { workMs: max = maxWorkMs, toGoOn = toContinue }) =>
      workMs >= max
        ? `Stopped after ${Math.round(workMs / 60_000)} minutes of work, which is the limit of a run. ${toGoOn}`
        : undefined,
  },
];

/** Why no further turn may be made; undefined where one may. */
export function whyNoTurn(spent: RunSpent, limits: RunLimits): string | undefined {
  for (const { why } of rows) {
    const sentence = why(spent, limits);
    if (sentence !== undefined) return sentence;
  }
  return undefined;
}
