// What a local model is loaded and asked with, and where each value comes from: the user, the model's file, or our default. Pure.
import { basename } from 'node:path';
import type { AllLocalSettings, LocalSettings } from '../../base/config/local-settings.ts';
import { listedFile } from './catalogue.ts';
import { modelNameOf } from './gguf/parts.ts';

/** Where nobody says otherwise. What depends on the machine has no default here. */
const defaults = { temperature: 0.7, topK: 40, topP: 0.95, minP: 0.05 } as const;

/** The rest of what people ask about: the native part decides, or what is measured. */
const decided = { threads: 'as measured', flashAttention: 'auto', kvType: 'F16' } as const;

/** What a file's header recommends for its own model. */
export type FileSampling = Pick<LocalSettings, 'temperature' | 'topK' | 'topP' | 'minP'>;

export interface SettingOrigin {
  name: keyof LocalSettings;
  /** As JSON. */
  value: string;
  from: 'config.json' | "the model's file" | 'catalog' | 'default';
}

/** What the user has set for a model's file, the model's own before those for all. */
export function settingsFor(path: string, all: AllLocalSettings): LocalSettings {
  return { ...all['*'], ...all[modelNameOf(path)] };
}

/** What a model's makers recommend: its file goes before our list. */
export function recommendedSampling({ path, sampling }: SampledFile): FileSampling {
  return { ...listedFile(basename(path))?.sampling, ...sampling };
}

interface SampledFile {
  path: string;
  /** Of its header. */
  sampling: FileSampling;
}

/** How words are chosen: what the request asks for goes first. */
export function samplingOf(
  user: LocalSettings,
  file: FileSampling,
  asked: number | undefined,
): { temperature: number; topK?: number; topP?: number; minP?: number } {
  const set = { ...defaults, ...file, ...user };
  const temperature = asked ?? set.temperature ?? defaults.temperature;
  if (temperature === 0) return { temperature };
  const { topK = defaults.topK, topP = defaults.topP, minP = defaults.minP } = set;
  return { temperature, topK, topP, minP };
}

/** Larger contexts would take gigabytes that are better spent on a larger model. */
const maxContextTokens = 32_768;

/** A prompt of code takes half of it at most. */
const codeContextTokens = 8192;

/** The most tokens of a chat, or of code to complete; memory may make it less. */
export function contextOf(
  { contextTokens }: LocalSettings,
  trainedTokens: number,
  { isForCode = false }: { isForCode?: boolean } = {},
): number {
  return contextTokens ?? Math.min(trainedTokens, isForCode ? codeContextTokens : maxContextTokens);
}

/** Whether nothing but code is asked of a model, so that no chat will miss a longer context. */
export function isForCode({ path, hasChatTemplate }: { path: string; hasChatTemplate: boolean }): boolean {
  return !(listedFile(basename(path))?.roles.includes('chat') ?? hasChatTemplate);
}

/** Whether a model must be loaded anew for these settings. */
export function isLoadedAlike(before: LocalSettings, after: LocalSettings): boolean {
  return JSON.stringify(loadPart(before)) === JSON.stringify(loadPart(after));
}

function loadPart({ contextTokens, slots, threads, gpuLayers, kvType, flashAttention, loras }: LocalSettings) {
  return [contextTokens, slots, threads, gpuLayers, kvType, flashAttention, loras];
}

/** Every value that is known, with its origin, for people to read; without a file, of all models. */
export function originsOf(user: LocalSettings, file?: SampledFile): SettingOrigin[] {
  const recommended = file ? recommendedSampling(file) : {};
  const all = { ...decided, ...defaults, ...recommended, ...user };
  const originOf = (name: string): SettingOrigin['from'] => {
    if (name in user) return 'config.json';
    if (file && name in file.sampling) return "the model's file";
    return name in recommended ? 'catalog' : 'default';
  };
  return (Object.keys(all) as (keyof LocalSettings)[])
    .toSorted()
    .map((name) => ({ name, value: JSON.stringify(all[name]), from: originOf(name) }));
}
