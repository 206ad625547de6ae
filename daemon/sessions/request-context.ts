// On whose behalf the daemon is at work. A request is answered inside `run`, and whatever it leads to, however deep, can ask here
// for its session: no params carry that, so no client can speak for another.
import { AsyncLocalStorage } from 'node:async_hooks';
import { workspaceUri } from '../base/config/workspace.ts';
import type { Session } from './session.ts';

/** Lives as long as the daemon. */
export class RequestContext {
  readonly #sessions = new AsyncLocalStorage<Session>();

  run<T>(session: Session, work: () => T): T {
    return this.#sessions.run(session, work);
  }

  /** The session whose request is being answered; undefined for the daemon's own work. */
  get session(): Session | undefined {
    return this.#sessions.getStore();
  }

  /** Whose request it is, so far as that separates one from another: the profile, else the session alone. Empty for the daemon's own work. */
  get owner(): string {
    const { session } = this;
    return session ? (session.profile ?? `session ${session.id}`) : '';
  }

  /** The workspace it is in. */
  get workspace(): string | undefined {
    return this.session && workspaceOf(this.session);
  }
}

/** The URI of the folder a session works in; undefined where it has none. */
export function workspaceOf({ roots: [root] }: Pick<Session, 'roots'>): string | undefined {
  return root === undefined ? undefined : workspaceUri(root);
}
