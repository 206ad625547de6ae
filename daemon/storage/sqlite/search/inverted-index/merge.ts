// Writing a segment in short steps: from the newest documents in memory, or out of several older segments.
import type { DocValues } from './doc-values.ts';
import { byBytes, type Memtable } from './memtable.ts';
import { append, decode, entriesPerPart, type Postings, type PostingsPart, roomFor } from './postings.ts';
import type { Segment, Segments } from './segments.ts';

/** A term may come several times, with one part of its postings after another. */
type TermPostings = Iterator<readonly [term: string, postings: Postings]>;

interface SegmentDeps {
  segments: Segments;
  docValues: DocValues;
  segment: Omit<Segment, 'id'>;
  entries: TermPostings;
  replaced?: readonly number[];
}

/** Lives until its segment is whole. Between steps anything else may happen in the database. */
export class SegmentWriter {
  readonly #deps: SegmentDeps;
  readonly #id: number;

  constructor(deps: SegmentDeps) {
    this.#deps = deps;
    this.#id = deps.segments.begin(deps.segment);
  }

  /** Writes until the time is over; to be called in a transaction. Returns whether the segment is whole. */
  step(isOver: () => boolean): boolean {
    const { segments, docValues, entries, replaced } = this.#deps;
    do {
      const { done, value } = entries.next();
      if (done) {
        segments.finish(this.#id, replaced);
        return true;
      }
      segments.write(this.#id, value, docValues.lengths);
    } while (!isOver());
    return false;
  }
}

export function writeMemtable(segments: Segments, memtable: Memtable, docValues: DocValues): SegmentWriter {
  return new SegmentWriter({
    segments,
    docValues,
    segment: { level: 0, first: memtable.first, last: memtable.last },
    entries: aliveEntries(memtable, docValues),
  });
}

/** Leaves out what was deleted since it came into memory. */
function* aliveEntries(memtable: Memtable, docValues: DocValues): TermPostings & Iterable<readonly [string, Postings]> {
  for (const [term, postings] of memtable.entries()) {
    const alive = aliveOf(postings, docValues);
    if (alive.count > 0) yield [term, alive];
  }
}

/** Postings without the documents that are deleted; the same ones where none is. */
export function aliveOf(postings: Postings, docValues: DocValues): Postings {
  if (postings.documents.every((document) => docValues.has(document))) return postings;
  const alive = roomFor(postings.count, postings.places.length);
  for (let i = 0; i < postings.count; i++) if (docValues.has(postings.documents[i] ?? 0)) append(postings, i, alive);
  return alive;
}

/** Leaves out what was deleted meanwhile. */
export function mergeSegments(segments: Segments, sources: readonly Segment[], docValues: DocValues): SegmentWriter {
  const level = (sources[0]?.level ?? 0) + 1;
  const segment = { level, first: sources[0]?.first ?? 0, last: sources.at(-1)?.last ?? 0 };
  return new SegmentWriter({
    segments,
    docValues,
    segment,
    entries: mergedEntries(segments, sources, docValues),
    replaced: sources.map(({ id }) => id),
  });
}

function* mergedEntries(
  segments: Segments,
  sources: readonly Segment[],
  docValues: DocValues,
): TermPostings & Iterable<readonly [string, Postings]> {
  const readers = sources.map(({ id }) => partsOf(segments, id));
  const heads = readers.map((reader) => reader.next().value);
  for (;;) {
    const term = lowestOf(heads);
    if (term === undefined) return;
    let pending = roomFor(0, 0);
    for (const [index, reader] of readers.entries()) {
      for (let head = heads[index]; head?.term === term; head = heads[index]) {
        heads[index] = reader.next().value;
        pending = withAlive(pending, head, docValues);
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
function* partsOf(segments: Segments, segment: number): Generator<PostingsPart & { term: string }, undefined> {
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
function withAlive(pending: Postings, part: PostingsPart, docValues: DocValues): Postings {
  const read = roomFor(part.count, part.places.length);
  decode(part, read);
  if (pending.count === 0 && read.documents.every((document) => docValues.has(document))) return read;
  const all = roomFor(pending.count + read.count, (pending.ends[pending.count - 1] ?? 0) + part.places.length);
  for (let i = 0; i < pending.count; i++) append(pending, i, all);
  for (let i = 0; i < read.count; i++) if (docValues.has(read.documents[i] ?? 0)) append(read, i, all);
  return all;
}

function slice(postings: Postings, from: number, to: number): Postings {
  const some = roomFor(to - from, postings.places.length);
  for (let i = from; i < to; i++) append(postings, i, some);
  return some;
}
