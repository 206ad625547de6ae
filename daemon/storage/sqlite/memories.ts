// Memories in SQLite. Search follows by the triggers of their table.
import { sql as raw } from 'kysely';
import { UserError } from '../../base/errors.ts';
import type { Memories, MemoryState, StoredMemory } from '../memories.ts';
import type { Synchronous } from './call-table.ts';
import type { PartDeps } from './profiles/part-deps.ts';
import { projectNotFound } from './profiles/projects.ts';
import type { Sql } from './sql.ts';

type NewMemory = Parameters<Memories['add']>[0];
type MemoryChange = Parameters<Memories['update']>[1];

interface MemoryRow {
  id: string;
  text: string;
  state: MemoryState;
  enabled: number;
  project_id: string | null;
  project: string | null;
  message_id: string | null;
  chat_id: string | null;
  created_at: number;
  used_at: number | null;
  uses: number;
}

/** Lives as long as an open database. Sees the memories of one profile. */
export class SqliteMemories implements Synchronous<Memories> {
  readonly #sql: Sql;
  readonly #newId: () => string;
  readonly #profile: string;

  constructor({ sql, newId, profile }: PartDeps) {
    this.#sql = sql;
    this.#newId = newId;
    this.#profile = profile;
  }

  list(): StoredMemory[] {
    return this.#sql.all(this.#memories().orderBy('memory.created_at').orderBy('memory.id')).map(toMemory);
  }

  proposals(messageIds: readonly string[]): StoredMemory[] {
    const among = raw<string>`(select value from json_each(${JSON.stringify(messageIds)}))`;
    return this.#sql
      .all(this.#memories().where('memory.state', '=', 'proposed').where('memory.message_id', 'in', among))
      .map(toMemory);
  }

  add({ text, state, projectId, messageId }: NewMemory): StoredMemory {
    return this.#sql.transaction(() => {
      if (projectId !== undefined) this.#needProject(projectId);
      if (messageId !== undefined) this.#needMessage(messageId);
      const id = this.#newId();
      this.#sql.run(
        this.#sql.build.insertInto('memory').values({
          id,
          profile_id: this.#profile,
          project_id: projectId ?? null,
          text,
          state,
          message_id: messageId ?? null,
          created_at: Date.now(),
          used_at: null,
        }),
      );
      return this.#memory(id);
    });
  }

  update(memoryId: string, { text, state, enabled, projectId }: MemoryChange): StoredMemory {
    const change = {
      ...(text !== undefined && { text }),
      ...(state !== undefined && { state }),
      ...(enabled !== undefined && { enabled: Number(enabled) }),
      ...(projectId !== undefined && { project_id: projectId }),
    };
    return this.#sql.transaction(() => {
      if (typeof projectId === 'string') this.#needProject(projectId);
      if (Object.keys(change).length > 0)
        this.#sql.run(
          this.#sql.build
            .updateTable('memory')
            .set(change)
            .where('profile_id', '=', this.#profile)
            .where('id', '=', memoryId),
        );
      return this.#memory(memoryId);
    });
  }

  delete(memoryId: string): void {
    if (
      this.#sql.run(
        this.#sql.build.deleteFrom('memory').where('profile_id', '=', this.#profile).where('id', '=', memoryId),
      ) === 0
    )
      throw memoryNotFound();
  }

  markUsed(memoryIds: readonly string[], at: number): void {
    this.#sql.run(
      this.#sql.build
        .updateTable('memory')
        .set({ used_at: at, uses: raw<number>`uses + 1` })
        .where('profile_id', '=', this.#profile)
        .where('id', 'in', raw<string>`(select value from json_each(${JSON.stringify(memoryIds)}))`),
    );
  }

  #memories() {
    return this.#sql.build
      .selectFrom('memory')
      .leftJoin('project', 'project.id', 'memory.project_id')
      .leftJoin('message', 'message.id', 'memory.message_id')
      .select([
        'memory.id',
        'memory.text',
        'memory.state',
        'memory.enabled',
        'memory.project_id',
        'project.name as project',
        'memory.message_id',
        'message.chat_id',
        'memory.created_at',
        'memory.used_at',
        'memory.uses',
      ])
      .where('memory.profile_id', '=', this.#profile);
  }

  #memory(id: string): StoredMemory {
    const row = this.#sql.first(this.#memories().where('memory.id', '=', id));
    if (!row) throw memoryNotFound();
    return toMemory(row);
  }

  #needProject(id: string): void {
    if (
      !this.#sql.first(
        this.#sql.build.selectFrom('project').select('id').where('profile_id', '=', this.#profile).where('id', '=', id),
      )
    )
      throw projectNotFound();
  }

  #needMessage(id: string): void {
    const { build } = this.#sql;
    const own = build
      .selectFrom('message')
      .innerJoin('chat', 'chat.id', 'message.chat_id')
      .select('message.id')
      .where('chat.profile_id', '=', this.#profile)
      .where('message.id', '=', id);
    if (!this.#sql.first(own))
      throw new UserError(
        'message-not-found',
        'That message no longer exists. Its chat may have been deleted. Open the chat again.',
      );
  }
}

function toMemory(row: MemoryRow): StoredMemory {
  return {
    id: row.id,
    text: row.text,
    state: row.state,
    enabled: row.enabled === 1,
    createdAt: row.created_at,
    uses: row.uses,
    ...(row.project_id !== null && { projectId: row.project_id }),
    ...(row.project !== null && { project: row.project }),
    ...(row.message_id !== null && { messageId: row.message_id }),
    ...(row.chat_id !== null && { chatId: row.chat_id }),
    ...(row.used_at !== null && { usedAt: row.used_at }),
  };
}

function memoryNotFound(): UserError {
  return new UserError(
    'memory-not-found',
    'That memory no longer exists. It may have been deleted in another window. To list memories, run `switchyard memories`.',
  );
}
