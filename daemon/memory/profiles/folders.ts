// Which stored projects a folder may be: the rule by which a project is known again after a rename, in a clone or in a worktree.
import type { Selectable } from 'kysely';
import type { Folder, ProjectKey } from '../memory.ts';
import type { ProjectTable } from '../schema.ts';
import type { Sql } from '../sql.ts';

/** What the keys are worth, the strongest first. */
const strength: readonly ProjectKey['kind'][] = ['file', 'commit', 'folder', 'remote', 'path'];

/**
 * Projects that share a key with the folder, the strongest match first; of all profiles, or of one. A match by place alone counts
 * only where nothing stronger speaks against it: another repository in the same place is another project.
 */
export function projectsOfFolder(sql: Sql, { keys }: Folder, profile?: string): Selectable<ProjectTable>[] {
  const values = keys.map(({ value }) => value);
  if (values.length === 0) return [];
  const found = sql.all(
    sql.build.selectFrom('project_key').innerJoin('project', 'project.id', 'project_key.project_id').selectAll()
      .where('value', 'in', values)
      .$if(profile !== undefined, (query) => query.where('profile_id', '=', profile ?? '')),
  );
  const matches = found.filter(({ kind, value }) => keys.some((key) => key.kind === kind && key.value === value));
  return matches
    .filter(({ kind, id }) => (kind !== 'path' && kind !== 'remote') || !contradicts(sql, id, keys))
    .toSorted((a, b) => strength.indexOf(a.kind) - strength.indexOf(b.kind) || b.used_at - a.used_at);
}

/** Whether both name an id file or root commits, and none in common. */
function contradicts(sql: Sql, projectId: string, keys: readonly ProjectKey[]): boolean {
  const stored = sql.all(sql.build.selectFrom('project_key').select(['kind', 'value']).where('project_id', '=', projectId));
  return (['file', 'commit'] as const).some((kind) => {
    const theirs = stored.filter((key) => key.kind === kind);
    const ours = keys.filter((key) => key.kind === kind);
    return theirs.length > 0 && ours.length > 0 && !ours.some(({ value }) => theirs.some((key) => key.value === value));
  });
}
