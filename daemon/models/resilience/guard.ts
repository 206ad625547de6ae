// One request under guard: held back by the limits, let in by bulkhead and breaker, watched by the clock, and sent again while
// the server turns it away. Once a part has come, nothing is ever sent again: the rest could not follow it, and it would be billed.
import { CancelledError } from '../../base/errors.ts';
import { ProviderError } from '../providers/provider.ts';
import type { Breaker, Outcome } from './breaker.ts';
import type { Bulkhead } from './bulkhead.ts';
import { type Clock, sleep, timeOfDay } from './clock.ts';
import { type Limits, withDeadlines } from './deadlines.ts';
import { type RetryRules, waitBeforeRetryMs } from './retries.ts';

/** What is known of one model under one key. Lives until the keys or the configuration change. */
export interface ModelRecord {
  /** `provider/model` */
  readonly id: string;
  readonly breaker: Breaker;
  /** Until when the provider has asked to be left alone. */
  pausedUntil: number;
  lastError?: { code: string; message: string; at: number };
}

export interface Call<Part> {
  record: ModelRecord;
  bulkhead: Bulkhead;
  concurrency: number;
  queue: number;
  limits: Limits;
  retries: RetryRules;
  clock: Clock;
  random(): number;
  /** Holds the request to the limits of its key and workspace, before each time it is sent. */
  admit(signal: AbortSignal): Promise<void>;
  /** Sends the request. */
  open(signal: AbortSignal): AsyncIterable<Part>;
}

/** Streams the answer. Throws ProviderError, or CancelledError when aborted; leaving the loop ends the work upstream. */
export async function* guarded<Part>(call: Call<Part>, signal: AbortSignal): AsyncGenerator<Part> {
  for (let attempt = 1; ; attempt++) {
    let isShown = false;
    try {
      for await (const part of sendOnce(call, signal)) {
        isShown = true;
        yield part;
      }
      return;
    } catch (error) {
      const waitMs = isShown
        ? undefined
        : waitBeforeRetryMs(error, { attempt, rules: call.retries, random: call.random });
      if (waitMs === undefined) throw isShown ? error : inTime(error, call);
      await sleep(call.clock, waitMs, signal);
    }
  }
}

async function* sendOnce<Part>(call: Call<Part>, signal: AbortSignal): AsyncGenerator<Part> {
  const { record, limits, clock, open } = call;
  await waitForPause(call, signal);
  refuseIfOpen(call); // before the queue, so that nobody waits there only to be refused
  await call.admit(signal);
  using _place = await enterBulkhead(call, signal);
  refuseIfOpen(call);
  const ended = record.breaker.enter();
  let outcome: Outcome = 'nothing';
  try {
    for await (const part of withDeadlines({ id: record.id, limits, clock, open }, signal)) {
      outcome = 'answered';
      yield part;
    }
    outcome = 'answered';
  } catch (error) {
    if (!(error instanceof CancelledError)) {
      outcome = outcomeOf(error);
      note(error, call);
    }
    throw error;
  } finally {
    await ended(outcome);
  }
}

/** A rate limit is for the limits to heed, not for the breaker; and only what the server did can open it. */
function outcomeOf(error: unknown): Outcome {
  if (!(error instanceof ProviderError) || error.code === 'rate-limited') return 'nothing';
  return error.code === 'unavailable' || error.code === 'network' ? 'failed' : 'answered';
}

const maxPauseMs = 24 * 60 * 60_000; // a server that asks for more is asked again after a day

function note(error: unknown, { record, clock }: Call<unknown>): void {
  if (!(error instanceof ProviderError)) return;
  const now = clock.now();
  record.lastError = { code: error.code, message: error.message, at: now };
  const pauseMs = Math.min(error.retryAfterMs ?? 0, maxPauseMs);
  record.pausedUntil = Math.max(record.pausedUntil, now + pauseMs);
}

/** A short pause is waited for, a long one is told. */
async function waitForPause({ record, retries, clock }: Call<unknown>, signal: AbortSignal): Promise<void> {
  const leftMs = record.pausedUntil - clock.now();
  if (leftMs > retries.longestWaitMs) throw pausedError(record, clock);
  if (leftMs > 0) await sleep(clock, leftMs, signal);
}

/** The same failure, with the time at which it ends, where the provider asked for a pause. */
function inTime(error: unknown, { record, clock }: Call<unknown>): unknown {
  const wasAsked = error instanceof ProviderError && error.retryAfterMs !== undefined && error.turnedAway;
  return wasAsked && record.pausedUntil > clock.now() ? pausedError(record, clock, error) : error;
}

function pausedError({ id, pausedUntil, lastError }: ModelRecord, clock: Clock, cause?: ProviderError): ProviderError {
  const now = clock.now();
  const isLimit = (cause?.code ?? lastError?.code) !== 'unavailable';
  const why = isLimit ? 'is rate limited' : 'has asked to be left alone';
  const message = `${id} ${why} until ${timeOfDay(pausedUntil, now)}. Try again then, or choose another model.`;
  return new ProviderError(isLimit ? 'rate-limited' : 'unavailable', message, {
    retryAfterMs: pausedUntil - now,
    cause,
  });
}

function refuseIfOpen({ record, clock }: Call<unknown>): void {
  const until = record.breaker.refusesUntil;
  if (until === undefined) return;
  const now = clock.now();
  const last = record.lastError ? ` The last failure was: ${record.lastError.message}` : '';
  const when = until > now ? `until ${timeOfDay(until, now)}` : 'while one request tries it';
  throw new ProviderError(
    'unavailable',
    `${record.id} has failed several times in a row and is left alone ${when}; choose another model.${last}`,
    { retryAfterMs: until - now },
  );
}

async function enterBulkhead(
  { record, bulkhead, concurrency, queue }: Call<unknown>,
  signal: AbortSignal,
): Promise<Disposable> {
  const place = await bulkhead.enter({ concurrency, queue }, signal);
  if (place) return place;
  throw new ProviderError(
    'unavailable',
    `${record.id} is busy: ${concurrency} requests run and ${queue} wait for it. Try again in a moment, or choose another model.`,
  );
}
