// When to start the daemon's forwarder again after it ended, and when to stop trying. Pure.

export interface ForwarderExit {
  /** For the user: why it ended, as far as is known. */
  reason: string;
  /** Whether another try cannot help, such as with a Node that is too old. */
  isFinal: boolean;
  /** How long it had worked. */
  livedMs: number;
}

const maxTries = 5;
const firstDelayMs = 500;
const healthyAfterMs = 60_000; // a connection that lasted this long begins a new count

/** How many endings in a row there have been, counting this one. */
export function countFailure(failuresBefore: number, ended: ForwarderExit): number {
  return ended.livedMs >= healthyAfterMs ? 1 : failuresBefore + 1;
}

/** Milliseconds to wait before the next try (0.5 s, 1 s, 2 s, …), or undefined to give up. */
export function nextDelayMs(failures: number, ended: ForwarderExit): number | undefined {
  if (ended.isFinal || failures >= maxTries) return undefined;
  return firstDelayMs * 2 ** (failures - 1);
}
