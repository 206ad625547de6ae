// Postings in the database, as segments: each holds every term of a range of documents and never changes. Eight of a level are
// merged into one of the next, so that a million documents lie in a dozen. Writing goes in short steps; a segment counts only
// from the moment it is whole, and what a crash left half written is thrown away.
import type { Database, Statement } from 'better-sqlite3';
import { decode, encode, entriesPerPart, type Postings, roomFor } from './postings.ts';

export interface Segment {
  id: number;
  level: number;
  first: number;
  last: number;
}
interface Part {
  term: string;
  count: number;
  data: Uint8Array;
}

export const mergedAtOnce = 8;
const rowsPerRead = 256;
const garbagePerStep = 400;
const mostPrefixRows = 5000;

/** Lives as long as an open database. */
export class Segments {
  readonly #database: Database;
  readonly #read: Statement<[number, string], Part>;
  readonly #counted: Statement<[number, string], number>;
  readonly #starting: Statement<[number, string, string], { term: string; count: number }>;
  readonly #insert: Statement;
  readonly #around: Statement<[number, string, number], Part>;
  readonly #after: Statement<[number, string, number], Part & { first: number }>;
  #whole: Segment[] | undefined;

  constructor(database: Database) {
    this.#database = database;
    this.#read = database.prepare('select term, count, data from search_posting where segment = ? and term = ? order by first');
    this.#counted = database.prepare('select sum(count) from search_posting where segment = ? and term = ?').pluck() as Statement<[number, string], number>;
    this.#starting = database.prepare(`select term, count from search_posting where segment = ? and term >= ? and term < ? limit ${mostPrefixRows}`);
    this.#around = database.prepare('select term, count, data from search_posting where segment = ? and term = ? and first <= ? order by first desc limit 1');
    this.#insert = database.prepare('insert into search_posting (segment, term, first, count, data) values (?, ?, ?, ?, ?)');
    this.#after = database.prepare(`select term, first, count, data from search_posting where segment = ? and (term, first) > (?, ?) order by term, first limit ${rowsPerRead}`);
  }

  /** In the order of their documents. */
  get whole(): readonly Segment[] {
    this.#whole ??= this.#database.prepare("select id, level, first, last from search_segment where state = 'whole' order by first").all() as Segment[];
    return this.#whole;
  }

  count(segment: Segment, term: string): number {
    return this.#counted.get(segment.id, term) ?? 0;
  }

  read(segment: Segment, term: string, into: Postings): void {
    for (const { data } of this.#read.iterate(segment.id, term)) decode(data, into);
  }

  /** The part in which a document would be, or undefined. */
  around(segment: Segment, term: string, document: number): Postings | undefined {
    const part = this.#around.get(segment.id, term, document);
    return part && joined([part]);
  }

  starting(segment: Segment, prefix: string): { term: string; count: number }[] {
    return this.#starting.all(segment.id, prefix, `${prefix}\u{10ffff}`);
  }

  /** Rows from a place in a segment on. */
  after(segment: number, { term, first }: { term: string; first: number }): (Part & { first: number })[] {
    return this.#after.all(segment, term, first);
  }

  begin(segment: Omit<Segment, 'id'>): number {
    return Number(this.#database.prepare("insert into search_segment (level, first, last, state) values (?, ?, ?, 'growing')").run(segment.level, segment.first, segment.last).lastInsertRowid);
  }

  write(segment: number, term: string, postings: Postings): void {
    for (let from = 0; from < postings.count; from += entriesPerPart) {
      const to = Math.min(from + entriesPerPart, postings.count);
      this.#insert.run(segment, term, postings.documents[from], to - from, encode(postings, from, to));
    }
  }

  /** Makes a segment count, in place of those it was merged from. */
  finish(segment: number, replaced: readonly number[] = []): void {
    const set = this.#database.prepare('update search_segment set state = ? where id = ?');
    for (const id of replaced) set.run('garbage', id);
    set.run('whole', segment);
    this.#whole = undefined;
  }

  /** The oldest of a level that has enough of them, or none. */
  toMerge(): Segment[] {
    const byLevel = Map.groupBy(this.whole, ({ level }) => level);
    return [...byLevel.values()].find(({ length }) => length >= mergedAtOnce)?.slice(0, mergedAtOnce) ?? [];
  }

  /** What is half written when a database is opened will never be whole. */
  dropUnfinished(): void {
    this.#database.prepare("update search_segment set state = 'garbage' where state = 'growing'").run();
  }

  dropAll(): void {
    this.#database.prepare("update search_segment set state = 'garbage'").run();
    this.#whole = undefined;
  }

  /** Deletes some rows of replaced segments; returns whether there was anything to delete. */
  sweep(): boolean {
    const id = this.#database.prepare("select id from search_segment where state = 'garbage' limit 1").pluck().get() as number | undefined;
    if (id === undefined) return false;
    const some = `select term, first from search_posting where segment = ? limit ${garbagePerStep}`;
    const { changes } = this.#database.prepare(`delete from search_posting where segment = ? and (term, first) in (${some})`).run(id, id);
    if (changes === 0) this.#database.prepare('delete from search_segment where id = ?').run(id);
    return true;
  }
}

/** The parts of one term of one segment as postings, with room for what the caller adds. */
export function joined(parts: readonly Part[]): Postings {
  const postings = roomFor(parts.reduce((sum, { count }) => sum + count, 0));
  for (const { data } of parts) decode(data, postings);
  return postings;
}
