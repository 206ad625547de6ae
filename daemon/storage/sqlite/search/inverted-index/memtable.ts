// Postings of the newest documents, in memory. They are not stored: after a restart they are made again from the documents that
// no segment holds.
import type { Terms } from '../text/tokens.ts';
import { followed, type Postings, pushPlace, roomFor } from './postings.ts';

interface TermEntries {
  /** Document, frequency, document, frequency, … */
  pairs: number[];
  places: number[];
  /** Where the places of each document end. */
  ends: number[];
  /** The newest place, and where it lies. */
  place: number;
  placeAt: number;
}

const sortedAtOnce = 1000;

/** Lives as long as an open database; emptied each time a segment was written from it. */
export class Memtable {
  readonly #terms = new Map<string, TermEntries>();
  documents = 0;
  /** Of all documents together. */
  words = 0;
  first = 0;
  last = 0;

  /** Documents come in the order of their numbers. */
  add(document: number, { words, extra }: Terms): void {
    for (let place = 0; place < words.length; place++) this.#count(document, words[place] as string, place);
    for (const term of extra) this.#count(document, term);
    if (this.documents++ === 0) this.first = document;
    this.last = document;
    this.words += words.length + extra.length;
  }

  read(term: string): Postings {
    const { pairs, places, ends } = this.#terms.get(term) ?? { pairs: [], places: [], ends: [] };
    const postings = roomFor(pairs.length / 2, 0);
    for (let i = 0; i < pairs.length; i += 2) {
      postings.documents[postings.count] = pairs[i] ?? 0;
      postings.frequencies[postings.count] = pairs[i + 1] ?? 1;
      postings.ends[postings.count++] = ends[i / 2] ?? 0;
    }
    postings.places = Uint8Array.from(places);
    return postings;
  }

  /** Terms with this beginning, and in how many documents each is. */
  starting(prefix: string): { term: string; count: number }[] {
    return [...this.#terms].flatMap(([term, { pairs }]) =>
      term.startsWith(prefix) ? [{ term, count: pairs.length / 2 }] : [],
    );
  }

  /** Every term with its postings, about in the database's order, in which rows are added fastest. */
  *entries(): Generator<readonly [term: string, postings: Postings]> {
    for (const term of inOrder([...this.#terms.keys()])) yield [term, this.read(term)];
  }

  clear(): void {
    this.#terms.clear();
    this.documents = 0;
    this.words = 0;
  }

  #count(document: number, term: string, place?: number): void {
    const entries = this.#terms.get(term) ?? { pairs: [], places: [], ends: [], place: -1, placeAt: 0 };
    if (entries.pairs.length === 0) this.#terms.set(term, entries);
    const { pairs, places, ends } = entries;
    const last = pairs.length - 2;
    const isKnown = pairs[last] === document;
    if (isKnown) pairs[last + 1] = Math.min((pairs[last + 1] ?? 0) + 1, 255);
    else pairs.push(document, 1);
    if (place !== undefined) {
      if (isKnown) followed(places, entries.placeAt);
      entries.placeAt = pushPlace(places, place - (isKnown ? entries.place : -1));
      entries.place = place;
    } else if (!isKnown) pushPlace(places, 0);
    ends[pairs.length / 2 - 1] = places.length;
  }
}

/** Sorts bit by bit, since all at once would take longer than a step: by the characters at one place, then each group by the next. */
function* inOrder(terms: string[], place = 0): Generator<string> {
  if (terms.length <= sortedAtOnce) return yield* terms.sort();
  const groups = Map.groupBy(terms, (term) => term.charCodeAt(place) || 0);
  for (const character of [...groups.keys()].sort((a, b) => a - b)) {
    const group = groups.get(character) ?? [];
    if (character === 0) yield* group.sort();
    else yield* inOrder(group, place + 1);
  }
}

/** SQLite compares texts by their UTF-8, which orders as code points do and UTF-16 does not. */
export function byBytes(a: string, b: string): number {
  if (a === b) return 0;
  return isAscii(a) && isAscii(b) ? (a < b ? -1 : 1) : Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
