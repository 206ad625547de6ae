// Chats that are still arriving. Their rows are in no profile that anybody can be in, so that nothing which asks for a profile's
// chats sees them; one that is whole changes its profile, in one step. What a crash or a cancelled import leaves is removed by and by.
import { sql as raw } from 'kysely';
import type { Sql } from '../sql.ts';

const mark = 'arriving:';
/** A chat's profile is one of a chat that still arrives: a condition of SQL, for whoever looks at the chats of all profiles. */
export const isStaged = `profile_id >= '${mark}' and profile_id < 'arriving;'`; // a semicolon follows a colon
const messagesPerStep = 250;

/** In which profile a chat stands while it arrives in another. */
export function stagingProfileOf(profile: string): string {
  return `${mark}${profile}`;
}

/** Lives as long as an open database. */
export class StagedChats {
  readonly #sql: Sql;
  /** Those that something is added to. */
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

  /** Removes some messages of what nobody adds to any more; returns whether there is more. */
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
