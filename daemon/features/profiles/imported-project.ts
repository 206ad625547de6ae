// In which project of ours a chat was made elsewhere. What says so is a file of anybody's: it is looked for here, and never trusted.
import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute } from 'node:path';
import type { Folder, Projects, StoredProject } from '../../storage/projects.ts';
import { folderOf } from './folder.ts';

export interface MadeIn {
  /** What the project was called in the Switchyard that wrote the chat. */
  id?: string | undefined;
  /** An absolute path. */
  folder?: string | undefined;
}

/** Says by what a folder that is there is known; undefined where there is none. */
export type Look = (path: string) => Promise<Folder | undefined>;

export function knownProject({ id, folder }: MadeIn, projects: readonly StoredProject[]): string | undefined {
  return (projects.find((project) => project.id === id) ?? projects.find(({ path }) => path === folder))?.id;
}

/** The project of a folder that is there, made when there is none; undefined for a folder of everything, which says nothing. */
export async function projectOfFolder(
  { folder }: MadeIn,
  { projects, look }: { projects: Projects; look: Look },
): Promise<string | undefined> {
  const found = folder === undefined || !isOnThisMachine(folder) ? undefined : await look(folder);
  return found && (await projects.visit(found))?.id;
}

/** Looks at each folder once: many chats were made in one, and git takes its time. Lives as long as a session. */
export function lookingOnce(): Look {
  const known = new Map<string, Promise<Folder | undefined>>();
  return (path) => {
    const found = known.get(path) ?? lookAt(path);
    known.set(path, found);
    return found;
  };
}

async function lookAt(path: string): Promise<Folder | undefined> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return isFolder ? await folderOf(path) : undefined;
}

/** On Windows, to look at a path of another machine is to log in there. */
function isOnThisMachine(path: string): boolean {
  return (
    isAbsolute(path) && !/^[\\/]{2}/.test(path) && !path.includes('\0') && path !== homedir() && dirname(path) !== path
  );
}
