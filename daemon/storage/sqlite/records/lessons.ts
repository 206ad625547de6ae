// On which findings the user has decided, in SQLite.
import type { FindingLesson } from '../../findings.ts';
import { fromJson } from '../schema.ts';
import type { Sql } from '../sql.ts';

interface Place {
  sql: Sql;
  profile: string;
}

/** The last word of a finding holds. */
export function noteLesson({ sql, profile }: Place, findingId: string, isDismissed: boolean): void {
  const row = { is_dismissed: isDismissed ? 1 : 0, created_at: Date.now() };
  sql.run(
    sql.build
      .insertInto('review_lesson')
      .values({ profile_id: profile, finding_id: findingId, ...row })
      .onConflict((again) => again.columns(['profile_id', 'finding_id']).doUpdateSet(row)),
  );
}

/** A dismissal that is taken back teaches nothing. */
export function dropLessons({ sql, profile }: Place, fingerprint: string): void {
  const own = sql.build.selectFrom('finding').select('id').where('fingerprint', '=', fingerprint);
  sql.run(sql.build.deleteFrom('review_lesson').where('profile_id', '=', profile).where('finding_id', 'in', own));
}

export function lessonsOf({ sql, profile }: Place, limit: number): FindingLesson[] {
  const rows = sql.all(
    sql.build
      .selectFrom('review_lesson')
      .innerJoin('finding', 'finding.id', 'review_lesson.finding_id')
      .select(['finding.finding', 'review_lesson.is_dismissed'])
      .where('review_lesson.profile_id', '=', profile)
      .orderBy('review_lesson.created_at', 'desc')
      .limit(limit),
  );
  return rows.map((row) => ({ finding: fromJson(row.finding), isDismissed: row.is_dismissed === 1 }));
}

/** Returns how many there were. */
export function forgetLessons({ sql, profile }: Place): number {
  const { count } = sql.first(
    sql.build
      .selectFrom('review_lesson')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('profile_id', '=', profile),
  ) ?? { count: 0 };
  sql.run(sql.build.deleteFrom('review_lesson').where('profile_id', '=', profile));
  return count;
}
