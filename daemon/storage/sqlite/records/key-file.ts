// Which state of the key store was the last one that was in use here. No key, and nothing of one, is in the database.
import type { KeyFileLog } from '../../key-file.ts';
import type { Synchronous } from '../call-table.ts';
import type { Sql } from '../sql.ts';

/** Lives as long as an open database. */
export class SqliteKeyFileLog implements Synchronous<KeyFileLog> {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  latest(): number {
    return (
      this.#sql.first(this.#sql.build.selectFrom('key_file').select('generation').where('id', '=', 1))?.generation ?? 0
    );
  }

  note(generation: number): void {
    const { build } = this.#sql;
    const insertion = build.insertInto('key_file').values({ id: 1, generation });
    this.#sql.run(
      insertion.onConflict((known) =>
        known.column('id').doUpdateSet({ generation }).where('key_file.generation', '<', generation),
      ),
    );
  }
}
