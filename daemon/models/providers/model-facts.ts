// What is known of a model, merged from its sources: the user before the server, the server before the catalogue, the catalogue
// before a guess by the name. Pure. Each value keeps its source. A value without a source stays unknown.
import type { ModelConfig, ProviderConfig } from '../../base/config/config.ts';
import type { Catalogue } from './catalogue.ts';
import type { Capability, FactSource, FactSources, ModelInfo, Price } from './provider.ts';

/** The configured models, including those that are given by name only. */
export function configuredModels({ models = [] }: ProviderConfig): ModelConfig[] {
  return models.map((model) => (typeof model === 'string' ? { name: model } : model));
}

/** The context that the user set for a model, or for all models of its provider. */
export function configuredTokens(config: ProviderConfig, model: string): number | undefined {
  return configuredModels(config).find(({ name }) => name === model)?.contextTokens ?? config.contextTokens;
}

/** A model as its server (or the configuration alone) describes it, completed from the other sources. */
export function completeInfo(told: ModelInfo, config: ProviderConfig, catalogue: Catalogue): ModelInfo {
  const own = configuredModels(config).find(({ name }) => name === told.name);
  const entry = catalogue.find(config.type, told.name);
  const context = firstOf<number>([
    // A provider that asks its server for the configured size reports how much of it there really is.
    told.sources?.contextTokens === 'config'
      ? ['config', told.contextTokens]
      : ['config', configuredTokens(config, told.name)],
    [told.source, told.contextTokens],
    ['catalogue', entry?.contextTokens],
  ]);
  const price = firstOf<Price>([
    ['config', own?.price],
    [told.source, told.price],
    ['catalogue', config.baseUrl ? undefined : entry?.price && { ...entry.price, asOf: entry.asOf }], // what another address charges is unknown
  ]);
  const quality = firstOf<number>([
    [told.source, told.quality],
    ['catalogue', entry?.quality],
  ]);
  const { capabilities, sources } = capabilitiesOf(told, own, entry);
  return {
    ...told,
    capabilities,
    ...(context && { contextTokens: context.value }),
    ...(price && { price: price.value }),
    ...(quality && { quality: quality.value }),
    sources: {
      ...(context && { contextTokens: context.source }),
      ...(price && { price: price.source }),
      ...(quality && { quality: quality.source }),
      capabilities: sources,
    },
  };
}

function capabilitiesOf(
  told: ModelInfo,
  own: Facts | undefined,
  entry: Facts | undefined,
): { capabilities: ModelInfo['capabilities']; sources: NonNullable<FactSources['capabilities']> } {
  const capabilities: ModelInfo['capabilities'] = {};
  const sources: NonNullable<FactSources['capabilities']> = {};
  for (const capability of allCapabilities) {
    const guessed = told.sources?.capabilities?.[capability] === 'name';
    const value = told.capabilities[capability];
    const found = firstOf<boolean>([
      ['config', own?.capabilities?.[capability]],
      [told.source, guessed ? undefined : value],
      ['catalogue', entry?.capabilities?.[capability]],
      ['name', guessed ? value : undefined],
    ]);
    if (!found) continue;
    capabilities[capability] = found.value;
    sources[capability] = found.source;
  }
  return { capabilities, sources };
}

interface Facts {
  capabilities?: { [capability in Capability]?: boolean | undefined } | undefined;
}

const allCapabilities: readonly Capability[] = ['chat', 'embeddings', 'tools', 'vision', 'jsonSchema'];

/** The first value that is known. */
function firstOf<T>(
  claims: readonly (readonly [FactSource, T | undefined])[],
): { source: FactSource; value: T } | undefined {
  for (const [source, value] of claims) if (value !== undefined) return { source, value };
  return undefined;
}
