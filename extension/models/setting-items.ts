// The rows of a model's settings, each with its value and whose it is, and what is typed for one. Pure.
import type { Result } from '../../shared/protocol/define.ts';
import type { ModelsSettings } from '../../shared/protocol/models.ts';
import { inEnglish, type Translate } from '../../shared/words/translate.ts';

export type ModelSetting = Result<typeof ModelsSettings>['settings'][number];

export interface SettingItem {
  label: string;
  description: string;
  detail: string;
  setting: ModelSetting;
}

/** `contextTokens` as `Context tokens`; the value as it stands in config.json. */
export function settingItems(settings: readonly ModelSetting[], t: Translate = inEnglish): SettingItem[] {
  return settings.map((setting) => ({
    label: nameInWords(setting.name),
    description: [
      setting.value ?? t('automatic'),
      setting.from,
      ...(setting.now ? [t('now {0}', setting.now)] : []),
    ].join(' · '),
    detail: setting.description,
    setting,
  }));
}

/** JSON where it is JSON, else a text; undefined for nothing, which takes the setting out of config.json. */
export function typedValue(text: string): unknown {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  try {
    return JSON.parse(trimmed);
  } catch {
    return trimmed;
  }
}

function nameInWords(name: string): string {
  const words = name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return words.replace(/^./, (first) => first.toUpperCase()).replace(/\b(gpu|kv)\b/gi, (word) => word.toUpperCase());
}
