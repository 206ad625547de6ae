// Notices that the storage worker is silent while calls wait for it. One that is asked for a sign of life and gives none is blocked:
// as a rule its disk does not answer, as a network disk that has gone.

interface SilenceDeps {
  maxSilenceMs: number;
  /** Asks the worker for a sign of life. */
  ask(): void;
  /** Called once for each silence. */
  onSilent(): void;
}

/** Lives as long as the worker's client. A timer runs only while calls wait. */
export class SilenceWatch {
  readonly #deps: SilenceDeps;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: SilenceDeps) {
    this.#deps = deps;
  }

  /** Call when a call is sent. */
  begin(): void {
    this.#timer ??= this.#after(() => {
      this.#timer = this.#after(() => {
        this.#timer = undefined;
        this.#deps.onSilent();
      });
      this.#deps.ask(); // an answer may come at once
    });
  }

  /** Call when the worker has said something; `isAwaited` where calls still wait. */
  heard({ isAwaited }: { isAwaited: boolean }): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (isAwaited) this.begin();
  }

  #after(run: () => void): NodeJS.Timeout {
    return setTimeout(run, this.#deps.maxSilenceMs / 2).unref();
  }
}
