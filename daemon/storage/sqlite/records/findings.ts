// What reviews found, in SQLite, and which findings the user has dismissed.
import { sql as raw } from 'kysely';
import { UserError } from '../../../base/errors.ts';
import { fileIdentity } from '../../../base/uri.ts';
import type {
  Dismissal,
  FindingLesson,
  Findings,
  HunkClaims,
  KnownFinding,
  StoredFinding,
  StoredRun,
} from '../../findings.ts';
import type { Page, PageRequest } from '../../pages.ts';
import type { Synchronous } from '../call-table.ts';
import type { PartDeps } from '../profiles/part-deps.ts';
import type { Sql } from '../sql.ts';
import { forgetHunks, hunkClaims, keepHunkClaims } from './hunks.ts';
import { closeFindings, knownFindings, reviewedUris } from './known-findings.ts';
import { dropLessons, forgetLessons, lessonsOf, noteLesson } from './lessons.ts';
import { beginRun, endRun, findingsOfRun, jsonColumn, listRuns, noteOfRun, toFinding } from './runs.ts';

/** Lives as long as an open database. Each method that writes is one transaction. */
export class SqliteFindings implements Synchronous<Findings> {
  readonly #sql: Sql;
  readonly #profile: string;

  constructor({ sql, profile }: PartDeps) {
    this.#sql = sql;
    this.#profile = profile;
  }

