// Waiting for what has no event: another program's state. Everything that has an event is awaited through the event.
import { setTimeout as pause } from 'node:timers/promises';

const pollMs = 50;

/** The first value that is neither undefined nor false; after the time limit an error that says what was waited for. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  limitMs = 120_000,
): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (Date.now() > end) throw new Error(`Waited ${limitMs} ms in vain for ${what}.`);
    await pause(pollMs);
  }
}
