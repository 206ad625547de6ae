// The profiles in SQLite: their names and models, and the end of one with everything in it.
import { errnoCode, UserError } from '../../../base/errors.ts';
import { defaultProfile, type Profiles, type StoredProfile } from '../../profiles.ts';
import type { Folder } from '../../projects.ts';
import type { Synchronous } from '../call-table.ts';
import { stagingProfileOf } from '../import/staging.ts';
import type { ProfileTable } from '../schema.ts';
import type { Sql } from '../sql.ts';
import { projectsOfFolder } from './folders.ts';

/** Tables whose rows each belong to a profile. */
const ownedTables = [
  'chat',
  'review_run',
  'dismissal',
  'review_hunk',
  'review_lesson',
  'request',
  'decision',
  'project',
  'memory',
  'search_source',
  'code_file',
  'job',
  'written',
  'edit_answer',
  'completion',
  'approval',
  'mcp_pin',
  'search_document',
] as const;

/** Lives as long as an open database. */
export class SqliteProfiles implements Synchronous<Profiles> {
  readonly #sql: Sql;
  readonly #newId: () => string;
  readonly #onDelete: (profileId: string) => void;

  constructor(sql: Sql, { newId, onDelete }: { newId(): string; onDelete(profileId: string): void }) {
    this.#sql = sql;
    this.#newId = newId;
    this.#onDelete = onDelete;
  }

  list(): StoredProfile[] {
    return this.#sql
      .all(this.#sql.build.selectFrom('profile').selectAll().orderBy('created_at').orderBy('id'))
      .map(toProfile);
  }

  find(idOrName: string): StoredProfile {
    const rows = this.#sql.all(
      this.#sql.build
        .selectFrom('profile')
        .selectAll()
        .where(({ or, eb }) => or([eb('id', '=', idOrName), eb('name', '=', idOrName)])),
    );
    const row = rows.find(({ id }) => id === idOrName) ?? rows[0];
    if (!row) throw profileNotFound();
    return toProfile(row);
  }

  existing(profileId: string): StoredProfile {
    const row = this.#sql.first(this.#sql.build.selectFrom('profile').selectAll().where('id', '=', profileId));
    if (!row) throw profileNotFound();
    return toProfile(row);
  }

  create({ name, model }: { name: string; model?: string }): StoredProfile {
    const id = this.#newId();
    this.#named(name, () =>
      this.#sql.run(
        this.#sql.build.insertInto('profile').values({ id, name, model: model ?? null, created_at: Date.now() }),
      ),
    );
    return this.existing(id);
  }

  update(profileId: string, { name, model }: { name?: string; model?: string | null }): StoredProfile {
    const change = { ...(name !== undefined && { name }), ...(model !== undefined && { model }) };
    if (Object.keys(change).length > 0)
      this.#named(name ?? '', () =>
        this.#sql.run(this.#sql.build.updateTable('profile').set(change).where('id', '=', profileId)),
      );
    return this.existing(profileId);
  }

  delete(profileId: string): void {
    if (profileId === defaultProfile)
      throw new UserError(
        'profile-needed',
        "The default profile can't be deleted. Delete its chats one by one, or choose another profile to delete.",
      );
    const { build } = this.#sql;
    this.#sql.transaction(() => {
      this.existing(profileId);
      // Messages go with their chats, findings with their runs, keys with their projects, vectors with their documents.
      for (const table of ownedTables) this.#sql.run(build.deleteFrom(table).where('profile_id', '=', profileId));
      this.#sql.run(build.deleteFrom('chat').where('profile_id', '=', stagingProfileOf(profileId)));
      this.#sql.run(build.deleteFrom('profile').where('id', '=', profileId));
    });
    this.#onDelete(profileId);
  }

  boundTo(folder: Folder): { known: boolean; profile?: string } {
    const projects = projectsOfFolder(this.#sql, folder);
    const bound = projects.find((project) => project.bound === 1);
    return { known: projects.length > 0, ...(bound && { profile: bound.profile_id }) };
  }

  #named(name: string, write: () => unknown): void {
    try {
      write();
    } catch (error) {
      if (errnoCode(error) !== 'SQLITE_CONSTRAINT_UNIQUE') throw error;
      throw new UserError('profile-exists', `A profile named "${name}" already exists. Choose another name.`, {
        cause: error,
      });
    }
  }
}

function toProfile({ id, name, model, created_at }: ProfileTable): StoredProfile {
  return { id, name, ...(model !== null && { model }), createdAt: created_at };
}

function profileNotFound(): UserError {
  return new UserError(
    'profile-not-found',
    "There's no such profile. It may have been deleted. To list profiles, run `switchyard profiles`. To create one, run `switchyard profiles create NAME`.",
  );
}
