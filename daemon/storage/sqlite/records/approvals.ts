// What the user has allowed the agent once and for all, in SQLite.
import { isInside } from '../../../base/paths.ts';
import { type ApprovalLog, maxApprovals, type StoredApproval } from '../../jobs.ts';
import type { Synchronous } from '../call-table.ts';
import type { PartDeps } from '../profiles/part-deps.ts';
import type { Sql } from '../sql.ts';

/** Lives as long as an open database. Sees what was allowed in one profile. */
export class SqliteApprovals implements Synchronous<ApprovalLog> {
  readonly #sql: Sql;
  readonly #profile: string;

  constructor({ sql, profile }: PartDeps) {
    this.#sql = sql;
    this.#profile = profile;
  }

  add({ root, identity, kind, text }: Omit<StoredApproval, 'createdAt'>): void {
    const { build } = this.#sql;
    const said = { kind, asked: text, created_at: Date.now() };
    this.#sql.transaction(() => {
      this.#sql.run(
        build
          .insertInto('approval')
          .values({ profile_id: this.#profile, root, identity, ...said })
          .onConflict((conflict) => conflict.columns(['profile_id', 'root', 'identity']).doUpdateSet(said)),
      );
      const older = this.#own()
        .select('identity')
        .orderBy('created_at', 'desc')
        .orderBy('identity')
        .limit(-1)
        .offset(maxApprovals);
      this.#sql.run(
        build.deleteFrom('approval').where('profile_id', '=', this.#profile).where('identity', 'in', older),
      );
    });
  }

  has(root: string, identity: string): boolean {
    return (
      this.#sql.all(this.#own().select('identity').where('root', '=', root).where('identity', '=', identity)).length > 0
    );
  }

  list(): StoredApproval[] {
    return this.#sql
      .all(this.#own().selectAll().orderBy('created_at', 'desc').orderBy('identity'))
      .map(({ root, identity, kind, asked, created_at }) => ({
        root,
        identity,
        kind,
        text: asked,
        createdAt: created_at,
      }));
  }

  remove(root: string, identity: string): void {
    const own = this.#sql.build.deleteFrom('approval').where('profile_id', '=', this.#profile);
    this.#sql.run(own.where('root', '=', root).where('identity', '=', identity));
  }

  clear(root: string): void {
    const roots = this.list().flatMap((approval) => (isInside(approval.root, root) ? [approval.root] : []));
    this.#sql.run(
      this.#sql.build.deleteFrom('approval').where('profile_id', '=', this.#profile).where('root', 'in', roots),
    );
  }

  #own() {
    return this.#sql.build.selectFrom('approval').where('profile_id', '=', this.#profile);
  }
}
