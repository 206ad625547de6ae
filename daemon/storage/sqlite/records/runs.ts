// Past reviews in SQLite: the list of them, and what each one found.

import type { StoredFinding, StoredRun } from '../../findings.ts';
import type { Page, PageRequest } from '../../pages.ts';
import { cursorOf, limitOf, toPage } from '../paging.ts';
import type { PartDeps } from '../profiles/part-deps.ts';

/** The newest first. */
export function listRuns({ sql, profile }: Pick<PartDeps, 'sql' | 'profile'>, page: PageRequest): Page<StoredRun> {
  const limit = limitOf(page);
  const after = cursorOf(page);
  const rows = sql.all(
    sql.build
      .selectFrom('review_run')
      .select(['id', 'uri', 'summary', 'created_at'])
      .select(({ selectFrom, fn }) =>
        selectFrom('finding')
          .select(fn.countAll<number>().as('count'))
          .whereRef('finding.run_id', '=', 'review_run.id')
          .as('findings'),
      )
      .where('profile_id', '=', profile)
      .$if(after !== undefined, (query) =>
        query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('created_at', 'id'), '<', tuple(after?.[0] ?? 0, after?.[1] ?? '')),
        ),
      )
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(limit + 1),
  );
  return toPage(rows, limit, {
    item: ({ id, uri, summary, findings, created_at }) => ({
      id,
      uri,
      summary,
      findings: findings ?? 0,
      createdAt: created_at,
    }),
    key: ({ id, created_at }) => [created_at, id],
  });
}

/** In the order of the review; none for a run that is not there, or another profile's. */
export function findingsOfRun({ sql, profile }: Pick<PartDeps, 'sql' | 'profile'>, runId: string): StoredFinding[] {
  const rows = sql.all(
    sql.build
      .selectFrom('finding')
      .innerJoin('review_run', 'review_run.id', 'finding.run_id')
      .selectAll('finding')
      .where('review_run.profile_id', '=', profile)
      .where('run_id', '=', runId)
      .orderBy('place'),
  );
  return rows.map((row) => ({
    id: row.id,
    runId: row.run_id,
    uri: row.uri,
    fingerprint: row.fingerprint,
    finding: JSON.parse(row.finding) as unknown,
  }));
}
