// The GGUF files that are offered as local models: those named in the configuration and those in the models folder.
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expandHome } from '../../base/paths.ts';
import { isLaterPart, isProjectorName, modelNameOf } from '../inference/gguf/parts.ts';

/** Absolute paths of whole files and first parts, each once, those of the configuration first; what is no model by itself is none of them. */
export async function localModelFiles(named: readonly string[], folder: string): Promise<string[]> {
  const inFolder = await readdir(folder).catch(() => []); // no folder yet means no files
  const found = inFolder
    .filter((name) => name.toLowerCase().endsWith('.gguf') && !isLaterPart(name))
    .sort()
    .map((name) => join(folder, name));
  const all = [...named.map((path) => resolve(expandHome(path))), ...found];
  return [...new Set(all.filter((path) => !isProjectorName(path)))];
}

/** A local model's id on the wire. */
export function localModelId(path: string): string {
  return `local/${modelNameOf(path)}`;
}
