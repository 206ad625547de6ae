// The postings of a term, wherever they are: in the segments of the database, and of the newest documents in memory.
import { Blocks, type MemoryPostings } from './blocks.ts';
import type { Memtable } from './memtable.ts';
import type { Segments } from './segments.ts';

const maxExpansions = 64;
const blocksPerTurn = 256;

/** Lives as long as an open database. */
export class TermDictionary {
  readonly #segments: Segments;
  readonly #memtable: Memtable;

  constructor(segments: Segments, memtable: Memtable) {
    this.#segments = segments;
    this.#memtable = memtable;
  }

  /** Deleted documents are among them until they are merged away. Gives way between segments. */
  *word(term: string, { withPlaces = false } = {}): Generator<void, Blocks> {
    const blocks = new Blocks();
    for (const segment of this.#segments.whole) {
      for (const part of withPlaces ? this.#segments.readWhole(segment, term) : this.#segments.read(segment, term))
        blocks.addPart(part);
      yield;
    }
    blocks.addInMemory(this.#memtable.read(term));
    return blocks;
  }

  /** Documents that have any of the most frequent terms with this beginning; their frequencies are added. `size` is above all documents. */
  *prefix(beginning: string, size: number): Generator<void, Blocks> {
    const frequencies = new Uint8Array(size);
    const terms = yield* this.#expand(beginning);
    for (const segment of this.#segments.whole) {
      const blocks = new Blocks(); // of several terms, which is nothing to what is done with them here
      for (const part of this.#segments.readSome(segment, terms)) blocks.addPart(part);
      for (let block = 0; block < blocks.size; block++) {
        if (block % blocksPerTurn === 0) yield;
        blocks.read(block);
        addAll(blocks, frequencies);
      }
    }
    for (const term of terms) {
      const { documents, frequencies: memtable, count } = this.#memtable.read(term);
      addAll({ documents, frequencies: memtable, held: count }, frequencies);
    }
    return blocksOf(present(frequencies));
  }

  *#expand(prefix: string): Generator<void, string[]> {
    const counts = new Map<string, number>();
    const add = (term: string, count: number): unknown => counts.set(term, (counts.get(term) ?? 0) + count);
    for (const segment of this.#segments.whole) {
      for (const [term, count] of this.#segments.starting(segment, prefix, 2 * maxExpansions)) add(term, count);
      yield;
    }
    for (const { term, count } of this.#memtable.starting(prefix)) add(term, count);
    return [...counts]
      .sort((a, b) => b[1] - a[1])
      .slice(0, maxExpansions)
      .map(([term]) => term);
  }
}

function blocksOf(inMemory: MemoryPostings): Blocks {
  const blocks = new Blocks();
  blocks.addInMemory(inMemory);
  return blocks;
}

function addAll(
  { documents, frequencies, held }: Pick<Blocks, 'documents' | 'frequencies' | 'held'>,
  sums: Uint8Array,
): void {
  for (let i = 0; i < held; i++) {
    const document = documents[i] as number;
    sums[document] = Math.min(255, (sums[document] as number) + (frequencies[i] as number));
  }
}

/** The documents whose frequency is not 0. */
function present(frequencies: Uint8Array): MemoryPostings {
  let count = 0;
  for (let document = 0; document < frequencies.length; document++) if (frequencies[document] !== 0) count++;
  const found = { documents: new Uint32Array(count), frequencies: new Uint8Array(count), count };
  for (let document = 0, at = 0; at < count; document++) {
    if (frequencies[document] === 0) continue;
    found.documents[at] = document;
    found.frequencies[at++] = frequencies[document] as number;
  }
  return found;
}
