// The models of one provider, as it last listed them. A stale list is asked for anew when it is wanted, by one request for all who
// wait. No timers.
import { throwIfCancelled, UserError } from '../../base/errors.ts';
import { whileWanted } from '../resilience/clock.ts';
import type { ModelInfo, Provider } from './provider.ts';

/** `unknown` means not asked, or the server cannot say; `absent` is a provider without a key. */
export interface OfferHealth {
  state: 'ok' | 'unknown' | 'down' | 'absent';
  detail?: string;
}

export interface ListResult {
  models: { info: ModelInfo; health: OfferHealth }[];
  /** Why the server could not be asked. */
  problem?: string;
  /** Whether nothing answered at all. */
  unreachable: boolean;
  /** Whether the server didn't accept the key. */
  isKeyRefused?: boolean;
}

export interface ListingOptions {
  provider: Provider;
  /** Models to offer whatever the server lists, and before its own. */
  configured: readonly string[];
  /** Completes what the server says of a model from other sources. */
  complete?: (info: ModelInfo) => ModelInfo;
  now: () => number;
  limitMs?: number;
}

const listFreshMs = 60_000; // a new model may take a minute to appear; `refresh` shows it at once
const failureFreshMs = 10_000; // a server that was just started appears soon, and a dead one does not slow every question
const listLimitMs = 3_000;

/** Lives as long as its provider. */
export class Listing {
  readonly #options: ListingOptions;
  #last: { listed: ListResult; until: number } | undefined;
  /** What the server listed when it last answered: its models are still offered, as down, while it is away. */
  #lastInfos: readonly ModelInfo[] = [];
  #pending: Pending | undefined;

  constructor(options: ListingOptions) {
    this.#options = options;
  }

  /** Throws CancelledError only: a server that cannot be asked gives a `problem`. */
  async get(signal: AbortSignal, { refresh = false } = {}): Promise<ListResult> {
    throwIfCancelled(signal);
    if (!refresh && this.#last && this.#options.now() < this.#last.until) return this.#last.listed;
    this.#pending ??= this.#ask();
    const pending = this.#pending;
    pending.waiting++;
    try {
      return await whileWanted(pending.answer, signal);
    } finally {
      if (--pending.waiting === 0) this.#leave(pending);
    }
  }

  /** Whether the server says which of its models are loaded. */
  get tellsLoaded(): boolean {
    return this.#lastInfos.some(({ loaded }) => loaded !== undefined);
  }

  /** Offers the configured models without asking the server. */
  configuredOnly(health: OfferHealth): ListResult {
    return { models: this.#merge([]).map((info) => ({ info, health })), unreachable: false };
  }

  #ask(): Pending {
    const abort = new AbortController();
    return { abort, waiting: 0, answer: this.#list(abort.signal) };
  }

  /** Called when the last one who waited is gone: ends the request, if it still runs. */
  #leave(pending: Pending): void {
    pending.abort.abort();
    if (this.#pending === pending) this.#pending = undefined;
  }

  async #list(abandoned: AbortSignal): Promise<ListResult> {
    const { provider, now, limitMs = listLimitMs } = this.#options;
    const tooLate = AbortSignal.timeout(limitMs);
    const signal = AbortSignal.any([abandoned, tooLate]);
    try {
      const infos = await whileWanted(provider.listModels(signal), signal);
      this.#lastInfos = infos;
      return this.#keep({ models: this.#found(infos), unreachable: false }, now() + listFreshMs);
    } catch (error) {
      if (abandoned.aborted) throw error;
      const reason = tooLate.aborted ? `"${provider.name}" didn't list its models within ${limitMs / 1000} s.` : error;
      return this.#keep(this.#failed(reason), now() + failureFreshMs);
    }
  }

  #keep(listed: ListResult, until: number): ListResult {
    this.#last = { listed, until };
    return listed;
  }

  #found(infos: readonly ModelInfo[]): ListResult['models'] {
    const names = new Set(infos.map(({ name }) => name));
    return this.#merge(infos).map((info) => ({
      info,
      health: names.has(info.name)
        ? { state: 'ok' }
        : { state: 'unknown', detail: `"${this.#options.provider.name}" doesn't list it` },
    }));
  }

  #failed(reason: unknown): ListResult {
    const problem = typeof reason === 'string' ? reason : sentenceOf(reason, this.#options.provider.name);
    const code = reason instanceof UserError ? reason.code : '';
    // A server without a list of its own may still answer.
    const health: OfferHealth =
      code === 'model-not-found' || code === 'bad-request'
        ? { state: 'unknown', detail: problem }
        : { state: 'down', detail: problem };
    return {
      models: this.#merge(this.#lastInfos).map((info) => ({ info, health })),
      problem,
      unreachable: code === 'network',
      isKeyRefused: code === 'auth',
    };
  }

  /** The configured models first, in their order, each with what is known of it. */
  #merge(infos: readonly ModelInfo[]): ModelInfo[] {
    const { configured, complete } = this.#options;
    const byName = new Map(infos.map((info) => [info.name, info]));
    const first = [...new Set(configured)].map(
      (name): ModelInfo => byName.get(name) ?? { name, capabilities: {}, source: 'config' },
    );
    const all = [...first, ...infos.filter(({ name }) => !configured.includes(name))];
    return complete ? all.map(complete) : all;
  }
}

interface Pending {
  readonly abort: AbortController;
  readonly answer: Promise<ListResult>;
  waiting: number;
}

function sentenceOf(error: unknown, name: string): string {
  return error instanceof UserError ? error.message : `"${name}" couldn't list its models.`;
}
