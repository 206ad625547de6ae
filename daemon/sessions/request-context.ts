// The session whose request is being answered. A request is answered inside `run`, and all work that it leads to finds its session
// here. No params carry a session, so no client can speak for another.
import { AsyncLocalStorage } from 'node:async_hooks';
import { workspaceUri } from '../base/config/workspace.ts';
import type { Session } from './session.ts';
import type { SessionView } from './session-view.ts';

/** Lives as long as the daemon. */
export class RequestContext {
  readonly #requests = new AsyncLocalStorage<{ session: Session; stop: (() => void) | undefined }>();

  /** `stop` ends the request as its client could. */
  run<T>(session: Session, work: () => T, stop?: () => void): T {
    return this.#requests.run({ session, stop }, work);
  }

  /** The session whose request is being answered; undefined for the daemon's own work. */
  get session(): Session | undefined {
    return this.#requests.getStore()?.session;
  }

  /** How to stop that request. */
  get stop(): (() => void) | undefined {
    return this.#requests.getStore()?.stop;
  }

  /** A key that separates the work of one profile from that of another: the profile's id, else the session's. Empty for the daemon's own work. */
  get owner(): string {
    const { session } = this;
    return session ? (session.profile ?? `session ${session.id}`) : '';
  }

  /** The workspace of that session. */
  get workspace(): string | undefined {
    return this.session && workspaceOf(this.session);
  }
}

/** The URI of the folder a session works in; undefined where it has none. */
export function workspaceOf({ roots: [root] }: Pick<SessionView, 'roots'>): string | undefined {
  return root === undefined ? undefined : workspaceUri(root);
}
