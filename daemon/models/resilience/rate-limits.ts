// The user's own limits of requests a minute, for each key and each workspace: token buckets that fill evenly and hold the
// requests of one minute.
import type { ResilienceConfig } from '../../base/config/resilience.ts';
import { workspaceUri } from '../../base/config/workspace.ts';
import { ProviderError } from '../providers/provider.ts';
import { type Clock, shownTime, sleep } from './clock.ts';

/** The key and the workspace that a request counts towards. */
export interface RequestOwner {
  /** `provider/model`, for the sentence. */
  id: string;
  key: string;
  workspace: string | undefined;
}

/** Requests a minute; undefined where there is no limit. */
export interface RequestLimits {
  ofKey: number | undefined;
  ofWorkspace: number | undefined;
  maxWaitMs: number;
}

/** What the configuration allows a provider's key and a workspace. The own limit of each goes before the common one. */
export function requestLimitsFor(
  settings: ResilienceConfig,
  provider: { requestsPerMinute?: number | undefined } | undefined,
  workspace: string | undefined,
): RequestLimits {
  const own =
    workspace === undefined
      ? undefined
      : Object.entries(settings.workspaces).find(([folder]) => workspaceUri(folder) === workspace)?.[1];
  return {
    ofKey: provider?.requestsPerMinute ?? settings.requestsPerMinute,
    ofWorkspace: own ?? settings.workspaceRequestsPerMinute,
    maxWaitMs: settings.longestWaitMs,
  };
}

/** Lives as long as the daemon. */
export class RateLimits {
  readonly #clock: Clock;
  readonly #keys = new Map<string, TokenBucket>();
  readonly #workspaces = new Map<string, TokenBucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Waits for the turn of this key and this workspace. Throws ProviderError when the wait is too long, and CancelledError. */
  async admit({ id, key, workspace }: RequestOwner, allowed: RequestLimits, signal: AbortSignal): Promise<void> {
    const now = this.#clock.now();
    const limits = [
      { buckets: this.#keys, name: key, perMinute: allowed.ofKey, whose: 'this key' },
      { buckets: this.#workspaces, name: workspace, perMinute: allowed.ofWorkspace, whose: 'this workspace' },
    ];
    const taken: TokenBucket[] = [];
    let longestMs = 0;
    try {
      for (const { buckets, name, perMinute, whose } of limits) {
        if (perMinute === undefined || name === undefined) continue;
        const bucket = getOrCreate(buckets, name, () => new TokenBucket());
        const { isTaken, waitMs } = bucket.take(perMinute, { now, maxWaitMs: allowed.maxWaitMs });
        if (!isTaken)
          throw overLimit(`${perMinute} requests a minute for ${whose}`, {
            id,
            waitMs,
            until: shownTime(this.#clock, now + waitMs),
          });
        taken.push(bucket);
        longestMs = Math.max(longestMs, waitMs);
      }
      if (longestMs > 0) await sleep(this.#clock, longestMs, signal);
    } catch (error) {
      for (const bucket of taken) bucket.giveBack();
      throw error;
    }
  }
}

function overLimit(limit: string, { id, waitMs, until }: { id: string; waitMs: number; until: string }): ProviderError {
  return new ProviderError(
    'rate-limited',
    `Your limit of ${limit} is used up until ${until}, so ${id} wasn't asked. Try again then, or raise the limit in config.json ("resilience").`,
    { retryAfterMs: waitMs },
  );
}

/** Lives as long as the daemon, for one key or one workspace. It is told the time, and has no timers. */
export class TokenBucket {
  /** Undefined is a full bucket. A number below zero counts the places that are promised for later. */
  #tokens: number | undefined;
  #at = 0;

  /** Takes a place, and says in how many milliseconds it is free. A place that is free only after `maxWaitMs` is not taken. */
  take(
    perMinute: number,
    { now, maxWaitMs }: { now: number; maxWaitMs: number },
  ): { isTaken: boolean; waitMs: number } {
    const perMs = perMinute / 60_000;
    const filled = this.#tokens === undefined ? perMinute : this.#tokens + Math.max(0, now - this.#at) * perMs;
    const tokens = Math.min(perMinute, filled);
    const waitMs = tokens >= 1 ? 0 : Math.ceil((1 - tokens) / perMs);
    const isTaken = waitMs <= maxWaitMs;
    this.#tokens = isTaken ? tokens - 1 : tokens;
    this.#at = now;
    return { isTaken, waitMs };
  }

  /** Gives a place back whose request was cancelled before it was sent. */
  giveBack(): void {
    if (this.#tokens !== undefined) this.#tokens += 1;
  }
}

/** The value of that key, created where there is none. */
export function getOrCreate<T>(map: Map<string, T>, key: string, create: () => T): T {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = create();
  map.set(key, created);
  return created;
}
