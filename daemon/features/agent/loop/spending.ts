// What a run has used, and what is left of it. Pure.
import { noUsage, type Usage } from '../../../models/providers/provider.ts';
import type { RunBudget, ToolSpending } from '../tools/tool.ts';
import type { ModelTurn } from './turn.ts';

export interface RunSpent {
  turns: readonly ModelTurn[];
  /** What tools have spent on models. */
  tools?: readonly ToolSpending[];
  /** How long its turns and calls have taken, without what the user was waited for. */
  workMs: number;
}

export function usageOf(spendings: readonly ToolSpending[]): Usage {
  const sum = { ...noUsage };
  for (const { usage } of spendings)
    for (const bucket of Object.keys(sum) as (keyof Usage)[]) sum[bucket] += usage[bucket];
  return sum;
}

/** Undefined where one of them is unknown. */
export function costOf(spendings: readonly ToolSpending[]): number | undefined {
  return spendings.reduce<number | undefined>(
    (sum, { costUsd }) => (sum === undefined || costUsd === null ? undefined : sum + costUsd),
    0,
  );
}

/** With those of models that worked apart. */
export function roundsOf({ turns, tools = [] }: Pick<RunSpent, 'turns' | 'tools'>): number {
  return tools.reduce((sum, { rounds = 0 }) => sum + rounds, turns.length);
}

export function tokensOf({ turns, tools = [] }: Pick<RunSpent, 'turns' | 'tools'>): number {
  return Object.values(usageOf([...turns, ...tools])).reduce((sum, tokens) => sum + tokens, 0);
}

/** What is left of each limit. Of money nothing is, where what was spent is unknown. */
export function leftOf(spent: RunSpent, { usd, ...limits }: RunBudget): RunBudget {
  const left = (max: number, used: number): number => Math.max(0, max - used);
  const costUsd = costOf([...spent.turns, ...(spent.tools ?? [])]) ?? Number.POSITIVE_INFINITY;
  return {
    rounds: left(limits.rounds, roundsOf(spent)),
    tokens: left(limits.tokens, tokensOf(spent)),
    workMs: left(limits.workMs, spent.workMs),
    ...(usd !== undefined && { usd: left(usd, costUsd) }),
  };
}
