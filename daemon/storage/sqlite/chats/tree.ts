// A chat as a tree of messages. Among messages with one parent, which are versions of each other, one is chosen; a message is
// active when it and all before it are chosen. The active ones are the branch that is read, one at each depth.
import { type Kysely, sql as raw } from 'kysely';
import type { Schema } from '../schema.ts';
import type { Sql } from '../sql.ts';
import type { MessageRow } from './pieces.ts';

/** Where a message stands: its place is known by its parent, and its depth is that of the parent and one. */
export interface TreePosition {
  parent_id: string | null;
  seq: number;
  active: number;
}

export type Step = Pick<MessageRow, 'id' | 'parent_id' | 'seq' | 'chosen' | 'pinned'>;

/** Right after a message; active where that is. */
export function after({ id, seq, active }: MessageRow): TreePosition {
  return { parent_id: id, seq: seq + 1, active };
}

/** Lives as long as an open database. Is only ever asked of chats and messages that are known to be the profile's. */
export class Tree {
  readonly #sql: Sql;
  readonly #last: (chatId: string) => Pick<MessageRow, 'id' | 'seq'> | undefined;
  readonly #unchoose: (chatId: string, parentId: string | null) => number;
  readonly #unread: (chatId: string, seq: number) => number;
  readonly #path: (id: string, limit: number) => Step[];

  constructor(sql: Sql) {
    this.#sql = sql;
    const one = raw<number>`1`; // not a parameter
    this.#last = sql.preparedFirst(
      sql.build
        .selectFrom('message')
        .select(['id', 'seq'])
        .where('chat_id', '=', '')
        .where('active', '=', one)
        .orderBy('seq', 'desc')
        .limit(one),
    );
    const messages = sql.build.updateTable('message').where('chat_id', '=', '');
    this.#unchoose = sql.prepared(
      messages
        .set({ chosen: raw<number>`0` })
        .where('parent_id', 'is', '' as string | null)
        .where('chosen', '=', one),
    );
    this.#unread = sql.prepared(
      messages.set({ active: raw<number>`0` }).where('active', '=', one).where('seq', '>=', 0),
    );
    this.#path = sql.preparedAll(pathQuery(sql.build));
  }

  /** After the newest message of the active branch. */
  endOf(chatId: string): TreePosition {
    const last = this.#last(chatId);
    return { parent_id: last?.id ?? null, seq: (last?.seq ?? 0) + 1, active: 1 };
  }

  /** Whether anything was ever said after a message. */
  hasNext({ id, chat_id }: MessageRow): boolean {
    const next = this.#sql.build.selectFrom('message').select('id').where('chat_id', '=', chat_id);
    return this.#sql.first(next.where('parent_id', '=', id)) !== undefined;
  }

  /** Beside a message, as another version of it. */
  beside({ chat_id, parent_id, seq }: MessageRow): TreePosition {
    const { build } = this.#sql;
    const parent =
      parent_id === null
        ? undefined
        : this.#sql.first(
            build.selectFrom('message').select('active').where('chat_id', '=', chat_id).where('id', '=', parent_id),
          );
    return { parent_id, seq, active: parent?.active ?? 1 };
  }

  /** Makes room for a chosen message: what stood at its place, and what followed, is no longer read. */
  giveWay(chatId: string, { parent_id, seq, active }: TreePosition): void {
    this.#unchoose(chatId, parent_id);
    if (active) this.#unread(chatId, seq);
  }

  /** Chooses a message and all before it. What was chosen after it, when it was read last, is read again. */
  choose(row: MessageRow): void {
    const { build } = this.#sql;
    const path = this.pathTo(row).toReversed();
    const top = path.find(({ chosen }) => chosen === 0);
    if (!top) return;
    for (const step of path.filter(({ chosen }) => chosen === 0)) {
      this.giveWay(row.chat_id, { ...step, active: 1 });
      this.#sql.run(build.updateTable('message').set({ chosen: 1 }).where('id', '=', step.id));
    }
    this.#sql.run(
      build
        .withRecursive('branch', (start) =>
          start
            .selectFrom('message')
            .select('id')
            .where('id', '=', top.id)
            .unionAll((next) =>
              next
                .selectFrom('message')
                .innerJoin('branch', 'branch.id', 'message.parent_id')
                .select('message.id')
                .where('message.chat_id', '=', row.chat_id)
                .where('message.chosen', '=', 1),
            ),
        )
        .updateTable('message')
        .set({ active: 1 })
        .where('id', 'in', (query) => query.selectFrom('branch').select('branch.id')),
    );
  }

  /** A message and those before it, from it backwards; at most `limit` of them when it is given. */
  pathTo({ id }: { id: string }, limit = Number.MAX_SAFE_INTEGER): Step[] {
    return this.#path(id, limit);
  }

  /** The ids of all versions of each of these messages of a chat, in the order in which they were made. By their parents. */
  versionsOf(chatId: string, rows: readonly Pick<MessageRow, 'parent_id'>[]): Map<string | null, string[]> {
    const siblings = this.#sql.build
      .selectFrom('message')
      .select(['id', 'parent_id'])
      .where('chat_id', '=', chatId)
      .orderBy('id');
    const parents = JSON.stringify(rows.flatMap(({ parent_id }) => (parent_id === null ? [] : [parent_id])));
    const found = [
      ...this.#sql.all(siblings.where('parent_id', 'in', raw<string>`(select value from json_each(${parents}))`)),
      ...(rows.some(({ parent_id }) => parent_id === null)
        ? this.#sql.all(siblings.where('parent_id', 'is', null))
        : []),
    ];
    const versions = new Map<string | null, string[]>();
    for (const { id, parent_id } of found) versions.set(parent_id, [...(versions.get(parent_id) ?? []), id]);
    return versions;
  }
}

/** Parameters: the message's id, and how many there are at most. */
function pathQuery(build: Kysely<Schema>) {
  return build
    .withRecursive('path', (start) =>
      start
        .selectFrom('message')
        .select(['id', 'parent_id', raw<number>`1`.as('distance')])
        .where('id', '=', '')
        .unionAll((next) =>
          next
            .selectFrom('message')
            .innerJoin('path', 'path.parent_id', 'message.id')
            .select(['message.id', 'message.parent_id', raw<number>`path.distance + 1`.as('distance')])
            .where('path.distance', '<', 0),
        ),
    )
    .selectFrom('path')
    .innerJoin('message', 'message.id', 'path.id')
    .select(['message.id', 'message.parent_id', 'message.seq', 'message.chosen', 'message.pinned'])
    .orderBy('path.distance');
}
