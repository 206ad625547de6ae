// A clock that a test holds in its hands, providers that do what a test wrote down, and resilience over both.
import { type ResilienceConfig, ResilienceConfig as Schema } from '../../../../daemon/base/config/resilience.ts';
import type { ModelRequest, Provider, StreamPart } from '../../../../daemon/models/providers/provider.ts';
import type { Clock } from '../../../../daemon/models/resilience/clock.ts';
import { createResilience, type Resilience } from '../../../../daemon/models/resilience/resilience.ts';

/** Time that passes when told to. */
export class ManualClock implements Clock {
  readonly #timers = new Set<{ at: number; run: () => void }>();
  readonly #watchers = new Set<() => void>();
  #now: number;

  constructor(now = new Date(2026, 0, 31, 14, 0).getTime()) {
    this.#now = now;
  }

  now = (): number => this.#now;
  wallTime = (at: number): number => at;

  /** One that runs out at once does so by itself. */
  timer = (afterMs: number, run: () => void): (() => void) => {
    if (afterMs === 0) queueMicrotask(run);
    const timer = { at: this.#now + afterMs, run };
    this.#timers.add(timer);
    for (const watcher of this.#watchers) watcher();
    return () => void this.#timers.delete(timer);
  };

  /** When the timers that are set run out, in milliseconds from now. */
  get timers(): number[] {
    return [...this.#timers].map(({ at }) => at - this.#now).toSorted((a, b) => a - b);
  }

  /** Resolves when a timer is set that runs out in so many milliseconds. */
  waitingFor(ms: number): Promise<void> {
    return this.waitingForAny((each) => each === ms);
  }

  async waitingForAny(isMeant: (ms: number) => boolean): Promise<void> {
    while (!this.timers.some(isMeant)) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#watchers.add(resolve);
      await promise;
      this.#watchers.delete(resolve);
    }
  }

  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at);
      if (!next) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = end;
  }
}

export type Answer = (request: ModelRequest, signal: AbortSignal) => AsyncIterable<StreamPart>;

/** A provider that answers by the given function, and counts how often it was asked. */
export class ScriptedProvider implements Provider {
  readonly name: string;
  readonly local: boolean;
  calls = 0;
  /** Calls that have not ended. */
  running = 0;
  answer: Answer;

  constructor(answer: Answer, { name = 'lab', local = false } = {}) {
    this.answer = answer;
    this.name = name;
    this.local = local;
  }

  async listModels(): Promise<[]> {
    return [];
  }

  async *stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<StreamPart> {
    this.calls++;
    this.running++;
    try {
      yield* this.answer(request, signal);
    } finally {
      this.running--;
    }
  }

  async embed(_model: string, texts: readonly string[]): Promise<Float32Array[]> {
    this.calls++;
    return texts.map(({ length }) => Float32Array.of(length));
  }
}

export function saying(...texts: string[]): Answer {
  return async function* () {
    for (const text of texts) yield { kind: 'text', text };
    yield { kind: 'usage', usage: { input: 1, cacheRead: 0, cacheWrite: 0, output: texts.length, reasoning: 0 } };
    yield { kind: 'finish', reason: 'stop' };
  };
}

/** Fails, so often as there are errors (for ever, with one), and then answers `fine`. */
export function failing(...errors: Error[]): Answer {
  let left = errors.length === 1 ? Number.POSITIVE_INFINITY : errors.length;
  return async function* (request, signal) {
    if (left-- > 0) throw errors[errors.length === 1 ? 0 : errors.length - 1 - left];
    yield* saying('fine')(request, signal);
  };
}

export interface Bench {
  clock: ManualClock;
  resilience: Resilience;
}

/** Half of the longest back-off is waited, or the share that is given. */
export function bench(
  over: Partial<ResilienceConfig> = {},
  providers: Record<string, { timeouts?: object }> = {},
  share = 0.5,
): Bench {
  const clock = new ManualClock();
  const settings = { ...Schema.parse({}), ...over };
  const log = { info() {}, debug() {} };
  return {
    clock,
    resilience: createResilience({
      config: () => ({ resilience: settings, providers }),
      log,
      clock,
      random: () => share,
    }),
  };
}
