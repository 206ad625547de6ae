// The inner loops of vector search as a WebAssembly module, written out here as bytes: JavaScript cannot work on 128 bits at once.
// `scan`: each stored vector is its signs, one bit a dimension; the query has four bits a dimension, as four planes of bits.
// The score is the sum over dimensions of (2u - 15)(sign as 0 or 1), u being the query's four bits: up to a factor and a constant,
// the query's dot product with the signs. (After RaBitQ: Gao and Long, SIGMOD 2024, without its rotation and its factors.)
// `dots`: dot products of vectors of one byte a dimension with a query of the same kind, for chosen vectors.

export const planes = 4;
export const bias = 0x8000; // makes every score positive, to fit an unsigned 16-bit number

export interface Kernel {
  /** Reads the numbers of `count` vectors at `chosen`, 4 bytes each, and writes their dot products with the query, which lies at 0, over them. `vectors` is where vector 0 lies. */
  dots(chosen: number, count: number, vectors: number): void;
  memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  /** Reads `count` vectors at `bits` and writes a score of two bytes for each at `scores`; the planes lie at 0, by 16 bytes of a vector, then by plane. */
  scan(bits: number, count: number, scores: number): void;
}

// The types of WebAssembly come with those of the DOM, which the daemon does without.
const { WebAssembly } = globalThis as unknown as { WebAssembly: { Module: new (bytes: Uint8Array) => object; Instance: new (module: object) => { exports: unknown } } };

/** For vectors of so many times 128 dimensions. */
export function createKernel(blocks: number): Kernel {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(moduleOf(blocks)));
  return exports as Kernel;
}

const i32 = 0x7f;
const v128 = 0x7b;

// The few instructions that are needed, by their codes in the specification of WebAssembly 2.0.
const get = (local: number): number[] => [0x20, ...number(local)];
const set = (local: number): number[] => [0x21, ...number(local)];
const constant = (value: number): number[] => [0x41, ...signed(value)];
const simd = (code: number): number[] => [0xfd, ...number(code)];
const load = (offset: number): number[] => [...simd(0x00), 4, ...number(offset)]; // aligned to 16 bytes
const lane = (index: number): number[] => [...simd(0x1b), index];
const [and, popcnt, shift8, add8, widen8, add16] = [simd(0x4e), simd(0x62), simd(0x6b), simd(0x6e), simd(0x7d), simd(0x8e)];
const [widen16, shift32, sub32, add32] = [simd(0x7f), simd(0xab), simd(0xb1), simd(0xae)];
const [multiplyLow, multiplyHigh, widenSigned16] = [simd(0x9c), simd(0x9d), simd(0x7e)];
const zero = [...simd(0x0c), ...new Array<number>(16).fill(0)];
const [add, multiply] = [[0x6a], [0x6c]];
const [store16, store32, load32] = [[0x3b, 1, 0], [0x36, 2, 0], [0x28, 2, 0]];

function moduleOf(blocks: number): Uint8Array {
  const scan = sized([1, ...number(blocks * planes + 4), v128, ...scanCode(blocks)]);
  const dots = sized([2, 1, i32, 2, v128, ...dotsCode(blocks * 8)]);
  return Uint8Array.from([
    0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, [1, 0x60, 3, i32, i32, i32, 0]),
    ...section(3, [2, 0, 0]),
    ...section(5, [1, 0, 4]), // four pages to begin with
    ...section(7, [3, ...name('scan'), 0, 0, ...name('dots'), 0, 1, ...name('memory'), 2, 0]),
    ...section(10, [2, ...scan, ...dots]),
  ]);
}

function scanCode(blocks: number): number[] {
  const [bits, count, scores, firstPlane] = [0, 1, 2, 3];
  const [row, counted, sum, ones] = [0, 1, 2, 3].map((place) => firstPlane + blocks * planes + place) as [number, number, number, number];
  const planeOf = (block: number, plane: number): number => firstPlane + block * planes + plane;
  const weighted = (block: number, plane: number): number[] => [...get(row), ...get(planeOf(block, plane)), ...and, ...popcnt, ...constant(plane), ...shift8];
  const block = (index: number): number[] => [
    ...get(bits), ...load(index * 16), ...set(row),
    ...every(planes, (plane) => [...weighted(index, plane), ...(plane > 0 ? add8 : [])]), ...set(counted), // at most 8 * 15 in a byte
    ...get(sum), ...get(counted), ...widen8, ...add16, ...set(sum),
    ...get(ones), ...get(row), ...popcnt, ...widen8, ...add16, ...set(ones),
  ];
  const wideOnes = [...get(ones), ...widen16];
  const total = [...get(sum), ...widen16, ...constant(1), ...shift32, ...wideOnes, ...constant(4), ...shift32, ...wideOnes, ...sub32, ...sub32, ...set(sum)];
  return [
    ...every(blocks, (index) => every(planes, (plane) => [...constant(0), ...load((index * planes + plane) * 16), ...set(planeOf(index, plane))])),
    ...repeated(count, [
      ...zero, ...set(sum), ...zero, ...set(ones),
      ...every(blocks, block),
      ...total,
      ...get(scores), ...constant(bias), ...every(4, (index) => [...get(sum), ...lane(index), ...add]), ...store16,
      ...advance(bits, blocks * 16), ...advance(scores, 2),
    ]),
    0x0b,
  ];
}

/** For vectors of so many times 16 bytes. */
function dotsCode(blocks: number): number[] {
  const [chosen, count, vectors, at, sum, row] = [0, 1, 2, 3, 4, 5];
  const half = (multiplied: number[], index: number): number[] => [...get(sum), ...get(row), ...constant(0), ...load(index * 16), ...multiplied, ...widenSigned16, ...add32, ...set(sum)];
  return [
    ...repeated(count, [
      ...get(chosen), ...load32, ...constant(blocks * 16), ...multiply, ...get(vectors), ...add, ...set(at),
      ...zero, ...set(sum),
      ...every(blocks, (index) => [...get(at), ...load(index * 16), ...set(row), ...half(multiplyLow, index), ...half(multiplyHigh, index)]),
      ...get(chosen), ...constant(0), ...every(4, (index) => [...get(sum), ...lane(index), ...add]), ...store32,
      ...advance(chosen, 4),
    ]),
    0x0b,
  ];
}

/** A loop that counts a local down to 0. */
function repeated(count: number, body: number[]): number[] {
  return [0x02, 0x40, 0x03, 0x40, ...get(count), 0x45, 0x0d, 1, ...body, ...advance(count, -1), 0x0c, 0, 0x0b, 0x0b];
}

function advance(local: number, by: number): number[] {
  return [...get(local), ...constant(by), ...add, ...set(local)];
}

function every(length: number, make: (index: number) => number[]): number[] {
  return Array.from({ length }, (_, index) => make(index)).flat();
}

function section(id: number, content: number[]): number[] {
  return [id, ...sized(content)];
}

function sized(content: number[]): number[] {
  return [...number(content.length), ...content];
}

function name(text: string): number[] {
  return sized([...Buffer.from(text)]);
}

/** LEB128. */
function number(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...number(value >>> 7)];
}

function signed(value: number): number[] {
  const rest = value >> 7;
  const isLast = (rest === 0 && (value & 0x40) === 0) || (rest === -1 && (value & 0x40) !== 0);
  return isLast ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(rest)];
}
