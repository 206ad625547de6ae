// The approved tools of MCP servers in SQLite.
import type { McpPin, McpPins } from '../../profiles.ts';
import type { Synchronous } from '../call-table.ts';
import type { PartDeps } from '../profiles/part-deps.ts';
import type { Sql } from '../sql.ts';

/** Lives as long as an open database. Sees the pins of one profile. */
export class SqliteMcpPins implements Synchronous<McpPins> {
  readonly #sql: Sql;
  readonly #profile: string;

  constructor({ sql, profile }: PartDeps) {
    this.#sql = sql;
    this.#profile = profile;
  }

  list(): McpPin[] {
    return this.#sql
      .all(
        this.#sql.build
          .selectFrom('mcp_pin')
          .selectAll()
          .where('profile_id', '=', this.#profile)
          .orderBy('server')
          .orderBy('tool'),
      )
      .map(({ profile_id: _, approved_at: approvedAt, ...pin }) => ({ ...pin, approvedAt }));
  }

  put(pins: readonly McpPin[]): void {
    this.#sql.transaction(() => {
      for (const { approvedAt, ...pin } of pins)
        this.#sql.run(
          this.#sql.build.replaceInto('mcp_pin').values({ ...pin, profile_id: this.#profile, approved_at: approvedAt }),
        );
    });
  }

  remove(server: string, tools?: readonly string[]): void {
    const own = this.#sql.build
      .deleteFrom('mcp_pin')
      .where('profile_id', '=', this.#profile)
      .where('server', '=', server);
    this.#sql.transaction(() => {
      if (!tools) this.#sql.run(own);
      else for (const tool of tools) this.#sql.run(own.where('tool', '=', tool));
    });
  }
}
