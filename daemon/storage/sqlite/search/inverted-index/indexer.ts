// Keeps the index in step with what is stored, in short steps between the calls that storage answers. Each step is a transaction
// of a few milliseconds, so that no write waits long and a crash loses nothing but the step.
import { hash } from 'node:crypto';
import type { Database, Statement } from 'better-sqlite3';
import { type Terms, termsOf } from '../text/tokens.ts';
import type { DocValues } from './doc-values.ts';
import type { Memtable } from './memtable.ts';
import { mergeSegments, type SegmentWriter, writeMemtable } from './merge.ts';
import { Rebuild } from './rebuild.ts';
import { Scrub } from './scrub.ts';
import type { Segments } from './segments.ts';
import { type QueueItem, type Source, Sources, searchableText } from './sources.ts';

const stepMs = 3; // and what a last piece takes beyond it
const documentsPerStep = 256;
/** So many documents are kept in memory before a segment is written from them, or so many words. */
export const defaultSegment = 4096;
const maxMemtableWords = 500_000; // about 20 MB

const maxFlushedSegments = 64; // so many may wait to be merged while there is much to take in
const unlimited = Number.MAX_SAFE_INTEGER;

interface IndexerDeps {
  database: Database;
  docValues: DocValues;
  segments: Segments;
  memtable: Memtable;
  documentsPerSegment: number;
}

/** Lives as long as an open database. After a step that throws, what it holds in memory is of no more use. */
export class Indexer {
  readonly #database: Database;
  readonly #docValues: DocValues;
  readonly #segments: Segments;
  readonly #memtable: Memtable;
  readonly #documentsPerSegment: number;
  readonly #sources: Sources;
  readonly #rebuild: Rebuild;
  readonly #queue: Statement<[], QueueItem>;
  readonly #dequeue: Statement;
  readonly #removeOld: Statement;
  readonly #insert: Statement;
  #flush: SegmentWriter | undefined;
  #merge: SegmentWriter | undefined;
  #scrub: Scrub | undefined;
  #remembered: number | undefined; // the newest document that a segment or memory holds; undefined until it is known
  #isReady = false;

