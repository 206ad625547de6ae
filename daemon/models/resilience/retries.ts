// When a failed request is sent again, and after how long. Pure.
import { ProviderError } from '../providers/provider.ts';

export interface RetryRules {
  /** How often a request is sent at most. */
  attempts: number;
  /** A provider that asks for a longer wait is given up at once. */
  longestWaitMs: number;
}

const firstBackOffMs = 250;
const maxBackOffMs = 8_000;

/**
 * Milliseconds until the next try, or undefined when there is none. Only a request that was turned away is sent again: any other
 * may have been worked on, and be billed. What the server asks for is kept exactly; otherwise the wait is random up to a bound
 * that doubles ("full jitter", M. Brooker, Exponential Backoff and Jitter, AWS 2015), so that callers who failed together do not come back together.
 */
export function waitBeforeRetryMs(
  error: unknown,
  { attempt, rules, random }: { attempt: number; rules: RetryRules; random(): number },
): number | undefined {
  if (!(error instanceof ProviderError) || !error.turnedAway || !error.retryable || attempt >= rules.attempts)
    return undefined;
  const { retryAfterMs } = error;
  if (retryAfterMs !== undefined) return retryAfterMs <= rules.longestWaitMs ? retryAfterMs : undefined;
  return Math.floor(random() * Math.min(maxBackOffMs, firstBackOffMs * 2 ** (attempt - 1)));
}
