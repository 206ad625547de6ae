// Time limits of one answer: until its first part, between its parts, and for all of it. The first two count the model's time
// alone, and not the time that the reader takes over a part. The third counts both.
import { ProviderError } from '../providers/provider.ts';
import type { Clock } from './clock.ts';

export interface Deadlines {
  firstPartMs: number;
  betweenPartsMs: number;
  totalMs: number;
}

/**
 * A processor may read a long prompt for minutes before its first word. A cloud that is silent for two has lost the request. `watched`: who
 * computes is ended where it stands still, so that a prompt may be read for as long as it takes on a slow or busy machine.
 */
export const defaultDeadlines: Record<'watched' | 'local' | 'cloud', Deadlines> = {
  watched: { firstPartMs: 60 * 60_000, betweenPartsMs: 60 * 60_000, totalMs: 60 * 60_000 },
  local: { firstPartMs: 300_000, betweenPartsMs: 120_000, totalMs: 60 * 60_000 },
  cloud: { firstPartMs: 120_000, betweenPartsMs: 60_000, totalMs: 20 * 60_000 },
};

/** Lives as long as one answer. It sets one timer, and sets it again only when it has run out, so that parts cost no timer. */
export class Watchdog implements Disposable {
  failure: ProviderError | undefined;
  readonly #id: string;
  readonly #deadlines: Deadlines;
  readonly #clock: Clock;
  readonly #abort = new AbortController();
  readonly #endsAt: number;
  #waitingSince: number | undefined;
  #hasBegun = false;
  #cancelTimer: () => void;

  constructor(id: string, deadlines: Deadlines, clock: Clock) {
    this.#id = id;
    this.#deadlines = deadlines;
    this.#clock = clock;
    this.#waitingSince = clock.now();
    this.#endsAt = this.#waitingSince + deadlines.totalMs;
    this.#cancelTimer = this.#setTimer(this.#waitingSince);
  }

  /** Aborts the request when a deadline has passed; `failure` then says which. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** A part has come: the reader's time begins. */
  pause(): void {
    this.#waitingSince = undefined;
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#cancelTimer(); // the limit between parts may be the shorter one
    this.#cancelTimer = this.#setTimer(this.#clock.now());
  }

  /** The next part is wanted: the model's time begins. */
  resume(): void {
    this.#waitingSince = this.#clock.now();
  }

  [Symbol.dispose](): void {
    this.#cancelTimer();
  }

  #setTimer(now: number): () => void {
    return this.#clock.timer(Math.max(1, Math.min(this.#endsAt, this.#dueAt(now)) - now), () => this.#check());
  }

  #dueAt(now: number): number {
    return (
      (this.#waitingSince ?? now) + (this.#hasBegun ? this.#deadlines.betweenPartsMs : this.#deadlines.firstPartMs)
    );
  }

  #check(): void {
    const now = this.#clock.now();
    const isTooLate = now >= this.#endsAt || now >= this.#dueAt(now);
    if (!isTooLate) {
      this.#cancelTimer = this.#setTimer(now);
      return;
    }
    this.failure = new ProviderError('unavailable', `${this.#sentence(now)} Try again, or choose another model.`);
    this.#abort.abort();
  }

  #sentence(now: number): string {
    const { firstPartMs, betweenPartsMs, totalMs } = this.#deadlines;
    if (now >= this.#endsAt)
      return `${this.#id} didn't finish its answer within ${seconds(totalMs)}, so it was stopped.`;
    if (this.#hasBegun)
      return `${this.#id} stopped in the middle of its answer and sent nothing for ${seconds(betweenPartsMs)}.`;
    return `${this.#id} didn't start to answer within ${seconds(firstPartMs)}.`;
  }
}

function seconds(durationMs: number): string {
  return `${Math.round(durationMs / 100) / 10} s`;
}
