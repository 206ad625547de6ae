// Search in SQLite, inside the storage worker: an index of our own, because FTS5 is too slow for what people type. Among 100,000 messages
// a query of common words takes 0.065x FTS5's time (3.1 ms, p95) with the same ten best; rare words take 0.61x, phrases 1.03x. Nearest
// neighbours take 0.037x the time of sqlite-vec's scan of float32, with the exact ten (recall@10 1.0). These are the numbers of
// test/bench/README.md. A query of FTS5 or sqlite-vec is also one statement, which holds up every other call until it ends. The index is
// frozen: no new feature belongs here.
//
// The owner calls `step` in idle moments: indexing, merging and loading go in steps of a few milliseconds. A search gives way between
// pieces of work, so that no other call waits for it.
import type { Database } from 'better-sqlite3';
import { CancelledError } from '../../../base/errors.ts';
import type { Search, SearchIndex, SearchRequest, SearchResult, SearchSource, SearchStatus } from '../../search.ts';
import type { Synchronous } from '../call-table.ts';
import type { SearchCalls, SearchIndexCalls } from '../calls.ts';
import { Finder } from './find.ts';
import { DocValues } from './inverted-index/doc-values.ts';
import { defaultSegment, Indexer } from './inverted-index/indexer.ts';
import { Memtable } from './inverted-index/memtable.ts';
import { Segments } from './inverted-index/segments.ts';
import { Sources } from './inverted-index/sources.ts';
import { TermDictionary } from './inverted-index/term-dictionary.ts';
import { maxLooked } from './unindexed.ts';
import { hasNative, Vectors } from './vectors/vectors.ts';

const turnMs = 4; // so long a search goes on before other calls get their turn
const maxPendingText = 8000; // characters: an embedding model reads less

interface OpenIndex {
  indexer: Indexer;
  finder: Finder;
  vectors: Vectors;
  segments: Segments;
}

export interface IndexOptions {
  documentsPerSegment?: number;
  /** So many bytes of memory for vectors of one byte a dimension; where they are more, two bits a dimension have to do. */
  maxInt8Bytes?: number;
  /** Called when nothing waits to be indexed any more. */
  onIndexed?(): void;
}

/** What a profile may do: a search is not answered at once. */
export type ProfileSearch = Pick<SearchCalls, 'find'> & Synchronous<Pick<SearchCalls, 'put' | 'remove'>>;

/** Lives as long as an open database, with the documents of all profiles; `in` is one profile's search in it. */
export class SqliteSearch implements Synchronous<SearchIndexCalls> {
  readonly #database: Database;
  readonly #options: IndexOptions;
  readonly #cancelled = new Set<number>();
  #index: OpenIndex;
  #searching = 0;
  #hasIndexed = false;

  constructor(database: Database, options: IndexOptions = {}) {
    this.#database = database;
    this.#options = options;
    this.#index = openIndex(database, options);
  }

  /** To be called once where the database can be written to. */
  recover(): void {
    this.#index.segments.dropUnfinished();
  }

  /** Does a few milliseconds of what waits; returns whether there is more. Throws when nothing can be written now. */
  step(): boolean {
    if (this.#searching > 0) return false; // the search asks for what is left when it is done
    return this.#orAnew(() => {
      if (this.#index.indexer.step()) {
        this.#hasIndexed = true;
        return true;
      }
      if (this.#hasIndexed) this.#options.onIndexed?.();
      this.#hasIndexed = false;
      return this.#index.vectors.load();
    });
  }

  get isSearching(): boolean {
    return this.#searching > 0;
  }

  /** Takes the words of what is deleted off the disk, as `step` does its work; returns whether none is left there. */
  scrub(): boolean {
    if (this.#searching > 0 || this.step()) return false;
    return this.#orAnew(() => this.#index.indexer.scrub());
  }

  in(profile: string): ProfileSearch {
    return {
      find: (request, id) => this.#find(request, { profile, id }),
      put: (sources) => this.#put(sources, profile),
      remove: (what) => this.#remove(what, profile),
    };
  }

  /** The number names the search to `cancel`. */
  async #find(request: SearchRequest, { profile, id }: { profile: string; id: number }): Promise<SearchResult> {
    this.#searching++;
    try {
      await this.#inTurns(id, this.#prepared());
      const result = await this.#inTurns(id, this.#index.finder.find(request, profile));
      if (this.#index.indexer.rebuilding)
        result.notes.push('The search index is being rebuilt, so some results may be missing.');
      const left = this.#count('search_queue') - maxLooked;
      if (left > 0) result.notes.push(`Still indexing: ${left.toLocaleString('en')} items can't be found yet.`);
      return result;
    } finally {
      this.#searching--;
      this.#cancelled.delete(id);
    }
  }

  cancel(id: number): void {
    if (this.#searching > 0) this.#cancelled.add(id);
  }

  #put(sources: readonly SearchSource[], profile: string): void {
    const insert = this.#database.prepare(
      `insert into search_source (profile_id, kind, reference, parent, project, language, uri, range, title, text, created_at)
       values (@profile, @kind, @reference, @parent, @project, @language, @uri, @range, @title, @text, @createdAt)
       on conflict do update set parent = excluded.parent, project = excluded.project, language = excluded.language, uri = excluded.uri,
         range = excluded.range, title = excluded.title, text = excluded.text, created_at = excluded.created_at`,
    );
    this.#database
      .transaction(() => {
        for (const { kind, reference, parent, project, language, uri, range, title, text, createdAt } of sources) {
          insert.run({
            profile,
            kind,
            reference,
            title,
            text,
            createdAt: createdAt ?? Date.now(),
            range: range === undefined ? null : JSON.stringify(range),
            parent: parent ?? null,
            project: project ?? null,
            language: language ?? null,
            uri: uri ?? null,
          });
        }
      })
      .immediate();
  }

