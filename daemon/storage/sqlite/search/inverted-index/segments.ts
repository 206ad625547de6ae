// Postings in the database, as segments: each holds every term of a range of documents and never changes. Eight of a level are
// merged into one of the next, so that a million documents lie in a dozen. Writing goes in short steps; a segment counts only
// from the moment it is whole, and what a crash left half written is thrown away.
import type { Database, Statement } from 'better-sqlite3';
import { encode, entriesPerPart, type Postings, type PostingsPart } from './postings.ts';

export interface Segment {
  id: number;
  level: number;
  first: number;
  last: number;
}

const mergedAtOnce = 8;
const rowsPerRead = 64;
const garbageAtOnce = 32;
const maxPrefixRows = 5000;
const partsOfLong = 3;
const maxRememberedBytes = 8 * 1024 * 1024; // the words that are in most queries, too

/** Lives as long as an open database. */
export class Segments {
  readonly #database: Database;
  readonly #read: Statement<[number, string], Omit<PostingsPart, 'places'>>;
  readonly #readWhole: Statement<[number, string], PostingsPart>;
  readonly #readSome: Statement<[number, string], Omit<PostingsPart, 'places'>>;
  readonly #starting: Statement<[number, string, string, number], [term: string, count: number]>;
  readonly #insert: Statement;
  readonly #after: Statement<[number, string, number], PostingsPart & { term: string }>;
  readonly #delete: Statement<[number, number]>;
  readonly #deleteRow: Statement<[number, string, number]>;
  readonly #remembered = new Map<string, Omit<PostingsPart, 'places'>[]>(); // the longest lists, those that were asked for last at its end
  #rememberedBytes = 0;
  #whole: Segment[] | undefined;

  constructor(database: Database) {
    this.#database = database;
    this.#read = database.prepare(
      'select first, count, data from search_posting where segment = ? and term = ? order by first',
    );
    this.#readWhole = database.prepare(
      'select first, count, data, places from search_posting where segment = ? and term = ? order by first',
    );
    this.#readSome = database.prepare(
      'select first, count, data from search_posting where segment = ? and term in (select value from json_each(?)) order by term, first',
    );
    const beginning = `select term, count from search_posting where segment = ? and term >= ? and term < ? limit ${maxPrefixRows}`;
    this.#starting = database
      .prepare(`select term, sum(count) as count from (${beginning}) group by term order by count desc limit ?`)
      .raw() as Statement<[number, string, string, number], [string, number]>;
    this.#insert = database.prepare(
      'insert into search_posting (segment, term, first, count, data, places) values (?, ?, ?, ?, ?, ?)',
    );
    this.#after = database.prepare(
      `select term, first, count, data, places from search_posting where segment = ? and (term, first) > (?, ?) order by term, first limit ${rowsPerRead}`,
    );
    this.#deleteRow = database.prepare('delete from search_posting where segment = ? and term = ? and first = ?');
    this.#delete = database.prepare(
      `delete from search_posting where segment = ? and (term, first) in (select term, first from search_posting where segment = ? limit ${garbageAtOnce})`,
    );
  }

  /** In the order of their documents. */
  get whole(): readonly Segment[] {
    this.#whole ??= this.#database
      .prepare("select id, level, first, last from search_segment where state = 'whole' order by first")
      .all() as Segment[];
    return this.#whole;
  }

  /** Without places, which few searches ask for. */
  read(segment: Segment, term: string): Omit<PostingsPart, 'places'>[] {
    const key = `${segment.id} ${term}`;
    const parts = this.#remembered.get(key) ?? this.#read.all(segment.id, term);
    if (parts.length >= partsOfLong) this.#remember(key, parts);
    return parts;
  }

  #remember(key: string, parts: Omit<PostingsPart, 'places'>[]): void {
    if (!this.#remembered.delete(key)) this.#rememberedBytes += bytesOf(parts);
    this.#remembered.set(key, parts);
    for (const [oldest, old] of this.#remembered) {
      if (this.#rememberedBytes <= maxRememberedBytes) break;
      this.#rememberedBytes -= bytesOf(old);
      this.#remembered.delete(oldest);
    }
  }

  #changed(): void {
    this.#whole = undefined;
    this.#remembered.clear(); // numbers of segments come again
    this.#rememberedBytes = 0;
  }

  readWhole(segment: Segment, term: string): PostingsPart[] {
    return this.#readWhole.all(segment.id, term);
  }

  /** Of several terms together. */
  readSome(segment: Segment, terms: readonly string[]): Omit<PostingsPart, 'places'>[] {
    return this.#readSome.all(segment.id, JSON.stringify(terms));
  }

  /** The most frequent terms with this beginning. */
  starting(segment: Segment, prefix: string, most: number): [term: string, count: number][] {
    return this.#starting.all(segment.id, prefix, `${prefix}\u{10ffff}`, most);
  }

  /** Rows from a place in a segment on. */
  after(segment: number, { term, first }: { term: string; first: number }): (PostingsPart & { term: string })[] {
    return this.#after.all(segment, term, first);
  }

  begin(segment: Omit<Segment, 'id'>): number {
    return Number(
      this.#database
        .prepare("insert into search_segment (level, first, last, state) values (?, ?, ?, 'growing')")
        .run(segment.level, segment.first, segment.last).lastInsertRowid,
    );
  }

  /** The lengths are the documents', in words. */
  write(segment: number, [term, postings]: readonly [string, Postings], lengths: Uint16Array): void {
    for (let from = 0; from < postings.count; from += entriesPerPart) {
      const { first, count, data, places } = encode(
        postings,
        [from, Math.min(from + entriesPerPart, postings.count)],
        lengths,
      );
      this.#insert.run(segment, term, first, count, data, places);
    }
  }

  /** Puts fewer documents in the place of a row; none removes it. */
  replace(
    segment: number,
    { term, first, alive }: { term: string; first: number; alive: Postings },
    lengths: Uint16Array,
  ): void {
    this.#deleteRow.run(segment, term, first);
    this.write(segment, [term, alive], lengths);
    this.#changed();
  }

  /** Makes a segment count, in place of those it was merged from. */
  finish(segment: number, replaced: readonly number[] = []): void {
    const set = this.#database.prepare('update search_segment set state = ? where id = ?');
    for (const id of replaced) set.run('garbage', id);
    set.run('whole', segment);
    this.#changed();
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
    this.#changed();
  }

  /** Deletes rows of replaced segments until the time is over; returns whether there was anything to delete. */
  sweep(isOver: () => boolean): boolean {
    const id = this.#database.prepare("select id from search_segment where state = 'garbage' limit 1").pluck().get() as
      | number
      | undefined;
    if (id === undefined) return false;
    do {
      if (this.#delete.run(id, id).changes > 0) continue;
      this.#database.prepare('delete from search_segment where id = ?').run(id);
      break;
    } while (!isOver());
    return true;
  }
}

function bytesOf(parts: readonly Omit<PostingsPart, 'places'>[]): number {
  return parts.reduce((sum, { data }) => sum + data.length, 0);
}
