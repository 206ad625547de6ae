// The postings of one term as a search reads them: block by block, those that matter.
import {
  afterPlaces,
  blocksOf,
  decodeBlock,
  entriesPerBlock,
  type Postings,
  type PostingsPart,
  placesAt,
  placesStart,
} from './postings.ts';

/** BM25 for one term: `factor * f / (f + base + slope * length)`. */
export interface Formula {
  factor: number;
  base: number;
  slope: number;
  lengths: Uint16Array;
}

export type MemoryPostings = Pick<Postings, 'documents' | 'frequencies' | 'count'> &
  Partial<Pick<Postings, 'places' | 'ends'>>;
const noBytes = new Uint8Array(0);

/** Lives as long as a search. */
export class Blocks {
  /** How many documents. */
  count = 0;
  /** How many blocks. */
  size = 0;
  /** Of each block its documents, from–to; the first is a lower bound. */
  readonly firsts: number[] = [];
  readonly lasts: number[] = [];
  /** The best score in each block, once there is a formula. */
  highest = new Float64Array(0);
  formula: Formula = { factor: 0, base: 0, slope: 0, lengths: new Uint16Array(0) };
  /** The block that was read last. */
  documents: Uint32Array = new Uint32Array(entriesPerBlock);
  frequencies: Uint8Array = new Uint8Array(entriesPerBlock);
  held = 0;
  readonly #ownDocuments = this.documents;
  readonly #ownFrequencies = this.frequencies;
  readonly #bytes: Uint8Array[] = [];
  readonly #layout: number[] = []; // where each block's postings lie in its bytes, the document before them, how many, where its pairs lie, how many
  readonly #places: Uint8Array[] = [];
  readonly #placesFrom: number[] = []; // where each block's places begin
  readonly #inMemory: MemoryPostings[] = [];
  #stored = 0; // blocks of the database
  #isRead = -1;
  #placeIndex = 0; // of the block that was read, up to where its places were passed over
  #placeAt = 0;

  /** Parts come in order; with places only where they are asked for. */
  addPart({ first, count, data, places = noBytes }: Omit<PostingsPart, 'places'> & Partial<PostingsPart>): void {
    for (const { last, at, before, count: entries, pairsAt, pairs, placesFrom } of blocksOf({ count, data })) {
      this.firsts.push(before === 0 ? first : before + 1);
      this.lasts.push(last);
      this.#bytes.push(data);
      this.#layout.push(at, before, entries, pairsAt, pairs);
      this.#places.push(places);
      this.#placesFrom.push(placesFrom);
      this.size++;
    }
    this.#stored = this.size;
    this.count += count;
  }

  /** To be called once, after all parts. */
  addInMemory(postings: MemoryPostings): void {
    const { documents, frequencies, count, places = noBytes, ends } = postings;
    for (let from = 0; from < count; from += entriesPerBlock) {
      const to = Math.min(from + entriesPerBlock, count);
      this.#inMemory.push({
        documents: documents.subarray(from, to),
        frequencies: frequencies.subarray(from, to),
        count: to - from,
      });
      this.firsts.push(documents[from] ?? 0);
      this.lasts.push(documents[to - 1] ?? 0);
      this.#places.push(places);
      this.#placesFrom.push(ends ? placesStart({ ends }, from) : 0);
      this.size++;
    }
    this.count += count;
  }

  /** From here on the best scores are known. */
  weigh(formula: Formula): void {
    this.formula = formula;
    this.highest = new Float64Array(this.size);
    for (let block = 0; block < this.#stored; block++) this.highest[block] = this.#highestStored(block);
    for (const [index, inMemory] of this.#inMemory.entries())
      this.highest[this.#stored + index] = this.#highestOf(inMemory);
  }

  /** Makes `documents`, `frequencies` and `held` those of a block. */
  read(block: number): void {
    if (block === this.#isRead) return;
    this.#isRead = block;
    this.#placeIndex = 0;
    this.#placeAt = this.#placesFrom[block] as number;
    if (block >= this.#stored) {
      const { documents, frequencies, count } = this.#inMemory[block - this.#stored] as MemoryPostings;
      this.documents = documents;
      this.frequencies = frequencies;
      this.held = count;
      return;
    }
    const at = block * 5;
    this.documents = this.#ownDocuments;
    this.frequencies = this.#ownFrequencies;
    this.held = this.#layout[at + 2] as number;
    decodeBlock(
      this.#bytes[block] as Uint8Array,
      { at: this.#layout[at] as number, before: this.#layout[at + 1] as number, count: this.held },
      this.documents,
      this.frequencies,
    );
  }

  /** The places of a document of the block that was read, by its index there, into an array; returns how many. */
  placesOf(index: number, into: number[]): number {
    const bytes = this.#places[this.#isRead] as Uint8Array;
    if (index < this.#placeIndex) [this.#placeIndex, this.#placeAt] = [0, this.#placesFrom[this.#isRead] as number];
    for (; this.#placeIndex < index; this.#placeIndex++) this.#placeAt = afterPlaces(bytes, this.#placeAt);
    return placesAt(bytes, this.#placeAt, into);
  }

  #highestStored(block: number): number {
    const bytes = this.#bytes[block] as Uint8Array;
    const { factor, base, slope } = this.formula;
    let highest = 0;
    for (
      let at = this.#layout[block * 5 + 3] as number, left = this.#layout[block * 5 + 4] as number;
      left > 0;
      left--, at += 3
    ) {
      const frequency = bytes[at] as number;
      const length = (bytes[at + 1] as number) | ((bytes[at + 2] as number) << 8);
      highest = Math.max(highest, (factor * frequency) / (frequency + base + slope * length));
    }
    return highest;
  }

  #highestOf({ documents, frequencies, count }: MemoryPostings): number {
    const { factor, base, slope, lengths } = this.formula;
    let highest = 0;
    for (let i = 0; i < count; i++) {
      const frequency = frequencies[i] as number;
      highest = Math.max(
        highest,
        (factor * frequency) / (frequency + base + slope * (lengths[documents[i] as number] as number)),
      );
    }
    return highest;
  }
}
