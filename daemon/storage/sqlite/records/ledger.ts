// Requests to models and their cost, in SQLite. Sums are made here, so that no list of requests crosses to the daemon's thread.
import { type Expression, sql as raw } from 'kysely';
import type { Ledger, SpendingLog, SpentRequest, Sum, SumsBy, SumsQuery } from '../../ledger.ts';
import type { Synchronous } from '../call-table.ts';
import type { PartDeps } from '../profiles/part-deps.ts';
import type { Sql } from '../sql.ts';

const maxSums = 1000;

const columns = {
  all: raw<string>`''`,
  day: raw<string>`request.day`,
  profile: raw<string>`request.profile_id`,
  workspace: raw<string>`coalesce(request.workspace, '')`,
  chat: raw<string>`coalesce(request.chat_id, '')`,
  answer: raw<string>`coalesce(request.answer_id, '')`,
  model: raw<string>`request.model`,
  provider: raw<string>`request.provider`,
} as const satisfies Record<SumsBy, Expression<string>>;

const nothing = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 };
/** Holds the places of a request's values. */
const noRequest: SpentRequest = {
  id: '',
  at: 0,
  day: '',
  profile: '',
  task: '',
  provider: '',
  model: '',
  usage: nothing,
  status: 'complete',
};

function rowOf({ usage, ...request }: SpentRequest) {
  return {
    id: request.id,
    at: request.at,
    day: request.day,
    profile_id: request.profile,
    chat_id: request.chat ?? null,
    answer_id: request.answer ?? null,
    workspace: request.workspace ?? null,
    task: request.task,
    provider: request.provider,
    model: request.model,
    input: usage.input,
    cache_read: usage.cacheRead,
    cache_write: usage.cacheWrite,
    output: usage.output,
    reasoning: usage.reasoning,
    cost_usd: request.costUsd ?? null,
    price_as_of: request.priceAsOf ?? null,
    status: request.status,
  };
}

/** Lives as long as an open database. */
export class SqliteLedger implements Synchronous<Ledger> {
  readonly #sql: Sql;
  readonly #profile: string;
  readonly #insert: (...values: (string | number | null)[]) => number;

  constructor({ sql, profile }: PartDeps) {
    this.#sql = sql;
    this.#profile = profile;
    this.#insert = sql.prepared(sql.build.insertInto('request').values(rowOf(noRequest)));
  }

  record(request: SpentRequest): void {
    if (request.profile !== this.#profile)
      throw new Error(`a request of profile ${request.profile} came to ${this.#profile}`);
    this.#insert(...Object.values(rowOf(request)));
  }

  sums(query: SumsQuery): Sum[] {
    return this.#sql
      .all(this.#sumsOf(query))
      .map(({ key, title, requests, cached, unknown, estimated, costUsd, ...usage }) => ({
        key,
        requests,
        cached,
        unknown,
        estimated,
        costUsd,
        usage,
        ...(title && { title }),
      }));
  }

  #sumsOf({ by, since, chat, answers }: SumsQuery) {
    const key = columns[by];
    return this.#sql.build
      .selectFrom('request')
      .leftJoin('chat', (join) =>
        join.onRef('chat.id', '=', 'request.chat_id').onRef('chat.profile_id', '=', 'request.profile_id'),
      )
      .select([key.as('key'), raw<string | null>`${by === 'chat' ? raw`max(chat.title)` : raw`null`}`.as('title')])
      .select(({ fn }) => [
        fn.countAll<number>().as('requests'),
        raw<number>`count(*) filter (where request.status = 'cached')`.as('cached'),
        raw<number>`count(*) filter (where request.cost_usd is null)`.as('unknown'),
        raw<number>`count(*) filter (where request.cost_usd > 0 and request.status in ('cancelled', 'partial')
          and request.input + request.cache_read + request.cache_write + request.output + request.reasoning = 0)`.as(
          'estimated',
        ),
        raw<number>`total(request.cost_usd)`.as('costUsd'), // unlike sum(), 0 where there is nothing to add
        fn.sum<number>('request.input').as('input'),
        fn.sum<number>('request.cache_read').as('cacheRead'),
        fn.sum<number>('request.cache_write').as('cacheWrite'),
        fn.sum<number>('request.output').as('output'),
        fn.sum<number>('request.reasoning').as('reasoning'),
      ])
      .$if(since !== undefined, (sums) => sums.where('request.day', '>=', since ?? ''))
      .where('request.profile_id', '=', this.#profile)
      .$if(chat !== undefined, (sums) => sums.where('request.chat_id', '=', chat ?? ''))
      .$if(answers !== undefined, (sums) => sums.where('request.answer_id', 'in', answers ?? []))
      .groupBy(raw`1`)
      .orderBy(by === 'day' ? raw`1` : raw`"costUsd"`, 'desc')
      .orderBy(raw`1`)
      .limit(maxSums);
  }
}

/** What all profiles spent, by profile and without anything else of theirs: for budgets that hold for the whole machine. Lives as long as an open database. */
export class SqliteSpendingLog implements Synchronous<SpendingLog> {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  since(day: string): { profile: string; costUsd: number }[] {
    return this.#sql.all(
      this.#sql.build
        .selectFrom('request')
        .select(['profile_id as profile', raw<number>`total(cost_usd)`.as('costUsd')])
        .where('day', '>=', day)
        .groupBy('profile_id'),
    );
  }
}
