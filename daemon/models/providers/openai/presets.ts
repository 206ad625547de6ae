// What is particular about each server that speaks OpenAI's language, in one table: where it is, its names, its list of models.
import type { ProviderType } from '../../../base/config/config.ts';
import type { ModelInfo } from '../provider.ts';
import type { ServerApi } from '../wire.ts';
import type { LimitName } from './chat.ts';
import {
  byNewest,
  listEntries,
  modelInfoOf,
  modelOfGroq,
  modelOfHuggingFace,
  modelOfOpenRouter,
  modelOfXai,
  withLlamaProps,
} from './listing.ts';

export interface Preset {
  /** Its own address; undefined where the configuration must say it. */
  baseUrl: string | undefined;
  /** Whether its own address is of no use without a key. */
  needsKey: boolean;
  limitName: LimitName;
  /** Whether its own address is asked for responses rather than chat completions. */
  prefersResponses: boolean;
  /** The list that tells most about its models. */
  listModels(api: ServerApi): Promise<ModelInfo[]>;
}

const cloud = { needsKey: true, limitName: 'max_completion_tokens', prefersResponses: false } as const;

const presets = {
  openai: {
    ...cloud,
    baseUrl: 'https://api.openai.com/v1',
    prefersResponses: true,
    listModels: async (api) => byNewest(await listEntries(api, 'models')).map(modelInfoOf),
  },
  xai: {
    ...cloud,
    baseUrl: 'https://api.x.ai/v1',
    listModels: async (api) => (await listEntries(api, 'language-models')).map(modelOfXai), // `/models` has neither prices nor modalities
  },
  openrouter: {
    ...cloud,
    baseUrl: 'https://openrouter.ai/api/v1',
    limitName: 'max_tokens',
    listModels: async (api) => (await listEntries(api, 'models')).map(modelOfOpenRouter),
  },
  groq: {
    ...cloud,
    baseUrl: 'https://api.groq.com/openai/v1',
    listModels: async (api) => (await listEntries(api, 'models')).flatMap(modelOfGroq),
  },
  huggingface: {
    ...cloud,
    baseUrl: 'https://router.huggingface.co/v1',
    limitName: 'max_tokens',
    listModels: async (api) => (await listEntries(api, 'models')).map(modelOfHuggingFace),
  },
  'openai-compatible': {
    baseUrl: undefined,
    needsKey: false,
    limitName: 'max_tokens',
    prefersResponses: false,
    listModels: async (api) => {
      const entries = await listEntries(api, 'models');
      return withLlamaProps(api, entries, entries.map(modelInfoOf));
    },
  },
} satisfies Partial<Record<ProviderType, Preset>>;

/** The preset of a type; of a type that has none, what holds for any compatible server. */
export function presetOf(type: ProviderType): Preset {
  return type in presets ? presets[type as keyof typeof presets] : presets['openai-compatible'];
}
