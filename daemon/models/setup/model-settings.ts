// The settings of models on this machine as people see and change them: each with its value, whose it is, and what it does.
import * as z from 'zod';
import type { ConfigFile } from '../../base/config/config.ts';
import { changeConfig } from '../../base/config/edit.ts';
import { LocalSettings } from '../../base/config/local-settings.ts';
import { UserError } from '../../base/errors.ts';
import { modelNameOf } from '../inference/gguf/parts.ts';
import type { Inference, LoadedModelInfo } from '../inference/inference.ts';
import { originsOf, settingsFor } from '../inference/settings.ts';

export interface ModelSetting {
  name: string;
  /** As JSON; left out where nobody sets it and it depends on the machine. */
  value?: string;
  from: string;
  /** What became of it in the loaded model, where the machine decides. */
  now?: string;
  description: string;
  /** As JSON, where they are few. */
  choices?: string[];
}

/** A setting as the published schema of config.json describes it. */
interface SettingSchema {
  description?: string;
  type?: string;
  enum?: unknown[];
}

const schemas = z.toJSONSchema(LocalSettings, { io: 'input' }).properties as Record<string, SettingSchema>;

/** Every setting of a model's file, or of all models where there is none. */
export async function settingsOf(
  path: string | undefined,
  { config, inference }: { config: ConfigFile; inference: Inference },
): Promise<ModelSetting[]> {
  const all = config.config.localSettings;
  const current = machineDecided(inference.loaded().find((loaded) => loaded.path === path));
  const origins = path ? originsOf(settingsFor(path, all), await inference.describe(path)) : originsOf(all['*'] ?? {});
  return Object.entries(schemas).map(([name, { description = '', type, enum: values }]) => {
    const origin = origins.find((each) => each.name === name);
    const choices = type === 'boolean' ? [true, false] : values;
    const from = origin?.from ?? 'default';
    const now = from === 'default' ? current[name] : undefined;
    return {
      name,
      ...(origin && { value: origin.value }),
      from,
      ...(now && { now }),
      description,
      ...(choices && { choices: choices.map((choice) => JSON.stringify(choice)) }),
    };
  });
}

/** By the names of settings. */
function machineDecided({
  threads,
  flashAttention,
}: Partial<LoadedModelInfo> = {}): Record<string, string | undefined> {
  const attention = flashAttention ? 'on' : 'off';
  return { threads: threads?.toString(), flashAttention: flashAttention === undefined ? undefined : attention };
}

/** Sets one setting in config.json, or removes it there. Throws UserError. */
export function setSetting(
  config: ConfigFile,
  path: string | undefined,
  { name, value }: { name: string; value: unknown },
): void {
  const known = Object.keys(schemas);
  if (!known.includes(name))
    throw new UserError('no-such-setting', `There's no setting "${name}". Choose one of ${known.join(', ')}.`);
  const model = path === undefined ? '*' : modelNameOf(path);
  if (value === undefined) {
    if (name in (config.config.localSettings[model] ?? {}))
      changeConfig(config, ['localSettings', model, name], undefined);
    return;
  }
  const read = LocalSettings.safeParse({ [name]: value });
  if (!read.success)
    throw new UserError('wrong-value', `${JSON.stringify(value)} doesn't fit ${name}: ${wordsOf(read.error)}.`);
  changeConfig(config, ['localSettings', model, name], value);
}

function wordsOf(error: z.ZodError): string {
  const message = error.issues[0]?.message ?? 'it has another type';
  return message.replace(/^Invalid input: /, '').replace(/\.$/, '');
}
