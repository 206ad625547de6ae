// A projector (mmproj) is the half of a model that turns pictures into embeddings: a GGUF file of its own, and no model by itself.
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { AllLocalSettings } from '../../base/config/local-settings.ts';
import { expandHome } from '../../base/paths.ts';
import { isLaterPart, isProjectorName, modelNameOf } from '../inference/gguf/parts.ts';
import { settingsFor } from '../inference/settings.ts';

/** The projector of a model's file: the one that the user named, or else the one beside it that is its own. */
export async function projectorOf(path: string, settings: AllLocalSettings): Promise<string | undefined> {
  const { mmproj } = settingsFor(path, settings);
  if (mmproj !== undefined) return resolve(expandHome(mmproj));
  const chosen = chooseProjector(basename(path), await ggufNamesIn(dirname(path)));
  return chosen === undefined ? undefined : join(dirname(path), chosen);
}

/**
 * Of the GGUF files of a folder, the projector of one of its models. What it is called after decides, without its quantization; one
 * that is called after nothing belongs to the only model there. Pure.
 */
export function chooseProjector(model: string, names: readonly string[]): string | undefined {
  if (isProjectorName(model)) return undefined;
  const projectors = names.filter(isProjectorName).toSorted();
  const name = stemOf(modelNameOf(model));
  const own = projectors.filter((projector) => name !== '' && stemOf(modelNameOf(projector)) === name);
  if (own.length > 0) return best(own);
  const isOnly = names.every((other) => other === model || isProjectorName(other) || isLaterPart(other));
  return isOnly ? best(projectors.filter((projector) => stemOf(modelNameOf(projector)) === '')) : undefined;
}

/** The name under which a projector is kept in a folder of many models. */
export function ownProjectorName(model: string, projector: string): string {
  return stemOf(modelNameOf(projector)) === '' ? `mmproj-${modelNameOf(model)}.gguf` : projector;
}

/** Of a model's file, the projector beside it that no other model of the folder has too. */
export async function soleProjectorOf(path: string): Promise<string | undefined> {
  const names = await ggufNamesIn(dirname(path));
  const projector = chooseProjector(basename(path), names);
  const others = names.filter((name) => name !== basename(path) && !isProjectorName(name) && !isLaterPart(name));
  const isShared = others.some((other) => chooseProjector(other, names) === projector);
  return projector === undefined || isShared ? undefined : join(dirname(path), projector);
}

async function ggufNamesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).filter((name) => /\.gguf$/i.test(name));
}

/** What is left of a file's name without `mmproj` and the words for its numbers: `mmproj-SmolVLM-256M-Q8_0` and `SmolVLM-256M-F16` agree. */
function stemOf(name: string): string {
  return name
    .toLowerCase()
    .split(/[-.]/)
    .filter((word) => word !== 'mmproj' && word !== 'model' && !/^(i?q\d\w*|bf16|f16|f32|fp16|fp32|ud)$/.test(word))
    .join('-')
    .replace(/^mmproj_|_mmproj$/g, '');
}

/** The smallest that loses nothing that shows: eight bits, then sixteen. */
function best(projectors: readonly string[]): string | undefined {
  return projectors.find((name) => /q8/i.test(name)) ?? projectors.find((name) => /f16/i.test(name)) ?? projectors[0];
}
