// Shows what is spent and sets how much may be: the settings `switchyard.budgets.*`, which can lower what config.json allows.
import * as vscode from 'vscode';
import { CostsSummary } from '../../shared/protocol/costs.ts';
import { formatUsd } from '../../shared/usd.ts';
import type { Context } from '../context.ts';
import { type BudgetSetting, budgetSetting, setBudget } from '../settings.ts';
import { window } from '../window.ts';

const names: readonly { name: BudgetSetting; label: string }[] = [
  { name: 'dayUsd', label: 'Today' },
  { name: 'monthUsd', label: 'This month' },
];

export async function budgets(ctx: Context): Promise<void> {
  const { budgets: states, today } = await ctx.daemon.call(CostsSummary, {});
  const items = names.map(({ name, label }) => {
    const state = states.find((one) => one.name === name);
    return {
      label,
      name,
      description: state ? `${formatUsd(state.spentUsd)} of ${formatUsd(state.limitUsd)}` : 'no limit',
      detail: whose(name, state?.limitUsd),
    };
  });
  const open = {
    label: '$(settings-gear) Open config.json',
    name: undefined,
    description: '',
    detail: 'Budgets for all editors, per profile, and when to warn',
  };
  const unknown =
    today.unknown > 0 ? `, and ${today.unknown} ${today.unknown === 1 ? 'request' : 'requests'} of unknown price` : '';
  const picked = await window.showQuickPick([...items, open], {
    title: 'Switchyard: budgets',
    placeHolder: `Spent today: ${formatUsd(today.costUsd)}${unknown}`,
  });
  if (picked === open) await vscode.commands.executeCommand('switchyard.openConfig');
  else if (picked?.name) await ask(picked.name, picked.label);
}

/** The stricter of the settings and config.json holds, so a higher setting has no effect. */
function whose(name: BudgetSetting, limitUsd: number | undefined): string {
  const own = budgetSetting(name);
  if (limitUsd === undefined) return "Requests that would exceed it aren't sent";
  return own === limitUsd
    ? 'Set in your settings'
    : `Set in config.json${own === undefined ? '' : `; your settings say ${formatUsd(own)}, and the lower applies`}`;
}

async function ask(name: BudgetSetting, label: string): Promise<void> {
  const text = await window.showInputBox({
    title: `Switchyard: budget for ${label.toLowerCase()}`,
    prompt: 'In US dollars. Leave empty for no limit of your own. Limits in config.json always apply.',
    value: String(budgetSetting(name) ?? ''),
    validateInput: (value) =>
      value.trim() === '' || isAmount(value) ? undefined : 'An amount in US dollars, such as 2 or 0.50',
  });
  if (text === undefined) return;
  const usd = text.trim() === '' ? undefined : Number(text);
  await setBudget(name, usd);
  void window.showInformationMessage(
    `${label}: ${usd === undefined ? 'no limit of your own' : `at most ${formatUsd(usd)}`}. Limits in config.json always apply.`,
  );
}

function isAmount(value: string): boolean {
  return /^\d+(\.\d+)?$/.test(value.trim());
}
