// Vectors of one byte a dimension, in memory as long as they are few enough: they sort the many that the signs let through, so that
// few have to be read from the database.

import { type RankedDocument, Top } from '../rank/top.ts';
import { createKernel, type Kernel } from './kernel.ts';

/** Of all codes together: 170,000 vectors of 384 dimensions. */
export const defaultInt8Bytes = 64 * 1024 * 1024;
const pageBytes = 65_536;
const chosenAtOnce = 4096;

/** Lives as long as the model whose vectors it holds is in use, and they fit. */
export class Int8Vectors {
  readonly #kernel: Kernel;
  readonly #rowBytes: number;
  readonly #chosenAt: number;
  readonly #rowsAt: number;
  readonly #maxBytes: number;
  #scales = new Float32Array(1024);

  constructor(dimensions: number, maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#rowBytes = Math.ceil(dimensions / 128) * 128;
    this.#kernel = createKernel(this.#rowBytes / 128);
    this.#chosenAt = this.#rowBytes;
    this.#rowsAt = this.#chosenAt + 4 * chosenAtOnce;
  }

  /** Whether there is room for documents up to this number. */
  hasRoomFor(document: number): boolean {
    return (document + 1) * this.#rowBytes <= this.#maxBytes;
  }

  set(document: number, vector: Float32Array): void {
    this.#grow(document + 1);
    this.#scales[document] = this.#encode(vector, this.#rowsAt + document * this.#rowBytes);
  }

  /** The most similar of these documents, in order. */
  nearest(query: Float32Array, documents: Uint32Array, most: number): RankedDocument[] {
    this.#encode(query, 0);
    const top = new Top(most);
    const scales = this.#scales;
    let least = top.least;
    for (let from = 0; from < documents.length; from += chosenAtOnce) {
      const some = documents.subarray(from, from + chosenAtOnce);
      const shared = new Int32Array(this.#kernel.memory.buffer, this.#chosenAt, some.length);
      shared.set(some);
      this.#kernel.dots(this.#chosenAt, some.length, this.#rowsAt);
      for (let place = 0; place < some.length; place++) {
        const document = some[place] as number;
        const score = (shared[place] as number) * (scales[document] as number);
        if (score < least) continue;
        top.offer(document, score);
        least = top.least;
      }
    }
    return top.ranked();
  }

  /** Writes a vector as bytes and returns the size of a step. */
  #encode(vector: Float32Array, at: number): number {
    let highest = Number.MIN_VALUE;
    for (let i = 0; i < vector.length; i++) highest = Math.max(highest, Math.abs(vector[i] ?? 0));
    const bytes = new Int8Array(this.#kernel.memory.buffer, at, this.#rowBytes);
    for (let i = 0; i < vector.length; i++) bytes[i] = Math.round(((vector[i] ?? 0) / highest) * 127);
    return highest / 127;
  }

  #grow(size: number): void {
    if (size > this.#scales.length) {
      const scales = new Float32Array(Math.max(size, this.#scales.length * 2));
      scales.set(this.#scales);
      this.#scales = scales;
    }
    const missing = this.#rowsAt + size * this.#rowBytes - this.#kernel.memory.buffer.byteLength;
    if (missing > 0)
      this.#kernel.memory.grow(Math.ceil(Math.max(missing, this.#kernel.memory.buffer.byteLength / 4) / pageBytes));
  }
}