  #remove({ kind, references, parent }: Parameters<Search['remove']>[0], profile: string): void {
    const own = 'delete from search_source where profile_id = ? and kind = ?';
    this.#database
      .transaction(() => {
        if (references)
          this.#database
            .prepare(`${own} and reference in (select value from json_each(?))`)
            .run(profile, kind, JSON.stringify(references));
        if (parent !== undefined) this.#database.prepare(`${own} and parent = ?`).run(profile, kind, parent);
      })
      .immediate();
  }

  useModel(model: Parameters<SearchIndex['useModel']>[0]): void {
    this.#change(() => this.#index.vectors.choose(model));
  }

  pending(limit: number): { document: number; text: string }[] {
    const sources = new Sources(this.#database);
    return this.#index.vectors.pending(limit).flatMap((document) => {
      const [found] = sources.documents({ after: document - 1, upTo: document, most: 1 });
      return found?.source ? [{ document, text: embedded(found.source) }] : [];
    });
  }

  store(vectors: Parameters<SearchIndex['store']>[0]): void {
    this.#change(() => this.#index.vectors.store(vectors));
  }

  rebuild(): void {
    this.#change(() => this.#index.indexer.rebuild());
  }

  status(): SearchStatus {
    const { vectors, indexer } = this.#index;
    const documents = this.#count('search_document');
    const pending = vectors.model ? vectors.pendingCount() : 0;
    return {
      documents,
      pending,
      queued: this.#count('search_queue'),
      rebuilding: indexer.rebuilding,
      native: hasNative(this.#database),
      vectors: vectors.model ? documents - pending : 0,
      ...(vectors.model && { model: { name: vectors.model.name, dimensions: vectors.model.dimensions } }),
    };
  }

  #count(table: 'search_document' | 'search_queue'): number {
    return this.#database.prepare(`select count(*) from ${table}`).pluck().get() as number;
  }

  #change(work: () => void): void {
    this.#orAnew(() => this.#database.transaction(work).immediate());
  }

  /** After a failure what is in memory may be ahead of the database. */
  #orAnew<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.#index = openIndex(this.#database, this.#options);
      throw error;
    }
  }

  /** The first search after the start may come before everything was read. */
  *#prepared(): Generator<void, void> {
    while (!this.#index.indexer.ready) {
      this.#index.indexer.step();
      yield;
    }
    while (!this.#index.vectors.ready && this.#index.vectors.load()) yield;
  }

  #throwIfCancelled(id: number): void {
    if (this.#cancelled.has(id)) throw new CancelledError();
  }

  async #inTurns<Result>(id: number, work: Generator<void, Result>): Promise<Result> {
    this.#throwIfCancelled(id);
    let turnEndsAt = performance.now() + turnMs;
    for (;;) {
      const { done, value } = work.next();
      if (done) return value;
      if (performance.now() < turnEndsAt) continue;
      await new Promise((resolve) => setImmediate(resolve));
      this.#throwIfCancelled(id);
      turnEndsAt = performance.now() + turnMs;
    }
  }
}

function openIndex(database: Database, { documentsPerSegment = defaultSegment, ...options }: IndexOptions): OpenIndex {
  const docValues = new DocValues(database);
  const [segments, memtable, vectors] = [
    new Segments(database),
    new Memtable(),
    new Vectors(database, docValues, options),
  ];
  const termDictionary = new TermDictionary(segments, memtable);
  return {
    indexer: new Indexer({ database, docValues, segments, memtable, documentsPerSegment }),
    finder: new Finder({ database, docValues, termDictionary, vectors }),
    vectors,
    segments,
  };
}

/** What an embedding model reads of a document. */
function embedded({ kind, title, text }: { kind: string; title: string; text: string }): string {
  return (kind === 'code' || kind === 'memory' ? `${title}\n${text}` : text).slice(0, maxPendingText);
}
