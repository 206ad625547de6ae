// What became of suggestions of code, in SQLite.
import {
  type CompletionLog,
  maxSuggestions,
  type ShownSuggestion,
  type StoredSuggestion,
  type SuggestionOutcome,
} from '../../written.ts';
import type { Synchronous } from '../call-table.ts';
import type { PartDeps } from '../profiles/part-deps.ts';
import { type CompletionTable, fromJson } from '../schema.ts';
import type { Sql } from '../sql.ts';

/** Lives as long as an open database. Sees the suggestions of one profile. */
export class SqliteCompletionLog implements Synchronous<CompletionLog> {
  readonly #sql: Sql;
  readonly #profile: string;

  constructor({ sql, profile }: PartDeps) {
    this.#sql = sql;
    this.#profile = profile;
  }

  add({ id, model, language, latencyMs, characters, lines, features, shownAt }: ShownSuggestion): void {
    const { build } = this.#sql;
    this.#sql.transaction(() => {
      this.#sql.run(
        build.insertInto('completion').values({
          profile_id: this.#profile,
          id,
          model,
          language,
          latency_ms: latencyMs,
          characters,
          lines,
          features: JSON.stringify(features),
          accepted: null,
          kept_ms: null,
          shown_at: shownAt,
        }),
      );
      const old = build
        .selectFrom('completion')
        .select('id')
        .where('profile_id', '=', this.#profile)
        .orderBy('shown_at', 'desc')
        .orderBy('id', 'desc')
        .limit(-1)
        .offset(maxSuggestions);
      this.#sql.run(build.deleteFrom('completion').where('profile_id', '=', this.#profile).where('id', 'in', old));
    });
  }

  settle(id: string, { accepted, keptAfterMs }: SuggestionOutcome): void {
    const set = {
      ...(accepted !== undefined && { accepted: Number(accepted) }),
      ...(keptAfterMs !== undefined && { kept_ms: keptAfterMs }),
    };
    if (Object.keys(set).length === 0) return;
    this.#sql.run(
      this.#sql.build.updateTable('completion').set(set).where('profile_id', '=', this.#profile).where('id', '=', id),
    );
  }

  clear(): void {
    this.#sql.run(this.#sql.build.deleteFrom('completion').where('profile_id', '=', this.#profile));
  }

  list(limit: number): StoredSuggestion[] {
    return this.#sql
      .all(
        this.#sql.build
          .selectFrom('completion')
          .selectAll()
          .where('profile_id', '=', this.#profile)
          .orderBy('shown_at', 'desc')
          .orderBy('id', 'desc')
          .limit(limit),
      )
      .map(toStored);
  }
}

function toStored(row: CompletionTable): StoredSuggestion {
  return {
    id: row.id,
    model: row.model,
    language: row.language,
    latencyMs: row.latency_ms,
    characters: row.characters,
    lines: row.lines,
    features: fromJson(row.features),
    shownAt: row.shown_at,
    ...(row.accepted !== null && { accepted: row.accepted === 1 }),
    ...(row.kept_ms !== null && { keptAfterMs: row.kept_ms }),
  };
}
