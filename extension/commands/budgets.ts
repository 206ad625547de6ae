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
      description: state
        ? vscode.l10n.t('{0} of {1}', formatUsd(state.spentUsd), formatUsd(state.limitUsd))
        : 'no limit',
      detail: whose(name, state?.limitUsd),
    };
  });
  const open = {
    label: '$(settings-gear) Open config.json',
    name: undefined,
    description: '',
    detail: 'Budgets for all editors, per profile, and when to warn',
  };
  const spent = vscode.l10n.t('Spent today: {0}', formatUsd(today.costUsd));
  const unknown = vscode.l10n.t(
    today.unknown === 1 ? '1 request of unknown price' : '{0} requests of unknown price',
    today.unknown,
  );
  const picked = await window.showQuickPick([...items, open], {
    title: 'Switchyard: budgets',
    placeHolder: today.unknown > 0 ? `${spent}, ${unknown}` : spent,
  });
  if (picked === open) await vscode.commands.executeCommand('switchyard.openConfig');
  else if (picked?.name) await ask(picked.name, picked.label);
}

/** The stricter of the settings and config.json holds, so a higher setting has no effect. */
function whose(name: BudgetSetting, limitUsd: number | undefined): string {
  const own = budgetSetting(name);
  if (limitUsd === undefined) return "Requests that would exceed it aren't sent";
  if (own === limitUsd) return 'Set in your settings';
  return own === undefined
    ? 'Set in config.json'
    : vscode.l10n.t('Set in config.json; your settings say {0}, and the lower applies', formatUsd(own));
}

async function ask(name: BudgetSetting, label: string): Promise<void> {
  const text = await window.showInputBox({
    title: vscode.l10n.t('Switchyard: budget ({0})', vscode.l10n.t(label)),
    prompt: 'In US dollars. Leave empty for no limit of your own. Limits in config.json always apply.',
    value: String(budgetSetting(name) ?? ''),
    validateInput: (value) =>
      value.trim() === '' || isAmount(value) ? undefined : vscode.l10n.t('An amount in US dollars, such as 2 or 0.50'),
  });
  if (text === undefined) return;
  const usd = text.trim() === '' ? undefined : Number(text);
  await setBudget(name, usd);
  void window.showInformationMessage(
    usd === undefined
      ? vscode.l10n.t('{0}: no limit of your own. Limits in config.json always apply.', vscode.l10n.t(label))
      : vscode.l10n.t('{0}: at most {1}. Limits in config.json always apply.', vscode.l10n.t(label), formatUsd(usd)),
  );
}

function isAmount(value: string): boolean {
  return /^\d+(\.\d+)?$/.test(value.trim());
}
