// Who is connected. When nobody is, and nobody comes within the idle time, the daemon leaves.
import type { Session } from './session.ts';

/** Lives as long as the daemon. */
export class Sessions {
  readonly #open = new Set<Session>();
  readonly #notices: string[] = [];
  readonly #idleMs: () => number;
  readonly #onIdle: () => void;
  #timer: NodeJS.Timeout | undefined;
  #nextId = 1;
  /** Set when a newer build waits for our place: then the daemon leaves with its last client. */
  #leaving = false;

  constructor(idleMs: () => number, onIdle: () => void) {
    this.#idleMs = idleMs;
    this.#onIdle = onIdle;
    this.#rest();
  }

  get all(): readonly Session[] {
    return [...this.#open];
  }

  takeId(): number {
    return this.#nextId++;
  }

  add(session: Session): void {
    clearTimeout(this.#timer);
    this.#open.add(session);
  }

  /** Shows a sentence to every user who is here, and to those who come later, once to each. */
  tell(notice: string): void {
    this.#notices.push(notice);
    for (const session of this.#open) if (session.initialized) show(session, notice);
  }

  /** A session can be shown messages from now on. */
  greet(session: Session): void {
    if (!session.closed.aborted) for (const notice of this.#notices) show(session, notice);
  }

  delete(session: Session): void {
    if (this.#open.delete(session) && this.#open.size === 0) this.#rest();
  }

  /** A newer build has come: true when nobody is here, and the daemon leaves at once. */
  makeWay(): boolean {
    this.#leaving = true;
    if (this.#open.size > 0) return false;
    this.#rest();
    return true;
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#onIdle, this.#leaving ? 0 : Math.min(this.#idleMs(), 2 ** 31 - 1));
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

const warning = 2; // LSP MessageType.Warning

function show(session: Session, notice: string): void {
  session.peer.notify('window/showMessage', { type: warning, message: `Switchyard: ${notice}` });
}
