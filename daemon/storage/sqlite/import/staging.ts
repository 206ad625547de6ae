// Chats that are being imported. Their rows stand in a staging profile, which no session can have, so that no query for a profile's
// chats sees them. A chat that is whole moves to its own profile in one step. What a crash or a cancelled import leaves is removed in
// idle moments.
import { sql as raw } from 'kysely';
import type { Sql } from '../sql.ts';

const mark = 'arriving:';
/** SQL: whether a chat's profile is a staging profile. For queries over the chats of all profiles. */
export const isStaged = `profile_id >= '${mark}' and profile_id < 'arriving;'`; // a semicolon follows a colon
const messagesPerStep = 250;

/** The profile in which a chat stands while it is imported into this one. */
export function stagingProfileOf(profile: string): string {
  return `${mark}${profile}`;
}

/** Lives as long as an open database. */
export class StagedChats {
  readonly #sql: Sql;
  /** Chats of imports that go on. */
  readonly #live = new Set<string>();

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  keep(chatId: string): void {
    this.#live.add(chatId);
  }

  letGo(chatId: string): void {
    this.#live.delete(chatId);
  }

  /** Removes some messages of an import that ended early; returns whether there is more. */
  step(): boolean {
    const { build } = this.#sql;
    const staged = this.#sql.all(
      build
        .selectFrom('chat')
        .select('id')
        .where(raw<boolean>`${raw.raw(isStaged)}`),
    );
    const left = staged.find(({ id }) => !this.#live.has(id));
    if (!left) return false;
    const some = build.selectFrom('message').select('id').where('chat_id', '=', left.id).limit(messagesPerStep);
    if (this.#sql.run(build.deleteFrom('message').where('id', 'in', some)) === 0)
      this.#sql.run(build.deleteFrom('chat').where('id', '=', left.id));
    return true;
  }
}
