// Jobs in SQLite. What a kind of job writes is its own JSON; only what lists show has a column.
import { sql as raw } from 'kysely';
import { UserError } from '../../../base/errors.ts';
import {
  type JobState,
  type Jobs,
  maxJobBytes,
  maxJobs,
  openJobStates,
  resumableMs,
  type StoredJob,
  type StoredQuestion,
  type StoredStage,
  type WholeJob,
} from '../../jobs.ts';
import type { Page, PageRequest } from '../../pages.ts';
import type { Synchronous } from '../call-table.ts';
import { cursorOf, limitOf, toPage } from '../paging.ts';
import type { PartDeps } from '../profiles/part-deps.ts';
import { fromJson, type JobTable, toJson } from '../schema.ts';
import type { Sql } from '../sql.ts';

interface JobRow extends Omit<JobTable, 'profile_id' | 'bytes' | 'touched_at'> {
  stages: number;
  unknown: number;
  cost: number;
}

/** Lives as long as an open database. Sees the jobs of one profile. */
export class SqliteJobs implements Synchronous<Jobs> {
  readonly #sql: Sql;
  readonly #profile: string;

  constructor({ sql, profile }: PartDeps) {
    this.#sql = sql;
    this.#profile = profile;
  }

  add({ id, kind, title, request, document }: Parameters<Jobs['add']>[0]): void {
    const json = JSON.stringify(request ?? null);
    const row = { id, kind, title, state: 'queued' as const, request: json, bytes: Buffer.byteLength(json) };
    this.#sql.transaction(() => {
      this.#sql.run(
        this.#sql.build.insertInto('job').values({
          ...row,
          profile_id: this.#profile,
          result: null,
          failure: null,
          created_at: Date.now(),
          ended_at: null,
          question: null,
          document: document ?? null,
          touched_at: Date.now(),
        }),
      );
      this.#dropOldest();
    });
  }

  list(page: PageRequest): Page<StoredJob> {
    const limit = limitOf(page);
    const after = cursorOf(page);
    const rows = this.#sql.all(
      this.#jobs()
        .$if(after !== undefined, (query) =>
          query.where(({ eb, refTuple, tuple }) =>
            eb(refTuple('created_at', 'id'), '<', tuple(after?.[0] ?? 0, after?.[1] ?? '')),
          ),
        )
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit + 1),
    );
    return toPage(rows, limit, { item: toJob, key: ({ created_at, id }) => [created_at, id] });
  }

  job(jobId: string): WholeJob {
    const row = this.#sql.first(this.#jobs().where('id', '=', jobId));
    if (!row) throw jobNotFound();
    const stages = this.#sql.all(
      this.#sql.build.selectFrom('job_stage').select('content').where('job_id', '=', jobId).orderBy('place'),
    );
    return {
      ...toJob(row),
      request: fromJson(row.request),
      ...(row.result !== null && { result: fromJson(row.result) }),
      finished: stages.map(({ content }) => fromJson<StoredStage>(content)),
    };
  }

  unfinished(): Pick<WholeJob, 'id' | 'kind' | 'state' | 'request'>[] {
    const rows = this.#sql.all(
      this.#sql.build
        .selectFrom('job')
        .select(['id', 'kind', 'state', 'request'])
        .where('profile_id', '=', this.#profile)
        .where('state', 'in', openJobStates),
    );
    return rows.map(({ request, ...job }) => ({ ...job, request: fromJson(request) }));
  }

  waste(since: number): number {
    const sum = raw<number>`total(json_extract(result, '$.waste'))`.as('waste');
    const ended = this.#sql.build.selectFrom('job').select(sum).where('profile_id', '=', this.#profile);
    return this.#sql.first(ended.where('ended_at', '>=', since))?.waste ?? 0;
  }

  begin(jobId: string): void {
    this.#update(jobId, { state: 'running', failure: null, question: null, ended_at: null });
  }

  wait(jobId: string, question: StoredQuestion): void {
    this.#update(jobId, { state: 'waiting', question: toJson(question) });
  }

  finishStage(jobId: string, stage: StoredStage): void {
    const content = JSON.stringify(stage);
    const { costUsd = 0 } = stage;
    this.#sql.transaction(() => {
      const place = this.job(jobId).finished.length;
      this.#sql.run(
        this.#sql.build
          .insertInto('job_stage')
          .values({ job_id: jobId, place, name: stage.name, cost_usd: costUsd, content }),
      );
      this.#update(jobId, { bytes: raw<number>`bytes + ${Buffer.byteLength(content)}` });
    });
  }

  end(jobId: string, { state, result, failure }: Parameters<Jobs['end']>[1]): void {
    const json = toJson(result);
    const bytes = raw<number>`bytes + ${json === null ? 0 : Buffer.byteLength(json)}`;
    this.#sql.transaction(() => {
      this.#update(jobId, {
        state,
        result: json,
        failure: failure ?? null,
        question: null,
        bytes,
        ended_at: Date.now(),
      });
      if (state === 'done') dropWhatResumes(this.#sql, [jobId]);
    });
  }

  purge(jobId: string, why: string): void {
    this.#sql.transaction(() => {
      const state = raw<JobState>`case when state = 'done' then state else 'failed' end`;
      const ended = raw<number>`coalesce(ended_at, ${Date.now()})`;
      this.#update(jobId, {
        state,
        request: 'null',
        result: null,
        failure: why,
        question: null,
        bytes: 0,
        ended_at: ended,
      });
      this.#sql.run(this.#sql.build.deleteFrom('job_stage').where('job_id', '=', jobId));
    });
  }

  remove(jobId: string): void {
    this.#sql.transaction(() => {
      this.purge(jobId, ''); // notes that its words have to leave the disk
      this.#sql.run(this.#sql.build.deleteFrom('job').where('id', '=', jobId));
    });
  }

  #update(jobId: string, change: object): void {
    const changed = this.#sql.run(
      this.#sql.build
        .updateTable('job')
        .set({ ...change, touched_at: Date.now() })
        .where('profile_id', '=', this.#profile)
        .where('id', '=', jobId),
    );
    if (changed === 0) throw jobNotFound();
  }

  /** The newest stays, however large it is. */
  #dropOldest(): void {
    const { build } = this.#sql;
    const ranked = build
      .selectFrom('job')
      .select([
        'id',
        raw<number>`row_number() over (order by created_at desc, id desc)`.as('place'),
        raw<number>`sum(bytes) over (order by created_at desc, id desc)`.as('total'),
      ])
      .where('profile_id', '=', this.#profile);
    this.#sql.run(
      build.deleteFrom('job').where('id', 'in', ({ selectFrom }) =>
        selectFrom(ranked.as('ranked'))
          .select('id')
          .where(({ or, eb }) => or([eb('place', '>', maxJobs), eb('total', '>', maxJobBytes)]))
          .where('place', '>', 1),
      ),
    );
  }

  #jobs() {
    return this.#sql.build
      .selectFrom('job')
      .select([
        'id',
        'kind',
        'title',
        'state',
        'request',
        'result',
        'failure',
        'created_at',
        'ended_at',
        'question',
        'document',
      ])
      .select([
        raw<number>`(select count(*) from job_stage where job_id = job.id)`.as('stages'),
        raw<number>`(select count(*) from job_stage where job_id = job.id and cost_usd is null)`.as('unknown'),
        raw<number>`(select total(cost_usd) from job_stage where job_id = job.id)`.as('cost'),
      ])
      .where('profile_id', '=', this.#profile);
  }
}

