// Checks the list of tensors in a GGUF header: that each is of a known type and lies in the file, one after the other.
import { type ByteReader, MalformedFile } from './bytes.ts';

const defaultAlignment = 32;
/** Native code ends the process where weights begin at an address of less. */
const smallestAlignment = 32;
const largestAlignment = 1024 * 1024;
const maxNameBytes = 63;
const maxDimensions = 4;
const maxElements = 2n ** 62n;

/** Reads to the end of the header; the tensors' names. Throws Malformed. */
export async function checkTensors(
  reader: ByteReader,
  count: number,
  alignment: unknown = defaultAlignment,
): Promise<Set<string>> {
  const isAligned = typeof alignment === 'number' && isPowerOfTwo(alignment);
  if (!isAligned || alignment < smallestAlignment || alignment > largestAlignment)
    throw new MalformedFile(`its alignment is ${String(alignment)}`);
  const names = new Set<string>();
  let expectedOffset = 0n;
  let dataBytes = 0n;
  for (let i = 0; i < count; i++) {
    const name = await reader.string(maxNameBytes);
    if (names.has(name)) throw new MalformedFile(`the tensor ${name} occurs twice`);
    names.add(name);
    const sizeBytes = await readSize(reader, name);
    const offset = (await reader.bytes(8)).readBigUInt64LE();
    if (offset !== expectedOffset)
      throw new MalformedFile(`the tensor ${name} doesn't start where the previous one ends`);
    dataBytes = offset + sizeBytes;
    expectedOffset = roundUp(dataBytes, BigInt(alignment));
  }
  const end = roundUp(BigInt(reader.position), BigInt(alignment)) + dataBytes;
  if (count > 0 && end > BigInt(reader.sizeBytes))
    throw new MalformedFile('it is truncated before its last tensor ends');
  return names;
}

async function readSize(reader: ByteReader, name: string): Promise<bigint> {
  const dimensions = await reader.uint32();
  if (dimensions < 1 || dimensions > maxDimensions)
    throw new MalformedFile(`the tensor ${name} has ${dimensions} dimensions`);
  let row = 1n;
  let elements = 1n;
  for (let i = 0; i < dimensions; i++) {
    const size = (await reader.bytes(8)).readBigUInt64LE();
    elements *= size; // none at all is sound
    if (i === 0) row = size;
    if (size >= maxElements || elements >= maxElements)
      throw new MalformedFile(`the tensor ${name} has too many elements`);
  }
  const layout = blocks[await reader.uint32()];
  if (layout === undefined) throw new MalformedFile(`the tensor ${name} has an unknown type`);
  const [blockElements, blockBytes] = layout;
  if (row % BigInt(blockElements) !== 0n) throw new MalformedFile(`the rows of the tensor ${name} aren't whole blocks`);
  return (elements / BigInt(blockElements)) * BigInt(blockBytes);
}

/** Elements and bytes of a block, by ggml type (ggml/src/ggml-common.h). Numbers that are missing are types that ggml dropped. */
const blocks: Readonly<Record<number, readonly [elements: number, bytes: number]>> = {
  0: [1, 4],
  1: [1, 2],
  2: [32, 18],
  3: [32, 20],
  6: [32, 22],
  7: [32, 24],
  8: [32, 34],
  9: [32, 36],
  10: [256, 84],
  11: [256, 110],
  12: [256, 144],
  13: [256, 176],
  14: [256, 210],
  15: [256, 292],
  16: [256, 66],
  17: [256, 74],
  18: [256, 98],
  19: [256, 50],
  20: [32, 18],
  21: [256, 110],
  22: [256, 82],
  23: [256, 136],
  24: [1, 1],
  25: [1, 2],
  26: [1, 4],
  27: [1, 8],
  28: [1, 8],
  29: [256, 56],
  30: [1, 2],
  34: [256, 54],
  35: [256, 66],
  39: [32, 17],
  40: [64, 36],
  41: [128, 18],
  42: [64, 18],
};

function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(value) && value > 0 && (value & (value - 1)) === 0;
}

function roundUp(value: bigint, to: bigint): bigint {
  return ((value + to - 1n) / to) * to;
}
