// What the status bar says about the daemon. Pure.
import type { BudgetState, CostsSummary } from '../../shared/protocol/costs.ts';
import type { DaemonStatus } from '../../shared/protocol/daemon.ts';
import type { Result } from '../../shared/protocol/define.ts';
import { formatUsd } from '../../shared/usd.ts';

export type DaemonState =
  | { kind: 'starting' }
  | { kind: 'connected' }
  | { kind: 'reconnecting'; detail: string }
  | { kind: 'lost'; detail: string };

export interface StatusText {
  text: string;
  tooltip: string;
  isWarning: boolean;
}

/** What is known besides the daemon's own state. The tooltip leaves out what is absent here. */
export interface StatusDetails {
  /** Today's by provider. */
  costs?: Result<typeof CostsSummary> | undefined;
  /** The name of the profile. */
  profile?: string | undefined;
  /** How far the code is indexed, as a sentence. */
  index?: string | undefined;
  /** Of code completion, one line or none. */
  completion?: readonly string[];
}

export function statusText(
  state: DaemonState,
  status?: Result<typeof DaemonStatus>,
  { costs, profile, index, completion = [] }: StatusDetails = {},
): StatusText {
  if (state.kind === 'starting')
    return { text: '$(loading~spin) Switchyard', tooltip: 'Switchyard: the daemon is starting.', isWarning: false };
  if (state.kind === 'reconnecting') {
    return {
      text: '$(loading~spin) Switchyard',
      tooltip: `Switchyard: reconnecting to the daemon. ${state.detail}`,
      isWarning: false,
    };
  }
  if (state.kind === 'lost')
    return {
      text: '$(warning) Switchyard',
      tooltip: `Switchyard: the daemon is not running. ${state.detail}`,
      isWarning: true,
    };
  if (!status)
    return { text: '$(check) Switchyard', tooltip: 'Switchyard: connected to the daemon.', isWarning: false };

  const loaded = status.models.filter((model) => model.loaded);
  const answerer = loaded.find((model) => !model.embedding)?.id;
  const answering = status.answering.flatMap(({ model }) => model ?? []);
  const working = status.running.some((method) => method !== 'switchyard/daemon/status');
  const usedUp = costs?.budgets.some(({ state: budget }) => budget === 'stop') ?? false;
  const nearlyUsedUp = costs?.budgets.find(({ state: budget }) => budget === 'warn');
  const restIcon = usedUp || nearlyUsedUp ? '$(warning)' : '$(check)';
  const icon = working ? '$(loading~spin)' : restIcon;
  const spentToday =
    costs && (costs.today.costUsd > 0 || costs.budgets.length > 0) ? ` · ${formatUsd(costs.today.costUsd)}` : '';
  const spent = nearlyUsedUp && !usedUp ? ` · ${shareOf(nearlyUsedUp)}` : spentToday;
  return {
    text: `${icon} ${answering[0] ?? answerer ?? 'Switchyard'}${spent}`,
    tooltip: [
      `Switchyard ${status.version}, daemon process ${status.pid}`,
      ...(profile ? [`Profile: ${profile}`] : []),
      ...(index ? [index] : []),
      ...completion,
      `${count(status.clients.length, 'client')}, ${Math.round(status.memoryBytes / 1e6)} MB`,
      ...(answering.length > 0 ? [`Answering now: ${answering.join(', ')}`] : []),
      loaded.length > 0
        ? `In memory: ${loaded.map(({ id, embedding }) => (embedding ? `${id} for search` : id)).join(', ')}`
        : 'No local model in memory',
      ...(costs ? costLines(costs) : []),
    ].join('\n'),
    isWarning: usedUp,
  };
}

/** `85% of $2.00` */
function shareOf({ spentUsd, limitUsd }: BudgetState): string {
  return `${Math.floor((100 * spentUsd) / limitUsd)}% of ${formatUsd(limitUsd)}`;
}

const budgetLabels: Record<BudgetState['name'], string> = {
  dayUsd: "Today's budget",
  monthUsd: "This month's budget",
  profileUsd: "This profile's budget",
};

const budgetNotes: Record<BudgetState['state'], string> = { ok: '', warn: ', nearly used up', stop: ', used up' };

function costLines({ rows, today, budgets }: Result<typeof CostsSummary>): string[] {
  const unknown = today.unknown > 0 ? `, ${today.unknown} of unknown price` : '';
  return [
    '',
    `Spent today: ${formatUsd(today.costUsd)} for ${count(today.requests, 'request')}${unknown}`,
    ...rows
      .filter(({ costUsd, unknown: without }) => costUsd > 0 || without > 0)
      .map(
        ({ key, costUsd, unknown: without }) =>
          `  ${key}: ${without > 0 ? `${formatUsd(costUsd)} and ${without} of unknown price` : formatUsd(costUsd)}`,
      ),
    ...budgets.map(
      ({ name, spentUsd, limitUsd, state }) =>
        `${budgetLabels[name]}: ${formatUsd(spentUsd)} of ${formatUsd(limitUsd)}${budgetNotes[state]}`,
    ),
  ];
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
