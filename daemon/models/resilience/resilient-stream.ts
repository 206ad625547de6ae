// One request to a model, made robust: held back by the limits, let in by the bulkhead and the breaker, watched by the clock, and
// sent again while the server turns it away. Once a part has come, nothing is sent again: a second answer could not continue the
// first, and it would be billed. All of it is one generator, because each token of an answer passes each generator above its source.
import { CancelledError } from '../../base/errors.ts';
import { ProviderError } from '../providers/provider.ts';
import type { Breaker, BreakerOutcome } from './breaker.ts';
import type { Bulkhead } from './bulkhead.ts';
import { type Clock, shownTime, sleep } from './clock.ts';
import { type Deadlines, Watchdog } from './deadlines.ts';

/** What is known of one model under one key. Lives until the keys or the configuration change. */
export interface ModelRecord {
  /** `provider/model` */
  readonly id: string;
  readonly breaker: Breaker;
  /** Until when the provider has asked to be left alone; times are those of the clock. */
  pausedUntil: number;
  lastError?: { code: string; message: string; at: number };
}

interface RetryRules {
  /** How often a request is sent at most. */
  attempts: number;
  /** A provider that asks for a longer wait is given up at once. */
  maxWaitMs: number;
}

export interface ResilientCall<Part> {
  record: ModelRecord;
  bulkhead: Bulkhead;
  concurrency: number;
  queue: number;
  deadlines: Deadlines;
  retries: RetryRules;
  clock: Clock;
  random(): number;
  /** Holds the request to the limits of its key and workspace, before each time it is sent. */
  admit(signal: AbortSignal): Promise<void>;
  /** Sends the request. */
  open(signal: AbortSignal): AsyncIterable<Part>;
  /** The part that tells the reader of a retry; left out, none is told. */
  toldAs?(sentence: string): Part;
}

/**
 * Streams the answer to what `prepare` resolves with. Throws ProviderError (`unavailable` where a deadline has passed), or
 * CancelledError when aborted; leaving the loop ends the work upstream.
 */
export async function* resilientStream<Part>(
  prepare: () => Promise<ResilientCall<Part>>,
  signal: AbortSignal,
): AsyncGenerator<Part> {
  const call = await prepare();
  for (let attempt = 1; ; attempt++) {
    let outcome: BreakerOutcome = 'nothing';
    let isShown = false;
    try {
      using _place = await placeFor(call, signal);
      refuseIfOpen(call); // nothing may be awaited from here to the breaker's entrance, so that only one request probes a model
      const ended = call.record.breaker.enter();
      using watchdog = new Watchdog(call.record.id, call.deadlines, call.clock);
      try {
        for await (const part of call.open(AbortSignal.any([signal, watchdog.signal]))) {
          watchdog.pause();
          isShown = true;
          outcome = 'answered';
          yield part;
          watchdog.resume();
        }
        outcome = 'answered';
        return;
      } catch (error) {
        const failure = signal.aborted ? new CancelledError() : (watchdog.failure ?? error);
        outcome = note(failure, outcome, call);
        throw failure;
      } finally {
        await ended(outcome);
      }
    } catch (error) {
      if (isShown) throw error;
      const waitMs = waitBeforeRetryMs(error, attempt, call);
      if (waitMs === undefined) throw withPause(error, call);
      if (call.toldAs) yield call.toldAs(retrySentence(error, { attempt, waitMs }, call));
      await sleep(call.clock, waitMs, signal);
    }
  }
}

function retrySentence(
  error: unknown,
  { attempt, waitMs }: { attempt: number; waitMs: number },
  { record, retries }: ResilientCall<unknown>,
): string {
  const code = error instanceof ProviderError ? error.code : undefined;
  const reason =
    code === 'rate-limited' ? 'is rate limited' : code === 'network' ? "can't be reached" : "isn't available right now";
  const wait = waitMs < 1000 ? 'now' : `in ${Math.round(waitMs / 1000)} s`;
  return `${record.id} ${reason}. Trying again ${wait} (attempt ${attempt + 1} of ${retries.attempts}).`;
}

