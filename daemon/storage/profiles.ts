// The profiles themselves: who stores something here.
import type { Folder } from './projects.ts';

export interface StoredProfile {
  id: string;
  name: string;
  /** `provider/model`, for chats that name none. */
  model?: string;
  createdAt: number;
}

/** The profile that is always there. */
export const defaultProfile = 'default';

/** The profiles themselves. Names are told apart without regard to case. */
export interface Profiles {
  list(): Promise<StoredProfile[]>;
  /** By its id, else by its name. Throws UserError `profile-not-found`. */
  find(idOrName: string): Promise<StoredProfile>;
  /** Throws UserError `profile-exists` where the name is taken, as does `update`. */
  create(profile: { name: string; model?: string }): Promise<StoredProfile>;
  update(profileId: string, change: { name?: string; model?: string | null }): Promise<StoredProfile>;
  /** Deletes a profile and everything in it. Throws UserError `profile-needed` for the default one. */
  delete(profileId: string): Promise<void>;
  /** The profile that sessions in this folder begin in, if one was chosen for it; `known` says whether any has a project there. */
  boundTo(folder: Folder): Promise<{ known: boolean; profile?: string }>;
}
