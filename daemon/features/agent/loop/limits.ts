// TABLE of the limits of a run, each with what its user is told when it ends there. They count what its stages have stored, so that a run
// that goes on after a crash ends where it would have ended.
import { formatUsd } from '../../../../shared/usd.ts';
import type { ToolSpending } from '../tools/tool.ts';
import type { ModelTurn } from './turn.ts';

export interface RunLimits {
  /** Turns of the model. */
  rounds: number;
  /** US dollars; absent where only the budgets hold. */
  usd?: number | undefined;
}

interface RunSpent {
  turns: readonly ModelTurn[];
  /** What tools have spent on models. */
  tools?: readonly ToolSpending[];
  /** How long its turns and calls have taken, without what the user was waited for. */
  workMs: number;
}

export const defaultRounds = 25;
const maxTokens = 2_000_000;
const maxWorkMs = 60 * 60_000;
const toGoOn = 'To continue, send another message in its chat.';

interface LimitRow {
  name: 'rounds' | 'tokens' | 'money' | 'minutes';
  /** The sentence, where it is reached. */
  why(spent: RunSpent, limits: RunLimits): string | undefined;
}

const rows: readonly LimitRow[] = [
  {
    name: 'rounds',
    why: ({ turns }, { rounds }) =>
      turns.length >= rounds
        ? `Stopped after ${rounds === 1 ? '1 turn' : `${rounds} turns`}, which is the limit of this run. ${toGoOn}`
        : undefined,
  },
  {
    name: 'tokens',
    why: ({ turns, tools = [] }) =>
      tokensOf([...turns, ...tools]) >= maxTokens
        ? `Stopped after ${tokensOf([...turns, ...tools])} tokens, since a run may use ${maxTokens}. ${toGoOn}`
        : undefined,
  },
  {
    name: 'money',
    why({ turns, tools = [] }, { usd }) {
      if (usd === undefined) return undefined;
      const costs = [...tools, ...turns].map(({ costUsd }) => costUsd);
      if (costs.includes(null))
        return `Stopped, since it isn't known what ${turns.at(-1)?.model} costs, so the limit of ${formatUsd(usd)} can't be kept. Choose a model with a known price, or run it without a limit.`;
      const spent = costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0);
      const next = costs.at(-1) ?? 0; // the next turn costs at least about what the last one did
      return spent + next > usd && turns.length > 0
        ? `Stopped at ${formatUsd(spent)}, since another turn would exceed the limit of ${formatUsd(usd)}. ${toGoOn}`
        : undefined;
    },
  },
  {
    name: 'minutes',
    why: ({ workMs }) =>
      workMs >= maxWorkMs
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

function tokensOf(turns: readonly ToolSpending[]): number {
  return turns.reduce((sum, { usage }) => sum + Object.values(usage).reduce((all, tokens) => all + tokens, 0), 0);
}
