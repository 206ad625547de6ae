// Sets, deletes and re-encrypts provider keys. A key goes from the input box to the daemon and is kept nowhere in between.
import * as vscode from 'vscode';
import { KeysCheck, KeysDelete, KeysList, KeysRotate, KeysSet } from '../../shared/protocol/keys.ts';
import { ModelsSetup } from '../../shared/protocol/models.ts';
import type { Context } from '../context.ts';

/** For the provider that a view names, else one that the user picks. */
export async function setKey(ctx: Context, argument: unknown): Promise<void> {
  const { provider: named } = (argument ?? {}) as { provider?: unknown };
  const provider = typeof named === 'string' && named !== '' ? named : await pickProvider(ctx);
  if (!provider) return;
  const scope = await pickScope(ctx, provider);
  if (!scope) return;
  const key = await vscode.window.showInputBox({
    title: `Switchyard: key for ${provider}${scope === 'workspace' ? ', for this workspace' : ''}`,
    prompt: 'It is stored encrypted on this machine and never shown again.',
    password: true,
    ignoreFocusOut: true, // keys are copied from elsewhere
  });
  if (!key?.trim()) return;
  const { masterKey, notice } = await ctx.daemon.call(KeysSet, { provider, key: key.trim(), scope });
  ctx.chat.modelsChanged();
  const where =
    masterKey === 'keychain'
      ? 'the keychain of this system'
      : 'a file that only you can read, since this system offers no keychain';
  const { ok, detail } = await ctx.daemon.call(KeysCheck, { provider });
  const stored = notice ?? `The key for ${provider} is stored. The master key that opens it is in ${where}.`;
  const show = ok ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
  void show(`${stored} ${detail}`);
}

export async function deleteKey(ctx: Context): Promise<void> {
  const { keys, workspace } = await ctx.daemon.call(KeysList, {});
  if (keys.length === 0) return void vscode.window.showInformationMessage('Switchyard has no keys.');
  const items = keys.map((key) => ({
    label: key.provider,
    description: `ends with ${key.last4}`,
    detail: inWords(key.scope, workspace),
    key,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: 'Switchyard: delete which key?',
    matchOnDetail: true,
  });
  if (!picked) return;
  const { provider, scope } = picked.key;
  await ctx.daemon.call(KeysDelete, { provider, scope });
  ctx.chat.modelsChanged();
  void vscode.window.showInformationMessage(`The key for ${provider} is deleted (${picked.detail}).`);
}

export async function rotateKeys(ctx: Context): Promise<void> {
  const { keys, notice } = await ctx.daemon.call(KeysRotate, {});
  const sentence =
    keys === 0
      ? 'Switchyard has no keys.'
      : `There is a new master key, and your keys (${keys}) are encrypted with it.`;
  void vscode.window.showInformationMessage(notice ? `${sentence} ${notice}` : sentence);
}

function inWords(scope: string, workspace: string | undefined): string {
  if (scope === 'global') return 'everywhere';
  return scope === workspace ? 'for this workspace' : `for ${vscode.Uri.parse(scope).fsPath}`;
}

/** Asked only where there is a choice: a window without a folder has no workspace. */
async function pickScope(ctx: Context, provider: string): Promise<'global' | 'workspace' | undefined> {
  const { keys, workspace } = await ctx.daemon.call(KeysList, {});
  if (workspace === undefined) return 'global';
  const described = (scope: string): string => {
    const known = keys.find((key) => key.provider === provider && key.scope === scope);
    return known ? `replaces the key that ends with ${known.last4}` : '';
  };
  const choices = [
    {
      label: 'Everywhere',
      description: described('global'),
      detail: 'Used in every workspace that has no key of its own.',
      scope: 'global' as const,
    },
    {
      label: 'For this workspace',
      description: described(workspace),
      detail: 'Used only in this workspace, instead of the global key.',
      scope: 'workspace' as const,
    },
  ];
  return (
    await vscode.window.showQuickPick(choices, { title: `Switchyard: where is the key for ${provider} to be used?` })
  )?.scope;
}

async function pickProvider(ctx: Context): Promise<string | undefined> {
  const { keys } = await ctx.daemon.call(ModelsSetup, {});
  const known = keys.map(({ provider, label, hasKey }) => ({
    label,
    description: hasKey ? 'has a key' : '',
    provider,
  }));
  const other = { label: 'Another provider…', description: 'one that you named in config.json', provider: undefined };
  const picked = await vscode.window.showQuickPick([...known, other], {
    title: 'Switchyard: a key for which provider?',
  });
  if (picked !== other) return picked?.provider;
  return vscode.window.showInputBox({
    title: 'Switchyard: name of the provider',
    prompt: 'As set in config.json.',
    ignoreFocusOut: true,
  });
}
