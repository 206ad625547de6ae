// Runs what Kysely builds, at once, on better-sqlite3.
// Kysely's own execute() is asynchronous even here, and an await inside a transaction would let the next call's statements slip
// into it. So Kysely only builds and types the SQL, and the statement runs before anything else can.
import type { Database, Statement } from 'better-sqlite3';
import { type Compilable, Kysely, SqliteDialect } from 'kysely';
import type { Schema } from './schema.ts';

/** Lives as long as an open database. Keeps each statement prepared; their number is that of the query shapes in the code. */
export class Sql {
  readonly build: Kysely<Schema>;
  readonly #database: Database;
  readonly #statements = new Map<string, Statement>();

  constructor(database: Database) {
    this.#database = database;
    this.build = new Kysely<Schema>({ dialect: new SqliteDialect({ database }) });
  }

  all<Row>(query: Compilable<Row>): Row[] {
    const { sql, parameters } = query.compile();
    return this.#prepare(sql).all(...parameters) as Row[];
  }

  first<Row>(query: Compilable<Row>): Row | undefined {
    const { sql, parameters } = query.compile();
    return this.#prepare(sql).get(...parameters) as Row | undefined;
  }

  /** Returns how many rows changed. */
  run(query: Compilable<unknown>): number {
    const { sql, parameters } = query.compile();
    return this.#prepare(sql).run(...parameters).changes;
  }

  /**
   * A statement for a hot path: built once, so that a run costs no compiling. Takes its parameters in the order in which they
   * stand in the query, where any value of the right type holds their place. A run returns how many rows changed.
   */
  prepared(query: Compilable<unknown>): (...parameters: unknown[]) => number {
    const statement = this.#prepare(planned(query.compile().sql));
    return (...parameters) => statement.run(...parameters).changes;
  }

  /** The same for one row that is read. */
  preparedFirst<Row>(query: Compilable<Row>): (...parameters: unknown[]) => Row | undefined {
    const statement = this.#prepare(planned(query.compile().sql));
    return (...parameters) => statement.get(...parameters) as Row | undefined;
  }

  preparedAll<Row>(query: Compilable<Row>): (...parameters: unknown[]) => Row[] {
    const statement = this.#prepare(planned(query.compile().sql));
    return (...parameters) => statement.all(...parameters) as Row[];
  }

  /** All of the work or none of it; within another transaction, all or none of that one: no caller goes on after an error. */
  transaction<T>(work: () => T): T {
    return this.#database.inTransaction ? work() : this.#database.transaction(work).immediate();
  }

  #prepare(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/**
 * SQLite plans a statement again at every run whose values might make another plan better, which takes longer than most runs. It
 * does not look at a value behind a plus, which changes nothing else.
 */
function planned(sql: string): string {
  return sql.replaceAll(/ (=|is|<|>=) \?/g, ' $1 +?');
}
