// What the storage worker does between calls: short steps, as long as there is something to do, and fewer while calls come in.

const quietMs = 10; // after a call, before the first step
const busyMs = 12; // between steps while calls come in, of which a step takes 4: most of the time is theirs
const retryMs = 2000; // after a step that failed: perhaps the disk was full

/** Lives as long as the worker. */
export class Housekeeping {
  readonly #step: () => boolean | number;
  #scheduled: NodeJS.Timeout | NodeJS.Immediate | undefined;
  #wasCalled = false;
  #isWaiting = false;
  #stopped = false;

  /**
   * The step does a few milliseconds of work and returns whether there is more, or in how many milliseconds; what it throws is tried
   * again later.
   */
  constructor(step: () => boolean | number) {
    this.#step = step;
  }

  /** To be called after every call that was answered. */
  wake(): void {
    this.#wasCalled = true;
    if (this.#isWaiting) clearTimeout(this.#scheduled as NodeJS.Timeout);
    if (this.#isWaiting) this.#scheduled = undefined;
    this.#isWaiting = false;
    if (!this.#stopped) this.#scheduled ??= setTimeout(() => this.#run(), quietMs);
  }

  stop(): void {
    this.#stopped = true;
  }

  #run(): void {
    this.#scheduled = undefined;
    this.#isWaiting = false;
    if (this.#stopped) return;
    this.#wasCalled = false;
    try {
      const more = this.#step();
      if (more === false) return;
      if (more !== true) {
        this.#isWaiting = true;
        this.#scheduled = setTimeout(() => this.#run(), more).unref();
        return;
      }
    } catch {
      this.#scheduled = setTimeout(() => this.#run(), retryMs).unref();
      return;
    }
    // An immediate lets calls that have come in go first; whether any did is known after them.
    this.#scheduled = setImmediate(() => {
      if (this.#wasCalled) this.#scheduled = setTimeout(() => this.#run(), busyMs);
      else this.#run();
    });
  }
}
