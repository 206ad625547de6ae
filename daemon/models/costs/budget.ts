// Whether a request may be made, given what was spent and what the user wants to spend at most. Pure.
import { formatUsd } from '../../../shared/usd.ts';
import type { Estimate } from './estimate.ts';

/** US dollars. A budget that is left out does not hold. Days and months follow the user's calendar. */
export interface Budgets {
  dayUsd?: number | undefined;
  monthUsd?: number | undefined;
  /** What each profile may spend in a month. */
  profileUsd?: number | undefined;
  /** Answers carry a warning from this share of a budget on, 0..1. */
  warnAt?: number | undefined;
}

type BudgetName = 'dayUsd' | 'monthUsd' | 'profileUsd';
/** What counts towards each budget: known costs, and estimates of requests under way. */
export type BudgetTotals = Record<BudgetName, number>;

export type BudgetVerdict = { kind: 'ok' } | { kind: 'warn'; sentence: string } | { kind: 'stop'; sentence: string };

export interface BudgetState {
  name: BudgetName;
  limitUsd: number;
  spentUsd: number;
  state: 'ok' | 'warn' | 'stop';
}

/**
 * Judges a request before it is made. A free request is never stopped. An unknown price alone stops nothing, but the user is told.
 * A budget that is used up stops everything else.
 */
export function checkBudget(spent: BudgetTotals, estimate: Estimate, budgets: Budgets): BudgetVerdict {
  if (estimate === 'free') return { kind: 'ok' };
  const estimateUsd = estimate === 'unknown' ? 0 : estimate;
  const states = budgetStates(spent, budgets);
  const stopped = states.find(({ limitUsd, spentUsd }) => spentUsd >= limitUsd || spentUsd + estimateUsd > limitUsd);
  if (stopped) return { kind: 'stop', sentence: stopSentence(stopped, estimateUsd) };
  const warned = states.filter(({ state }) => state === 'warn').map(warning);
  const sentences = states.length > 0 && estimate === 'unknown' ? [...warned, unknownPrice] : warned;
  return sentences.length > 0 ? { kind: 'warn', sentence: sentences.join(' ') } : { kind: 'ok' };
}

/** The state of each budget that holds. */
export function budgetStates(spent: BudgetTotals, budgets: Budgets): BudgetState[] {
  const warnAt = budgets.warnAt ?? defaultWarnAt;
  return names.flatMap((name) => {
    const [limitUsd, spentUsd] = [budgets[name], spent[name]];
    if (limitUsd === undefined) return [];
    return [
      {
        name,
        limitUsd,
        spentUsd,
        state: spentUsd >= limitUsd ? 'stop' : spentUsd >= limitUsd * warnAt ? 'warn' : 'ok',
      },
    ];
  });
}

const defaultWarnAt = 0.8;
const names: readonly BudgetName[] = ['dayUsd', 'monthUsd', 'profileUsd'];
const words: Record<BudgetName, { budget: string; until: string }> = {
  dayUsd: { budget: "today's budget", until: 'tomorrow' },
  monthUsd: { budget: "this month's budget", until: 'next month' },
  profileUsd: { budget: "this profile's monthly budget", until: 'next month' },
};
const unknownPrice = "The price of this model is unknown, so its answer doesn't count toward your budgets.";

function warning({ name, limitUsd, spentUsd }: BudgetState): string {
  return `${formatUsd(spentUsd)} of ${words[name].budget} (${formatUsd(limitUsd)}) is spent.`;
}

function stopSentence({ name, limitUsd, spentUsd }: BudgetState, estimateUsd: number): string {
  const { budget, until } = words[name];
  const state =
    spentUsd >= limitUsd
      ? `you've spent ${formatUsd(spentUsd)}`
      : `you've spent ${formatUsd(spentUsd)}, and this answer may cost ${formatUsd(estimateUsd)}`;
  return (
    `Not sent, because it would exceed ${budget} of ${formatUsd(limitUsd)}: ${state}. ` +
    `Choose a model on this machine, raise "budgets.${name}" in config.json (and in your editor's settings, if set there), or wait until ${until}.`
  );
}
