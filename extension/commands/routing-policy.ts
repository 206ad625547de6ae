// Chooses how this window's requests find their model: the setting `switchyard.routing.policy`.
import * as vscode from 'vscode';
import type { PolicyName } from '../../shared/protocol/router.ts';
import type { Context } from '../context.ts';
import { routingPolicy, setRoutingPolicy } from '../settings.ts';

const policies: readonly { label: string; detail: string; policy: PolicyName | '' }[] = [
  { label: 'As in config.json', detail: "Uses the daemon's configuration, the same for every editor", policy: '' },
  {
    label: 'Local first',
    detail: 'Prefer local models. Use cloud models only if none can answer',
    policy: 'local-first',
  },
  { label: 'Cheapest', detail: 'The cheapest model that can handle the request', policy: 'cheapest' },
  { label: 'Best', detail: 'The best answers at any price. Budgets still apply', policy: 'best' },
  { label: 'Fastest', detail: 'The fastest answers', policy: 'fastest' },
  { label: 'Local only', detail: 'Only models on this machine', policy: 'local-only' },
];

export async function chooseRoutingPolicy(ctx: Context): Promise<void> {
  const now = routingPolicy() ?? '';
  const items = policies.map((item) => ({ ...item, description: item.policy === now ? 'chosen now' : '' }));
  const picked = await vscode.window.showQuickPick(items, {
    title: 'Switchyard: choose a routing policy',
    placeHolder: "For this window's requests. Requests already running aren't affected",
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
  return (
    await vscode.window.showQuickPick([here, everywhere], { title: 'Switchyard: where should this policy apply?' })
  )?.target;
}
