// Projects of a profile, and how a folder is known again as one.

/** One way to know a project again. `file`: its id file; `commit`: a root commit; `folder`: the folder's own identity on its disk. */
export interface ProjectKey {
  kind: 'file' | 'commit' | 'folder' | 'remote' | 'path';
  value: string;
}

/** A folder as projects are known by: the strongest key first. */
export interface Folder {
  name: string;
  path: string;
  keys: ProjectKey[];
  /** Whether it has more keys, which take longer to find: by these alone it is known again, but never for new. */
  isPartial?: boolean;
}

export interface StoredProject {
  id: string;
  name: string;
  /** Where it was seen last. */
  path: string;
  /** Whether sessions in it begin in this profile. */
  bound: boolean;
  usedAt: number;
  chatCount: number;
}

/** Projects of a profile: chats stay with theirs when its folder is renamed, cloned or moved. */
export interface Projects {
  /** The project of this folder, noted as used. Made when there is none yet; undefined where only part of the keys were given, and none is known by them. */
  visit(folder: Folder): Promise<StoredProject | undefined>;
  /** Most recently used first. */
  list(): Promise<StoredProject[]>;
  /** Says that a project is in this folder now, and joins it with the one that was known there. Throws UserError `project-not-found`. */
  attach(projectId: string, folder: Folder): Promise<StoredProject>;
  /** Sessions in this folder begin in this profile from now on. */
  bind(folder: Folder): Promise<StoredProject>;
}
