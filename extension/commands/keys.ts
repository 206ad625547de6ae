// Sets, deletes and re-encrypts provider keys. A key goes from the input box to the daemon and is kept nowhere in between.
import * as vscode from 'vscode';
import { keyInWords } from '../../shared/key-words.ts';
import { KeysCheck, KeysDelete, KeysList, KeysRotate, KeysSet } from '../../shared/protocol/keys.ts';
import { ModelsSetup } from '../../shared/protocol/models.ts';
import { hintOf } from '../../shared/similar.ts';
import type { Context } from '../context.ts';
import { window } from '../window.ts';

/** For the provider that a view names, else one that the user picks. */
export async function setKey(ctx: Context, argument: unknown): Promise<void> {
  const { provider: named } = (argument ?? {}) as { provider?: unknown };
  const provider = typeof named === 'string' && named !== '' ? named : await pickProvider(ctx);
  if (!provider) return;
  const scope = await pickScope(ctx, provider);
  if (!scope) return;
  const key = await window.showInputBox({
    title:
      scope === 'workspace'
        ? vscode.l10n.t('Switchyard: API key for {0}, for this workspace', provider)
        : vscode.l10n.t('Switchyard: API key for {0}', provider),
    prompt: 'Stored encrypted on this machine and never shown again.',
    password: true,
    ignoreFocusOut: true, // keys are copied from elsewhere
  });
  if (!key?.trim()) return;
  const { masterKey, notice } = await ctx.daemon.call(KeysSet, { provider, key: key.trim(), scope });
  ctx.chat.modelsChanged();
  const { ok, detail } = await ctx.daemon.call(KeysCheck, { provider });
  const stored =
    notice ??
    (masterKey === 'keychain'
      ? vscode.l10n.t(
          'The API key for {0} is saved. The master key that encrypts it is in the system keychain.',
          provider,
        )
      : vscode.l10n.t(
          'The API key for {0} is saved. The master key that encrypts it is in a file that only you can read, because this system has no keychain.',
          provider,
        ));
  const show = ok ? window.showInformationMessage : window.showWarningMessage;
  void show(`${stored} ${detail}`);
}

export async function deleteKey(ctx: Context): Promise<void> {
  const { keys, workspace } = await ctx.daemon.call(KeysList, {});
  if (keys.length === 0) return void window.showInformationMessage('No API keys are saved.');
  const items = keys.map((key) => ({
    label: key.provider,
    description: vscode.l10n.t('ends with {0}', key.last4),
    detail: inWords(key.scope, workspace),
    key,
  }));
  const picked = await window.showQuickPick(items, {
    title: 'Switchyard: delete which API key?',
    matchOnDetail: true,
  });
  if (!picked) return;
  const { provider, scope } = picked.key;
  await ctx.daemon.call(KeysDelete, { provider, scope });
  ctx.chat.modelsChanged();
  void window.showInformationMessage(vscode.l10n.t('The API key for {0} was deleted ({1}).', provider, picked.detail));
}

export async function rotateKeys(ctx: Context): Promise<void> {
  const { keys, notice } = await ctx.daemon.call(KeysRotate, {});
  const sentence =
    keys === 0
      ? vscode.l10n.t('No API keys are saved.')
      : vscode.l10n.t('Your API keys ({0}) are now encrypted with a new master key.', keys);
  void window.showInformationMessage(notice ? `${sentence} ${notice}` : sentence);
}

function inWords(scope: string, workspace: string | undefined): string {
  if (scope === 'global') return vscode.l10n.t('everywhere');
  return scope === workspace
    ? vscode.l10n.t('for this workspace')
    : vscode.l10n.t('for {0}', vscode.Uri.parse(scope).fsPath);
}

/** Asked only where there is a choice: a window without a folder has no workspace. */
async function pickScope(ctx: Context, provider: string): Promise<'global' | 'workspace' | undefined> {
  const { keys, workspace } = await ctx.daemon.call(KeysList, {});
  if (workspace === undefined) return 'global';
  const described = (scope: string): string => {
    const known = keys.find((key) => key.provider === provider && key.scope === scope);
    return known ? vscode.l10n.t('replaces the key that ends with {0}', known.last4) : '';
  };
  const choices = [
    {
      label: 'Everywhere',
      description: described('global'),
      detail: "Used in every workspace that doesn't have its own key.",
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
    await window.showQuickPick(choices, {
      title: vscode.l10n.t('Switchyard: where should the API key for {0} be used?', provider),
    })
  )?.scope;
}

/** Every provider with what is known of its key. */
async function pickProvider(ctx: Context): Promise<string | undefined> {
  const [{ providers }, { keys: ways }] = await Promise.all([
    ctx.daemon.call(KeysList, {}),
    ctx.daemon.call(ModelsSetup, {}),
  ]);
  const names = providers.filter(({ key }) => key !== 'unused').map(({ provider }) => provider);
  const needed = providers.toSorted((a, b) => Number(a.key === 'not-needed') - Number(b.key === 'not-needed'));
  const known = needed.map((each) => ({
    label: ways.find(({ provider }) => provider === each.provider)?.label ?? each.provider,
    description: keyInWords({ provider: each.provider, key: each.key }, names),
    ...(each.refused !== undefined && { detail: `$(warning) ${vscode.l10n.t('Rejected: {0}', each.refused)}` }),
    provider: each.provider,
  }));
  const other = {
    label: 'Another provider…',
    description: 'A provider that you added in config.json',
    provider: undefined,
  };
  const picked = await window.showQuickPick([...known, other], {
    title: 'Switchyard: Add API Key',
    placeHolder: 'Choose a provider',
    matchOnDescription: true,
  });
  return picked === other ? typeProvider(names) : picked?.provider;
}

/** A name that is almost a known one is caught before the key is typed. */
function typeProvider(names: readonly string[]): Thenable<string | undefined> {
  return window.showInputBox({
    title: 'Switchyard: provider name',
    prompt: 'Enter the name as it is in config.json.',
    ignoreFocusOut: true,
    validateInput: (value) => {
      const name = value.trim();
      return names.includes(name) ? undefined : hintOf(name, names);
    },
  });
}
