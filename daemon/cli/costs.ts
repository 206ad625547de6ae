// `switchyard costs`: what answers cost, and how the budgets stand.

import { type BudgetState, type CostRow, type CostSum, CostsBy, CostsSummary } from '../../shared/protocol/costs.ts';
import type { Result } from '../../shared/protocol/define.ts';
import { formatUsd } from '../../shared/usd.ts';
import { counted } from '../../shared/words/counted.ts';
import { firstOfMonth, localDay } from '../base/day.ts';
import { withDaemon, workingFolder } from './kit/client.ts';
import { type ExitCode, json, readArguments, UsageError } from './kit/command.ts';
import { printJson, printLine } from './kit/terminal.ts';

export const options = {
  by: {
    type: 'string',
    value: 'WHAT',
    description: 'Sum by day (default), profile, workspace, chat, answer, model, or provider',
  },
  since: {
    type: 'string',
    value: 'DAY',
    description: 'Count from: today, month, a number of days (7d), or a date (2026-01-31)',
  },
  json,
} as const;

export async function run(args: string[]): Promise<ExitCode> {
  const { values } = readArguments(args, options, 0);
  const by = CostsBy.safeParse(values.by ?? 'day');
  if (!by.success) throw new UsageError(`--by must be one of ${CostsBy.options.join(', ')}, not "${values.by}".`);
  const since = values.since === undefined ? undefined : firstDay(values.since, Date.now());
  const summary = await withDaemon((client) => client.call(CostsSummary, { by: by.data, ...(since && { since }) }), {
    root: workingFolder(),
  });
  if (values.json) printJson(summary);
  else for (const line of describe(summary, by.data)) printLine(line);
  return 0;
}

/** The first day of the period that `today`, `month`, `7d` or `2026-07-01` names. Throws UsageError. */
export function firstDay(word: string, now: number): string {
  const today = localDay(now);
  if (word === 'today') return today;
  if (word === 'month') return firstOfMonth(today);
  const days = /^(\d{1,4})d$/.exec(word)?.[1];
  if (days) return daysBefore(now, Number(days) - 1);
  if (/^\d{4}-\d{2}-\d{2}$/.test(word) && !Number.isNaN(Date.parse(word))) return word;
  throw new UsageError(
    `"${word}" isn't a date. Use today, month, a number of days such as 7d, or a date such as ${today}.`,
  );
}

/** Counted on the calendar, where a day may have 23 or 25 hours. */
function daysBefore(now: number, days: number): string {
  const date = new Date(now);
  return localDay(date.setDate(date.getDate() - days));
}

/** The summary as lines: a row each, the total, and the budgets. */
export function describe({ rows, total, budgets, wasteUsd = 0 }: Result<typeof CostsSummary>, by: CostsBy): string[] {
  if (rows.length === 0) return ['No requests in this period.', ...budgets.map(describeBudget)];
  const waste = wasteUsd > 0 ? [`Of it ${formatUsd(wasteUsd)} went into loops: the agent repeated itself.`] : [];
  const names = [...rows.map((row) => nameOf(row, by)), 'total'];
  const width = Math.max(...names.map((name) => name.length));
  const sums = [...rows, total].map((sum, index) => `${names[index]?.padEnd(width)}  ${describeSum(sum)}`);
  return [...sums, ...waste, ...budgets.map(describeBudget)];
}

function nameOf({ key, title }: CostRow, by: CostsBy): string {
  if (key === '') return `no ${by}`;
  return title ? `${title} (${key})` : key;
}

/** Shows beside the sum what it leaves out, and how much of it is sure: `$1.20 (1 estimated) + 2 of unknown cost`. */
export function describeSum({ requests, cached, unknown, estimated = 0, costUsd, usage }: CostSum): string {
  const tokens = Object.values(usage).reduce((sum, count) => sum + count, 0);
  const sum = estimated === 0 ? formatUsd(costUsd) : `${formatUsd(costUsd)} (${estimated} estimated)`;
  const known = unknown === requests ? '' : sum;
  const cost = unknown === 0 ? known : [known, `${unknown} not priced`].filter((text) => text !== '').join(' + ');
  return [
    cost,
    counted(requests, 'request'),
    ...(cached > 0 ? [`${cached} from the cache`] : []),
    counted(tokens, 'token'),
  ].join(' · ');
}

const budgetNames: Record<BudgetState['name'], string> = {
  dayUsd: 'today',
  monthUsd: 'this month',
  profileUsd: 'this profile, this month',
};

function describeBudget({ name, limitUsd, spentUsd, state }: BudgetState): string {
  const note = { ok: '', warn: ' (nearly used up)', stop: ' (used up: only free models are asked)' }[state];
  return `Budget ${budgetNames[name]}: ${formatUsd(spentUsd)} of ${formatUsd(limitUsd)}${note}`;
}
