// Which stored projects a folder may be: the rule by which a project is known again after a rename, in a clone or in a worktree.
import type { Selectable } from 'kysely';
import type { Folder, ProjectKey } from '../../projects.ts';
import type { ProjectTable } from '../schema.ts';
import type { Sql } from '../sql.ts';

/** What the keys are worth, the strongest first. */
const strength: readonly ProjectKey['kind'][] = ['file', 'commit', 'folder', 'remote', 'path'];

/**
 * Projects that share a key with the folder, the strongest match first; of all profiles, or of one. A key counts only where no
 * stronger kind speaks against it: another repository in the same place is another project, and so is a clone with another id file.
 */
export function projectsOfFolder(
  sql: Sql,
  { keys, isPartial = false }: Folder,
  profile?: string,
): Selectable<ProjectTable>[] {
  const values = keys.map(({ value }) => value);
  if (values.length === 0) return [];
  const found = sql.all(
    sql.build
      .selectFrom('project_key')
      .innerJoin('project', 'project.id', 'project_key.project_id')
      .selectAll()
      .where('value', 'in', values)
      .$if(profile !== undefined, (query) => query.where('profile_id', '=', profile ?? '')),
  );
  const matches = found.filter(({ id, kind, value }) => {
    if (!keys.some((key) => key.kind === kind && key.value === value)) return false;
    const stored = sql.all(sql.build.selectFrom('project_key').select(['kind', 'value']).where('project_id', '=', id));
    // By part of its keys a repository is known only once its commits are: until then it may have found others.
    return !contradicts(stored, keys, kind) && (!isPartial || stored.some((key) => key.kind === 'commit'));
  });
  return matches.toSorted((a, b) => strength.indexOf(a.kind) - strength.indexOf(b.kind) || b.used_at - a.used_at);
}

const deciding: Record<ProjectKey['kind'], readonly ProjectKey['kind'][]> = {
  file: [],
  commit: ['file'],
  folder: ['file'],
  remote: ['file', 'commit'],
  path: ['file', 'commit'],
};

/** Whether both have keys of a kind that decides over this one, and none in common. */
function contradicts(stored: readonly ProjectKey[], keys: readonly ProjectKey[], matched: ProjectKey['kind']): boolean {
  return deciding[matched].some((kind) => {
    const theirs = stored.filter((key) => key.kind === kind);
    const ours = keys.filter((key) => key.kind === kind);
    return theirs.length > 0 && ours.length > 0 && !ours.some(({ value }) => theirs.some((key) => key.value === value));
  });
}
