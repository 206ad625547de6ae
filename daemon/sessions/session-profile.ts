// Whose memory a session sees: the profile that its client named, else the one its project is bound to, else the default one.
// It is looked up at the first need, since storage may not be there yet, and holds until the user switches.
import { fileURLToPath } from 'node:url';
import { UserError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { folderOf, quickFolderOf } from '../features/profiles/folder.ts';
import {
  knownProject,
  type Look,
  lookingOnce,
  type MadeIn,
  projectOfFolder,
} from '../features/profiles/imported-project.ts';
import { defaultProfile, type StoredProfile } from '../storage/profiles.ts';
import type { Folder, StoredProject } from '../storage/projects.ts';
import type { ProfileStorage, Storage } from '../storage/storage.ts';

/** A session, as far as profiles are concerned. */
export interface SessionView {
  readonly id: number;
  readonly options: { readonly profile?: string | undefined };
  /** Folders it works in, as URIs. */
  readonly roots: readonly string[];
  /** The id of its profile, once it is known. */
  profile: string | undefined;
}

/** Lives as long as the daemon. */
export interface SessionProfiles {
  /** The id of the session's profile. Throws UserError `profile-not-found` where it named one that is not there, and what storage throws. */
  profileOf(session: SessionView): Promise<string>;
  /**
   * The same for work that is worth doing without storage: where that fails, a profile that is nobody's, under which nothing is
   * stored or found.
   */
  profileOrNone(seat: SessionView): Promise<string>;
  memoryOf(seat: SessionView): Promise<ProfileStorage>;
  /** The project it works in, noted as used; undefined without a folder, or where the project cannot be told. */
  projectOf(seat: SessionView): Promise<StoredProject | undefined>;
  /**
   * The id of the project that a chat was made in elsewhere, by its id or its folder, where it is known in the session's profile; with
   * `makes` that of a folder which is there, too.
   */
  projectMadeIn(seat: SessionView, madeIn: MadeIn, options: { makes: boolean }): Promise<string | undefined>;
  /** Switches the session, and with `bind` all later ones in its project. */
  use(seat: SessionView, idOrName: string, options: { bind: boolean }): Promise<StoredProfile>;
}

export function createSessionProfiles({ storage, log }: { storage: Storage; log: Log }): SessionProfiles {
  const looking = new WeakMap<SessionView, Promise<string>>();
  const looks = new WeakMap<SessionView, Look>();
  const quick = perSeat((session) => folderAt(session, quickFolderOf));
  const whole = perSeat((session) => folderAt(session, folderOf));

  const lookUp = async (session: SessionView): Promise<string> => {
    if (session.options.profile) return (await storage.profiles.find(session.options.profile)).id;
    const seen = await quick(session);
    if (!seen) return defaultProfile;
    const bound = await storage.profiles.boundTo(seen);
    if (bound.known || !seen.isPartial) return bound.profile ?? defaultProfile;
    const at = await whole(session);
    return (at && (await storage.profiles.boundTo(at)).profile) ?? defaultProfile;
  };

  const profileOf = async (session: SessionView): Promise<string> => {
    if (session.profile !== undefined) return session.profile;
    const under = looking.get(session) ?? lookUp(session).finally(() => looking.delete(session));
    looking.set(session, under);
    const found = await under;
    session.profile ??= found; // unless the user has switched meanwhile
    return session.profile;
  };

  return {
    profileOf,
    async profileOrNone(session) {
      try {
        return await profileOf(session);
      } catch (error) {
        if (error instanceof UserError && error.code === 'profile-not-found') throw error;
        return nobody(session);
      }
    },
    memoryOf: async (session) => storage.in(await profileOf(session)),
    async projectOf(session) {
      try {
        const seen = await quick(session);
        if (!seen) return undefined;
        const { projects } = storage.in(await profileOf(session));
        const known = await projects.visit(seen);
        const at = known ? undefined : await whole(session);
        return known ?? (at && (await projects.visit(at)));
      } catch (error) {
        log.warn({ error: String(error) }, 'the project of a session is not known');
        return undefined;
      }
    },
    async projectMadeIn(session, madeIn, { makes }) {
      const { projects } = storage.in(await profileOf(session));
      const look = looks.get(session) ?? lookingOnce();
      looks.set(session, look);
      return (
        knownProject(madeIn, await projects.list()) ??
        (makes ? await projectOfFolder(madeIn, { projects, look }) : undefined)
      );
    },
    async use(session, idOrName, { bind }) {
      const profile = await storage.profiles.find(idOrName);
      const at = bind ? await whole(session) : undefined;
      if (bind && !at)
        throw new UserError(
          'no-project',
          'There is no folder to bind the profile to. Open one, or switch without binding.',
        );
      if (at) await storage.in(profile.id).projects.bind(at);
      session.profile = profile.id;
      return profile;
    },
  };
}

/** Not an id that storage gives out. */
export function nobody({ id }: Pick<SessionView, 'id'>): string {
  return `nobody:${id}`;
}

/** Looked at once for each session. */
function perSeat<T>(look: (session: SessionView) => Promise<T>): (seat: SessionView) => Promise<T> {
  const known = new WeakMap<SessionView, Promise<T>>();
  return (session) => {
    const found = known.get(session) ?? look(session);
    known.set(session, found);
    return found;
  };
}

async function folderAt(
  { roots: [root] }: SessionView,
  look: (path: string) => Promise<Folder>,
): Promise<Folder | undefined> {
  if (!root?.startsWith('file:')) return undefined;
  try {
    return await look(fileURLToPath(root));
  } catch {
    return undefined; // no path of this machine
  }
}
