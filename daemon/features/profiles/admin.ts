// Creating, changing and deleting profiles and projects, with the effects beyond storage.
import { stat } from 'node:fs/promises';
import { UserError } from '../../base/errors.ts';
import { toPath } from '../../base/uri.ts';
import type { StoredProfile } from '../../storage/profiles.ts';
import type { StoredProject } from '../../storage/projects.ts';
import type { Storage } from '../../storage/storage.ts';
import { folderOf } from './folder.ts';

interface KnownProject extends StoredProject {
  /** Whether its folder no longer exists. */
  orphan: boolean;
}

/** Lives as long as the daemon. */
export interface ProfileAdmin {
  list(): Promise<StoredProfile[]>;
  create(profile: { name: string; model?: string }): Promise<StoredProfile>;
  update(profileId: string, change: { name?: string; model?: string | null }): Promise<StoredProfile>;
  /** Deletes a profile and all that is in it. Throws UserError `confirm-delete` unless `confirm` is its name. */
  delete(profileId: string, confirm: string | undefined): Promise<void>;
  projects(profileId: string): Promise<KnownProject[]>;
  /** `root` is a URI. Throws UserErrors `no-such-folder` and `project-not-found`. */
  attach(profileId: string, projectId: string, root: string): Promise<KnownProject>;
}

/** `holders` keep something of a profile outside storage, and forget it when the profile is deleted. */
export function createProfileAdmin({
  storage,
  holders,
}: {
  storage: Storage;
  holders: readonly { forget(profileId: string): void }[];
}): ProfileAdmin {
  const { profiles } = storage;
  return {
    list: () => profiles.list(),
    create: (profile) => profiles.create(profile),
    update: (profileId, change) => profiles.update(profileId, change),
    async delete(profileId, confirm) {
      const { name } = await profiles.find(profileId);
      if (confirm !== name) {
        const message = `Deleting the profile "${name}" permanently deletes its chats, memories, findings, projects, and costs. Export or back up what you want to keep, then confirm with the profile's name.`;
        throw new UserError('confirm-delete', message);
      }
      await profiles.delete(profileId);
      for (const holder of holders) holder.forget(profileId);
    },
    projects: async (profileId) => await Promise.all((await storage.in(profileId).projects.list()).map(toKnown)),
    async attach(profileId, projectId, root) {
      const path = toPath(root);
      if (!path || !(await isFolder(path)))
        throw new UserError(
          'no-such-folder',
          `Couldn't find the folder ${path ?? root.slice(0, 200)}. Enter the folder that the project is in now.`,
        );
      return toKnown(await storage.in(profileId).projects.attach(projectId, await folderOf(path)));
    },
  };
}

async function toKnown(project: StoredProject): Promise<KnownProject> {
  return { ...project, orphan: !(await isFolder(project.path)) };
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
