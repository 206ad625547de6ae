// How far a rebuild of the index has come. It is stored, so that one that a crash interrupted goes on.
import type { Database, Statement } from 'better-sqlite3';

export interface Progress {
  /** First all documents that are known, then what is stored and not among them. */
  phase: 'documents' | 'missing';
  /** The last document, or the last row, that is done. */
  at: number;
}

const rowsPerStep = 2000;

/** Lives as long as an open database. */
export class Rebuild {
  readonly #database: Database;
  readonly #save: Statement;
  #progress: Progress | undefined;

  constructor(database: Database) {
    this.#database = database;
    this.#save = database.prepare("insert into search_state (name, value) values ('rebuild', ?) on conflict do update set value = excluded.value");
    const stored = database.prepare("select value from search_state where name = 'rebuild'").pluck().get() as string | undefined;
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

  /** Queues some messages that should be documents and are none, then all findings and sources that are none. */
  queueMissing(): true {
    const at = this.#progress?.at ?? 0;
    const unknown = (kind: string, reference: string, and = ''): string => `not exists (select 1 from search_document as document where document.kind = ${kind} and document.reference = ${reference}${and})`;
    const last = this.#database.prepare(`select max(rowid) from (select rowid from message where rowid > ? order by rowid limit ${rowsPerStep})`).pluck().get(at) as number | null;
    if (last !== null) {
      this.#database
        .prepare(`insert into search_queue (kind, reference) select 'message', id from message where rowid > ? and rowid <= ? and status <> 'streaming' and active = 1 and ${unknown("'message'", 'message.id')}`)
        .run(at, last);
      this.#set({ phase: 'missing', at: last });
      return true;
    }
    this.#database.exec(`insert into search_queue (kind, reference) select 'finding', id from finding where ${unknown("'finding'", 'finding.id')}`);
    this.#database.exec(`insert into search_queue (kind, reference) select kind, rowid from search_source where ${unknown('search_source.kind', 'search_source.reference', ' and document.profile_id = search_source.profile_id')}`);
    this.#database.prepare("delete from search_state where name = 'rebuild'").run();
    this.#progress = undefined;
    return true;
  }

  #set(progress: Progress): void {
    this.#progress = progress;
    this.#save.run(JSON.stringify(progress));
  }
}
