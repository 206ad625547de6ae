// Chooses how this window's requests find their model: the setting `switchyard.routing.policy`.
import * as vscode from 'vscode';
import { DaemonStatus } from '../../shared/protocol/daemon.ts';
import type { Context } from '../context.ts';
import { policyItems } from '../logic/policy-items.ts';
import { routingPolicyLevels, setRoutingPolicy } from '../settings.ts';
import { window } from '../window.ts';

export async function chooseRoutingPolicy(ctx: Context): Promise<void> {
  const levels = routingPolicyLevels();
  const config = await ctx.daemon.call(DaemonStatus, {}).then(({ policy }) => policy);
  const picked = await window.showQuickPick(policyItems({ ...levels, config }, vscode.l10n.t), {
    title: 'Switchyard: how is a model chosen?',
    placeHolder: 'Applies to new requests in this window',
  });
  if (!picked || picked.policy === (levels.workspace ?? levels.user ?? '')) return;
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
  return (await window.showQuickPick([here, everywhere], { title: 'Switchyard: where should this policy apply?' }))
    ?.target;
}
