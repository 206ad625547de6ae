// Models that make pictures, as far as they are known: what a picture of theirs costs. Lists of models don't say which ones do, so of
// others the user names the model. The newest come first: the first one is asked where nobody names one.
import type { ProviderType } from '../../../base/config/config.ts';

/** What a picture may be asked to be. Providers have sizes of their own for each. */
export type PictureShape = 'square' | 'landscape' | 'portrait';

interface ImageModel {
  provider: ProviderType;
  name: string;
  /** US dollars for a picture of one million pixels or somewhat more, by its shape, in the quality that is asked for. */
  usd: { square: number; other: number };
  asOf: string;
  source: string;
}

const seriesPrices = 'https://docs.apiyi.com/api-capabilities/gpt-image-2/historical-versions';

export const imageModels: readonly ImageModel[] = [
  {
    provider: 'openai',
    name: 'gpt-image-1.5',
    usd: { square: 0.034, other: 0.05 },
    asOf: '2026-11-30',
    source: seriesPrices,
  },
  {
    provider: 'openai',
    name: 'gpt-image-1-mini',
    usd: { square: 0.011, other: 0.015 },
    asOf: '2026-11-30',
    source: 'https://fal.ai/models/fal-ai/gpt-image-1-mini/llms.txt',
  },
  {
    provider: 'google',
    name: 'gemini-3.1-flash-image',
    usd: { square: 0.067, other: 0.067 },
    asOf: '2026-10-02',
    source: 'https://ai.google.dev/gemini-api/docs/pricing',
  },
  {
    provider: 'google',
    name: 'gemini-2.5-flash-image',
    usd: { square: 0.039, other: 0.039 },
    asOf: '2026-10-02',
    source: 'https://ai.google.dev/gemini-api/docs/pricing',
  },
  {
    provider: 'xai',
    name: 'grok-imagine-image',
    usd: { square: 0.02, other: 0.02 },
    asOf: '2026-11-30',
    source: 'https://docs.crazyrouter.com/en/images/grok',
  },
];

/** US dollars for one picture; undefined where that is unknown. */
export function pictureUsd(provider: ProviderType, model: string, shape: PictureShape): number | undefined {
  const known = imageModels.find((each) => each.provider === provider && each.name === model);
  return known && (shape === 'square' ? known.usd.square : known.usd.other);
}
