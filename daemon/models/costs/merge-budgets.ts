// Budgets from several places: the lowest of each kind holds, so that no place can raise another's. Pure.
import type { Budgets } from './budget.ts';

type Limits = Pick<Budgets, 'dayUsd' | 'monthUsd'>;

/** The configuration's budgets, lowered by what the connected clients' settings say. */
export function mergeBudgets(configured: Budgets, others: readonly (Limits | undefined)[]): Budgets {
  const lowest = (name: keyof Limits): number | undefined => {
    const limits = [configured, ...others].flatMap((limit) => limit?.[name] ?? []);
    return limits.length > 0 ? Math.min(...limits) : undefined;
  };
  return { ...configured, dayUsd: lowest('dayUsd'), monthUsd: lowest('monthUsd') };
}
