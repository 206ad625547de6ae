// What is stored but not indexed yet, searched as it lies there: so that a message is found at once, however much is waiting.
import type { Database, Statement } from 'better-sqlite3';
import { type QueueItem, type Source, Sources, searchableText } from './inverted-index/sources.ts';
import type { Query } from './text/query.ts';
import { termsOf } from './text/tokens.ts';

/** Of the newest; what is older is indexed within moments, or, after an import, minutes. */
export const maxLooked = 500;

/** Lives as long as an open database. */
export class UnindexedTail {
  readonly #sources: Sources;
  readonly #newest: Statement<[], QueueItem>;

  constructor(database: Database) {
    this.#sources = new Sources(database);
    this.#newest = database.prepare(`select id, kind, reference from search_queue order by id desc limit ${maxLooked}`);
  }

  /** Those that have all that is wanted, the newest first. Gives way between pieces of work. */
  *find(query: Query, isVisible: (source: Source) => boolean): Generator<void, Source[]> {
    const found = new Map<string, Source>();
    for (const queued of this.#newest.all()) {
      yield;
      const source = this.#sources.read(queued);
      if (source && isVisible(source) && matches(searchableText(source), query))
        found.set(`${source.kind} ${source.reference}`, source);
    }
    return [...found.values()];
  }
}

function matches(text: string, { wanted, unwanted }: Query): boolean {
  const { words, extra } = termsOf(text);
  const terms = new Set([...words, ...extra]);
  const has = (clause: Query['wanted'][number]): boolean => {
    if (clause.is === 'word') return terms.has(clause.term);
    if (clause.is === 'prefix') return [...terms].some((term) => term.startsWith(clause.term));
    return words.some((_, start) => clause.words.every((word, place) => words[start + place] === word));
  };
  return wanted.length > 0 && wanted.every(has) && !unwanted.some(has);
}
