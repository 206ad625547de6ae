// Time limits of one answer: until its first part, between its parts, and for all of it. Only the model's time counts, not the
// time that whoever reads the parts takes over them; but for the limit of the whole.
import { CancelledError } from '../../base/errors.ts';
import { ProviderError } from '../providers/provider.ts';
import type { Clock } from './clock.ts';

export interface Limits {
  firstPartMs: number;
  betweenPartsMs: number;
  totalMs: number;
}

/** A processor may read a long prompt for minutes before its first word; a cloud that is silent for two has lost the request. */
export const defaultLimits: Record<'local' | 'cloud', Limits> = {
  local: { firstPartMs: 300_000, betweenPartsMs: 120_000, totalMs: 60 * 60_000 },
  cloud: { firstPartMs: 120_000, betweenPartsMs: 60_000, totalMs: 20 * 60_000 },
};

export interface Watched<Part> {
  /** `provider/model`, for the sentences. */
  id: string;
  limits: Limits;
  clock: Clock;
  open(signal: AbortSignal): AsyncIterable<Part>;
}

/** The parts of what `open` opens; throws ProviderError (`unavailable`) when it takes too long, and CancelledError when aborted. */
export async function* withDeadlines<Part>(
  { id, limits, clock, open }: Watched<Part>,
  signal: AbortSignal,
): AsyncGenerator<Part> {
  using watchdog = new Watchdog(id, limits, clock);
  try {
    for await (const part of open(AbortSignal.any([signal, watchdog.signal]))) {
      watchdog.rest();
      yield part;
      watchdog.watch();
    }
  } catch (error) {
    throw signal.aborted ? new CancelledError() : (watchdog.failure ?? error);
  }
}

/** Lives as long as one answer. One timer is set, and set again only when it has run out: parts cost none. */
class Watchdog implements Disposable {
  failure: ProviderError | undefined;
  readonly #id: string;
  readonly #limits: Limits;
  readonly #clock: Clock;
  readonly #abort = new AbortController();
  readonly #endsAt: number;
  #waitingSince: number | undefined;
  #hasBegun = false;
  #cancelTimer: () => void;

  constructor(id: string, limits: Limits, clock: Clock) {
    this.#id = id;
    this.#limits = limits;
    this.#clock = clock;
    this.#waitingSince = clock.now();
    this.#endsAt = this.#waitingSince + limits.totalMs;
    this.#cancelTimer = this.#setTimer(this.#waitingSince);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** A part has come. */
  rest(): void {
    this.#waitingSince = undefined;
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#cancelTimer(); // the limit between parts may be the shorter one
    this.#cancelTimer = this.#setTimer(this.#clock.now());
  }

  /** The next part is wanted. */
  watch(): void {
    this.#waitingSince = this.#clock.now();
  }

  [Symbol.dispose](): void {
    this.#cancelTimer();
  }

  #setTimer(now: number): () => void {
    return this.#clock.timer(Math.max(1, Math.min(this.#endsAt, this.#dueAt(now)) - now), () => this.#check());
  }

  #dueAt(now: number): number {
    return (this.#waitingSince ?? now) + (this.#hasBegun ? this.#limits.betweenPartsMs : this.#limits.firstPartMs);
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
    const { firstPartMs, betweenPartsMs, totalMs } = this.#limits;
    if (now >= this.#endsAt)
      return `${this.#id} had not ended its answer after ${seconds(totalMs)}, so it was stopped.`;
    if (this.#hasBegun)
      return `${this.#id} stopped in the middle of its answer and has sent nothing for ${seconds(betweenPartsMs)}.`;
    return `${this.#id} has not begun to answer within ${seconds(firstPartMs)}.`;
  }
}

function seconds(durationMs: number): string {
  return `${Math.round(durationMs / 100) / 10} s`;
}
