// Writing a segment in short steps: from the newest documents in memory, or out of several older segments.
import type { Directory } from './doc-values.ts';
import { byBytes, type Young } from './memtable.ts';
import { append, decode, entriesPerPart, type Part, type Postings, roomFor } from './postings.ts';
import type { Segment, Segments } from './segments.ts';

/** A term may come several times, with one part of its postings after another. */
export type Entries = Iterator<readonly [term: string, postings: Postings]>;

interface Written {
  segments: Segments;
  directory: Directory;
  segment: Omit<Segment, 'id'>;
  entries: Entries;
  replaced?: readonly number[];
}

/** Lives until its segment is whole. Between steps anything else may happen in the database. */
export class SegmentWriter {
  readonly #written: Written;
  readonly #id: number;

  constructor(written: Written) {
    this.#written = written;
    this.#id = written.segments.begin(written.segment);
  }

  /** Writes until the time is over; to be called in a transaction. Returns whether the segment is whole. */
  step(isOver: () => boolean): boolean {
    const { segments, directory, entries, replaced } = this.#written;
    do {
      const { done, value } = entries.next();
      if (done) {
        segments.finish(this.#id, replaced);
        return true;
      }
      segments.write(this.#id, value, directory.lengths);
    } while (!isOver());
    return false;
  }
}

export function writeYoung(segments: Segments, young: Young, directory: Directory): SegmentWriter {
  return new SegmentWriter({
    segments,
    directory,
    segment: { level: 0, first: young.first, last: young.last },
    entries: young.entries(),
  });
}

/** Leaves out what was deleted meanwhile. */
export function mergeSegments(segments: Segments, sources: readonly Segment[], directory: Directory): SegmentWriter {
  const level = (sources[0]?.level ?? 0) + 1;
  const segment = { level, first: sources[0]?.first ?? 0, last: sources.at(-1)?.last ?? 0 };
  return new SegmentWriter({
    segments,
    directory,
    segment,
    entries: mergedEntries(segments, sources, directory),
    replaced: sources.map(({ id }) => id),
  });
}

function* mergedEntries(
  segments: Segments,
  sources: readonly Segment[],
  directory: Directory,
): Entries & Iterable<readonly [string, Postings]> {
  const readers = sources.map(({ id }) => partsOf(segments, id));
  const heads = readers.map((reader) => reader.next().value);
  for (;;) {
    const term = lowestOf(heads);
    if (term === undefined) return;
    let pending = roomFor(0, 0);
    for (const [index, reader] of readers.entries()) {
      for (let head = heads[index]; head?.term === term; head = heads[index]) {
        heads[index] = reader.next().value;
        pending = withAlive(pending, head, directory);
        if (pending.count < entriesPerPart) continue;
        yield [term, slice(pending, 0, entriesPerPart)];
        pending = slice(pending, entriesPerPart, pending.count);
      }
    }
    if (pending.count > 0) yield [term, pending];
  }
}

function lowestOf(heads: readonly ({ term: string } | undefined)[]): string | undefined {
  let least: string | undefined;
  for (const head of heads) if (head && (least === undefined || byBytes(head.term, least) < 0)) least = head.term;
  return least;
}

/** A segment's parts in order, read some rows at a time. */
function* partsOf(segments: Segments, segment: number): Generator<Part & { term: string }, undefined> {
  let place = { term: '', first: -1 };
  for (;;) {
    const rows = segments.after(segment, place);
    yield* rows;
    const last = rows.at(-1);
    if (!last) return undefined;
    place = { term: last.term, first: last.first };
  }
}

/** What waits to be written, and what of a part is not deleted. */
function withAlive(pending: Postings, part: Part, directory: Directory): Postings {
  const read = roomFor(part.count, part.places.length);
  decode(part, read);
  if (pending.count === 0 && read.documents.every((document) => directory.has(document))) return read;
  const all = roomFor(pending.count + read.count, (pending.ends[pending.count - 1] ?? 0) + part.places.length);
  for (let i = 0; i < pending.count; i++) append(pending, i, all);
  for (let i = 0; i < read.count; i++) if (directory.has(read.documents[i] ?? 0)) append(read, i, all);
  return all;
}

function slice(postings: Postings, from: number, to: number): Postings {
  const some = roomFor(to - from, postings.places.length);
  for (let i = from; i < to; i++) append(postings, i, some);
  return some;
}
