// The features of a text that the router learns from: hashed words and word pairs, and a few numbers of its shape; not
// the text itself. One pass over the characters without building strings, since this runs before every answer.
import { shapeOf } from './shape.ts';

/** Computed once a request, and stored in its decision record. */
export interface TextFeatures {
  /** Hashes of words, word pairs and endings, below `hashSpace`, ascending, each once. */
  hashes: readonly number[];
  /** How often each of them stands in the text. */
  counts: readonly number[];
  /** The numbers of `shapeNames`, in that order. */
  shape: readonly number[];
}

/** 2^18: some 60,000 distinct features of 14,000 prompts collide in about one case of ten. */
export const hashSpace = 1 << 18;

/** The numbers of a shape are kept to hundredths. */
export const shapeScale = 100;

const maxCharacters = 6000; // the middle of longer texts adds little, and the decision has a time limit
const headShare = 0.75;

export function featuresOf(text: string): TextFeatures {
  const read = excerpt(text);
  const shape = shapeOf(read, text.length).map(rounded);
  const hashes = new HashBuffer(hashesPerCharacter * read.length + bucketsPerNumber * shape.length);
  findHashes(read, hashes);
  findShapeHashes(shape, hashes);
  return { ...countEqual(hashes.sorted()), shape };
}

/** The hashes that a shape alone adds to those of a text's words. */
export function hashesOfShape(shape: readonly number[]): Uint32Array {
  const hashes = new HashBuffer(bucketsPerNumber * shape.length);
  findShapeHashes(shape, hashes);
  return hashes.sorted();
}

/** To hundredths, so that the stored form holds it exactly. */
function rounded(value: number): number {
  return Math.round(Math.max(0, value) * shapeScale) / shapeScale;
}

const hashesPerCharacter = 2; // a word of one character gives its own hash and that of a pair
const bucketsPerNumber = 3;

/** A buffer for the hashes of one text, far quicker than a growing list. */
class HashBuffer {
  readonly #hashes: Uint32Array;
  #count = 0;

  constructor(capacity: number) {
    this.#hashes = new Uint32Array(capacity);
  }

  push(hash: number): void {
    this.#hashes[this.#count++] = toSpace(hash);
  }

  sorted(): Uint32Array {
    return this.#hashes.subarray(0, this.#count).sort();
  }
}

function excerpt(text: string): string {
  if (text.length <= maxCharacters) return text;
  const head = Math.round(maxCharacters * headShare);
  return `${text.slice(0, head)}\n${text.slice(head - maxCharacters)}`;
}

const seeds = { word: 0x811c9dc5, pair: 0x9e3779b9, ending: 0x85ebca6b, shape: 0xc2b2ae35 } as const;
const endingLength = 3;
const shortestWithEnding = 6;

const kinds = { space: 0, letter: 1, digit: 2, symbol: 3 } as const;
const firstLetterBeyondAscii = 0xc0;
/** The kind of each character below that. */
const kindOfCode = Uint8Array.from({ length: firstLetterBeyondAscii }, (_, code) => {
  if (code <= 32 || code === 0xa0) return kinds.space;
  if (/[a-z]/i.test(String.fromCharCode(code))) return kinds.letter;
  return code >= 48 && code <= 57 ? kinds.digit : kinds.symbol;
});

/** A word is a run of letters, or of digits; any other visible character is a word by itself. */
function findHashes(text: string, hashes: HashBuffer): void {
  let previous = 0;
  let start = 0;
  while (start < text.length) {
    const kind = kindAt(text, start);
    if (kind === kinds.space) {
      start++;
      continue;
    }
    let end = start + 1;
    while (kind !== kinds.symbol && end < text.length && kindAt(text, end) === kind) end++;
    const word = hashRange(text, { start, end, seed: seeds.word });
    hashes.push(word);
    if (previous !== 0) hashes.push(Math.imul(previous, seeds.pair) ^ word);
    if (kind === kinds.letter && end - start >= shortestWithEnding)
      hashes.push(hashRange(text, { start: end - endingLength, end, seed: seeds.ending }));
    previous = word;
    start = end;
  }
}

function kindAt(text: string, place: number): number {
  const code = text.charCodeAt(place);
  return code < firstLetterBeyondAscii ? (kindOfCode[code] ?? kinds.symbol) : kinds.letter;
}

/** FNV-1a over the characters in lower case. */
function hashRange(text: string, { start, end, seed }: { start: number; end: number; seed: number }): number {
  let hash = seed;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    hash = Math.imul(hash ^ (code >= 65 && code <= 90 ? code | 32 : code), 0x01000193);
  }
  return hash | 0;
}

/** Mixes the upper bits in (murmur's finaliser), so that neighbours in hash do not collide together. */
function toSpace(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) & (hashSpace - 1);
}

const bucketsPerDoubling = 2;

function findShapeHashes(shape: readonly number[], hashes: HashBuffer): void {
  for (let index = 0; index < shape.length; index++) findBuckets(index, shape[index] ?? 0, hashes);
}

/**
 * A number becomes three words, its bucket and the two beside it, so that a linear model can follow a curve smoothly.
 */
function findBuckets(index: number, value: number, hashes: HashBuffer): void {
  const bucket = Math.round(Math.log2(1 + value) * bucketsPerDoubling);
  for (let near = -1; near <= 1; near++)
    hashes.push(Math.imul(seeds.shape + index, 0x01000193) ^ Math.imul(bucket + near + 7, 0x27d4eb2f));
}

function countEqual(sorted: Uint32Array): { hashes: number[]; counts: number[] } {
  const hashes: number[] = [];
  const counts: number[] = [];
  for (const hash of sorted) {
    const last = hashes.length - 1;
    if (hashes[last] === hash) counts[last] = (counts[last] ?? 0) + 1;
    else {
      hashes.push(hash);
      counts.push(1);
    }
  }
  return { hashes, counts };
}
