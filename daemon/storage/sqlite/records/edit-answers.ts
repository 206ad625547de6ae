// How answers ended that were to be edits, in SQLite.
import { type EditAnswer, type EditAnswerLog, type FormatTally, maxEditAnswers } from '../../written.ts';
import type { Synchronous } from '../call-table.ts';
import type { PartDeps } from '../profiles/part-deps.ts';
import type { Sql } from '../sql.ts';

/** Lives as long as an open database. Sees the answers of one profile. */
export class SqliteEditAnswers implements Synchronous<EditAnswerLog> {
  readonly #sql: Sql;
  readonly #profile: string;

  constructor({ sql, profile }: PartDeps) {
    this.#sql = sql;
    this.#profile = profile;
  }

  add({ model, format, end }: EditAnswer): void {
    const { build } = this.#sql;
    const own = build.selectFrom('edit_answer').where('profile_id', '=', this.#profile);
    this.#sql.transaction(() => {
      this.#sql.run(build.insertInto('edit_answer').values({ profile_id: this.#profile, model, format, ended: end }));
      const older = own
        .select('id')
        .where('model', '=', model)
        .where('format', '=', format)
        .orderBy('id', 'desc')
        .limit(-1)
        .offset(maxEditAnswers.each);
      this.#sql.run(build.deleteFrom('edit_answer').where('id', 'in', older));
      const forgotten = own
        .select('model')
        .groupBy('model')
        .orderBy(({ fn }) => fn.max('id'), 'desc')
        .limit(-1)
        .offset(maxEditAnswers.models);
      this.#sql.run(
        build.deleteFrom('edit_answer').where('profile_id', '=', this.#profile).where('model', 'in', forgotten),
      );
    });
  }

  tallies(model: string): FormatTally[] {
    const rows = this.#sql.all(
      this.#sql.build
        .selectFrom('edit_answer')
        .select(({ fn }) => ['format', 'ended', fn.countAll<number>().as('count')])
        .where('profile_id', '=', this.#profile)
        .where('model', '=', model)
        .groupBy(['format', 'ended'])
        .orderBy('format'),
    );
    const tallies = new Map<string, FormatTally>();
    for (const { format, ended, count } of rows) {
      const tally = tallies.get(format) ?? { format, ends: {} };
      tallies.set(format, { format, ends: { ...tally.ends, [ended]: count } });
    }
    return [...tallies.values()];
  }
}
