// What became of code that models wrote, in SQLite.

import { maxWritten, type WrittenCode, type WrittenLog } from '../../written.ts';
import type { Synchronous } from '../call-table.ts';
import type { PartDeps } from '../profiles/part-deps.ts';
import type { WrittenTable } from '../schema.ts';
import type { Sql } from '../sql.ts';

/** Lives as long as an open database. Sees what was written in one profile. */
export class SqliteWrittenLog implements Synchronous<WrittenLog> {
  readonly #sql: Sql;
  readonly #profile: string;

  constructor({ sql, profile }: PartDeps) {
    this.#sql = sql;
    this.#profile = profile;
  }

  add({ jobId, decisionId, coder, language, judge, confidence, ...passes }: Omit<WrittenCode, 'kept'>): void {
    const { build } = this.#sql;
    const row = {
      job_id: jobId,
      profile_id: this.#profile,
      decision_id: decisionId ?? null,
      coder,
      language,
      draft_passes: toFlag(passes.draftPasses),
      revision_passes: toFlag(passes.revisionPasses),
      judge: judge ?? null,
      confidence: confidence ?? null,
      created_at: Date.now(),
    };
    this.#sql.transaction(() => {
      this.#sql.run(
        build
          .insertInto('written')
          .values({ ...row, kept: null })
          .onConflict((conflict) => conflict.column('job_id').doUpdateSet(row)),
      );
      const newest = build
        .selectFrom('written')
        .select('job_id')
        .where('profile_id', '=', this.#profile)
        .orderBy('created_at', 'desc')
        .orderBy('job_id', 'desc')
        .limit(-1)
        .offset(maxWritten);
      this.#sql.run(build.deleteFrom('written').where('job_id', 'in', newest));
    });
  }

  settle(decisionId: string, kept: boolean): void {
    this.#sql.run(
      this.#sql.build
        .updateTable('written')
        .set({ kept: Number(kept) })
        .where('profile_id', '=', this.#profile)
        .where('decision_id', '=', decisionId),
    );
  }

  list(): WrittenCode[] {
    return this.#sql
      .all(
        this.#sql.build
          .selectFrom('written')
          .selectAll()
          .where('profile_id', '=', this.#profile)
          .orderBy('created_at', 'desc')
          .orderBy('job_id', 'desc'),
      )
      .map(toWritten);
  }
}

function toFlag(value: boolean | undefined): number | null {
  return value === undefined ? null : Number(value);
}

function toWritten(row: WrittenTable): WrittenCode {
  return {
    jobId: row.job_id,
    coder: row.coder,
    language: row.language,
    ...(row.decision_id !== null && { decisionId: row.decision_id }),
    ...(row.draft_passes !== null && { draftPasses: row.draft_passes === 1 }),
    ...(row.revision_passes !== null && { revisionPasses: row.revision_passes === 1 }),
    ...(row.judge !== null && { judge: row.judge }),
    ...(row.confidence !== null && { confidence: row.confidence }),
    ...(row.kept !== null && { kept: row.kept === 1 }),
  };
}