  beginRun(run: Parameters<Findings['beginRun']>[0]): void {
    beginRun({ sql: this.#sql, profile: this.#profile }, run);
  }

  endRun(id: string, end: Parameters<Findings['endRun']>[1]): void {
    endRun({ sql: this.#sql, profile: this.#profile }, id, end);
  }

  saveRun({ id, uri, summary, state = 'done', findings, ...notes }: Parameters<Findings['saveRun']>[0]): void {
    const { build } = this.#sql;
    this.#sql.transaction(() => {
      const [coverage, aside] = [jsonColumn(notes.coverage), jsonColumn(notes.aside)];
      const end = { uri: fileIdentity(uri), summary, state, coverage, aside };
      this.#sql.run(
        build
          .insertInto('review_run')
          .values({ id, profile_id: this.#profile, created_at: Date.now(), ...end })
          .onConflict((begun) => begun.column('id').doUpdateSet(end).where('review_run.state', '=', 'running')),
      );
      for (const [place, found] of findings.entries()) {
        const row = {
          run_id: id,
          place,
          uri: fileIdentity(found.uri),
          fingerprint: found.fingerprint,
          finding: JSON.stringify(found.finding),
          surroundings: jsonColumn(found.surroundings),
        };
        // A finding that comes again under its old id belongs to the newer run; an id of another profile stays what it is.
        this.#sql.run(
          build
            .insertInto('finding')
            .values({ id: found.id, ...row })
            .onConflict((again) => again.column('id').doUpdateSet(row).where('finding.run_id', 'in', this.#runs())),
        );
      }
    });
  }

  pastRuns(page: PageRequest): Page<StoredRun> {
    return listRuns({ sql: this.#sql, profile: this.#profile }, page);
  }

  ofRun(runId: string): StoredFinding[] {
    return findingsOfRun({ sql: this.#sql, profile: this.#profile }, runId);
  }

  coverageOf(runId: string): unknown {
    return noteOfRun({ sql: this.#sql, profile: this.#profile }, runId, 'coverage');
  }

  asideOf(runId: string): unknown {
    return noteOfRun({ sql: this.#sql, profile: this.#profile }, runId, 'aside');
  }

  known(uri: string): KnownFinding[] {
    return knownFindings({ sql: this.#sql, profile: this.#profile }, uri);
  }

  close(fingerprints: readonly string[]): void {
    closeFindings({ sql: this.#sql, profile: this.#profile }, fingerprints);
  }

  reviewedUris(limit: number): string[] {
    return reviewedUris({ sql: this.#sql, profile: this.#profile }, limit);
  }

  hunkClaims(keys: readonly string[]): Map<string, unknown> {
    return hunkClaims({ sql: this.#sql, profile: this.#profile }, keys);
  }

  keepHunkClaims(hunks: readonly HunkClaims[]): void {
    keepHunkClaims({ sql: this.#sql, profile: this.#profile }, hunks);
  }

  forgetHunks(uri: string): void {
    forgetHunks({ sql: this.#sql, profile: this.#profile }, uri);
  }

  finding(findingId: string): StoredFinding {
    const row = this.#sql.first(
      this.#sql.build.selectFrom('finding').selectAll().where('id', '=', findingId).where('run_id', 'in', this.#runs()),
    );
    if (!row) throw new UserError('finding-not-found', 'That finding is no longer stored. Run the review again.');
    return toFinding(row);
  }

  latest(uri: string): StoredFinding[] {
    const names = [...new Set([fileIdentity(uri), uri])]; // older rows have the name that the client used
    const runId = this.#newestRun(names);
    if (runId === undefined) return [];
    const dismissed = this.#sql.build
      .selectFrom('dismissal')
      .select('fingerprint')
      .where('profile_id', '=', this.#profile);
    return this.#sql
      .all(
        this.#sql.build
          .selectFrom('finding')
          .selectAll()
          .where('run_id', '=', runId)
          .where('uri', 'in', names)
          .where('fingerprint', 'not in', dismissed)
          .orderBy('place'),
      )
      .map(toFinding);
  }

  dismiss(findingId: string, reason?: string): StoredFinding {
    const found = this.finding(findingId);
    const row = { reason: reason ?? null, created_at: Date.now() };
    this.#sql.transaction(() => {
      this.#sql.run(
        this.#sql.build
          .insertInto('dismissal')
          .values({ profile_id: this.#profile, fingerprint: found.fingerprint, ...row })
          .onConflict((again) => again.columns(['profile_id', 'fingerprint']).doUpdateSet(row)),
      );
      noteLesson({ sql: this.#sql, profile: this.#profile }, findingId, true);
    });
    return found;
  }

  applied(findingId: string): StoredFinding {
    const found = this.finding(findingId);
    noteLesson({ sql: this.#sql, profile: this.#profile }, findingId, false);
    return found;
  }

  lessons(limit: number): FindingLesson[] {
    return lessonsOf({ sql: this.#sql, profile: this.#profile }, limit);
  }

  forgetLessons(): number {
    return forgetLessons({ sql: this.#sql, profile: this.#profile });
  }

  undismiss(findingId: string): StoredFinding {
    const found = this.finding(findingId);
    this.#sql.transaction(() => {
      this.#sql.run(
        this.#sql.build
          .deleteFrom('dismissal')
          .where('profile_id', '=', this.#profile)
          .where('fingerprint', '=', found.fingerprint),
      );
      dropLessons({ sql: this.#sql, profile: this.#profile }, found.fingerprint);
    });
    return found;
  }

  dismissals(limit: number): Dismissal[] {
    const { build } = this.#sql;
    const rows = this.#sql.all(
      build
        .selectFrom('dismissal')
        .select(['fingerprint', 'reason', 'created_at'])
        .where('profile_id', '=', this.#profile)
        .orderBy('created_at', 'desc')
        .limit(limit),
    );
    const asked = raw<string>`(select value from json_each(${JSON.stringify(rows.map((row) => row.fingerprint))}))`;
    const stored = this.#sql.all(
      build
        .selectFrom('finding')
        .selectAll()
        .where('fingerprint', 'in', asked)
        .where('run_id', 'in', this.#runs())
        .orderBy(raw`rowid`), // of several with one fingerprint the newest stays in the map
    );
    const byFingerprint = new Map(stored.map((row) => [row.fingerprint, toFinding(row)]));
    return rows.flatMap(({ fingerprint, reason, created_at: dismissedAt }) => {
      const found = byFingerprint.get(fingerprint);
      return found ? [{ found, ...(reason !== null && { reason }), dismissedAt }] : [];
    });
  }

  dismissed(fingerprints: readonly string[]): Set<string> {
    // One JSON parameter instead of one a fingerprint: the statement stays the same for any number of them.
    const asked = raw<string>`(select value from json_each(${JSON.stringify(fingerprints)}))`;
    const rows = this.#sql.all(
      this.#sql.build
        .selectFrom('dismissal')
        .select('fingerprint')
        .where('profile_id', '=', this.#profile)
        .where('fingerprint', 'in', asked),
    );
    return new Set(rows.map(({ fingerprint }) => fingerprint));
  }

  #runs() {
    return this.#sql.build.selectFrom('review_run').select('id').where('profile_id', '=', this.#profile);
  }

  /** A document's newest run is its own, or one over a diff that found something in it. */
  #newestRun(names: readonly string[]): string | undefined {
    const { build } = this.#sql;
    const own = this.#runs().where('uri', 'in', names);
    const among = build.selectFrom('finding').select('run_id as id').where('uri', 'in', names);
    return this.#sql.first(
      this.#runs()
        .where('id', 'in', own.union(among))
        .where('state', 'in', ['done', 'incomplete', 'part']) // one that did not end replaces nothing
        .orderBy('created_at', 'desc')
        .orderBy(raw`rowid`, 'desc')
        .limit(1),
    )?.id;
  }
}
