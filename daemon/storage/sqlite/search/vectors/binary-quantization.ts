// The signs of every vector in memory, by the number of its document, and the scan that finds where to look closer.
import type { DocValues } from '../inverted-index/doc-values.ts';
import { createKernel, highestEntry, type Kernel, together } from './kernel.ts';

const rowsPerTurn = 65_536;
const pageBytes = 65_536;

/** One bit a dimension, lowest first: 1 where the number is above 0. Padded to a multiple of 128 bits. */
export function toBinary(vector: Float32Array): Uint8Array {
  const bits = new Uint8Array(bytesFor(vector.length));
  for (let i = 0; i < vector.length; i++) if ((vector[i] ?? 0) > 0) bits[i >> 3] = (bits[i >> 3] ?? 0) | (1 << (i & 7));
  return bits;
}

export function bytesFor(dimensions: number): number {
  return Math.ceil(dimensions / 128) * 16;
}

/** Lives as long as the model whose vectors it holds is in use. */
export class BinaryVectors {
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
    this.#scoresAt = this.#rowBytes * 32;
    this.#bitsAt = this.#scoresAt + 2 * rowsPerTurn;
  }

  has(document: number): boolean {
    return this.#present[document] === 1;
  }

  set(document: number, bits: Uint8Array): void {
    this.#grow(document + 1);
    const group = document - (document % together);
    const bytes = new Uint8Array(
      this.#kernel.memory.buffer,
      this.#bitsAt + group * this.#rowBytes,
      this.#rowBytes * together,
    );
    for (let i = 0; i < this.#rowBytes; i++) bytes[i * together + (document % together)] = bits[i] ?? 0;
    if (!this.#present[document]) this.count++;
    this.#present[document] = 1;
  }

  /** The documents that come nearest by their signs, at least `most` of them where there are so many; in no order. Gives way between pieces. */
  *nearest(
    query: Float32Array,
    most: number,
    { docValues, visible }: { docValues: DocValues; visible: Uint8Array },
  ): Generator<void, Uint32Array> {
    const tables = this.#tablesOf(query);
    const { groups } = docValues;
    const present = this.#present;
    const size = Math.min(this.#size, docValues.size);
    const scores = new Uint16Array(size); // 0 for what is not to be found
    const histogram = new Uint32Array(this.#rowBytes * 2 * highestEntry + 2);
    for (let from = 0; from < size; from += rowsPerTurn) {
      const count = Math.min(rowsPerTurn, size - from);
      new Uint8Array(this.#kernel.memory.buffer, 0, tables.length).set(tables); // another search may have been here meanwhile
      this.#kernel.scan(this.#bitsAt + from * this.#rowBytes, Math.ceil(count / together), this.#scoresAt);
      const scanned = new Uint16Array(this.#kernel.memory.buffer, this.#scoresAt, count);
      for (let i = 0; i < count; i++) {
        const document = from + i;
        const isFound = present[document] === 1 && visible[groups[document] as number] === 1;
        const score = isFound ? (scanned[i] as number) + 1 : 0;
        scores[document] = score;
        histogram[score] = (histogram[score] as number) + 1;
      }
      yield;
    }
    const { least, found } = thresholdFor(histogram, most);
    return above(scores, least, found);
  }

  /** For each four dimensions and each pattern of their bits, the sum of the query's numbers where the bit is 1, from 0 on. */
  #tablesOf(query: Float32Array): Uint8Array {
    const nibbles = this.#rowBytes * 2;
    const spans = Float64Array.from({ length: nibbles }, (_, nibble) =>
      query.subarray(4 * nibble, 4 * nibble + 4).reduce((sum, value) => sum + Math.abs(value), 0),
    );
    const factor = highestEntry / Math.max(Number.MIN_VALUE, ...spans);
    const tables = new Uint8Array(nibbles * 16);
    for (let nibble = 0; nibble < nibbles; nibble++) {
      for (let pattern = 0; pattern < 16; pattern++) {
        let sum = 0;
        for (let bit = 0; bit < 4; bit++) {
          const value = query[4 * nibble + bit] ?? 0;
          if ((pattern >> bit) & 1 ? value > 0 : value < 0) sum += Math.abs(value); // the sum, less the lowest that there can be
        }
        tables[nibble * 16 + pattern] = Math.round(sum * factor);
      }
    }
    return tables;
  }

  #grow(size: number): void {
    this.#size = Math.max(this.#size, size);
    if (size > this.#present.length) {
      const present = new Uint8Array(Math.max(size, this.#present.length * 2));
      present.set(this.#present);
      this.#present = present;
    }
    const missing =
      this.#bitsAt + (this.#present.length + together) * this.#rowBytes - this.#kernel.memory.buffer.byteLength;
    if (missing > 0) this.#kernel.memory.grow(Math.ceil(missing / pageBytes));
  }
}

/** The score that so many have at least, and how many have it; 0 counts for nothing. */
function thresholdFor(histogram: Uint32Array, most: number): { least: number; found: number } {
  let found = 0;
  let least = histogram.length - 1;
  for (; least > 0; least--) {
    found += histogram[least] ?? 0;
    if (found >= most || least === 1) break;
  }
  return { least, found };
}

function above(scores: Uint16Array, least: number, found: number): Uint32Array {
  const documents = new Uint32Array(found);
  for (let document = 0, count = 0; count < found; document++)
    if ((scores[document] as number) >= least) documents[count++] = document;
  return documents;
}
