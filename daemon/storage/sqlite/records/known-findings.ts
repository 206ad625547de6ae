// Findings of before, by which a review knows again what it finds, in SQLite.
import { sql as raw } from 'kysely';
import { fileIdentity } from '../../../base/uri.ts';
import type { KnownFinding } from '../../findings.ts';
import type { PartDeps } from '../profiles/part-deps.ts';
import { toFinding } from './runs.ts';

type KnownDeps = Pick<PartDeps, 'sql' | 'profile'>;

const maxRows = 2000; // of one document

/** Each fingerprint once, the last found first. */
export function knownFindings({ sql, profile }: KnownDeps, uri: string): KnownFinding[] {
  const names = [...new Set([fileIdentity(uri), uri])]; // older rows have the name that the client used
  const rows = sql.all(
    sql.build
      .selectFrom('finding')
      .innerJoin('review_run', 'review_run.id', 'finding.run_id')
      .leftJoin('dismissal', (join) =>
        join.onRef('dismissal.fingerprint', '=', 'finding.fingerprint').on('dismissal.profile_id', '=', profile),
      )
      .selectAll('finding')
      .select('dismissal.created_at as dismissed_at')
      .where('review_run.profile_id', '=', profile)
      .where('finding.uri', 'in', names)
      .orderBy(raw`finding.rowid`, 'desc')
      .limit(maxRows),
  );
  const known = new Map<string, KnownFinding>();
  for (const row of rows) {
    if (known.has(row.fingerprint)) continue;
    const found = toFinding(row);
    known.set(row.fingerprint, { found, isOpen: row.is_open === 1, isDismissed: row.dismissed_at !== null });
  }
  return [...known.values()];
}

export function closeFindings({ sql, profile }: KnownDeps, fingerprints: readonly string[]): void {
  const asked = raw<string>`(select value from json_each(${JSON.stringify(fingerprints)}))`;
  sql.run(
    sql.build
      .updateTable('finding')
      .set({ is_open: 0 })
      .where('fingerprint', 'in', asked)
      .where('run_id', 'in', sql.build.selectFrom('review_run').select('id').where('profile_id', '=', profile)),
  );
}

export function reviewedUris({ sql, profile }: KnownDeps, limit: number): string[] {
  return sql
    .all(
      sql.build
        .selectFrom('review_run')
        .select('uri')
        .where('profile_id', '=', profile)
        .groupBy('uri')
        .orderBy(raw`max(created_at)`, 'desc')
        .limit(limit),
    )
    .map(({ uri }) => uri);
}