/** A place among the requests to this provider, as soon as pause, limits and bulkhead allow it. */
async function placeFor(call: ResilientCall<unknown>, signal: AbortSignal): Promise<Disposable> {
  await waitForPause(call, signal);
  refuseIfOpen(call); // before the queue, so that no request waits only to be refused
  await call.admit(signal);
  const { record, bulkhead, concurrency, queue } = call;
  const place = await bulkhead.enter({ concurrency, queue }, signal);
  if (place) return place;
  throw new ProviderError(
    'unavailable',
    `${record.id} is busy: ${concurrency} requests are running and ${queue} are waiting. Try again in a moment, or choose another model.`,
  );
}

/** Waits out a short pause, and throws the time of a long one. */
async function waitForPause({ record, retries, clock }: ResilientCall<unknown>, signal: AbortSignal): Promise<void> {
  const leftMs = record.pausedUntil - clock.now();
  if (leftMs > retries.maxWaitMs) throw pausedError(record, clock);
  if (leftMs > 0) await sleep(clock, leftMs, signal);
}

function refuseIfOpen({ record, clock }: ResilientCall<unknown>): void {
  const until = record.breaker.refusesUntil;
  if (until === undefined) return;
  const now = clock.now();
  const last = record.lastError ? ` The last error: ${record.lastError.message}` : '';
  const when = until > now ? `until ${shownTime(clock, until)}` : 'while one request tries it';
  throw new ProviderError(
    'unavailable',
    `${record.id} failed several times in a row and isn't asked ${when}. Choose another model.${last}`,
    { retryAfterMs: until - now },
  );
}

const maxPauseMs = 24 * 60 * 60_000; // a server that asks for more is asked again after a day

/** Notes a failure, and says what it showed of the model. A cancelled request shows what it had shown before. */
function note(failure: unknown, before: BreakerOutcome, { record, clock }: ResilientCall<unknown>): BreakerOutcome {
  if (failure instanceof CancelledError) return before;
  if (!(failure instanceof ProviderError)) return 'nothing';
  const now = clock.now();
  record.lastError = { code: failure.code, message: failure.message, at: now };
  const pauseMs = Math.min(failure.retryAfterMs ?? 0, maxPauseMs);
  record.pausedUntil = Math.max(record.pausedUntil, now + pauseMs);
  // The limits heed a rate limit, not the breaker; and only what the server did can open it.
  if (failure.code === 'rate-limited') return 'nothing';
  return failure.code === 'unavailable' || failure.code === 'network' ? 'failed' : 'answered';
}

const firstBackOffMs = 250;
const maxBackOffMs = 8_000;

/**
 * Milliseconds until the next attempt, or undefined when there is none. Only a request that was turned away is sent again: any
 * other may have been worked on, and be billed. What the server asks for is kept exactly; otherwise the wait is random up to a
 * bound that doubles ("full jitter", M. Brooker, Exponential Backoff and Jitter, AWS 2015), so that callers who failed together
 * do not come back together.
 */
function waitBeforeRetryMs(
  error: unknown,
  attempt: number,
  { retries, random }: ResilientCall<unknown>,
): number | undefined {
  if (!(error instanceof ProviderError) || !error.turnedAway || !error.retryable || attempt >= retries.attempts)
    return undefined;
  const { retryAfterMs } = error;
  if (retryAfterMs !== undefined) return retryAfterMs <= retries.maxWaitMs ? retryAfterMs : undefined;
  return Math.floor(random() * Math.min(maxBackOffMs, firstBackOffMs * 2 ** (attempt - 1)));
}

/** The same failure, with the time at which it ends, where the provider asked for a pause. */
function withPause(error: unknown, { record, clock }: ResilientCall<unknown>): unknown {
  const wasAsked = error instanceof ProviderError && error.retryAfterMs !== undefined && error.turnedAway;
  return wasAsked && record.pausedUntil > clock.now() ? pausedError(record, clock, error) : error;
}

function pausedError({ id, pausedUntil, lastError }: ModelRecord, clock: Clock, cause?: ProviderError): ProviderError {
  const now = clock.now();
  const isLimit = (cause?.code ?? lastError?.code) !== 'unavailable';
  const why = isLimit ? 'is rate limited' : 'asked for a pause';
  const message = `${id} ${why} until ${shownTime(clock, pausedUntil)}. Try again then, or choose another model.`;
  return new ProviderError(isLimit ? 'rate-limited' : 'unavailable', message, {
    retryAfterMs: pausedUntil - now,
    cause,
  });
}
