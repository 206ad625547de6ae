// Past reviews in SQLite: the list of them, and what each one found.

import { sql as raw, type Selectable } from 'kysely';
import { fileIdentity } from '../../../base/uri.ts';
import type { Findings, StoredFinding, StoredRun } from '../../findings.ts';
import type { Page, PageRequest } from '../../pages.ts';
import { cursorOf, limitOf, toPage } from '../paging.ts';
import type { PartDeps } from '../profiles/part-deps.ts';
import { type FindingTable, fromJson } from '../schema.ts';

type RunDeps = Pick<PartDeps, 'sql' | 'profile'>;

export function beginRun({ sql, profile }: RunDeps, { id, uri, subject }: Parameters<Findings['beginRun']>[0]): void {
  sql.run(
    sql.build.insertInto('review_run').values({
      id,
      profile_id: profile,
      uri: fileIdentity(uri),
      summary: '',
      created_at: Date.now(),
      state: 'running',
      subject: subject.kind,
      first_line: subject.lines?.first ?? null,
      last_line: subject.lines?.last ?? null,
      revision: subject.revision ?? null,
      files: jsonColumn(subject.files?.map(fileIdentity)),
    }),
  );
}

export function endRun(
  { sql, profile }: RunDeps,
  id: string,
  { coverage, aside, ...ended }: Parameters<Findings['endRun']>[1],
): void {
  const end = { ...ended, coverage: jsonColumn(coverage), aside: jsonColumn(aside) };
  sql.run(sql.build.updateTable('review_run').set(end).where('profile_id', '=', profile).where('id', '=', id));
}

export function jsonColumn(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

/** Undefined for a run that is not there, or another profile's. */
export function noteOfRun({ sql, profile }: RunDeps, runId: string, column: 'coverage' | 'aside'): unknown {
  const row = sql.first(
    sql.build
      .selectFrom('review_run')
      .select(['coverage', 'aside'])
      .where('profile_id', '=', profile)
      .where('id', '=', runId),
  );
  const stored = row?.[column] ?? undefined;
  return stored === undefined ? undefined : fromJson(stored);
}

/** The newest first. A review of several documents is one. */
export function listRuns({ sql, profile }: RunDeps, page: PageRequest): Page<StoredRun> {
  const limit = limitOf(page);
  const after = cursorOf(page);
  const rows = sql.all(
    sql.build
      .selectFrom('review_run')
      .select([
        'id',
        'uri',
        'summary',
        'created_at',
        'state',
        'subject',
        'first_line',
        'last_line',
        'revision',
        'files',
      ])
      .select(({ selectFrom, fn }) =>
        selectFrom('finding')
          .select(fn.countAll<number>().as('count'))
          .where(
            raw<boolean>`finding.run_id = review_run.id or (finding.run_id > review_run.id || '.' and finding.run_id < review_run.id || '/')`,
          )
          .as('findings'),
      )
      .where('profile_id', '=', profile)
      .where('state', '<>', 'part')
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
    item: ({ id, uri, summary, findings, created_at, state, subject, first_line, last_line, revision, files }) => ({
      id,
      uri,
      summary,
      state: state === 'part' ? 'done' : state,
      ...(subject !== null && {
        subject: {
          kind: subject,
          ...(revision !== null && { revision }),
          ...(files !== null && { files: fromJson(files) as string[] }),
          ...(first_line !== null && last_line !== null && { lines: { first: first_line, last: last_line } }),
        },
      }),
      findings: findings ?? 0,
      createdAt: created_at,
    }),
    key: ({ id, created_at }) => [created_at, id],
  });
}

/** In the order of the review; none for a run that is not there, or another profile's. */
export function findingsOfRun({ sql, profile }: RunDeps, runId: string): StoredFinding[] {
  const rows = sql.all(
    sql.build
      .selectFrom('finding')
      .innerJoin('review_run', 'review_run.id', 'finding.run_id')
      .selectAll('finding')
      .where('review_run.profile_id', '=', profile)
      .where(({ eb, and, or }) =>
        or([eb('run_id', '=', runId), and([eb('run_id', '>', `${runId}.`), eb('run_id', '<', `${runId}/`)])]),
      )
      .orderBy(raw`review_run.rowid`)
      .orderBy('place'),
  );
  return rows.map(toFinding);
}

export function toFinding(row: Selectable<FindingTable>): StoredFinding {
  const { id, run_id: runId, uri, fingerprint, finding, surroundings } = row;
  return {
    id,
    runId,
    uri,
    fingerprint,
    finding: fromJson(finding),
    ...(surroundings !== null && { surroundings: fromJson(surroundings) }),
  };
}
