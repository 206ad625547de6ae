// Whose memory a session sees: the profile that its client named, else the one its project is bound to, else the default one.
// It is looked up at the first need, since storage may not be there yet, and holds until the user switches.
import { fileURLToPath } from 'node:url';
import { UserError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import {
  defaultProfile,
  type Folder,
  type Memory,
  type ProfileMemory,
  type StoredProfile,
  type StoredProject,
} from '../storage/storage.ts';
import { folderOf, quickFolderOf } from '../features/profiles/folder.ts';
import {
  knownProject,
  type Look,
  lookingOnce,
  type MadeIn,
  projectOfFolder,
} from '../features/profiles/imported-project.ts';

/** A session, as far as profiles are concerned. */
export interface Seat {
  readonly id: number;
  readonly options: { readonly profile?: string | undefined };
  /** Folders it works in, as URIs. */
  readonly roots: readonly string[];
  /** The id of its profile, once it is known. */
  profile: string | undefined;
}

/** Lives as long as the daemon. */
export interface Seats {
  /** The id of the session's profile. Throws UserError `profile-not-found` where it named one that is not there, and what storage throws. */
  profileOf(seat: Seat): Promise<string>;
  /**
   * The same for work that is worth doing without storage: where that fails, a profile that is nobody's, under which nothing is
   * stored or found.
   */
  profileOrNone(seat: Seat): Promise<string>;
  memoryOf(seat: Seat): Promise<ProfileMemory>;
  /** The project it works in, noted as used; undefined without a folder, or where the project cannot be told. */
  projectOf(seat: Seat): Promise<StoredProject | undefined>;
  /**
   * The id of the project that a chat was made in elsewhere, by its id or its folder, where it is known in the session's profile; with
   * `makes` that of a folder which is there, too.
   */
  projectMadeIn(seat: Seat, madeIn: MadeIn, options: { makes: boolean }): Promise<string | undefined>;
  /** Switches the session, and with `bind` all later ones in its project. */
  use(seat: Seat, idOrName: string, options: { bind: boolean }): Promise<StoredProfile>;
}

export function createSeats({ memory, log }: { memory: Memory; log: Log }): Seats {
  const looking = new WeakMap<Seat, Promise<string>>();
  const looks = new WeakMap<Seat, Look>();
  const quick = perSeat((seat) => folderAt(seat, quickFolderOf));
  const whole = perSeat((seat) => folderAt(seat, folderOf));

  const lookUp = async (seat: Seat): Promise<string> => {
    if (seat.options.profile) return (await memory.profiles.find(seat.options.profile)).id;
    const seen = await quick(seat);
    if (!seen) return defaultProfile;
    const bound = await memory.profiles.boundTo(seen);
    if (bound.known || !seen.isPartial) return bound.profile ?? defaultProfile;
    const at = await whole(seat);
    return (at && (await memory.profiles.boundTo(at)).profile) ?? defaultProfile;
  };

  const profileOf = async (seat: Seat): Promise<string> => {
    if (seat.profile !== undefined) return seat.profile;
    const under = looking.get(seat) ?? lookUp(seat).finally(() => looking.delete(seat));
    looking.set(seat, under);
    const found = await under;
    seat.profile ??= found; // unless the user has switched meanwhile
    return seat.profile;
  };

  return {
    profileOf,
    async profileOrNone(seat) {
      try {
        return await profileOf(seat);
      } catch (error) {
        if (error instanceof UserError && error.code === 'profile-not-found') throw error;
        return nobody(seat);
      }
    },
    memoryOf: async (seat) => memory.in(await profileOf(seat)),
    async projectOf(seat) {
      try {
        const seen = await quick(seat);
        if (!seen) return undefined;
        const { projects } = memory.in(await profileOf(seat));
        const known = await projects.visit(seen);
        const at = known ? undefined : await whole(seat);
        return known ?? (at && (await projects.visit(at)));
      } catch (error) {
        log.warn({ error: String(error) }, 'the project of a session is not known');
        return undefined;
      }
    },
    async projectMadeIn(seat, madeIn, { makes }) {
      const { projects } = memory.in(await profileOf(seat));
      const look = looks.get(seat) ?? lookingOnce();
      looks.set(seat, look);
      return (
        knownProject(madeIn, await projects.list()) ??
        (makes ? await projectOfFolder(madeIn, { projects, look }) : undefined)
      );
    },
    async use(seat, idOrName, { bind }) {
      const profile = await memory.profiles.find(idOrName);
      const at = bind ? await whole(seat) : undefined;
      if (bind && !at)
        throw new UserError(
          'no-project',
          'There is no folder to bind the profile to. Open one, or switch without binding.',
        );
      if (at) await memory.in(profile.id).projects.bind(at);
      seat.profile = profile.id;
      return profile;
    },
  };
}

/** Not an id that storage gives out. */
export function nobody({ id }: Pick<Seat, 'id'>): string {
  return `nobody:${id}`;
}

/** Looked at once for each session. */
function perSeat<T>(look: (seat: Seat) => Promise<T>): (seat: Seat) => Promise<T> {
  const known = new WeakMap<Seat, Promise<T>>();
  return (seat) => {
    const found = known.get(seat) ?? look(seat);
    known.set(seat, found);
    return found;
  };
}

async function folderAt({ roots: [root] }: Seat, look: (path: string) => Promise<Folder>): Promise<Folder | undefined> {
  if (!root?.startsWith('file:')) return undefined;
  try {
    return await look(fileURLToPath(root));
  } catch {
    return undefined; // no path of this machine
  }
}
