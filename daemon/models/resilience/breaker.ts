// The circuit breaker of one model: it opens after so many failures in a row, and after a while lets one request probe the model.
// The state machine is cockatiel's. Three rules are ours: time comes from our clock; other requests are refused at once while a
// probe is under way (cockatiel would let them wait for it); and a probe that showed nothing, because it was cancelled or rate
// limited, gives its place to the next request.
import {
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  type IBackoff,
  type IHalfOpenAfterBackoffContext,
} from 'cockatiel';
import type { Clock } from './clock.ts';

/** What a request showed of its model: that it answers, that it does not, or nothing at all. */
export type BreakerOutcome = 'answered' | 'failed' | 'nothing';

export interface BreakerSettings {
  failuresToOpen: number;
  restMs: number;
}

/** Times are those of the clock. */
export interface BreakerState {
  state: 'closed' | 'open' | 'half-open';
  openedAt?: number;
  /** From when a request may probe the model. */
  nextProbeAt?: number;
}

/** Lives as long as its model is known. */
export class Breaker {
  readonly #clock: Clock;
  readonly #rest: Rest;
  readonly #policy: CircuitBreakerPolicy;

  constructor(clock: Clock, settings: BreakerSettings) {
    this.#clock = clock;
    this.#rest = new Rest(clock, settings.restMs);
    this.#policy = circuitBreaker(
      handleWhen((error) => error instanceof RequestFailure && error.counts),
      {
        breaker: new ConsecutiveBreaker(settings.failuresToOpen),
        halfOpenAfter: this.#rest,
      },
    );
  }

  get state(): BreakerState {
    const { state } = this.#policy;
    if (state === CircuitState.Closed) return { state: 'closed' };
    return {
      state: state === CircuitState.Open ? 'open' : 'half-open',
      openedAt: this.#rest.since,
      nextProbeAt: this.#rest.until,
    };
  }

  /** Requests are refused until then, or longer; undefined when one may enter now. */
  get refusesUntil(): number | undefined {
    const { state } = this.#policy;
    if (state === CircuitState.HalfOpen) return this.#clock.now();
    return state === CircuitState.Open && !this.#rest.isOver ? this.#rest.until : undefined;
  }

  /** Lets one request in. Call it only when `refusesUntil` is undefined, and call what it returns once, with the request's outcome. */
  enter(): (outcome: BreakerOutcome) => Promise<void> {
    const isProbe = this.#policy.state === CircuitState.Open;
    const work = Promise.withResolvers<void>();
    const counted = this.#policy.execute(() => work.promise).catch(() => {});
    return (outcome) => {
      if (outcome === 'answered') work.resolve();
      else work.reject(new RequestFailure(outcome, isProbe));
      return counted;
    };
  }
}

/** Tells cockatiel of a request that did not succeed. */
class RequestFailure extends Error {
  readonly outcome: BreakerOutcome;
  /** A request that showed nothing is not counted. A probe is: cockatiel would take it for a success. */
  readonly counts: boolean;
  constructor(outcome: BreakerOutcome, isProbe: boolean) {
    super(outcome);
    this.outcome = outcome;
    this.counts = outcome === 'failed' || isProbe;
  }
}

const maxRestMs = 5 * 60_000;

/**
 * How long a circuit stays open: twice as long each time in a row. cockatiel compares `duration` with the system's clock, so
 * `duration` is infinite until the rest is over by our clock.
 */
class Rest implements IBackoff<IHalfOpenAfterBackoffContext> {
  since = 0;
  until = 0;
  readonly #clock: Clock;
  readonly #firstMs: number;
  #lastMs = 0;

  constructor(clock: Clock, firstMs: number) {
    this.#clock = clock;
    this.#firstMs = firstMs;
  }

  get isOver(): boolean {
    return this.#clock.now() >= this.until;
  }

  get duration(): number {
    return this.isOver ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }

  next({ attempt, result }: IHalfOpenAfterBackoffContext): this {
    const showedNothing =
      'error' in result && result.error instanceof RequestFailure && result.error.outcome === 'nothing';
    if (showedNothing) return this;
    if (attempt === 1) this.since = this.#clock.now();
    this.#lastMs = attempt === 1 ? this.#firstMs : Math.min(this.#lastMs * 2, Math.max(maxRestMs, this.#firstMs));
    this.until = this.#clock.now() + this.#lastMs;
    return this;
  }
}
