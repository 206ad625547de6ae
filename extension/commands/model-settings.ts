// The settings of one local model: a list with each value and whose it is, from which one is changed at a time.
import * as vscode from 'vscode';
import { type Model, ModelsConfigure, ModelsSettings } from '../../shared/protocol/models.ts';
import type { Context } from '../context.ts';
import { type ModelSetting, settingItems, typedValue } from '../models/setting-items.ts';
import { window } from '../window.ts';
import { openConfig } from './open-config.ts';

type Row = vscode.QuickPickItem & { setting?: ModelSetting };

/** The list comes back after a change, until it is left. */
export async function modelSettings(ctx: Context, row: unknown): Promise<void> {
  const { model } = (row ?? {}) as { model?: Model };
  if (!model) return;
  let { settings } = await ctx.daemon.call(ModelsSettings, { model: model.id });
  for (;;) {
    const inFile: Row = {
      label: '$(settings-gear) Open config.json',
      description: '',
      detail: 'To change settings for all models.',
    };
    const picked: Row | undefined = await window.showQuickPick([...settingItems(settings, vscode.l10n.t), inFile], {
      title: vscode.l10n.t('Switchyard: settings for {0}', model.id),
      placeHolder: 'Choose a setting to change',
      matchOnDetail: true,
    });
    if (!picked) return;
    if (!picked.setting) return await openConfig(ctx);
    const change = await changeOf(picked.setting);
    if (!change) continue;
    const { name } = picked.setting;
    const value = change.value === undefined ? {} : { value: change.value };
    ({ settings } = await ctx.daemon.call(ModelsConfigure, { model: model.id, name, ...value }));
    ctx.models.refresh();
  }
}

/** Undefined where the user leaves; without a value, the setting goes back to what it is without them. */
async function changeOf(setting: ModelSetting): Promise<{ value?: unknown } | undefined> {
  const title = `Switchyard: ${setting.name}`;
  if (setting.choices) {
    const reset = { label: 'Automatic', description: 'Removes it from config.json', value: undefined as unknown };
    const choices = setting.choices.map((choice) => ({
      label: choice,
      description: choice === setting.value ? 'current' : '',
      value: JSON.parse(choice) as unknown,
    }));
    return await window.showQuickPick([...choices, reset], { title, placeHolder: setting.description });
  }
  const text = await window.showInputBox({
    title,
    prompt: `${setting.description} ${vscode.l10n.t('Leave empty to remove it from config.json.')}`,
    value: setting.value ?? '',
    ignoreFocusOut: true,
  });
  return text === undefined ? undefined : { value: typedValue(text) };
}
