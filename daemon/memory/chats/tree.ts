// A chat as a tree of messages. Among messages with one parent, which are versions of each other, one is chosen; a message is
// active when it and all before it are chosen. The active ones are the branch that is read, one at each depth.
import { sql as raw } from 'kysely';
import type { Sql } from '../sql.ts';
import type { MessageRow } from './pieces.ts';

/** Where a message stands: its place is known by its parent, and its depth is that of the parent and one. */
export interface Place {
  parent_id: string | null;
  seq: number;
  active: number;
}

/** After the newest message of the active branch. */
export function endOf(sql: Sql, chatId: string): Place {
  const last = sql.first(sql.build.selectFrom('message').select(['id', 'seq']).where('chat_id', '=', chatId).where('active', '=', 1).orderBy('seq', 'desc').limit(1));
  return { parent_id: last?.id ?? null, seq: (last?.seq ?? 0) + 1, active: 1 };
}

/** Right after a message; active where that is. */
export function after({ id, seq, active }: MessageRow): Place {
  return { parent_id: id, seq: seq + 1, active };
}

/** Beside a message, as another version of it. */
export function beside(sql: Sql, { chat_id, parent_id, seq }: MessageRow): Place {
  const parent = parent_id === null ? undefined : sql.first(sql.build.selectFrom('message').select('active').where('chat_id', '=', chat_id).where('id', '=', parent_id));
  return { parent_id, seq, active: parent?.active ?? 1 };
}

/** Makes room for a chosen message: what stood at its place, and what followed, is no longer read. */
export function giveWay(sql: Sql, chatId: string, { parent_id, seq, active }: Place): void {
  const messages = sql.build.updateTable('message').where('chat_id', '=', chatId);
  sql.run(messages.set({ chosen: 0 }).where('parent_id', parent_id === null ? 'is' : '=', parent_id).where('chosen', '=', 1));
  if (active) sql.run(messages.set({ active: 0 }).where('active', '=', 1).where('seq', '>=', seq));
}

/** Chooses a message and all before it. What was chosen after it, when it was read last, is read again. */
export function choose(sql: Sql, row: MessageRow): void {
  const path = pathTo(sql, row).toReversed();
  const top = path.find(({ chosen }) => chosen === 0);
  if (!top) return;
  for (const step of path.filter(({ chosen }) => chosen === 0)) {
    giveWay(sql, row.chat_id, { ...step, active: 1 });
    sql.run(sql.build.updateTable('message').set({ chosen: 1 }).where('id', '=', step.id));
  }
  sql.run(
    sql.build
      .withRecursive('branch', (start) =>
        start.selectFrom('message').select('id').where('id', '=', top.id).unionAll((next) =>
          next.selectFrom('message').innerJoin('branch', 'branch.id', 'message.parent_id').select('message.id').where('message.chat_id', '=', row.chat_id).where('message.chosen', '=', 1),
        ),
      )
      .updateTable('message').set({ active: 1 }).where('id', 'in', (query) => query.selectFrom('branch').select('branch.id')),
  );
}

type Step = Pick<MessageRow, 'id' | 'parent_id' | 'seq' | 'chosen' | 'pinned'>;

/** A message and those before it, from it backwards; at most `limit` of them when it is given. */
export function pathTo(sql: Sql, { id }: { id: string }, limit = Number.MAX_SAFE_INTEGER): Step[] {
  return sql.all(
    sql.build
      .withRecursive('path', (start) =>
        start.selectFrom('message').select(['id', 'parent_id', raw<number>`1`.as('distance')]).where('id', '=', id).unionAll((next) =>
          next.selectFrom('message').innerJoin('path', 'path.parent_id', 'message.id')
            .select(['message.id', 'message.parent_id', raw<number>`path.distance + 1`.as('distance')])
            .where('path.distance', '<', limit),
        ),
      )
      .selectFrom('path').innerJoin('message', 'message.id', 'path.id')
      .select(['message.id', 'message.parent_id', 'message.seq', 'message.chosen', 'message.pinned'])
      .orderBy('path.distance'),
  );
}

/** The ids of all versions of each of these messages of a chat, in the order in which they were made. By their parents. */
export function versionsOf(sql: Sql, chatId: string, rows: readonly Pick<MessageRow, 'parent_id'>[]): Map<string | null, string[]> {
  const siblings = sql.build.selectFrom('message').select(['id', 'parent_id']).where('chat_id', '=', chatId).orderBy('id');
  const parents = JSON.stringify(rows.flatMap(({ parent_id }) => (parent_id === null ? [] : [parent_id])));
  const found = [
    ...sql.all(siblings.where('parent_id', 'in', raw<string>`(select value from json_each(${parents}))`)),
    ...(rows.some(({ parent_id }) => parent_id === null) ? sql.all(siblings.where('parent_id', 'is', null)) : []),
  ];
  const versions = new Map<string | null, string[]>();
  for (const { id, parent_id } of found) versions.set(parent_id, [...(versions.get(parent_id) ?? []), id]);
  return versions;
}
