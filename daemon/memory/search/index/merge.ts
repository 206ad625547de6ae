// Writing a segment in short steps: from the newest documents in memory, or out of several older segments.
import type { Directory } from './directory.ts';
import { type Postings, roomFor } from './postings.ts';
import { joined, type Segment, type Segments } from './segments.ts';
import { byBytes, type Young } from './young.ts';

export type Entries = Iterator<readonly [term: string, postings: Postings]>;

/** Lives until its segment is whole. Between steps anything else may happen in the database. */
export class SegmentWriter {
  readonly #segments: Segments;
  readonly #entries: Entries;
  readonly #replaced: readonly number[];
  readonly #id: number;

  constructor(segments: Segments, segment: Omit<Segment, 'id'>, entries: Entries, replaced: readonly number[] = []) {
    this.#segments = segments;
    this.#entries = entries;
    this.#replaced = replaced;
    this.#id = segments.begin(segment);
  }

  /** Writes until the time is over; to be called in a transaction. Returns whether the segment is whole. */
  step(isOver: () => boolean): boolean {
    do {
      const { done, value } = this.#entries.next();
      if (done) {
        this.#segments.finish(this.#id, this.#replaced);
        return true;
      }
      this.#segments.write(this.#id, value[0], value[1]);
    } while (!isOver());
    return false;
  }
}

export function writeYoung(segments: Segments, young: Young): SegmentWriter {
  return new SegmentWriter(segments, { level: 0, first: young.first, last: young.last }, young.entries());
}

/** Leaves out what was deleted meanwhile. */
export function mergeSegments(segments: Segments, sources: readonly Segment[], directory: Directory): SegmentWriter {
  const level = (sources[0]?.level ?? 0) + 1;
  const range = { level, first: sources[0]?.first ?? 0, last: sources.at(-1)?.last ?? 0 };
  return new SegmentWriter(segments, range, mergedEntries(segments, sources, directory), sources.map(({ id }) => id));
}

function* mergedEntries(segments: Segments, sources: readonly Segment[], directory: Directory): Entries & Iterable<readonly [string, Postings]> {
  const readers = sources.map(({ id }) => termsOf(segments, id));
  const heads = readers.map((reader) => reader.next());
  for (;;) {
    const terms = heads.flatMap(({ done, value }) => (done || !value ? [] : [value.term]));
    if (terms.length === 0) return;
    const term = terms.reduce((least, other) => (byBytes(other, least) < 0 ? other : least));
    const lists: Postings[] = [];
    for (const [index, reader] of readers.entries()) {
      const value = heads[index]?.value;
      if (!value || value.term !== term) continue;
      lists.push(value.postings);
      heads[index] = reader.next();
    }
    const alive = concatenated(lists, directory);
    if (alive.count > 0) yield [term, alive];
  }
}

/** A segment's terms in order, read some rows at a time. */
function* termsOf(segments: Segments, segment: number): Generator<{ term: string; postings: Postings }, undefined> {
  let parts: ReturnType<Segments['after']> = [];
  let place = { term: '', first: -1 };
  for (;;) {
    const rows = segments.after(segment, place);
    for (const row of rows) {
      if (parts[0] && parts[0].term !== row.term) {
        yield { term: parts[0].term, postings: joined(parts) };
        parts = [];
      }
      parts.push(row);
    }
    const last = rows.at(-1);
    if (!last) break;
    place = { term: last.term, first: last.first };
  }
  if (parts[0]) yield { term: parts[0].term, postings: joined(parts) };
  return undefined;
}

function concatenated(lists: readonly Postings[], directory: Directory): Postings {
  const all = roomFor(lists.reduce((sum, { count }) => sum + count, 0));
  for (const { documents, frequencies, count } of lists) {
    for (let i = 0; i < count; i++) {
      const document = documents[i] ?? 0;
      if (!directory.has(document)) continue;
      all.documents[all.count] = document;
      all.frequencies[all.count++] = frequencies[i] ?? 1;
    }
  }
  return all;
}
