// The only module that opens outbound connections. Everything that calls a server is given this fetch.
import { UserError } from './errors.ts';
import type { Log } from './log.ts';

export type Fetch = typeof globalThis.fetch;

export interface Egress {
  readonly fetch: Fetch;
  /** Every host asked for since the start, and how often it was refused. */
  hosts(): { host: string; requests: number; refused: number }[];
}

/** A fetch that refuses anything but this machine while `localOnly()` holds, follows no redirect off it, and counts hosts. */
export function createEgress(options: { localOnly: () => boolean; log: Log; fetch?: Fetch }): Egress {
  const inner = options.fetch ?? globalThis.fetch;
  const counts = new Map<string, { requests: number; refused: number }>();
  const guarded: Fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : String(input));
    const count = counts.get(url.host) ?? { requests: 0, refused: 0 };
    counts.set(url.host, count);
    count.requests++;
    if (options.localOnly() && !isLoopback(url.hostname)) {
      count.refused++;
      options.log.warn({ host: url.host }, 'refused: local only');
      throw new UserError('local-only', `"Local only" is on, so ${url.host} was not contacted. Choose a model on this machine, or switch "localOnly" off.`);
    }
    // While local only, a redirect could lead off this machine behind our back.
    return inner(input, options.localOnly() ? { ...init, redirect: 'error' } : init);
  };
  return {
    fetch: guarded,
    hosts: () => [...counts].map(([host, count]) => ({ host, ...count })),
  };
}

/** Whether a URL's host name can only be this machine. Names are not resolved: only `localhost` and literal addresses count. */
export function isLoopback(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  return bare === 'localhost' || bare === '::1' || /^127(\.\d{1,3}){3}$/.test(bare);
}
