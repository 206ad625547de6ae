// Makes providers robust. A wrapped provider keeps its interface, and gains deadlines, retries, a circuit breaker, a bound on
// concurrent requests, and rate limits. What is known of models outlives the wrapped providers.
import { createHash } from 'node:crypto';
import type { ResilienceConfig, Timeouts } from '../../base/config/resilience.ts';
import { workspaceUri } from '../../base/config/workspace.ts';
import type { Log } from '../../base/log.ts';
import type { CodePart, MadePicture, Provider, StreamPart } from '../providers/provider.ts';
import { Breaker, type BreakerState } from './breaker.ts';
import { Bulkhead } from './bulkhead.ts';
import { type Clock, systemClock } from './clock.ts';
import { type Deadlines, defaultDeadlines } from './deadlines.ts';
import { healthOf, type ModelCondition } from './health.ts';
import { getOrCreate, RateLimits, requestLimitsFor } from './rate-limits.ts';
import { type ModelRecord, type ResilientCall, resilientStream } from './resilient-stream.ts';

/** Lives as long as the daemon. No timer runs while no request does. */
export interface Resilience {
  /** `key` is asked at each request; only a fingerprint of it is kept. */
  wrap(provider: Provider, options?: { key?(): Promise<string | undefined> }): Provider;
  /** Every model that was asked something, in the order of the first request. */
  health(): ModelCondition[];
  /** Why `provider/model` cannot be asked now; undefined where it can. */
  healthOf(id: string): { state: 'down'; detail: string } | undefined;
  /**
   * Forgets the failures and pauses of one provider, or of all. Call it when the configuration or a key has changed. It does not
   * touch requests that run.
   */
  reset(provider?: string): void;
}

export interface ResilienceDeps {
  config(): {
    resilience: ResilienceConfig;
    providers: Readonly<Record<string, { timeouts?: Timeouts | undefined; requestsPerMinute?: number | undefined }>>;
  };
  log: Pick<Log, 'info' | 'debug'>;
  /** The workspace of a request that names none: that of the caller. */
  workspace?(): string | undefined;
  clock?: Clock;
  /** 0 up to 1 */
  random?: () => number;
}

