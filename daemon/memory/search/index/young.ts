// Postings of the newest documents, in memory. They are not stored: after a restart they are made again from the documents that
// no segment holds.
import type { Terms } from '../text/tokens.ts';
import { type Postings, roomFor } from './postings.ts';

/** Lives as long as an open database; emptied each time a segment was written from it. */
export class Young {
  readonly #terms = new Map<string, number[]>(); // document, frequency, document, frequency, …
  documents = 0;
  first = 0;
  last = 0;

  /** Documents come in the order of their numbers. */
  add(document: number, { words, extra }: Terms): void {
    for (const list of [words, extra]) {
      for (const term of list) this.#count(document, term);
    }
    if (this.documents++ === 0) this.first = document;
    this.last = document;
  }

  count(term: string): number {
    return (this.#terms.get(term)?.length ?? 0) / 2;
  }

  read(term: string, into: Postings): void {
    const pairs = this.#terms.get(term) ?? [];
    for (let i = 0; i < pairs.length; i += 2) {
      into.documents[into.count] = pairs[i] ?? 0;
      into.frequencies[into.count++] = pairs[i + 1] ?? 1;
    }
  }

  /** Terms with this beginning, the most frequent first. */
  starting(prefix: string): string[] {
    return [...this.#terms.keys()].filter((term) => term.startsWith(prefix));
  }

  /** Every term in the database's order, with its postings. */
  *entries(): Generator<readonly [term: string, postings: Postings]> {
    for (const term of [...this.#terms.keys()].sort(byBytes)) {
      const postings = roomFor(this.count(term));
      this.read(term, postings);
      yield [term, postings];
    }
  }

  clear(): void {
    this.#terms.clear();
    this.documents = 0;
  }

  #count(document: number, term: string): void {
    const pairs = this.#terms.get(term);
    if (!pairs) return void this.#terms.set(term, [document, 1]);
    const last = pairs.length - 2;
    if (pairs[last] === document) pairs[last + 1] = Math.min((pairs[last + 1] ?? 0) + 1, 255);
    else pairs.push(document, 1);
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
