// Vectors of two bits a dimension, in memory where there are too many for one byte each: its sign, and whether it is large. They sort
// the many that the signs let through, so that few have to be read from the database. Small and large stand for the numbers that
// are nearest to those of a normal distribution (Max, "Quantizing for minimum distortion", 1960); what a score comes to is divided
// by how well the vector's own bits tell it (as in RaBitQ, Gao and Long, SIGMOD 2024).
import { type RankedDocument, Top } from '../rank/top.ts';
import { bytesFor } from './binary-quantization.ts';

const border = 0.9816; // standard deviations
const small = 0.4528;
const large = 1.51;
const maxBytes = 128 * 1024 * 1024; // 1,300,000 vectors of 384 dimensions
const rowsPerPiece = 16_384;
const patterns = 256; // of four signs and four sizes

/** One bit a dimension, lowest first: 1 where the number is large; padded to a multiple of 128 bits. A float32 follows: the vector's dot product with its own bits. */
export function toTwoBit(vector: Float32Array): Uint8Array {
  const room = bytesFor(vector.length);
  const sizes = new Uint8Array(room + 4);
  let squares = 0;
  for (let i = 0; i < vector.length; i++) squares += (vector[i] as number) ** 2;
  const deviation = Math.sqrt(squares / vector.length);
  let product = 0;
  for (let i = 0; i < vector.length; i++) {
    const size = Math.abs(vector[i] as number);
    const isLarge = size > border * deviation;
    if (isLarge) sizes[i >> 3] = (sizes[i >> 3] ?? 0) | (1 << (i & 7));
    product += size * (isLarge ? large : small);
  }
  new DataView(sizes.buffer).setFloat32(room, product, true);
  return sizes;
}

/** Lives as long as the model whose vectors it holds is in use, and they fit. */
export class TwoBitVectors {
  readonly #dimensions: number;
  readonly #rowBytes: number;
  readonly #rows: Uint8Array[] = []; // in pieces, since a large array that grows is copied for longer than a step may take
  readonly #products: Float32Array[] = [];

  constructor(dimensions: number) {
    this.#dimensions = dimensions;
    this.#rowBytes = bytesFor(dimensions) * 2;
  }

  /** Whether there is room for documents up to this number. */
  hasRoomFor(document: number): boolean {
    return (document + 1) * this.#rowBytes <= maxBytes;
  }

  set(document: number, signs: Uint8Array, sizes: Uint8Array): void {
    const piece = Math.floor(document / rowsPerPiece);
    const rows = this.#rows[piece] ?? new Uint8Array(rowsPerPiece * this.#rowBytes);
    const products = this.#products[piece] ?? new Float32Array(rowsPerPiece).fill(1);
    this.#rows[piece] = rows;
    this.#products[piece] = products;
    const at = (document % rowsPerPiece) * this.#rowBytes;
    const half = this.#rowBytes / 2;
    for (let i = 0; i < half; i++) {
      const sign = signs[i] as number;
      const size = sizes[i] as number;
      rows[at + 2 * i] = (sign & 15) | ((size & 15) << 4);
      rows[at + 2 * i + 1] = (sign >> 4) | (size & 0xf0);
    }
    products[document % rowsPerPiece] = new DataView(sizes.buffer, sizes.byteOffset).getFloat32(half, true);
  }

  /** The most similar of these documents, in order. */
  nearest(query: Float32Array, documents: Uint32Array, most: number): RankedDocument[] {
    const table = this.#tableOf(query);
    const stride = this.#rowBytes;
    const rowBytes = Math.ceil(this.#dimensions / 4);
    const top = new Top(most);
    let least = top.least;
    for (let place = 0; place < documents.length; place++) {
      const document = documents[place] as number;
      const rows = this.#rows[Math.floor(document / rowsPerPiece)];
      if (!rows) continue;
      const own = document % rowsPerPiece;
      let sum = 0;
      for (let at = own * stride, end = at + rowBytes, row = 0; at < end; at++, row += patterns)
        sum += table[row + (rows[at] as number)] as number;
      const score = sum / (this.#products[Math.floor(document / rowsPerPiece)]?.[own] ?? 1);
      if (score < least) continue;
      top.offer(document, score);
      least = top.least;
    }
    return top.ranked();
  }

  /** For each four dimensions and each pattern of their bits what they add. */
  #tableOf(query: Float32Array): Float32Array {
    const table = new Float32Array(this.#rowBytes * patterns);
    for (let at = 0; at < table.length; at++) {
      const [four, pattern] = [Math.floor(at / patterns), at % patterns];
      let sum = 0;
      for (let bit = 0; bit < 4; bit++) {
        const value = (query[4 * four + bit] ?? 0) * ((pattern >> (bit + 4)) & 1 ? large : small);
        sum += (pattern >> bit) & 1 ? value : -value;
      }
      table[at] = sum;
    }
    return table;
  }
}
