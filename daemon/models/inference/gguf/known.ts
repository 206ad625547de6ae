// Headers of model files that were read before: of a vocabulary they have megabytes, and ghost text asks every few seconds what there is.
import { stat } from 'node:fs/promises';
import { LRUCache } from 'lru-cache';
import type { GgufInfo } from '../inference.ts';
import { readGgufHeader } from './header.ts';
import { partsOf } from './parts.ts';

interface KnownHeader {
  stamp: string;
  info: GgufInfo;
}

const maxKnown = 256;
const defaultSettledMs = 2000; // a file that is still being written may keep its stamp

/** Lives as long as the daemon. What native code is given is checked anew, not by this. */
export class KnownHeaders {
  readonly #known = new LRUCache<string, KnownHeader>({ max: maxKnown });
  readonly #settledMs: number;

  constructor({ settledMs = defaultSettledMs } = {}) {
    this.#settledMs = settledMs;
  }

  /** Throws as `readGgufHeader` does. */
  async describe(path: string): Promise<GgufInfo> {
    const stamp = await stampOf(path, this.#settledMs);
    const known = this.#known.get(path);
    if (known && known.stamp === stamp) return known.info;
    const info = await readGgufHeader(path);
    if (stamp !== undefined) this.#known.set(path, { stamp, info });
    return info;
  }
}

/** Differs after any change of any part. Undefined where one could be missed. */
async function stampOf(path: string, settledMs: number): Promise<string | undefined> {
  const stats = await Promise.all(partsOf(path).map((part) => stat(part).catch(() => undefined)));
  const stamps = stats.map((found) => {
    if (!found || Date.now() - Math.max(found.mtimeMs, found.ctimeMs) < settledMs) return undefined;
    return [found.ino, found.size, found.mtimeMs, found.ctimeMs].join(' ');
  });
  return stamps.includes(undefined) ? undefined : stamps.join(', ');
}
