// The rows of "Download Model…": what suits this machine, what a hub has for what is typed, and addresses that are typed. Pure.
import { formatBytes } from '../../shared/bytes.ts';
import type { Result } from '../../shared/protocol/define.ts';
import type { Download, ModelsSearch } from '../../shared/protocol/models.ts';
import { formatTokens } from '../../shared/tokens.ts';
import { inEnglish, type Translate } from '../logic/translate.ts';
import { withoutIcons } from '../logic/without-icons.ts';

export type HubModel = Result<typeof ModelsSearch>['models'][number];

export interface FoundItem {
  label: string;
  description: string;
  detail?: string;
  /** What to pull. */
  model?: string;
  /** Of a hub, which has several files of it. */
  hub?: HubModel;
}

/** Names, sizes and reasons of the models that come with Switchyard's list, where they match what is typed. */
export function listedItems(downloads: readonly Download[], typed: string): FoundItem[] {
  const wanted = typed.trim().toLocaleLowerCase();
  return downloads
    .filter(({ id, label }) => `${id} ${label}`.toLocaleLowerCase().includes(wanted))
    .map(({ id, label, sizeBytes, license, fits, why }) => ({
      label: fits ? label : `$(warning) ${label}`,
      description: `${formatBytes(sizeBytes)} · ${license}`,
      detail: why,
      model: id,
    }));
}

/** An address of a file, a name of Ollama's, or of the hub, as it is typed. */
export function typedItems(typed: string, t: Translate = inEnglish): FoundItem[] {
  const text = typed.trim();
  if (/^https:\/\/\S+$/.test(text)) return [{ label: 'Download this file', description: text, model: text }];
  const [, ollama] = /^ollama\/(\S+)$/.exec(text) ?? [];
  if (ollama) return [{ label: t('Pull {0} through Ollama', ollama), description: '', model: text }];
  return [];
}

export function hubItems(models: readonly HubModel[], t: Translate = inEnglish): FoundItem[] {
  return models
    .filter(({ files }) => files.length > 0)
    .map((hub) => {
      const sizes = hub.files.map(({ bytes }) => bytes);
      const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
      const size = least === most ? formatBytes(least) : t('{0} to {1}', formatBytes(least), formatBytes(most));
      const fits = hub.files.some((file) => file.fits);
      return {
        label: withoutIcons(hub.id),
        description: [
          size,
          hub.license && withoutIcons(hub.license),
          hub.downloads !== undefined && t('{0} downloads', formatTokens(hub.downloads)),
          hub.isGated && t('terms must be accepted first'),
        ]
          .filter(Boolean)
          .join(' · '),
        ...(!fits && { detail: "$(warning) None of its files fit in this machine's memory." }),
        hub,
      };
    });
}

/** Those that fit come first, the best of them at the top; then what doesn't fit. */
export function fileItems({ files }: Pick<HubModel, 'files'>, t: Translate = inEnglish): FoundItem[] {
  const fitting = files.filter(({ fits }) => fits).toSorted((one, other) => other.bytes - one.bytes);
  const others = files.filter(({ fits }) => !fits).toSorted((one, other) => one.bytes - other.bytes);
  return [...fitting, ...others].map(({ model, file, quantization, bytes, parts, fits, why }) => ({
    label: `${fits ? '' : '$(warning) '}${withoutIcons(quantization ?? file)}`,
    description: [formatBytes(bytes), parts > 1 && t('{0} parts', parts), withoutIcons(file)]
      .filter(Boolean)
      .join(' · '),
    detail: why,
    model,
  }));
}
