// A model in a list, in words: the same in the chat view's picker and in the editor's. Pure.
import type { Model } from './protocol/models.ts';
import { formatTokens } from './tokens.ts';
import { formatUsd } from './usd.ts';
import { inEnglish, type Translate } from './words/translate.ts';

export interface ModelGroup {
  provider: string;
  local: boolean;
  /** Puts those that can be chosen first. */
  models: Model[];
}

/** Models by provider, those that run on this machine first; what cannot be chosen stays in the list, and says why. */
export function groupModels(models: readonly Model[], filter = ''): ModelGroup[] {
  const wanted = filter.trim().toLocaleLowerCase();
  const groups = new Map<string, ModelGroup>();
  for (const model of models.filter(({ id }) => id.toLocaleLowerCase().includes(wanted))) {
    const group = groups.get(model.provider) ?? { provider: model.provider, local: model.local, models: [] };
    groups.set(model.provider, { ...group, models: [...group.models, model] });
  }
  return [...groups.values()]
    .map((group) => ({
      ...group,
      models: group.models.toSorted((one, other) => Number(!canChoose(one)) - Number(!canChoose(other))),
    }))
    .toSorted((one, other) => Number(other.local) - Number(one.local) || one.provider.localeCompare(other.provider));
}

export function canChoose({ unavailable }: Model): boolean {
  return unavailable === undefined;
}

/** What helps to choose: `131k context · $3.00 in / $15.00 out per million tokens`. */
export function modelFacts({ contextTokens, loaded, health, ...model }: Model, say: Translate = inEnglish): string {
  const facts = [
    loaded ? say('loaded') : undefined,
    contextTokens === undefined ? say('context unknown') : say('{0} context', formatTokens(contextTokens)),
    priceWords(model, say),
    health.state === 'unknown' ? say('not asked yet') : undefined,
  ];
  return facts.filter((fact) => fact !== undefined).join(' · ');
}

/** An unknown price is never taken for nothing. */
export function priceWords({ local, price }: Pick<Model, 'local' | 'price'>, say: Translate = inEnglish): string {
  if (price && (price.input > 0 || price.output > 0))
    return say('{0} in / {1} out per million tokens', formatUsd(price.input), formatUsd(price.output));
  if (price || local) return say('free');
  return say('price unknown');
}
