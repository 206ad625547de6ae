// The clock that this part uses, which tests replace by one of their own; and waits that end on an abort.
import { CancelledError, throwIfCancelled } from '../../base/errors.ts';

export interface Clock {
  /** Milliseconds of a time that only goes on, whatever the clock of the machine is set to. It says nothing to a user. */
  now(): number;
  /** The time of day that `at` is, in milliseconds since the epoch, as the machine's clock says now. */
  wallTime(at: number): number;
  /** Calls back once; what it returns cancels that. Keeps no process alive. */
  timer(afterMs: number, run: () => void): () => void;
}

const maxTimerMs = 2 ** 31 - 1; // beyond it Node's timers fire at once

export const systemClock: Clock = {
  now: () => performance.now(),
  wallTime: (at) => Math.round(Date.now() + at - performance.now()),
  timer(afterMs, run) {
    const timer = setTimeout(run, Math.min(afterMs, maxTimerMs)).unref();
    return () => clearTimeout(timer);
  },
};

/** Waits so many milliseconds; throws CancelledError as soon as the signal says so, and leaves no timer behind. */
export async function sleep(clock: Clock, durationMs: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  throwIfCancelled(signal);
  const cancel = clock.timer(durationMs, resolve);
  try {
    await whileWanted(promise, signal);
  } finally {
    cancel();
  }
}

/** The promise, or CancelledError as soon as the signal says so. */
export function whileWanted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(new CancelledError());
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** A time of this clock, as a user reads it. */
export function shownTime(clock: Clock, at: number): string {
  return timeOfDay(clock.wallTime(at), clock.wallTime(clock.now()));
}

/** `14:03` for a time of today, `2026-01-31 14:03` for any other; in the zone of this machine. */
export function timeOfDay(at: number, now: number): string {
  const [date, today] = [new Date(at), new Date(now)];
  const two = (value: number) => String(value).padStart(2, '0');
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (date.toDateString() === today.toDateString()) return time;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
}
