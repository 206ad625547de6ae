// The inner loops of vector search as a WebAssembly module, written out here as bytes: JavaScript cannot work on 128 bits at once.
// `scan`: each stored vector is its signs, one bit a dimension. For each four dimensions there are sixteen patterns of signs, and
// the query says beforehand what each of them adds to the score; one instruction looks up sixteen vectors at once. The score is,
// but for a factor and a constant, the query's dot product with the signs. (Tables in registers: André, Kermarrec and Le Scouarnec,
// "Cache locality is not enough", VLDB 2015; a query in full against single bits: RaBitQ, Gao and Long, SIGMOD 2024.)
// `dots`: dot products of vectors of one byte a dimension with a query of the same kind, for chosen vectors.

/** So many vectors lie together: byte 0 of each, then byte 1 of each, … */
export const together = 16;
/** The highest that four dimensions can add, so that eight such numbers fit into a byte. */
export const highestEntry = 31;

export interface Kernel {
  /** Reads the numbers of `count` vectors at `chosen`, 4 bytes each, and writes their dot products with the query, which lies at 0, over them. `vectors` is where vector 0 lies. */
  dots(chosen: number, count: number, vectors: number): void;
  memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  /**
   * Reads `groups` of sixteen vectors at `bits` and writes a score of two bytes for each vector at `scores`. The tables lie at 0: for
   * each byte of a vector sixteen bytes for its lower four bits, and sixteen for its upper.
   */
  scan(bits: number, groups: number, scores: number): void;
}

// The types of WebAssembly come with those of the DOM, which the daemon does without.
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: { Module: new (bytes: Uint8Array) => object; Instance: new (module: object) => { exports: unknown } };
};

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
const store = (offset: number): number[] => [...simd(0x0b), 1, ...number(offset)];
const [and, swizzle, splat8, add8, add16, add32] = [
  simd(0x4e),
  simd(0x0e),
  simd(0x0f),
  simd(0x6e),
  simd(0x8e),
  simd(0xae),
];
const [shiftRight16, widenLow, widenHigh] = [simd(0x8d), simd(0x89), simd(0x8a)];
const [multiplyLow, multiplyHigh, widenSigned16] = [simd(0x9c), simd(0x9d), simd(0x7e)];
const zero = [...simd(0x0c), ...new Array<number>(16).fill(0)];
const [add, multiply] = [[0x6a], [0x6c]];
const [store32, load32] = [
  [0x36, 2, 0],
  [0x28, 2, 0],
];

function moduleOf(blocks: number): Uint8Array {
  const scan = sized([1, 5, v128, ...scanCode(blocks)]);
  const dots = sized([2, 1, i32, 2, v128, ...dotsCode(blocks * 8)]);
  return Uint8Array.from([
    0x00,
    0x61,
    0x73,
    0x6d,
    1,
    0,
    0,
    0,
    ...section(1, [1, 0x60, 3, i32, i32, i32, 0]),
    ...section(3, [2, 0, 0]),
    ...section(5, [1, 0, 4]), // four pages to begin with
    ...section(7, [3, ...name('scan'), 0, 0, ...name('dots'), 0, 1, ...name('memory'), 2, 0]),
    ...section(10, [2, ...scan, ...dots]),
  ]);
}

/** For vectors of so many times 16 bytes. */
function scanCode(blocks: number): number[] {
  const [bits, groups, scores, row, sum, lower, upper, mask] = [0, 1, 2, 3, 4, 5, 6, 7];
  const lookUp = (byte: number): number[] => [
    ...get(bits),
    ...load(byte * together),
    ...set(row),
    ...get(sum),
    ...constant(0),
    ...load(byte * 32),
    ...get(row),
    ...get(mask),
    ...and,
    ...swizzle,
    ...add8,
    ...constant(0),
    ...load(byte * 32 + 16),
    ...get(row),
    ...constant(4),
    ...shiftRight16,
    ...get(mask),
    ...and,
    ...swizzle,
    ...add8,
    ...set(sum),
  ];
  const fourBytes = (four: number): number[] => [
    ...zero,
    ...set(sum),
    ...every(4, (byte) => lookUp(4 * four + byte)),
    ...get(lower),
    ...get(sum),
    ...widenLow,
    ...add16,
    ...set(lower),
    ...get(upper),
    ...get(sum),
    ...widenHigh,
    ...add16,
    ...set(upper),
  ];
  return [
    ...constant(0x0f),
    ...splat8,
    ...set(mask),
    ...repeated(groups, [
      ...zero,
      ...set(lower),
      ...zero,
      ...set(upper),
      ...every(blocks * 4, fourBytes),
      ...get(scores),
      ...get(lower),
      ...store(0),
      ...get(scores),
      ...get(upper),
      ...store(16),
      ...advance(bits, blocks * 16 * together),
      ...advance(scores, 2 * together),
    ]),
    0x0b,
  ];
}

/** For vectors of so many times 16 bytes. */
function dotsCode(blocks: number): number[] {
  const [chosen, count, vectors, at, sum, row] = [0, 1, 2, 3, 4, 5];
  const half = (multiplied: number[], index: number): number[] => [
    ...get(sum),
    ...get(row),
    ...constant(0),
    ...load(index * 16),
    ...multiplied,
    ...widenSigned16,
    ...add32,
    ...set(sum),
  ];
  return [
    ...repeated(count, [
      ...get(chosen),
      ...load32,
      ...constant(blocks * 16),
      ...multiply,
      ...get(vectors),
      ...add,
      ...set(at),
      ...zero,
      ...set(sum),
      ...every(blocks, (index) => [
        ...get(at),
        ...load(index * 16),
        ...set(row),
        ...half(multiplyLow, index),
        ...half(multiplyHigh, index),
      ]),
      ...get(chosen),
      ...constant(0),
      ...every(4, (index) => [...get(sum), ...lane(index), ...add]),
      ...store32,
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
