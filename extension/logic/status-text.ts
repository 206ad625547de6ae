// What the status bar says about the daemon. Pure.
import type { BudgetState, CostsSummary } from '../../shared/protocol/costs.ts';
import type { DaemonStatus } from '../../shared/protocol/daemon.ts';
import type { Result } from '../../shared/protocol/define.ts';
import { formatUsd } from '../../shared/usd.ts';
import { inEnglish, type Translate } from '../../shared/words/translate.ts';

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
  /** Of a remote window: whether the daemon runs on the user's own machine or with the workspace. */
  runs?: 'here' | 'there' | undefined;
}

export function statusText(
  state: DaemonState,
  status?: Result<typeof DaemonStatus>,
  { costs, profile, index, completion = [], runs }: StatusDetails = {},
  t: Translate = inEnglish,
): StatusText {
  if (state.kind === 'starting')
    return { text: '$(loading~spin) Switchyard', tooltip: t('Switchyard: the daemon is starting.'), isWarning: false };
  if (state.kind === 'reconnecting') {
    return {
      text: '$(loading~spin) Switchyard',
      tooltip: `${t('Switchyard: reconnecting to the daemon.')} ${t(state.detail)}`,
      isWarning: false,
    };
  }
  if (state.kind === 'lost')
    return {
      text: '$(warning) Switchyard',
      tooltip: `${t('Switchyard: the daemon is not running.')} ${state.detail}`,
      isWarning: true,
    };
  if (!status)
    return { text: '$(check) Switchyard', tooltip: t('Switchyard: connected to the daemon.'), isWarning: false };

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
  const spent = nearlyUsedUp && !usedUp ? ` · ${shareOf(nearlyUsedUp, t)}` : spentToday;
  return {
    text: `${icon} ${answering[0] ?? answerer ?? 'Switchyard'}${spent}`,
    tooltip: [
      t('Switchyard {0}, daemon process {1}', status.version, String(status.pid)),
      ...(runs ? [t(placeWords[runs])] : []),
      ...(profile ? [t('Profile: {0}', profile)] : []),
      ...(index ? [index] : []),
      ...completion,
      `${clientsIn(status.clients.length, t)}, ${Math.round(status.memoryBytes / 1e6)} MB`,
      ...(answering.length > 0 ? [t('Answering now: {0}', answering.join(', '))] : []),
      loaded.length > 0
        ? t('In memory: {0}', loaded.map(({ id, embedding }) => (embedding ? t('{0} for search', id) : id)).join(', '))
        : t('No local model in memory'),
      ...(costs ? costLines(costs, t) : []),
    ].join('\n'),
    isWarning: usedUp,
  };
}

const placeWords = {
  here: 'Runs on your own machine, with its models. The workspace is on another one.',
  there: "Runs on the remote machine, with that machine's models.",
} as const;

/** `85% of $2.00` */
function shareOf({ spentUsd, limitUsd }: BudgetState, t: Translate): string {
  return t('{0}% of {1}', Math.floor((100 * spentUsd) / limitUsd), formatUsd(limitUsd));
}

const budgetLabels: Record<BudgetState['name'], string> = {
  dayUsd: "Today's budget: {0} of {1}",
  monthUsd: "This month's budget: {0} of {1}",
  profileUsd: "This profile's budget: {0} of {1}",
};

const budgetNotes: Record<BudgetState['state'], string | undefined> = {
  ok: undefined,
  warn: 'nearly used up',
  stop: 'used up',
};

function costLines({ rows, today, budgets }: Result<typeof CostsSummary>, t: Translate): string[] {
  const requests = t(today.requests === 1 ? '1 request' : '{0} requests', today.requests);
  const unpriced = (count: number): string => t('{0} of unknown price', count);
  return [
    '',
    [
      t('Spent today: {0} for {1}', formatUsd(today.costUsd), requests),
      ...(today.unknown > 0 ? [unpriced(today.unknown)] : []),
    ].join(', '),
    ...rows
      .filter(({ costUsd, unknown: without }) => costUsd > 0 || without > 0)
      .map(
        ({ key, costUsd, unknown: without }) =>
          `  ${key}: ${without > 0 ? t('{0} and {1}', formatUsd(costUsd), unpriced(without)) : formatUsd(costUsd)}`,
      ),
    ...budgets.map(({ name, spentUsd, limitUsd, state }) => {
      const [spent, note] = [t(budgetLabels[name], formatUsd(spentUsd), formatUsd(limitUsd)), budgetNotes[state]];
      return note === undefined ? spent : `${spent}, ${t(note)}`;
    }),
  ];
}

function clientsIn(count: number, t: Translate): string {
  return t(count === 1 ? '1 client' : '{0} clients', count);
}
