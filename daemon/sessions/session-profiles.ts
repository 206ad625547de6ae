// SessionProfiles: the profile of each session: the one that its client named, else the one its project is bound to, else the default one. It is looked
// up at the first need, since storage may not be open before, and holds until the user switches.
import { fileURLToPath } from 'node:url';
import { UserError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { folderOf, quickFolderOf } from '../features/profiles/folder.ts';
import {
  type ChatOrigin,
  createFolderLookup,
  type FolderLookup,
  knownProject,
  projectOfFolder,
} from '../features/profiles/imported-project.ts';
import { type EffectiveModel, effectiveModel, type ModelLevels } from '../features/profiles/model.ts';
import { defaultProfile, type StoredProfile } from '../storage/profiles.ts';
import type { Folder, StoredProject } from '../storage/projects.ts';
import type { Storage } from '../storage/storage.ts';
import type { SessionView } from './session-view.ts';

/** Says which model is meant by what a message or a chat names, else by the profile, else by the session's own setting. */
type ModelRule = (named: Pick<ModelLevels, 'message' | 'chat'>) => EffectiveModel;

/** Lives as long as the daemon. */
export class SessionProfiles {
  readonly #storage: Storage;
  readonly #log: Log;
  /** Lookups that have not ended. */
  readonly #lookups = new WeakMap<SessionView, Promise<string>>();
  readonly #looks = new WeakMap<SessionView, FolderLookup>();
  readonly #quickFolder = oncePerSession((session) => folderAt(session, quickFolderOf));
  readonly #folder = oncePerSession((session) => folderAt(session, folderOf));

  constructor({ storage, log }: { storage: Storage; log: Log }) {
    this.#storage = storage;
    this.#log = log;
  }

  /** The id of the session's profile. Throws UserError `profile-not-found` where its client named an unknown one, and what storage throws. */
  async profileOf(session: SessionView): Promise<string> {
    if (session.profile !== undefined) return session.profile;
    const lookup = this.#lookups.get(session) ?? this.#lookUp(session).finally(() => this.#lookups.delete(session));
    this.#lookups.set(session, lookup);
    const found = await lookup;
    session.profile ??= found; // unless the user has switched meanwhile
    return session.profile;
  }

  /** The same for work that goes on without storage: where storage fails, `noProfileOf` the session, under which nothing is stored or found. */
  async profileOrNone(session: SessionView): Promise<string> {
    try {
      return await this.profileOf(session);
    } catch (error) {
      if (error instanceof UserError && error.code === 'profile-not-found') throw error;
      return noProfileOf(session);
    }
  }

  async #lookUp(session: SessionView): Promise<string> {
    const { profiles } = this.#storage;
    if (session.options.profile) return (await profiles.find(session.options.profile)).id;
    const seen = await this.#quickFolder(session);
    if (!seen) return defaultProfile;
    const bound = await profiles.boundTo(seen);
    if (bound.known || !seen.isPartial) return bound.profile ?? defaultProfile;
    const at = await this.#folder(session);
    return (at && (await profiles.boundTo(at)).profile) ?? defaultProfile;
  }

  /** Never fails: where storage cannot be read, no profile names a model. */
  async modelRule({ options }: SessionView, profile: string): Promise<ModelRule> {
    const stored = await this.#storage.profiles.find(profile).catch(() => undefined);
    return (named) => effectiveModel({ ...named, profile: stored?.model, workspace: options.model });
  }

  /** The project that the session works in, noted as used; undefined without a folder, or where storage fails. */
  async projectOf(session: SessionView): Promise<StoredProject | undefined> {
    try {
      const seen = await this.#quickFolder(session);
      if (!seen) return undefined;
      const { projects } = this.#storage.in(await this.profileOf(session));
      const known = await projects.visit(seen);
      const at = known ? undefined : await this.#folder(session);
      return known ?? (at && (await projects.visit(at)));
    } catch (error) {
      this.#log.warn({ error: String(error) }, 'the project of a session is not known');
      return undefined;
    }
  }

  /**
   * The id of the project that an imported chat was made in, by its id or its folder, where the session's profile knows it. With
   * `makes`, an unknown folder of this machine becomes a project.
   */
  async projectMadeIn(
    session: SessionView,
    madeIn: ChatOrigin,
    { makes }: { makes: boolean },
  ): Promise<string | undefined> {
    const { projects } = this.#storage.in(await this.profileOf(session));
    const look = this.#looks.get(session) ?? createFolderLookup();
    this.#looks.set(session, look);
    return (
      knownProject(madeIn, await projects.list()) ??
      (makes ? await projectOfFolder(madeIn, { projects, look }) : undefined)
    );
  }

  /** Switches the session, and with `bind` all later ones in its project. */
  async use(session: SessionView, idOrName: string, { bind }: { bind: boolean }): Promise<StoredProfile> {
    const profile = await this.#storage.profiles.find(idOrName);
    const at = bind ? await this.#folder(session) : undefined;
    if (bind && !at)
      throw new UserError(
        'no-project',
        "There's no folder to bind the profile to. Open one, or switch without binding.",
      );
    if (at) await this.#storage.in(profile.id).projects.bind(at);
    session.profile = profile.id;
    return profile;
  }
}

/** Stands for a profile where none is known; no id that storage gives out. */
export function noProfileOf({ id }: Pick<SessionView, 'id'>): string {
  return `nobody:${id}`;
}

/** Looks once for each session and the folder that it works in. */
function oncePerSession<T>(look: (session: SessionView) => Promise<T>): (session: SessionView) => Promise<T> {
  const known = new WeakMap<SessionView, { root: string | undefined; found: Promise<T> }>();
  return (session) => {
    const [root] = session.roots;
    const last = known.get(session);
    if (last && last.root === root) return last.found;
    const found = look(session);
    known.set(session, { root, found });
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
