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
  readonly #limitMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** When the time began to run, or stopped to. */
  #since = performance.now();
  #ranMs = 0;
  #pausedMs = 0;
  #isPaused = false;

  constructor(sources: readonly AbortSignal[], limitMs?: number) {
    this.#sources = sources;
    for (const source of sources) {
      if (source.aborted) this.abort(source.reason);
      else source.addEventListener('abort', this.#follow);
    }
    this.#limitMs = limitMs;
    this.#run();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** For how long the time has stood still. */
  get pausedMs(): number {
    return this.#pausedMs;
  }

  /** The time stands still until `resume`. */
  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    clearTimeout(this.#timer);
    this.#ranMs += this.#lap();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#pausedMs += this.#lap();
    this.#run();
  }

  #run(): void {
    const limitMs = this.#limitMs;
    if (limitMs !== undefined)
      this.#timer = setTimeout(() => this.abort(tooLate(limitMs)), Math.max(0, limitMs - this.#ranMs)).unref();
  }

  /** How long it is since the time last began or stopped to run. */
  #lap(): number {
    const [since, now] = [this.#since, performance.now()];
    this.#since = now;
    return now - since;
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
