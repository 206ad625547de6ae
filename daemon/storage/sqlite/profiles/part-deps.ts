// What each part of a profile's storage is made with.
import type { Sql } from '../sql.ts';

export interface PartDeps {
  readonly sql: Sql;
  /** Ids that sort by the time they were made. */
  newId(): string;
  /** The profile's id: no query of the part reads or writes a row of another. */
  readonly profile: string;
}
