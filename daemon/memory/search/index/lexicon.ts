// The postings of a term, wherever they are: in the segments of the database, and of the newest documents in memory.
import type { Database, Statement } from 'better-sqlite3';
import { type Postings, roomFor } from './postings.ts';
import type { Segment, Segments } from './segments.ts';
import type { Young } from './young.ts';

const mostExpansions = 64;
const documentsPerTurn = 65_536;

/** Lives as long as an open database. */
export class Lexicon {
  readonly #segments: Segments;
  readonly #young: Young;
  readonly #phrase: Statement<[string, number, number], number>;

  constructor(database: Database, segments: Segments, young: Young) {
    this.#segments = segments;
    this.#young = young;
    this.#phrase = database.prepare('select rowid from search_text where search_text match ? and rowid >= ? and rowid < ?').pluck() as Statement<[string, number, number], number>;
  }

  /** In how many documents a term is, deleted ones included until they are merged away. */
  count(term: string): number {
    return this.#segments.whole.reduce((sum, segment) => sum + this.#segments.count(segment, term), this.#young.count(term));
  }

  /** Gives way between segments. */
  *read(term: string): Generator<void, Postings> {
    const postings = roomFor(this.count(term));
    for (const segment of this.#segments.whole) {
      this.#segments.read(segment, term, postings);
      yield;
    }
    this.#young.read(term, postings);
    return postings;
  }

  /** The postings of a term in a few documents, given in ascending order. */
  probe(term: string, documents: readonly number[]): Postings {
    const found = roomFor(documents.length);
    let part: { postings: Postings; upTo: number } | undefined;
    const young = roomFor(this.#young.count(term));
    this.#young.read(term, young);
    for (const document of documents) {
      const segment = this.#segments.whole.find(({ first, last }) => document >= first && document <= last);
      if (segment && (!part || document > part.upTo)) part = this.#partAround(segment, term, document);
      const postings = segment ? part?.postings : young;
      const place = postings ? placeOf(postings, document) : -1;
      if (!postings || place < 0) continue;
      found.documents[found.count] = document;
      found.frequencies[found.count++] = postings.frequencies[place] ?? 1;
    }
    return found;
  }

  /** The most frequent terms that begin so. */
  expand(prefix: string): string[] {
    const counts = new Map<string, number>();
    const add = (term: string, count: number): unknown => counts.set(term, (counts.get(term) ?? 0) + count);
    for (const segment of this.#segments.whole) for (const { term, count } of this.#segments.starting(segment, prefix)) add(term, count);
    for (const term of this.#young.starting(prefix)) add(term, this.#young.count(term));
    return [...counts].sort((a, b) => b[1] - a[1]).slice(0, mostExpansions).map(([term]) => term);
  }

  /** Documents in which the words follow one another; FTS5 knows the places of words. */
  *phrase(words: readonly string[], size: number): Generator<void, Postings> {
    const match = `"${words.map((word) => word.replaceAll('"', '""')).join(' ')}"`;
    const documents: number[] = [];
    for (let from = 0; from < size; from += documentsPerTurn) {
      for (const document of this.#phrase.all(match, from, from + documentsPerTurn)) documents.push(document);
      yield;
    }
    return { documents: Uint32Array.from(documents), frequencies: new Uint8Array(documents.length).fill(1), count: documents.length };
  }

  #partAround(segment: Segment, term: string, document: number): { postings: Postings; upTo: number } {
    const postings = this.#segments.around(segment, term, document) ?? roomFor(0);
    // A document after the last of this part may be in the next one.
    return { postings, upTo: postings.documents[postings.count - 1] ?? 0 };
  }
}

/** Where a document stands in postings, or -1. */
export function placeOf({ documents, count }: Postings, document: number): number {
  let [low, high] = [0, count - 1];
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = documents[middle] ?? 0;
    if (found === document) return middle;
    if (found < document) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** Several postings as one: where one document is in many of them, their frequencies are added. */
export function union(lists: readonly Postings[]): Postings {
  const counts = new Map<number, number>();
  for (const { documents, frequencies, count } of lists) {
    for (let i = 0; i < count; i++) {
      const document = documents[i] ?? 0;
      counts.set(document, Math.min(255, (counts.get(document) ?? 0) + (frequencies[i] ?? 1)));
    }
  }
  const documents = Uint32Array.from(counts.keys()).sort();
  return { documents, frequencies: Uint8Array.from(documents, (document) => counts.get(document) ?? 1), count: documents.length };
}
