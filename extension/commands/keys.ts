// Setting and deleting provider keys. A key goes from the input box to the daemon and is kept nowhere in between.
import * as vscode from 'vscode';
import { KeysDelete, KeysList, KeysSet } from '../../shared/protocol/keys.ts';
import { ModelsSetup } from '../../shared/protocol/models.ts';
import type { Context } from '../context.ts';

/** For the provider that a view names, else one that the user picks. */
export async function setKey(ctx: Context, argument: unknown): Promise<void> {
  const { provider: named } = (argument ?? {}) as { provider?: unknown };
  const provider = typeof named === 'string' && named !== '' ? named : await pickProvider(ctx);
  if (!provider) return;
  const key = await vscode.window.showInputBox({
    title: `Switchyard: key for ${provider}`,
    prompt: 'It is stored encrypted on this machine and never shown again.',
    password: true,
    ignoreFocusOut: true, // keys are copied from elsewhere
  });
  if (!key?.trim()) return;
  const { masterKey, notice } = await ctx.daemon.call(KeysSet, { provider, key: key.trim() });
  ctx.chat.modelsChanged();
  const where = masterKey === 'keychain' ? 'the keychain of this system' : 'a file that only you can read, since this system offers no keychain';
  void vscode.window.showInformationMessage(notice ?? `The key for ${provider} is stored. The master key that opens it is in ${where}.`);
}

export async function deleteKey(ctx: Context): Promise<void> {
  const { keys } = await ctx.daemon.call(KeysList, {});
  if (keys.length === 0) return void vscode.window.showInformationMessage('Switchyard has no keys.');
  const items = keys.map((key) => ({ label: key.provider, description: `ends with ${key.last4}`, detail: key.scope, key }));
  const picked = await vscode.window.showQuickPick(items, { title: 'Switchyard: delete which key?' });
  if (!picked) return;
  const { provider, scope } = picked.key;
  await ctx.daemon.call(KeysDelete, { provider, scope });
  ctx.chat.modelsChanged();
  void vscode.window.showInformationMessage(`The key for ${provider} is deleted.`);
}

async function pickProvider(ctx: Context): Promise<string | undefined> {
  const { keys } = await ctx.daemon.call(ModelsSetup, {});
  const known = keys.map(({ provider, label, hasKey }) => ({ label, description: hasKey ? 'replaces the key there is' : '', provider }));
  const other = { label: 'Another provider…', description: 'one that you named in config.json', provider: undefined };
  const picked = await vscode.window.showQuickPick([...known, other], { title: 'Switchyard: a key for which provider?' });
  if (picked !== other) return picked?.provider;
  return vscode.window.showInputBox({ title: 'Switchyard: name of the provider', prompt: 'As it is written in config.json.', ignoreFocusOut: true });
}