/** Of any profile: what nothing was done for during a day can't be gone on with any more. */
export function expireJobs(sql: Sql): void {
  const expired = sql.all(
    sql.build
      .selectFrom('job')
      .select('id')
      .where('request', '<>', 'null')
      .where('touched_at', '<=', Date.now() - resumableMs),
  );
  if (expired.length === 0) return;
  sql.transaction(() => {
    const ids = expired.map(({ id }) => id);
    const state = raw<JobState>`case when state in (${raw.join(openJobStates)}) then 'stopped' else state end`;
    sql.run(sql.build.updateTable('job').set({ state, question: null }).where('id', 'in', ids));
    dropWhatResumes(sql, ids);
  });
}

/** When the next job of any profile can't be gone on with any more; undefined where there is none. */
export function nextJobExpiry(sql: Sql): number | undefined {
  const oldest = sql.build.fn.min('touched_at').as('oldest');
  const [found] = sql.all(sql.build.selectFrom('job').select(oldest).where('request', '<>', 'null'));
  return found === undefined || found.oldest === null ? undefined : Number(found.oldest) + resumableMs;
}

/** What is shown of them stays: it has no secrets. */
function dropWhatResumes(sql: Sql, jobIds: readonly string[]): void {
  const content = raw<string>`json_remove(content, '$.outcome')`;
  sql.run(sql.build.updateTable('job_stage').set({ content }).where('job_id', 'in', jobIds));
  const stageBytes = raw`(select total(length(cast(content as blob))) from job_stage where job_id = job.id)`;
  const bytes = raw<number>`cast(coalesce(length(cast(result as blob)), 0) + ${stageBytes} as integer)`;
  sql.run(sql.build.updateTable('job').set({ request: 'null', bytes }).where('id', 'in', jobIds));
}

function toJob(row: JobRow): StoredJob {
  return {
    id: row.id,
    kind: row.kind,
    title: row.title,
    state: row.state,
    stages: row.stages,
    isResumable: row.request !== 'null',
    createdAt: row.created_at,
    ...(row.question !== null && { question: fromJson<StoredQuestion>(row.question) }),
    ...(row.document !== null && { document: row.document }),
    ...(row.unknown === 0 && { costUsd: row.cost }),
    ...(row.failure !== null && { failure: row.failure }),
    ...(row.ended_at !== null && { endedAt: row.ended_at }),
  };
}

function jobNotFound(): UserError {
  return new UserError('job-not-found', 'That job is no longer stored. To list jobs, run `switchyard jobs`.');
}
