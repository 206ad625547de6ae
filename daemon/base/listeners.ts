// Who wants to hear of an event, and of the end of what it belongs to.

/** Lives as long as what it tells of. */
export class Listeners<Args extends unknown[], Result = void> {
  readonly #listeners = new Set<(...args: Args) => Result>();

  /** Returns how to stop listening. One function added twice is two listeners. */
  add(listener: (...args: Args) => Result): () => void {
    const own = (...args: Args): Result => listener(...args);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** Calls every listener, in the order in which they came, and returns their results. */
  notify(...args: Args): Result[] {
    return [...this.#listeners].map((listener) => listener(...args));
  }
}

/**
 * A signal for one piece of work that follows longer-lived ones, and may have a time limit. With `AbortSignal.any` and
 * `AbortSignal.timeout`, whatever still listens when the work is done stays in memory for as long as a source lives (a session's, for
 * each request that it made) or the time runs. Lives as long as its work: afterwards no source and no timer holds anything of it.
 */
export class LinkedAbort implements Disposable {
  readonly #controller = new AbortController();
  readonly #sources: readonly AbortSignal[];
  #timer: NodeJS.Timeout | undefined;
  #limitMs = 0;
  #beganAt = 0;

  constructor(sources: readonly AbortSignal[], limitMs?: number) {
    this.#sources = sources;
    for (const source of sources) {
      if (source.aborted) this.abort(source.reason);
      else source.addEventListener('abort', this.#follow);
    }
    if (limitMs !== undefined) this.#limit(performance.now(), limitMs);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** Gives it more time, where it has a limit. */
  extend(ms: number): void {
    if (this.#timer) this.#limit(this.#beganAt, this.#limitMs + ms);
  }

  #limit(beganAt: number, limitMs: number): void {
    clearTimeout(this.#timer);
    this.#beganAt = beganAt;
    this.#limitMs = limitMs;
    const leftMs = Math.max(0, beganAt + limitMs - performance.now());
    this.#timer = setTimeout(() => this.abort(tooLate(limitMs)), leftMs).unref();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    for (const source of this.#sources) source.removeEventListener('abort', this.#follow);
  }

  readonly #follow = ({ target }: Event): void => this.abort((target as AbortSignal).reason);
}

function tooLate(limitMs: number): DOMException {
  return new DOMException(`It took longer than ${limitMs} ms.`, 'TimeoutError');
}

/** Whether the time limit of a `LinkedAbort` has ended it. */
export function isTooLate({ reason }: AbortSignal): boolean {
  return reason instanceof DOMException && reason.name === 'TimeoutError';
}
