// Takes deleted documents out of the postings on the disk, where their words would otherwise stay until their segment is merged. Goes row
// by row in short steps, and writes only the rows that hold such a document.
import type { DocValues } from './doc-values.ts';
import { aliveOf } from './merge.ts';
import { decode, roomFor } from './postings.ts';
import type { Segments } from './segments.ts';

interface ScrubDeps {
  segments: Segments;
  docValues: DocValues;
}

/** Lives until every segment there was at its beginning has been read. */
export class Scrub {
  readonly #deps: ScrubDeps;
  readonly #left: number[];
  #place = { term: '', first: -1 };

  constructor(deps: ScrubDeps) {
    this.#deps = deps;
    this.#left = deps.segments.whole.map(({ id }) => id);
  }

  /** Works until the time is over; to be called in a transaction. Returns whether it is done. */
  step(isOver: () => boolean): boolean {
    do {
      const [segment] = this.#left;
      if (segment === undefined) return true;
      if (this.#readSome(segment)) continue;
      this.#left.shift();
      this.#place = { term: '', first: -1 };
    } while (!isOver());
    return false;
  }

  /** Returns whether the segment has more. */
  #readSome(segment: number): boolean {
    const { segments, docValues } = this.#deps;
    const rows = segments.after(segment, this.#place);
    for (const row of rows) {
      const { term, first } = row;
      this.#place = { term, first };
      const postings = roomFor(row.count, row.places.length);
      decode(row, postings);
      const alive = aliveOf(postings, docValues);
      if (alive === postings) continue;
      segments.replace(segment, { term, first, alive }, docValues.lengths);
      this.#place = { term, first: Math.max(first, alive.documents[0] ?? 0) };
    }
    return rows.length > 0;
  }
}