  constructor({ database, docValues, segments, memtable, documentsPerSegment }: IndexerDeps) {
    this.#database = database;
    this.#docValues = docValues;
    this.#segments = segments;
    this.#memtable = memtable;
    this.#documentsPerSegment = documentsPerSegment;
    this.#sources = new Sources(database);
    this.#rebuild = new Rebuild(database);
    this.#queue = database.prepare(
      `select id, kind, reference from search_queue order by id limit ${documentsPerStep}`,
    );
    this.#dequeue = database.prepare('delete from search_queue where id = ?');
    this.#removeOld = database.prepare(
      'delete from search_document where kind = ? and reference = ? and profile_id = ?',
    );
    this.#insert = database.prepare(
      `insert or ignore into search_document (profile_id, kind, reference, parent, project, language, uri, range, title, created_at, words, digest)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
  }

  /** Whether what a search needs was read; until then `step` reads it. */
  get ready(): boolean {
    return this.#isReady;
  }

  get rebuilding(): boolean {
    return this.#rebuild.progress !== undefined;
  }

  /** Does a few milliseconds of what there is to do; returns whether there is more. */
  step(): boolean {
    return this.#isReady ? this.#database.transaction(() => this.#work()).immediate() : this.#prepare();
  }

  /** Throws away all postings; the next steps make them again. Vectors stay. */
  rebuild(): void {
    this.#flush = undefined;
    this.#merge = undefined;
    this.#remembered = undefined;
    this.#isReady = false;
    this.#database
      .transaction(() => {
        this.#segments.dropAll();
        this.#rebuild.begin();
      })
      .immediate();
    this.#memtable.clear();
  }

  /**
   * Takes deleted documents off the disk for a few milliseconds; returns whether none is left there. To be called where `step` has
   * nothing to do, so that no segment is half written.
   */
  scrub(): boolean {
    const endsAt = performance.now() + stepMs;
    this.#scrub ??= new Scrub({ segments: this.#segments, docValues: this.#docValues });
    const scrub = this.#scrub;
    const isDone = this.#database.transaction(() => scrub.step(() => performance.now() >= endsAt)).immediate();
    if (isDone) this.#scrub = undefined;
    return isDone;
  }

  #prepare(): true {
    if (!this.#docValues.loaded) {
      this.#docValues.load();
      return true;
    }
    this.#remembered ??= this.#segments.whole.at(-1)?.last ?? 0;
    const progress = this.#rebuild.progress;
    const documents = this.#sources.documents({
      after: this.#remembered,
      upTo: progress?.phase === 'documents' ? progress.at : unlimited,
      most: documentsPerStep,
    });
    for (const { id, source } of documents) this.#memtable.add(id, termsOf(source ? searchableText(source) : ''));
    this.#remembered = documents.at(-1)?.id ?? this.#remembered;
    this.#isReady = documents.length === 0;
    return true;
  }

  #work(): boolean {
    this.#docValues.forgetGone();
    this.#database.exec('delete from search_gone');
    const endsAt = performance.now() + stepMs;
    const isOver = (): boolean => performance.now() >= endsAt;
    if (this.#flush) {
      if (!this.#flush.step(isOver)) return true;
      this.#flush = undefined;
      this.#memtable.clear();
      return true;
    }
    if (this.#memtable.documents >= this.#documentsPerSegment || this.#memtable.words >= maxMemtableWords) {
      this.#flush = writeMemtable(this.#segments, this.#memtable, this.#docValues);
      return true;
    }
    const crowded = this.#segments.whole.length > maxFlushedSegments && this.#mergeSome(isOver);
    return (
      crowded ||
      this.#rebuildSome(isOver) ||
      this.#takeIn(isOver) ||
      this.#mergeSome(isOver) ||
      this.#segments.sweep(isOver)
    );
  }

  #mergeSome(isOver: () => boolean): boolean {
    if (!this.#merge) {
      const sources = this.#segments.toMerge();
      if (sources.length === 0) return false;
      this.#merge = mergeSegments(this.#segments, sources, this.#docValues);
    } else if (this.#merge.step(isOver)) this.#merge = undefined;
    return true;
  }

  #takeIn(isOver: () => boolean): boolean {
    const queued = this.#queue.all();
    for (const entry of queued) {
      this.#dequeue.run(entry.id);
      const source = this.#sources.read(entry);
      if (source) this.#add(source);
      else this.#forget(entry);
      if (isOver()) break;
    }
    return queued.length > 0;
  }

  #add(source: Source): void {
    const terms = termsOf(searchableText(source));
    const { profile, kind, reference, parent, project, language, uri, range, title, createdAt } = source;
    const insert = () =>
      this.#insert.run(
        profile,
        kind,
        reference,
        parent,
        project,
        language,
        uri,
        range,
        title,
        createdAt,
        terms.words.length,
        digestOf(source.text),
      );
    let { changes, lastInsertRowid } = insert();
    if (changes === 0) {
      this.#removeOld.run(kind, reference, profile); // with all that belongs to it: what changed is a new document
      ({ changes, lastInsertRowid } = insert());
    }
    const id = Number(lastInsertRowid);
    this.#learn(id, terms);
    this.#docValues.add({ id, profile, kind, words: terms.words.length, createdAt });
  }

  #learn(id: number, terms: Terms): void {
    this.#memtable.add(id, terms);
  }

  /** A message whose branch is not read any more, or that was emptied, is still stored but no longer found. */
  #forget({ kind, reference }: QueueItem): void {
    if (typeof reference === 'string')
      this.#database.prepare('delete from search_document where kind = ? and reference = ?').run(kind, reference);
  }

  #rebuildSome(isOver: () => boolean): boolean {
    const progress = this.#rebuild.progress;
    if (!progress) return false;
    if (progress.phase !== 'documents') return this.#rebuild.queueMissing();
    const documents = this.#sources.documents({ after: progress.at, upTo: unlimited, most: documentsPerStep });
    let reached = progress.at;
    for (const { id, source } of documents) {
      if (source) this.#learn(id, termsOf(searchableText(source)));
      else this.#database.prepare('delete from search_document where id = ?').run(id);
      reached = id;
      if (isOver()) break;
    }
    if (documents.length === 0) this.#rebuild.endDocuments();
    else this.#rebuild.reach(reached);
    return true;
  }
}

/** 48 bits of a hash, which a JavaScript number holds. */
function digestOf(text: string): number {
  return hash('sha1', text, 'buffer').readUIntBE(0, 6);
}
