// Chooses the model for reviews, code actions and new chats: the setting `switchyard.model`, from a list that says what each costs
// and why some cannot be chosen now.
import * as vscode from 'vscode';
import { ModelsList } from '../../shared/protocol/models.ts';
import { ProfileList } from '../../shared/protocol/profiles.ts';
import type { Context } from '../context.ts';
import { cleanTexts } from '../logic/clean-shown.ts';
import { type ModelItem, modelItems } from '../logic/model-items.ts';
import { chosenModel, setModel } from '../settings.ts';
import { shownRows, window, withCancellableProgress } from '../window.ts';

export interface ModelRow extends vscode.QuickPickItem {
  /** `provider/model`; empty is the router's choice. Headings have none. */
  id?: string;
  /** Why it cannot be chosen now. */
  refusal?: string;
}

export async function chooseModel(ctx: Context): Promise<void> {
  const { models } = await withCancellableProgress('Loading models', (_progress, signal) =>
    ctx.daemon.call(ModelsList, { refresh: true }, { signal }),
  );
  const chosen = chosenModel().model ?? '';
  const rows = modelItems(models, chosen, vscode.l10n.t).map(toModelRow);
  const id = await pick(rows);
  if (id === undefined || id === chosen) return;
  await setModel(id);
  const sentence =
    id === ''
      ? 'The router chooses the model for each request.'
      : vscode.l10n.t('{0} is now used for reviews, code actions, and new chats.', id);
  void window.showInformationMessage((await profilesOwn(ctx)) ?? sentence);
}

/** The profile's own model goes before the setting, so the user who changes the setting is warned. */
async function profilesOwn(ctx: Context): Promise<string | undefined> {
  const { profiles, current } = await ctx.daemon.call(ProfileList, {});
  const profile = profiles.find(({ id }) => id === current);
  return (
    profile?.model &&
    vscode.l10n.t(
      'The setting was changed, but the profile "{0}" has its own model, {1}, which takes precedence. To change it, use "Switch Profile…".',
      profile.name,
      profile.model,
    )
  );
}

/** A row of a list of models; headings separate the providers. */
export function toModelRow(item: ModelItem): ModelRow {
  if (item.kind === 'heading') return { label: item.label, kind: vscode.QuickPickItemKind.Separator };
  const { kind: _kind, ...row } = item;
  return row;
}

/** A row that cannot be chosen says why, and the list stays. */
function pick(rows: readonly ModelRow[]): Promise<string | undefined> {
  const list = vscode.window.createQuickPick<ModelRow>();
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  list.title = vscode.l10n.t('Switchyard: which model?');
  list.placeholder = vscode.l10n.t('For reviews, code actions, and new chats. A chat can use another model');
  list.matchOnDescription = true;
  list.matchOnDetail = true;
  list.items = shownRows(rows);
  list.onDidAccept(() => {
    const [row] = list.selectedItems;
    if (row?.refusal !== undefined)
      list.title = cleanTexts(
        vscode.l10n.t("{0} isn't available now: {1}", row.label.replace(/^\$\([a-z-]+\) /, ''), row.refusal),
      );
    else resolve(row?.id);
  });
  list.onDidHide(() => resolve(undefined));
  list.show();
  return promise.finally(() => list.dispose());
}
