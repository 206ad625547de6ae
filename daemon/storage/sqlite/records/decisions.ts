// What the router decided and why, in SQLite. The records are its own JSON; only what they are looked up by has a column.
import { sql as raw } from 'kysely';
import { UserError } from '../../../base/errors.ts';
import { type DecisionLog, maxDecisionsWithoutChat, type StoredDecision } from '../../decisions.ts';
import type { Synchronous } from '../call-table.ts';
import type { PartDeps } from '../profiles/part-deps.ts';
import { type DecisionTable, fromJson } from '../schema.ts';
import type { Sql } from '../sql.ts';

const maxListed = 1000;

/** Lives as long as an open database. */
export class SqliteDecisionLog implements Synchronous<DecisionLog> {
  readonly #sql: Sql;
  readonly #profile: string;
  readonly #insert: (...values: (string | number | null)[]) => number;
  readonly #addOutcome: (outcome: string, profile: string, id: string) => number;

  constructor({ sql, profile }: PartDeps) {
    this.#sql = sql;
    this.#profile = profile;
    this.#insert = sql.prepared(
      sql.build
        .insertInto('decision')
        .values({ id: '', at: 0, profile_id: '', model: '', policy: '', record: '', chat_id: '' }),
    );
    this.#addOutcome = sql.prepared(
      sql.build
        .updateTable('decision')
        .set({ outcome: raw<string>`json_patch(coalesce(outcome, '{}'), ${'{}'})` })
        .where('profile_id', '=', '')
        .where('id', '=', ''),
    );
  }

  save({ id, at, profile, chat, model, policy, record }: Omit<StoredDecision, 'outcome'>): void {
    if (profile !== this.#profile) throw new Error(`a decision of profile ${profile} came to ${this.#profile}`);
    this.#insert(id, at, this.#profile, model, policy, JSON.stringify(record ?? null), chat ?? null);
    if (chat === undefined) this.#dropOldest();
  }

  #dropOldest(): void {
    const { build } = this.#sql;
    const oldestKept = build
      .selectFrom('decision')
      .select('at')
      .where('profile_id', '=', this.#profile)
      .where('chat_id', 'is', null)
      .orderBy('at', 'desc')
      .offset(maxDecisionsWithoutChat - 1)
      .limit(1);
    this.#sql.run(
      build
        .deleteFrom('decision')
        .where('profile_id', '=', this.#profile)
        .where('chat_id', 'is', null)
        .where('at', '<', oldestKept),
    );
  }

  /** Merged by the database itself (RFC 7396: `null` removes a field), so that of two who tell something at once neither is lost. */
  finish(decisionId: string, outcome: object): void {
    const changed = this.#addOutcome(JSON.stringify(outcome), this.#profile, decisionId);
    if (changed === 0) throw decisionNotFound();
  }

  decision(decisionId: string): StoredDecision {
    const row = this.#sql.first(
      this.#sql.build
        .selectFrom('decision')
        .selectAll()
        .where('profile_id', '=', this.#profile)
        .where('id', '=', decisionId),
    );
    if (!row) throw decisionNotFound();
    return toDecision(row);
  }

  list({ since, limit }: { since?: number; limit?: number }): StoredDecision[] {
    const rows = this.#sql.all(
      this.#sql.build
        .selectFrom('decision')
        .selectAll()
        .where('profile_id', '=', this.#profile)
        .$if(since !== undefined, (decisions) => decisions.where('at', '>=', since ?? 0))
        .orderBy('at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit ?? maxListed),
    );
    return rows.map(toDecision);
  }
}

function toDecision({ profile_id: profile, chat_id: chat, record, outcome, ...row }: DecisionTable): StoredDecision {
  return {
    ...row,
    profile,
    record: fromJson(record),
    ...(chat !== null && { chat }),
    ...(outcome !== null && { outcome: fromJson(outcome) }),
  };
}

function decisionNotFound(): UserError {
  return new UserError('decision-not-found', 'That decision is no longer stored. Ask again to get a new one.');
}
