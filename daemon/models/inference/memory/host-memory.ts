// The memory of the inference host: what models may still take, and what each really took.
import { readFileSync } from 'node:fs';
import os from 'node:os';
import type { Native } from '../native.ts';

/** Left to other programs where the user sets no limit: a twentieth of all memory, up to this. */
const mostReserveBytes = 1e9;
/** What was measured also holds what else the process did meanwhile, so it corrects the arithmetic by no more than this. */
const corrections = { least: 0.7, most: 1.5, step: 0.02 };
/** A smaller model drowns in what else the process does. */
const leastMeasuredBytes = 64e6;

/** Lives as long as the host process, and so do its measurements. */
export class HostMemory {
  /** Set by the user: what all models may take together. */
  limitBytes: number | undefined;
  readonly #corrections = new Map<string, number>();
  #seenBytes = 0;

  /** Bytes that the process took since it was last looked at. */
  growth(): number {
    const bytes = process.memoryUsage.rss();
    const growth = bytes - this.#seenBytes;
    this.#seenBytes = bytes;
    return growth;
  }

  /** By what to multiply what was computed for a file and its settings. */
  correctionOf(key: string): number {
    return this.#corrections.get(key) ?? 1;
  }

  /** Compares what was computed with what was taken. */
  correct(key: string, computedBytes: number, takenBytes: number): void {
    if (computedBytes < leastMeasuredBytes) return;
    const { least, most, step } = corrections;
    const correction = Math.min(most, Math.max(least, takenBytes / computedBytes));
    if (Math.abs(correction - this.correctionOf(key)) >= step) this.#corrections.set(key, correction);
  }

  /**
   * What a model may still take: on its GPU alone, where it has one that holds all layers, and then with main memory beside it.
   * `takenBytes` are all models' together.
   */
  async freeBytes({ llama }: Native, takenBytes: number, gpuLayers: number | undefined): Promise<number[]> {
    const left = this.limitBytes === undefined ? Number.POSITIVE_INFINITY : this.limitBytes - takenBytes;
    const main = this.limitBytes === undefined ? freeMainBytes(takenBytes) : left;
    if (llama.gpu === false || gpuLayers === 0) return [Math.min(main, left)];
    const { free } = await llama.getVramState();
    const both = Math.min(free + main, left);
    return gpuLayers === undefined ? [Math.min(free, left), both] : [both];
  }
}

/** Of main memory, less a reserve: `pid` is the process of ours that has models in it. */
export function freeMainBytes(takenBytes: number, pid: number | undefined = process.pid): number {
  const total = os.totalmem();
  const reserve = Math.min(mostReserveBytes, total / 20);
  const bounds = process.constrainedMemory(); // of a container, whose own count of free memory leaves out what caches would give back
  const inContainer = bounds > 0 && bounds < total ? bounds - takenBytes : Number.POSITIVE_INFINITY;
  return Math.min(os.freemem() - mappedBytes(pid), inContainer) - reserve;
}

/** Linux counts the pages of mapped weights as free, since they could be read again; others do not. */
function mappedBytes(pid: number | undefined): number {
  if (process.platform !== 'linux' || pid === undefined) return 0;
  try {
    const [, kilobytes = '0'] = /RssFile:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes) * 1024;
  } catch {
    return 0; // it has just ended
  }
}
