// Which model to get first where there is none: one that is useful for code, and neither slow without a GPU nor long in coming. Pure.
import type { Setup } from './state/state.ts';

type Download = Setup['gguf']['downloads'][number];

const maxFirstBytes = 3e9;

/** The largest of these for code; undefined where none of them fits this machine. */
export function suggestedDownload(downloads: readonly Download[]): Download | undefined {
  return downloads
    .filter(({ fits, roles, sizeBytes }) => fits && roles.includes('code') && sizeBytes <= maxFirstBytes)
    .toSorted((one, other) => other.sizeBytes - one.sizeBytes)[0];
}
