// Finds the project that an imported chat belongs to. The imported file is not trusted, so its project is only looked
// up, never taken over.
import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute } from 'node:path';
import type { Folder, Projects, StoredProject } from '../../storage/projects.ts';
import { folderOf } from './folder.ts';

export interface ChatOrigin {
  /** The project's id in the Switchyard that wrote the chat. */
  id?: string | undefined;
  /** An absolute path. */
  folder?: string | undefined;
}

/** The keys of a folder; undefined when it does not exist. */
export type FolderLookup = (path: string) => Promise<Folder | undefined>;

export function knownProject({ id, folder }: ChatOrigin, projects: readonly StoredProject[]): string | undefined {
  return (projects.find((project) => project.id === id) ?? projects.find(({ path }) => path === folder))?.id;
}

/**
 * The project of an existing folder, created if there is none. Undefined for the home folder and the root, which hold
 * every project.
 */
export async function projectOfFolder(
  { folder }: ChatOrigin,
  { projects, look }: { projects: Projects; look: FolderLookup },
): Promise<string | undefined> {
  const existing = folder === undefined || !isOnThisMachine(folder) ? undefined : await look(folder);
  return existing && (await projects.visit(existing))?.id;
}

/** Looks at each folder once, since many chats come from one folder and git is slow. Lives as long as a session. */
export function createFolderLookup(): FolderLookup {
  const known = new Map<string, Promise<Folder | undefined>>();
  return (path) => {
    const folder = known.get(path) ?? lookAt(path);
    known.set(path, folder);
    return folder;
  };
}

async function lookAt(path: string): Promise<Folder | undefined> {
  const isFolder = await stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  return isFolder ? await folderOf(path) : undefined;
}

/** On Windows, looking at a path of another machine would log in there. */
function isOnThisMachine(path: string): boolean {
  return (
    isAbsolute(path) && !/^[\\/]{2}/.test(path) && !path.includes('\0') && path !== homedir() && dirname(path) !== path
  );
}