export function createResilience({
  config,
  log,
  workspace: currentWorkspace = () => undefined,
  clock = systemClock,
  random = Math.random,
}: ResilienceDeps): Resilience {
  const book = new HealthBook(clock);
  const rateLimits = new RateLimits(clock);
  const callOf = <Part>(
    provider: Provider,
    { model, key, workspace }: Target,
    open: ResilientCall<Part>['open'],
  ): ResilientCall<Part> => {
    const { resilience, providers } = config();
    return {
      record: book.record(provider.name, { model, key, settings: resilience }),
      bulkhead: book.bulkhead(provider.name),
      concurrency: resilience.concurrency,
      queue: resilience.queue,
      deadlines: deadlinesOf(provider, { ...resilience.timeouts, ...providers[provider.name]?.timeouts }),
      retries: { attempts: resilience.attempts, maxWaitMs: resilience.longestWaitMs },
      clock,
      random,
      admit: (signal) =>
        rateLimits.admit(
          { id: `${provider.name}/${model}`, key: `${provider.name} ${key}`, workspace },
          requestLimitsFor(resilience, providers[provider.name], workspace),
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
      const targetOf = async (model: string, workspace = currentWorkspace()): Promise<Target> => ({
        model,
        workspace,
        key: fingerprint(await readKey?.()),
      });
      return {
        name: provider.name,
        get local() {
          return provider.local;
        },
        listModels: (signal) => provider.listModels(signal),
        stream: (request, signal) =>
          resilientStream(async () => {
            const { model, workspace } = request;
            const target = await targetOf(model, workspace === undefined ? undefined : workspaceUri(workspace));
            const call = callOf<StreamPart>(provider, target, (upstream) => provider.stream(request, upstream));
            return { ...call, toldAs: (message) => ({ kind: 'warning', message }) };
          }, signal),
        ...(provider.complete && {
          complete: completingOnce(
            provider.complete.bind(provider),
            // The models of this daemon's own host have turns of their own.
            readKey && (async (model, open) => callOf<CodePart>(provider, await targetOf(model), open)),
          ),
        }),
        ...makingOnce(provider, async (model, open) => callOf(provider, await targetOf(model), open)),
        async embed(model, texts, signal) {
          const open = (upstream: AbortSignal) => onePart(provider.embed(model, texts, upstream));
          const answers = resilientStream(async () => callOf(provider, await targetOf(model), open), signal);
          for await (const vectors of answers) return vectors;
          throw new Error(`${provider.name} gave no vectors`);
        },
      };
    },
    health: () => book.health(),
    healthOf: (id) =>
      healthOf(
        book.health().filter(({ model }) => model === id),
        clock.wallTime(clock.now()),
      ),
    reset: (provider) => book.forgetFailures(provider),
  };
}

type CompleteCode = NonNullable<Provider['complete']>;

/** Ghost text is never sent again: the next key asks anew. */
function completingOnce(
  complete: CompleteCode,
  callOf: ((model: string, open: ResilientCall<CodePart>['open']) => Promise<ResilientCall<CodePart>>) | undefined,
): CompleteCode {
  if (!callOf) return complete;
  return (request, signal) =>
    resilientStream(async () => {
      const call = await callOf(request.model, (upstream) => complete(request, upstream));
      return { ...call, retries: { attempts: 1, maxWaitMs: 0 } };
    }, signal);
}

const pictureMs = 5 * 60_000;

/** A picture is never asked for again by itself: the first request may be billed although nothing of it came. */
function makingOnce(
  provider: Provider,
  callOf: (model: string, open: ResilientCall<MadePicture>['open']) => Promise<ResilientCall<MadePicture>>,
): Pick<Provider, 'makePicture'> {
  const makePicture = provider.makePicture?.bind(provider);
  if (!makePicture) return {};
  return {
    async makePicture(request, signal) {
      const pictures = resilientStream(async () => {
        const call = await callOf(request.model, (upstream) => onePart(makePicture(request, upstream)));
        const deadlines = { ...call.deadlines, firstPartMs: pictureMs };
        return { ...call, deadlines, retries: { attempts: 1, maxWaitMs: 0 } };
      }, signal);
      for await (const picture of pictures) return picture;
      throw new Error(`${provider.name} sent no picture`);
    },
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

/** Few enough digits to say nothing of the key, and enough to tell a user's keys apart. */
function fingerprint(key: string | undefined): string {
  return key ? createHash('sha256').update(key).digest('hex').slice(0, 8) : '';
}

function deadlinesOf(provider: Provider, over: Timeouts): Deadlines {
  const defaults = defaultDeadlines[provider.isWatched ? 'watched' : provider.local ? 'local' : 'cloud'];
  return {
    firstPartMs: over.firstPartMs ?? defaults.firstPartMs,
    betweenPartsMs: over.betweenPartsMs ?? defaults.betweenPartsMs,
    totalMs: over.totalMs ?? defaults.totalMs,
  };
}

/** Lives as long as the daemon. Holds what is known of models and providers. */
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
    return getOrCreate(this.#records, `${id} ${key}`, () => ({
      provider,
      key,
      record: { id, breaker: new Breaker(this.#clock, settings), pausedUntil: 0 },
    })).record;
  }

  bulkhead(provider: string): Bulkhead {
    return getOrCreate(this.#bulkheads, provider, () => new Bulkhead());
  }

  health(): ModelCondition[] {
    const now = this.#clock.now();
    return [...this.#records.values()].map(({ record, provider, key }) => ({
      model: record.id,
      provider,
      key,
      ...this.#breakerState(record),
      ...(record.pausedUntil > now && { pausedUntil: this.#clock.wallTime(record.pausedUntil) }),
      ...(record.lastError && { lastError: { ...record.lastError, at: this.#clock.wallTime(record.lastError.at) } }),
      ...this.bulkhead(provider).load,
    }));
  }

  #breakerState({ breaker }: ModelRecord): BreakerState {
    const { state, openedAt, nextProbeAt } = breaker.state;
    return {
      state,
      ...(openedAt !== undefined && { openedAt: this.#clock.wallTime(openedAt) }),
      ...(nextProbeAt !== undefined && { nextProbeAt: this.#clock.wallTime(nextProbeAt) }),
    };
  }

  forgetFailures(ofProvider?: string): void {
    for (const [id, { provider }] of this.#records)
      if (ofProvider === undefined || provider === ofProvider) this.#records.delete(id);
  }
}
