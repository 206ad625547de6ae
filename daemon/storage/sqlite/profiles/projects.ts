// Projects of a profile in SQLite: known again by any of their keys, listed with their chats, and attached where they are now.
import type { Selectable } from 'kysely';
import { UserError } from '../../../base/errors.ts';
import type { Folder, Projects, StoredProject } from '../../projects.ts';
import type { Synchronous } from '../call-table.ts';
import type { ProjectTable } from '../schema.ts';
import type { Sql } from '../sql.ts';
import { projectsOfFolder } from './folders.ts';
import type { PartDeps } from './part-deps.ts';

/** Lives as long as an open database. Each method that writes is one transaction. */
export class SqliteProjects implements Synchronous<Projects> {
  readonly #sql: Sql;
  readonly #newId: () => string;
  readonly #profile: string;

  constructor({ sql, newId, profile }: PartDeps) {
    this.#sql = sql;
    this.#newId = newId;
    this.#profile = profile;
  }

  visit(folder: Folder): StoredProject | undefined {
    return this.#sql.transaction(() => {
      if (folder.isPartial && projectsOfFolder(this.#sql, folder, this.#profile).length === 0) return undefined;
      return this.#project(this.#known(folder));
    });
  }

  list(): StoredProject[] {
    return this.#sql.all(this.#projects().orderBy('used_at', 'desc').orderBy('id', 'desc')).map(toProject);
  }

  attach(projectId: string, folder: Folder): StoredProject {
    const { build } = this.#sql;
    return this.#sql.transaction(() => {
      this.#project(projectId);
      for (const { id } of projectsOfFolder(this.#sql, folder, this.#profile)) {
        if (id === projectId) continue;
        this.#sql.run(
          build
            .updateTable('chat')
            .set({ project_id: projectId })
            .where('profile_id', '=', this.#profile)
            .where('project_id', '=', id),
        );
        this.#sql.run(
          build
            .updateTable('memory')
            .set({ project_id: projectId })
            .where('profile_id', '=', this.#profile)
            .where('project_id', '=', id),
        );
        this.#sql.run(build.deleteFrom('project').where('profile_id', '=', this.#profile).where('id', '=', id));
      }
      this.#settle(projectId, folder);
      return this.#project(projectId);
    });
  }

  bind(folder: Folder): StoredProject {
    return this.#sql.transaction(() => {
      const id = this.#known(folder);
      // The folder is bound to one profile: this is the only write that reaches into the others, and it only lets go.
      const others = projectsOfFolder(this.#sql, folder).map((project) => project.id);
      for (const other of others)
        this.#sql.run(this.#sql.build.updateTable('project').set({ bound: 0 }).where('id', '=', other));
      this.#sql.run(
        this.#sql.build
          .updateTable('project')
          .set({ bound: 1 })
          .where('profile_id', '=', this.#profile)
          .where('id', '=', id),
      );
      return this.#project(id);
    });
  }

  /** The id of the folder's project, made when there is none. */
  #known(folder: Folder): string {
    const id = projectsOfFolder(this.#sql, folder, this.#profile)[0]?.id ?? this.#create(folder);
    this.#settle(id, folder);
    return id;
  }

  #create({ name, path }: Folder): string {
    const id = this.#newId();
    const now = Date.now();
    this.#sql.run(
      this.#sql.build
        .insertInto('project')
        .values({ id, profile_id: this.#profile, name, path, created_at: now, used_at: now }),
    );
    return id;
  }

  /** Notes where a project is now, and by what else it can be known from now on. */
  #settle(id: string, { name, path, keys }: Folder): void {
    const { build } = this.#sql;
    this.#sql.run(
      build
        .updateTable('project')
        .set({ name, path, used_at: Date.now() })
        .where('profile_id', '=', this.#profile)
        .where('id', '=', id),
    );
    this.#sql.run(build.deleteFrom('project_key').where('project_id', '=', id).where('kind', '=', 'path')); // a place that was left is free for others
    for (const key of keys)
      this.#sql.run(
        build
          .insertInto('project_key')
          .values({ project_id: id, ...key })
          .onConflict((known) => known.doNothing()),
      );
  }

  #project(projectId: string): StoredProject {
    const row = this.#sql.first(this.#projects().where('id', '=', projectId));
    if (!row) throw projectNotFound();
    return toProject(row);
  }

  #projects() {
    return this.#sql.build
      .selectFrom('project')
      .selectAll()
      .where('profile_id', '=', this.#profile)
      .select(({ selectFrom, fn }) =>
        selectFrom('chat')
          .select(fn.countAll<number>().as('count'))
          .whereRef('chat.project_id', '=', 'project.id')
          .as('chats'),
      );
  }
}

function toProject({
  id,
  name,
  path,
  bound,
  used_at,
  chats,
}: Selectable<ProjectTable> & { chats: number | null }): StoredProject {
  return { id, name, path, bound: bound === 1, usedAt: used_at, chatCount: chats ?? 0 };
}

export function projectNotFound(): UserError {
  return new UserError(
    'project-not-found',
    "There's no such project here. To list projects, run `switchyard projects`.",
  );
}
