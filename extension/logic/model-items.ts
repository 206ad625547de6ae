// The rows of "Choose Model…": by provider, with what helps to choose, and why some cannot be chosen now. Pure.
import { canChoose, groupModels, modelFacts } from '../../shared/model-words.ts';
import type { Model } from '../../shared/protocol/models.ts';
import { inEnglish, type Translate } from './translate.ts';
import { withoutIcons } from './without-icons.ts';

export type ModelItem =
  | { kind: 'heading'; label: string }
  | {
      kind: 'model';
      label: string;
      description: string;
      detail: string;
      /** `provider/model`; empty is the router's choice. */
      id: string;
      /** Why it cannot be chosen now. */
      refusal?: string;
    };

/** `chosen` is what the setting says now. */
export function modelItems(models: readonly Model[], chosen: string, t: Translate = inEnglish): ModelItem[] {
  const automatic: ModelItem = {
    kind: 'model',
    id: '',
    label: '$(sparkle) Automatic',
    description: chosen === '' ? t('chosen now') : '',
    detail: 'The router chooses for each request and shows why',
  };
  return [
    automatic,
    ...groupModels(models).flatMap(({ provider, local, models: members }): ModelItem[] => [
      { kind: 'heading', label: `${provider} · ${local ? t('on this machine') : t('cloud')}` },
      ...members.map((model) => toItem(model, chosen, t)),
    ]),
  ];
}

function toItem(model: Model, chosen: string, t: Translate): ModelItem {
  const { id, provider, health, unavailable } = model;
  const healthIcon = health.state === 'ok' ? 'circle-filled' : 'circle-outline';
  const icon = canChoose(model) ? healthIcon : 'circle-slash';
  return {
    kind: 'model',
    id,
    label: `$(${icon}) ${withoutIcons(id.slice(provider.length + 1))}`,
    description: [model.local ? t('local') : t('cloud'), ...(id === chosen ? [t('chosen now')] : [])].join(' · '),
    detail: withoutIcons(unavailable ?? modelFacts(model)),
    ...(unavailable !== undefined && { refusal: unavailable }),
  };
}
