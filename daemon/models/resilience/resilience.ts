// Providers made robust: each one that is wrapped keeps its interface, and gains time limits, retries, a circuit breaker, a bound
// on concurrent requests, and rate limits. What is known of models outlives the wrapped providers.
import { createHash } from 'node:crypto';
import type { ResilienceConfig, Timeouts } from '../../base/config/resilience.ts';
import { workspaceUri } from '../../base/config/workspace.ts';
import type { Log } from '../../base/log.ts';
import type { Provider } from '../providers/provider.ts';
import { Breaker } from './breaker.ts';
import { Bulkhead } from './bulkhead.ts';
import { type Clock, systemClock } from './clock.ts';
import { defaultLimits, type Limits } from './deadlines.ts';
import { type Call, guarded, type ModelRecord } from './guard.ts';
import { healthOf, type ModelCondition } from './health.ts';
import { entryOf, limitsFor, RateLimits } from './rate-limits.ts';

/** Lives as long as the daemon. No timer runs while no request does. */
export interface Resilience {
  /** `key` is asked at each request; only a fingerprint of it is kept. */
  wrap(provider: Provider, options?: { key?(): Promise<string | undefined> }): Provider;
  /** Every model that was asked something, in the order of the first request. */
  health(): ModelCondition[];
  /** What speaks against asking `provider/model` now; undefined where nothing does. */
  healthOf(id: string): { state: 'down'; detail: string } | undefined;
  /** Forgets all failures and pauses, or one provider's, for when the configuration or a key has changed. Requests that run are not disturbed. */
  reset(provider?: string): void;
}

export interface ResilienceOptions {
  config(): {
    resilience: ResilienceConfig;
    providers: Readonly<Record<string, { timeouts?: Timeouts | undefined; requestsPerMinute?: number | undefined }>>;
  };
  log: Pick<Log, 'info' | 'debug'>;
  /** The workspace on whose behalf a request is made that names none. */
  workspace?(): string | undefined;
  clock?: Clock;
  /** 0 up to 1 */
  random?: () => number;
}

export function createResilience({
  config,
  log,
  workspace: callerOf = () => undefined,
  clock = systemClock,
  random = Math.random,
}: ResilienceOptions): Resilience {
  const memory = new HealthBook(clock);
  const rateLimits = new RateLimits(clock);
  const callOf = <Part>(
    provider: Provider,
    { model, key, workspace }: Target,
    open: Call<Part>['open'],
  ): Call<Part> => {
    const { resilience, providers } = config();
    return {
      record: memory.record(provider.name, { model, key, settings: resilience }),
      bulkhead: memory.bulkhead(provider.name),
      concurrency: resilience.concurrency,
      queue: resilience.queue,
      limits: limitsOf(provider, { ...resilience.timeouts, ...providers[provider.name]?.timeouts }),
      retries: resilience,
      clock,
      random,
      admit: (signal) =>
        rateLimits.admit(
          { id: `${provider.name}/${model}`, key: `${provider.name} ${key}`, workspace },
          limitsFor(resilience, providers[provider.name], workspace),
          signal,
        ),
      open: (signal) => {
        log.debug({ provider: provider.name, model }, 'request sent');
        return open(signal);
      },
    };
  };
  return {
    wrap(provider, { key: readKey } = {}) {
      const targetOf = async (model: string, workspace = callerOf()): Promise<Target> => ({
        model,
        workspace,
        key: fingerprint(await readKey?.()),
      });
      return {
        name: provider.name,
        local: provider.local,
        listModels: (signal) => provider.listModels(signal),
        async *stream(request, signal) {
          const target = await targetOf(
            request.model,
            request.workspace === undefined ? undefined : workspaceUri(request.workspace),
          );
          const call = callOf(provider, target, (upstream) => provider.stream(request, upstream));
          yield* guarded(call, signal);
        },
        async embed(model, texts, signal) {
          const call = callOf(provider, await targetOf(model), (upstream) =>
            onePart(provider.embed(model, texts, upstream)),
          );
          for await (const vectors of guarded(call, signal)) return vectors;
          throw new Error(`${provider.name} gave no vectors`);
        },
      };
    },
    health: () => memory.health(),
    healthOf: (id) =>
      healthOf(
        memory.health().filter(({ model }) => model === id),
        clock.now(),
      ),
    reset: (provider) => memory.forgetFailures(provider),
  };
}

interface Target {
  model: string;
  /** Its fingerprint. */
  key: string;
  workspace: string | undefined;
}

async function* onePart<T>(promise: Promise<T>): AsyncGenerator<T> {
  yield await promise;
}

/** Few enough digits to mean nothing to anybody, enough to tell a user's keys apart. */
function fingerprint(key: string | undefined): string {
  return key ? createHash('sha256').update(key).digest('hex').slice(0, 8) : '';
}

function limitsOf(provider: Provider, over: Timeouts): Limits {
  const limits = defaultLimits[provider.local ? 'local' : 'cloud'];
  return {
    firstPartMs: over.firstPartMs ?? limits.firstPartMs,
    betweenPartsMs: over.betweenPartsMs ?? limits.betweenPartsMs,
    totalMs: over.totalMs ?? limits.totalMs,
  };
}

/** All that is remembered of models and providers. Lives as long as the daemon. */
class HealthBook {
  readonly #clock: Clock;
  readonly #records = new Map<string, { record: ModelRecord; provider: string; key: string }>();
  readonly #bulkheads = new Map<string, Bulkhead>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  record(
    provider: string,
    { model, key, settings }: { model: string; key: string; settings: ResilienceConfig },
  ): ModelRecord {
    const id = `${provider}/${model}`;
    return entryOf(this.#records, `${id} ${key}`, () => ({
      provider,
      key,
      record: { id, breaker: new Breaker(this.#clock, settings), pausedUntil: 0 },
    })).record;
  }

  bulkhead(provider: string): Bulkhead {
    return entryOf(this.#bulkheads, provider, () => new Bulkhead());
  }

  health(): ModelCondition[] {
    const now = this.#clock.now();
    return [...this.#records.values()].map(({ record, provider, key }) => ({
      model: record.id,
      provider,
      key,
      ...record.breaker.state,
      ...(record.pausedUntil > now && { pausedUntil: record.pausedUntil }),
      ...(record.lastError && { lastError: record.lastError }),
      ...this.bulkhead(provider).load,
    }));
  }

  forgetFailures(ofProvider?: string): void {
    for (const [id, { provider }] of this.#records)
      if (ofProvider === undefined || provider === ofProvider) this.#records.delete(id);
  }
}
