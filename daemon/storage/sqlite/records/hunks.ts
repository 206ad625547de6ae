// What models said of pieces of code, in SQLite: kept so that a piece that did not change is not asked about again.
import { sql as raw } from 'kysely';
import { fileIdentity } from '../../../base/uri.ts';
import type { HunkClaims } from '../../findings.ts';
import type { PartDeps } from '../profiles/part-deps.ts';
import { fromJson } from '../schema.ts';

type HunkDeps = Pick<PartDeps, 'sql' | 'profile'>;

const maxHunks = 5000; // of a profile; a few megabytes

export function hunkClaims({ sql, profile }: HunkDeps, keys: readonly string[]): Map<string, unknown> {
  const { build } = sql;
  const asked = raw<string>`(select value from json_each(${JSON.stringify(keys)}))`;
  return sql.transaction(() => {
    sql.run(
      build
        .updateTable('review_hunk')
        .set({ used_at: Date.now() })
        .where('profile_id', '=', profile)
        .where('key', 'in', asked),
    );
    const rows = sql.all(
      build
        .selectFrom('review_hunk')
        .select(['key', 'claims'])
        .where('profile_id', '=', profile)
        .where('key', 'in', asked),
    );
    return new Map(rows.map(({ key, claims }) => [key, fromJson(claims)]));
  });
}

export function keepHunkClaims({ sql, profile }: HunkDeps, hunks: readonly HunkClaims[]): void {
  const { build } = sql;
  sql.transaction(() => {
    for (const { key, uri, claims } of hunks) {
      const row = { uri: fileIdentity(uri), claims: JSON.stringify(claims), used_at: Date.now() };
      sql.run(
        build
          .insertInto('review_hunk')
          .values({ profile_id: profile, key, ...row })
          .onConflict((again) => again.columns(['profile_id', 'key']).doUpdateSet(row)),
      );
    }
    const oldest = build
      .selectFrom('review_hunk')
      .select('key')
      .where('profile_id', '=', profile)
      .orderBy('used_at', 'desc')
      .limit(-1)
      .offset(maxHunks);
    sql.run(build.deleteFrom('review_hunk').where('profile_id', '=', profile).where('key', 'in', oldest));
  });
}

export function forgetHunks({ sql, profile }: HunkDeps, uri: string): void {
  sql.run(sql.build.deleteFrom('review_hunk').where('profile_id', '=', profile).where('uri', '=', fileIdentity(uri)));
}
