// How far a rebuild of the index has come. It is stored, so that one that a crash interrupted goes on.
import type { Database, Statement } from 'better-sqlite3';

export interface Progress {
  /** First all documents that are known, then what is stored and not among them: messages, findings, sources. */
  phase: 'documents' | 'missing' | 'findings' | 'sources';
  /** The last document, or the last row, that is done. */
  at: number;
}

const rowsPerStep = 300;

const unknown = (kind: string, reference: string, and = ''): string =>
  `not exists (select 1 from search_document as document where document.kind = ${kind} and document.reference = ${reference}${and})`;

/** From which table, which of its rows from one to another, and what comes after it. */
const missing: Readonly<
  Record<Exclude<Progress['phase'], 'documents'>, { table: string; insert: string; next?: Progress['phase'] }>
> = {
  missing: {
    table: 'message',
    insert: `select 'message', id from message where rowid > ? and rowid <= ? and status <> 'streaming' and active = 1 and ${unknown("'message'", 'message.id')}`,
    next: 'findings',
  },
  findings: {
    table: 'finding',
    insert: `select 'finding', id from finding where rowid > ? and rowid <= ? and ${unknown("'finding'", 'finding.id')}`,
    next: 'sources',
  },
  sources: {
    table: 'search_source',
    insert: `select kind, rowid from search_source where rowid > ? and rowid <= ? and ${unknown('search_source.kind', 'search_source.reference', ' and document.profile_id = search_source.profile_id')}`,
  },
};

/** Lives as long as an open database. */
export class Rebuild {
  readonly #database: Database;
  readonly #save: Statement;
  #progress: Progress | undefined;

  constructor(database: Database) {
    this.#database = database;
    this.#save = database.prepare(
      "insert into search_state (name, value) values ('rebuild', ?) on conflict do update set value = excluded.value",
    );
    const stored = database.prepare("select value from search_state where name = 'rebuild'").pluck().get() as
      | string
      | undefined;
    if (stored !== undefined) this.#progress = JSON.parse(stored) as Progress;
  }

  /** Undefined when none is under way. */
  get progress(): Progress | undefined {
    return this.#progress;
  }

  begin(): void {
    this.#set({ phase: 'documents', at: 0 });
  }

  reach(document: number): void {
    this.#set({ phase: 'documents', at: document });
  }

  endDocuments(): void {
    this.#set({ phase: 'missing', at: 0 });
  }

  /** Queues some of what should be documents and is none: messages, then findings, then sources. */
  queueMissing(): true {
    const { phase, at } = this.#progress ?? { phase: 'missing', at: 0 };
    const { table, insert, next } = missing[phase === 'documents' ? 'missing' : phase];
    const last = this.#database
      .prepare(
        `select max(rowid) from (select rowid from ${table} where rowid > ? order by rowid limit ${rowsPerStep})`,
      )
      .pluck()
      .get(at) as number | null;
    if (last !== null) {
      this.#database.prepare(`insert into search_queue (kind, reference) ${insert}`).run(at, last);
      this.#set({ phase: phase === 'documents' ? 'missing' : phase, at: last });
    } else if (next) this.#set({ phase: next, at: 0 });
    else {
      this.#database.prepare("delete from search_state where name = 'rebuild'").run();
      this.#progress = undefined;
    }
    return true;
  }

  #set(progress: Progress): void {
    this.#progress = progress;
    this.#save.run(JSON.stringify(progress));
  }
}
