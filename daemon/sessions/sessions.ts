// The sessions that are connected, and when the daemon leaves: an idle time after the last one, or when told to.
import { UserError } from '../base/errors.ts';
import type { Session } from './session.ts';

/** Lives as long as the daemon. */
export class Sessions {
  readonly #open = new Set<Session>();
  /** Those that have left, and may come back. */
  readonly #away = new Set<Session>();
  readonly #notices: string[] = [];
  /** Notifications that are about to be sent, by method and profile. */
  readonly #soon = new Map<string, NodeJS.Timeout>();
  readonly #idleMs: () => number;
  readonly #leave: () => void;
  readonly #returnMs: number;
  #timer: NodeJS.Timeout | undefined;
  #nextId = 1;
  /** A newer build waits for our place: the daemon leaves with its last client, without the idle time. */
  #makesWay = false;

  constructor(idleMs: () => number, leave: () => void, returnMs = usualReturnMs) {
    this.#idleMs = idleMs;
    this.#leave = leave;
    this.#returnMs = returnMs;
    this.#rest();
  }

  get all(): readonly Session[] {
    return [...this.#open];
  }

  /** Those for which something may still run: the open ones, and those that have left and may come back. Their limits hold on. */
  get served(): readonly Session[] {
    return [...this.#open, ...this.#away];
  }

  takeId(): number {
    return this.#nextId++;
  }

  add(session: Session): void {
    clearTimeout(this.#timer);
    this.#open.add(session);
  }

  /** Shows a sentence once to every user: those who are connected, and those who come later. */
  tell(notice: string): void {
    this.#notices.push(notice);
    for (const session of this.#open) if (session.initialized) show(session, notice);
  }

  /** Sends every client a notification without params. */
  notifyAll(method: string): void {
    for (const session of this.#open) if (session.initialized) session.peer.notify(method, {});
  }

  /** Sends the clients of a profile a notification. */
  notifyProfile(method: string, profile: string, params: object): void {
    for (const session of this.#open)
      if (session.initialized && session.profile === profile) session.peer.notify(method, params);
  }

  /** Sends the clients of a profile a notification without params, once for all that happens within a moment. */
  notifySoon(method: string, profile: string): void {
    const key = `${method} ${profile}`;
    if (this.#soon.has(key)) return;
    const send = (): void => {
      this.#soon.delete(key);
      this.notifyProfile(method, profile, {});
    };
    this.#soon.set(key, setTimeout(send, momentMs).unref());
  }

  /** Shows a session the notices so far. Call it once the client can show messages. */
  greet(session: Session): void {
    if (!session.closed.aborted) for (const notice of this.#notices) show(session, notice);
  }

  /** A client has left. What it asked for stops, but for answers that it may come back for; these stop where it does not. */
  leave(session: Session): void {
    if (this.#open.delete(session) && this.#open.size === 0) this.#rest();
    session.close();
    if (!session.options.resumes) return session.forsake();
    this.#away.add(session);
    setTimeout(() => {
      this.#away.delete(session);
      if (!this.all.some((other) => isSameClient(other, session))) session.forsake();
    }, this.#returnMs).unref();
  }

  /** A newer build has come. True when no session is connected: the daemon then leaves at once. */
  makeWay(): boolean {
    this.#makesWay = true;
    if (this.#open.size > 0) return false;
    this.#rest();
    return true;
  }

  /** Ends the daemon for a session that asks for it. Throws UserError `daemon-busy` while it works for others, unless forced. */
  end(asking: Session, { force }: { force: boolean }): void {
    const busy = this.all.filter((other) => other !== asking && other.isBusy);
    if (busy.length > 0 && !force)
      throw new UserError(
        'daemon-busy',
        `The daemon is working for ${busy.map(({ name }) => name).join(', ')}. Stop that first, or run \`switchyard stop --force\`.`,
        { retryable: true },
      );
    this.#leave();
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#leave, this.#makesWay ? 0 : Math.min(this.#idleMs(), 2 ** 31 - 1));
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    for (const timer of this.#soon.values()) clearTimeout(timer);
    for (const session of this.served) {
      session.close();
      session.forsake();
    }
  }
}

const momentMs = 150;
const usualReturnMs = 20_000; // a window with many extensions takes some seconds to reload

function isSameClient(one: Session, other: Session): boolean {
  return one.name === other.name && one.options.resumes === true && one.roots.join() === other.roots.join();
}

const warning = 2; // LSP MessageType.Warning

function show(session: Session, notice: string): void {
  session.peer.notify('window/showMessage', { type: warning, message: `Switchyard: ${notice}` });
}
