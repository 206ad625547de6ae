// Deleted chats in SQLite: each is kept for a day as it was, so that neither a crash nor a closed window costs one that was wanted
// back, and none is kept for longer than was said.
import type { Selectable } from 'kysely';
import { UserError } from '../../../base/errors.ts';
import type { DeletedChat, Trash } from '../../trash.ts';
import type { Synchronous } from '../call-table.ts';
import type { PartDeps } from '../profiles/part-deps.ts';
import type { ChatTable, MemoryTable } from '../schema.ts';
import type { Sql } from '../sql.ts';
import { checksumOf } from './checksum.ts';
import { type MessageRow, Pieces } from './pieces.ts';

/** How long a deleted chat can be brought back. */
export const deletedKeptMs = 24 * 60 * 60 * 1000;
const maxListed = 200;

/** Lives as long as an open database. Sees the deleted chats of one profile. */
export class SqliteTrash implements Synchronous<Trash> {
  readonly #sql: Sql;
  readonly #profile: string;

  constructor({ sql, profile }: PartDeps) {
    this.#sql = sql;
    this.#profile = profile;
  }

  list(): DeletedChat[] {
    return this.#sql
      .all(
        this.#deleted()
          .where('deleted_at', '>', Date.now() - deletedKeptMs)
          .orderBy('deleted_at', 'desc')
          .orderBy('id', 'desc')
          .limit(maxListed),
      )
      .map(({ id, title, message_count, deleted_at }) => ({
        id,
        title,
        messageCount: message_count,
        deletedAt: deleted_at,
        goneAt: deleted_at + deletedKeptMs,
      }));
  }

  restore(chatId: string): void {
    const { build } = this.#sql;
    this.#sql.transaction(() => {
      const row = this.#sql.first(
        build
          .selectFrom('deleted_chat')
          .select('content')
          .where('profile_id', '=', this.#profile)
          .where('id', '=', chatId),
      );
      if (!row)
        throw new UserError(
          'chat-not-found',
          "That chat can't be restored. It was permanently deleted, or never deleted.",
        );
      const { links = [], proposals = [], ...chat } = JSON.parse(row.content) as TrashedChat;
      const project = this.#sql.first(
        build
          .selectFrom('project')
          .select('id')
          .where('profile_id', '=', this.#profile)
          .where('id', '=', chat.project_id),
      );
      const origin = this.#isTaken(chat) ? { origin_source: null, origin_id: null } : {};
      this.#sql.run(build.insertInto('chat').values({ ...chat, ...origin, project_id: project?.id ?? null }));
      const messages = this.#sql.all(
        build.selectFrom('deleted_message').select('content').where('chat_id', '=', chatId).orderBy('place'),
      );
      for (const { content } of messages)
        this.#sql.run(build.insertInto('message').values(JSON.parse(content) as MessageRow));
      for (const { id, message_id } of links)
        this.#sql.run(
          build
            .updateTable('memory')
            .set({ message_id })
            .where('profile_id', '=', this.#profile)
            .where('id', '=', id)
            .where('message_id', 'is', null),
        );
      for (const proposal of proposals)
        this.#sql.run(
          build
            .insertInto('memory')
            .values(proposal)
            .onConflict((known) => known.doNothing()),
        );
      this.#sql.run(build.deleteFrom('deleted_chat').where('id', '=', chatId));
    });
  }

  purge(chatId?: string): void {
    const gone = this.#sql.build.deleteFrom('deleted_chat').where('profile_id', '=', this.#profile);
    this.#sql.run(chatId === undefined ? gone : gone.where('id', '=', chatId));
  }

  /** Whether the chat was imported again meanwhile: it comes back all the same, as a chat that was made here. */
  #isTaken({ origin_source, origin_id }: TrashedChat): boolean {
    const own = this.#sql.build.selectFrom('chat').select('id').where('profile_id', '=', this.#profile);
    return (
      origin_source !== null &&
      this.#sql.first(own.where('origin_source', '=', origin_source).where('origin_id', '=', origin_id)) !== undefined
    );
  }

  #deleted() {
    return this.#sql.build
      .selectFrom('deleted_chat')
      .select(['id', 'title', 'message_count', 'deleted_at'])
      .where('profile_id', '=', this.#profile);
  }
}

/** A chat's row, and what its deletion takes from memories: the link of those that stay, and whole those that are not accepted. */
interface TrashedChat extends ChatTable {
  links?: Pick<MemoryTable, 'id' | 'message_id'>[];
  proposals?: Selectable<MemoryTable>[];
}

/** Moves a chat of a profile out of the way; says whether it was there. */
export function stash(sql: Sql, profile: string, chatId: string): boolean {
  const { build } = sql;
  return sql.transaction(() => {
    const chat = sql.first(
      build.selectFrom('chat').selectAll().where('profile_id', '=', profile).where('id', '=', chatId),
    );
    if (!chat) return false;
    const rows = sql.all(
      build.selectFrom('message').selectAll().where('chat_id', '=', chatId).orderBy('seq').orderBy('id'),
    );
    const count = rows.filter(({ active }) => active === 1).length;
    const kept = {
      id: chatId,
      profile_id: profile,
      title: chat.title,
      message_count: count,
      deleted_at: Date.now(),
      content: JSON.stringify({ ...chat, ...memoriesOf(sql, chat) } satisfies TrashedChat),
    };
    sql.run(build.insertInto('deleted_chat').values(kept));
    const pieces = new Pieces(sql);
    for (const [place, row] of rows.entries())
      sql.run(
        build
          .insertInto('deleted_message')
          .values({ chat_id: chatId, place, content: JSON.stringify(whole(pieces, row)) }),
      );
    sql.run(build.deleteFrom('chat').where('id', '=', chatId));
    purgeExpired(sql); // also at each opening; the list never shows a chat past its retention
    return true;
  });
}

function memoriesOf(sql: Sql, { id, profile_id }: ChatTable): Pick<TrashedChat, 'links' | 'proposals'> {
  const messages = sql.build.selectFrom('message').select('id').where('chat_id', '=', id);
  const memories = sql.all(
    sql.build.selectFrom('memory').selectAll().where('profile_id', '=', profile_id).where('message_id', 'in', messages),
  );
  const isKept = ({ state }: Pick<MemoryTable, 'state'>): boolean => state === 'accepted';
  return {
    links: memories.filter(isKept).map((memory) => ({ id: memory.id, message_id: memory.message_id })),
    proposals: memories.filter((memory) => !isKept(memory)),
  };
}

/** Purges trash past its retention, for all profiles. */
export function purgeExpired(sql: Sql): void {
  sql.run(sql.build.deleteFrom('deleted_chat').where('deleted_at', '<=', Date.now() - deletedKeptMs));
}

/** When the next chat in the trash of any profile is past its retention; undefined where there is none. */
export function nextExpiry(sql: Sql): number | undefined {
  const [found] = sql.all(sql.build.selectFrom('deleted_chat').select(sql.build.fn.min('deleted_at').as('oldest')));
  return found === undefined || found.oldest === null ? undefined : Number(found.oldest) + deletedKeptMs;
}

/** An answer that was being written gets no more text: what there is of it is moved into its row. */
function whole(pieces: Pieces, row: MessageRow): MessageRow {
  if (row.finished_at !== null) return row;
  const ended: MessageRow = {
    ...row,
    ...pieces.textsOf(row),
    status: row.status === 'streaming' ? 'partial' : row.status,
    finished_at: Date.now(),
  };
  return { ...ended, checksum: checksumOf(ended) };
}
