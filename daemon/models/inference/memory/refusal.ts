// What is said of a model that doesn't fit: the numbers, and what would help.
import { basename } from 'node:path';
import type { LocalSettings } from '../../../base/config/local-settings.ts';
import { modelNameOf } from '../gguf/parts.ts';
import { type GgufInfo, InferenceError } from '../inference.ts';
import type { Admission } from './admission.ts';

/** `refusal`: for the smallest way to load it; `limitBytes`: the user's, for all models together. */
export function noRoom(
  { info, settings }: { info: GgufInfo; settings: LocalSettings },
  refusal: Admission | undefined,
  limitBytes?: number,
): InferenceError {
  const { neededBytes = 0, freeBytes = 0, kept = [] } = refusal?.size ? {} : (refusal ?? {});
  const busy = kept.filter(({ isBusy }) => isBusy).map(({ path }) => modelNameOf(path));
  const ways = [
    ...(settings.contextTokens ? ['set a smaller "contextTokens"'] : []),
    ...((settings.slots ?? 1) > 1 ? ['set fewer "slots"'] : []),
    ...kept.filter(({ isBusy }) => !isBusy).map(({ path }) => `run \`switchyard models unload ${modelNameOf(path)}\``),
    limitBytes === undefined ? 'close other programs' : 'raise "localMemoryGb" in config.json',
    'choose a smaller model or quantization',
  ];
  const inUse = busy.length > 0 ? ` ${busy.join(' and ')} can't be unloaded while in use.` : '';
  return new InferenceError(
    'out-of-memory',
    `${basename(info.path)} needs about ${readable(neededBytes)} of memory, but local models can take only ${readable(Math.max(0, freeBytes))} more.${inUse} To make room, ${ways.slice(0, -1).join(', ')}, or ${ways.at(-1)}.`,
  );
}

function readable(bytes: number): string {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
