// Pictures by OpenAI's images endpoint, and by servers that have one like it: xAI, gateways, programs for Stable Diffusion.
import type { ProviderType } from '../../../base/config/config.ts';
import { fieldsOf, listOf, stringOf } from '../answers/shapes.ts';
import type { MadePicture, PictureRequest } from '../provider.ts';
import type { ServerApi } from '../wire.ts';
import type { PictureShape } from './image-models.ts';
import { madePicture } from './made-picture.ts';

const sizes: Record<PictureShape, string> = { square: '1024x1024', landscape: '1536x1024', portrait: '1024x1536' };
const ratios: Record<PictureShape, string> = { square: '1:1', landscape: '3:2', portrait: '2:3' };

const ticksPerUsd = 10_000_000_000; // as xAI counts

/** Throws ProviderError `refused` where the answer has no picture. */
export async function makeOpenAiPicture(
  api: ServerApi,
  type: ProviderType,
  { model, prompt, shape }: PictureRequest,
): Promise<MadePicture> {
  const answer = fieldsOf(
    await api.post('images/generations', { model, prompt, n: 1, ...settingsFor(type, model, shape) }),
  );
  const [first] = listOf(answer['data']);
  const ticks = fieldsOf(answer['usage'])['cost_in_usd_ticks'];
  return {
    ...madePicture(stringOf(fieldsOf(first)['b64_json'])),
    ...(typeof ticks === 'number' && { costUsd: ticks / ticksPerUsd }),
  };
}

/** GPT's models answer with the picture's bytes and refuse to be asked for them; their quality is what their price depends on. */
function settingsFor(type: ProviderType, model: string, shape: PictureShape): object {
  if (type === 'xai') return { aspect_ratio: ratios[shape], response_format: 'b64_json' };
  if (/(^|\/)(gpt|chatgpt)-image/.test(model)) return { size: sizes[shape], quality: 'medium' };
  return { size: sizes[shape], response_format: 'b64_json' };
}
