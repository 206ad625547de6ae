// Headers of model files that were read before: of a vocabulary they have megabytes, and ghost text asks every few seconds what there is.
import { LRUCache } from 'lru-cache';
import { stampOf } from '../../../base/disk.ts';
import type { GgufInfo } from '../inference.ts';
import { readGgufHeader } from './header.ts';
import { partsOf } from './parts.ts';

interface KnownHeader {
  stamp: string;
  info: GgufInfo;
}

const maxKnown = 256;

/** Lives as long as the daemon. What native code is given is checked anew, not by this. */
export class KnownHeaders {
  readonly #known = new LRUCache<string, KnownHeader>({ max: maxKnown });
  readonly #settledMs: number | undefined;

  constructor({ settledMs }: { settledMs?: number } = {}) {
    this.#settledMs = settledMs;
  }

  /** Throws as `readGgufHeader` does. */
  async describe(path: string): Promise<GgufInfo> {
    const stamp = await stampOf(partsOf(path), this.#settledMs);
    const known = this.#known.get(path);
    if (known && known.stamp === stamp) return known.info;
    const info = await readGgufHeader(path);
    if (stamp !== undefined) this.#known.set(path, { stamp, info });
    return info;
  }
}
