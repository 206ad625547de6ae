// For tests of search: waiting until all is indexed, and vectors without a model.
import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { Storage } from '../../../daemon/storage/storage.ts';

/** Resolves when nothing waits to be indexed. */
export async function indexed(storage: Storage): Promise<void> {
  for (;;) {
    const { queued, rebuilding } = await storage.searchIndex.status();
    if (queued === 0 && !rebuilding) return;
    await turn();
  }
}

/** A text as the normalised sum of a random direction for each of its words: texts with common words lie near each other. */
export function vectorOf(text: string, dimensions = 64): Float32Array {
  const vector = new Float32Array(dimensions);
  for (const word of text.toLowerCase().match(/\w+/g) ?? ['']) {
    const bytes = createHash('shake256', { outputLength: dimensions }).update(word).digest();
    for (let i = 0; i < dimensions; i++) vector[i] = (vector[i] ?? 0) + (bytes[i] ?? 0) - 127.5;
  }
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}
