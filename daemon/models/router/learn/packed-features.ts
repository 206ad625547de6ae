// The stored form of a text's features, a seventh of their JSON: variable-length numbers in base64. The hashes that the shape gives are
// left out, since they follow from it.
import { hashesOfShape, shapeScale, type TextFeatures } from './features.ts';

export function packFeatures({ hashes, counts, shape }: TextFeatures): string {
  const ofShape = hashesOfShape(shape); // ascending, as the others are
  let taken = 0;
  const bytes: number[] = [];
  pushNumber(bytes, shape.length);
  for (const value of shape) pushNumber(bytes, Math.round(value * shapeScale));
  let previous = -1; // so that no step is 0, which ends the list
  for (const [index, hash] of hashes.entries()) {
    let count = counts[index] ?? 1;
    for (; ofShape[taken] === hash; taken++) count--;
    if (count <= 0) continue;
    pushNumber(bytes, 2 * (hash - previous) + Number(count > 1)); // an odd number says that a count follows
    if (count > 1) pushNumber(bytes, count);
    previous = hash;
  }
  return Buffer.from(bytes).toString('base64');
}

export function unpackFeatures(packed: string): TextFeatures {
  const bytes = Buffer.from(packed, 'base64');
  const numbers = numbersOf(bytes);
  const next = (): number => numbers.next().value ?? 0;
  const shape = Array.from({ length: Math.min(next(), bytes.length) }, () => next() / shapeScale);
  const counts = new Map<number, number>();
  const add = (hash: number, count: number): unknown => counts.set(hash, (counts.get(hash) ?? 0) + count);
  for (const hash of hashesOfShape(shape)) add(hash, 1);
  let hash = -1;
  for (let number = next(); number > 0; number = next()) {
    hash += Math.floor(number / 2);
    add(hash, number % 2 === 0 ? 1 : next());
  }
  const hashes = [...counts.keys()].sort((a, b) => a - b);
  return { hashes, counts: hashes.map((each) => counts.get(each) ?? 0), shape };
}

const base = 128;

/** Seven bits a byte, the lowest first; a byte of 128 or more says that another follows. */
function pushNumber(bytes: number[], number: number): void {
  let rest = number;
  for (; rest >= base; rest = Math.floor(rest / base)) bytes.push((rest % base) + base);
  bytes.push(rest);
}

function* numbersOf(bytes: Buffer): Generator<number, undefined> {
  let number = 0;
  let unit = 1;
  for (const byte of bytes) {
    number += (byte % base) * unit;
    unit *= base;
    if (byte >= base) continue;
    yield number;
    number = 0;
    unit = 1;
  }
}
