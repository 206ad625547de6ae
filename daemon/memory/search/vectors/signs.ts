// The signs of every vector in memory, by the number of its document, and the scan that finds where to look closer.
import type { Directory } from '../index/directory.ts';
import { createKernel, type Kernel, planes } from './kernel.ts';

const rowsPerTurn = 65_536;
const pageBytes = 65_536;
const highestDigit = 2 ** planes - 1;

/** One bit a dimension, lowest first: 1 where the number is above 0. Padded to a multiple of 128 bits. */
export function signsOf(vector: Float32Array): Uint8Array {
  const bits = new Uint8Array(bytesFor(vector.length));
  for (let i = 0; i < vector.length; i++) if ((vector[i] ?? 0) > 0) bits[i >> 3] = (bits[i >> 3] ?? 0) | (1 << (i & 7));
  return bits;
}

export function bytesFor(dimensions: number): number {
  return Math.ceil(dimensions / 128) * 16;
}

/** Lives as long as the model whose vectors it holds is in use. */
export class Signs {
  readonly #kernel: Kernel;
  readonly #rowBytes: number;
  readonly #scoresAt: number;
  readonly #bitsAt: number;
  #present = new Uint8Array(1024);
  #size = 0;
  count = 0;

  constructor(dimensions: number) {
    this.#rowBytes = bytesFor(dimensions);
    this.#kernel = createKernel(this.#rowBytes / 16);
    this.#scoresAt = this.#rowBytes * planes;
    this.#bitsAt = this.#scoresAt + 2 * rowsPerTurn;
  }

  set(document: number, bits: Uint8Array): void {
    this.#grow(document + 1);
    new Uint8Array(this.#kernel.memory.buffer, this.#bitsAt + document * this.#rowBytes, this.#rowBytes).set(bits);
    if (!this.#present[document]) this.count++;
    this.#present[document] = 1;
  }

  /** The documents that come nearest by their signs, at least `most` of them where there are so many; in no order. Gives way between pieces. */
  *nearest(query: Float32Array, most: number, { directory, visible }: { directory: Directory; visible: Uint8Array }): Generator<void, Uint32Array> {
    this.#setQuery(query);
    const { groups } = directory;
    const present = this.#present;
    const size = Math.min(this.#size, directory.size);
    const scores = new Uint16Array(size); // 0 for what is not to be found
    const histogram = new Uint32Array(0x10000);
    for (let from = 0; from < size; from += rowsPerTurn) {
      const count = Math.min(rowsPerTurn, size - from);
      this.#kernel.scan(this.#bitsAt + from * this.#rowBytes, count, this.#scoresAt);
      const scanned = new Uint16Array(this.#kernel.memory.buffer, this.#scoresAt, count);
      for (let i = 0; i < count; i++) {
        const document = from + i;
        if (present[document] === 0 || visible[groups[document] as number] === 0) continue;
        const score = scanned[i] as number;
        scores[document] = score;
        histogram[score] = (histogram[score] as number) + 1;
      }
      yield;
    }
    return above(scores, leastFor(histogram, most));
  }

  /** The query's numbers as four bits each, from the lowest to the highest evenly. */
  #setQuery(query: Float32Array): void {
    const highest = query.reduce((most, value) => Math.max(most, Math.abs(value)), Number.MIN_VALUE);
    const bytes = new Uint8Array(this.#kernel.memory.buffer, 0, this.#scoresAt).fill(0);
    for (let i = 0; i < query.length; i++) {
      const digit = Math.round((((query[i] ?? 0) / highest + 1) / 2) * highestDigit);
      const [block, byte] = [i >> 7, (i >> 3) & 15];
      for (let plane = 0; plane < planes; plane++) {
        const at = (block * planes + plane) * 16 + byte;
        if ((digit >> plane) & 1) bytes[at] = (bytes[at] ?? 0) | (1 << (i & 7));
      }
    }
  }

  #grow(size: number): void {
    this.#size = Math.max(this.#size, size);
    if (size > this.#present.length) {
      const present = new Uint8Array(Math.max(size, this.#present.length * 2));
      present.set(this.#present);
      this.#present = present;
    }
    const missing = this.#bitsAt + this.#present.length * this.#rowBytes - this.#kernel.memory.buffer.byteLength;
    if (missing > 0) this.#kernel.memory.grow(Math.ceil(missing / pageBytes));
  }
}

function leastFor(histogram: Uint32Array, most: number): number {
  let found = 0;
  let score = 0xffff;
  for (; score > 1; score--) {
    found += histogram[score] ?? 0;
    if (found >= most) break;
  }
  return score;
}

function above(scores: Uint16Array, least: number): Uint32Array {
  const documents = new Uint32Array(scores.length);
  let count = 0;
  for (let document = 0; document < scores.length; document++) if ((scores[document] as number) >= least) documents[count++] = document;
  return documents.slice(0, count);
}
