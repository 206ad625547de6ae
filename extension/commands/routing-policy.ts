// Chooses how this window's requests find their model: the setting `switchyard.routing.policy`.
import * as vscode from 'vscode';
import type { PolicyName } from '../../shared/protocol/router.ts';
import type { Context } from '../context.ts';
import { routingPolicy, setRoutingPolicy } from '../settings.ts';

const policies: readonly { label: string; detail: string; policy: PolicyName | '' }[] = [
  { label: 'As in config.json', detail: "What the daemon's configuration says, for all editors alike", policy: '' },
  {
    label: 'Local first',
    detail: 'Models on this machine, and a cloud only when none of them can answer',
    policy: 'local-first',
  },
  { label: 'Cheapest', detail: 'The cheapest model that can do it', policy: 'cheapest' },
  { label: 'Best', detail: 'The best answers, whatever they cost; budgets still hold', policy: 'best' },
  { label: 'Fastest', detail: 'The fastest answers', policy: 'fastest' },
  { label: 'Local only', detail: 'Models on this machine, and no other', policy: 'local-only' },
];

export async function chooseRoutingPolicy(ctx: Context): Promise<void> {
  const now = routingPolicy() ?? '';
  const items = policies.map((item) => ({ ...item, description: item.policy === now ? 'chosen now' : '' }));
  const picked = await vscode.window.showQuickPick(items, {
    title: 'Switchyard: how is a model chosen?',
    placeHolder: "For this window's requests; those under way keep what they began with",
  });
  if (!picked || picked.policy === now) return;
  const target = await pickTarget();
  if (target === undefined) return;
  await setRoutingPolicy(picked.policy, target);
  ctx.log.info(`Routing policy: ${picked.policy || 'as in config.json'}`);
}

async function pickTarget(): Promise<vscode.ConfigurationTarget | undefined> {
  if (!vscode.workspace.workspaceFolders?.length) return vscode.ConfigurationTarget.Global;
  const here = {
    label: 'In this workspace',
    detail: "Written to the workspace's settings",
    target: vscode.ConfigurationTarget.Workspace,
  };
  const everywhere = {
    label: 'In every window',
    detail: 'Written to your user settings',
    target: vscode.ConfigurationTarget.Global,
  };
  return (await vscode.window.showQuickPick([here, everywhere], { title: 'Switchyard: where does this policy hold?' }))
    ?.target;
}
