// Notices that native code, or a chat template, has come to a standstill: neither ends by itself, and neither can be asked to.
import type { HostActivity } from './host-messages.ts';

const checkMs = 2000;
/** Checks in a row without progress after which the host is given up: ten seconds. */
const mostStillChecks = 5;
/**
 * While a file is read from a slow disk, a GPU gets ready, a long text is embedded in one step, or other programs have the processors: two
 * minutes.
 */
const mostStillSlowChecks = 60;

export interface HostWatchDeps {
  activity(): Promise<HostActivity>;
  /** Called once for each standstill. */
  onStuck(): void;
  checkMs?: number;
}

/**
 * Lives as long as the client, and looks while requests run. It counts its own checks rather than time, which goes on while the
 * machine sleeps.
 */
export class HostWatch {
  readonly #deps: HostWatchDeps;
  #requests = 0;
  #timer: NodeJS.Timeout | undefined;
  #isAsking = false;
  #last: HostActivity | undefined;
  #stillChecks = 0;
  /** Checks in a row at which the host had not answered the one before. */
  #silentChecks = 0;

  constructor(deps: HostWatchDeps) {
    this.#deps = deps;
  }

  /** Looks after the host until disposed of. */
  watch(): Disposable {
    if (this.#requests++ === 0) {
      this.#last = undefined;
      this.#stillChecks = 0;
      this.#silentChecks = 0;
      this.#timer = setInterval(() => this.#check(), this.#deps.checkMs ?? checkMs).unref();
    }
    return {
      [Symbol.dispose]: () => {
        if (--this.#requests === 0) clearInterval(this.#timer);
      },
    };
  }

  /** An answer that has not come since the last check is a standstill too, also on a crowded machine: an answer takes next to no time. */
  #check(): void {
    const { isSlow = false, isCrowded = false } = this.#last ?? {};
    this.#stillChecks++;
    if (this.#isAsking) this.#silentChecks++;
    const isStill = this.#stillChecks > (isSlow || isCrowded ? mostStillSlowChecks : mostStillChecks);
    if (isStill || (!isSlow && this.#silentChecks > mostStillChecks)) {
      this.#stillChecks = 0;
      this.#silentChecks = 0;
      this.#deps.onStuck();
    }
    if (this.#isAsking) return;
    this.#isAsking = true;
    this.#deps
      .activity()
      .then(
        (activity) => {
          if (activity.running === 0 || activity.progress !== this.#last?.progress) this.#stillChecks = 0;
          this.#last = activity;
        },
        () => (this.#stillChecks = 0), // the process has ended: who waits for it is told so
      )
      .finally(() => {
        this.#isAsking = false;
        this.#silentChecks = 0;
      });
  }
}
