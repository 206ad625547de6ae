// "Fastest wins", for a user who asks for it: several models are asked at once, the first to say something answers, and the
// requests to all others are closed. Costs more than one model does, so nothing but the user's word starts it.
import { CancelledError } from '../base/errors.ts';
import type { Provider, StreamPart } from '../providers/provider.ts';
import type { Selection } from '../router/router.ts';
import { alternativesTo, type FallbackRules } from './fallback.ts';

const mostContenders = 3;

export interface Race<Answer> {
  rules: Pick<FallbackRules, 'router' | 'wanted' | 'signal'>;
  /** Asks one model. */
  open(selection: Selection, signal: AbortSignal): AsyncIterable<StreamPart>;
  /** Is given the winner: the next stream of its provider is the one that already runs. */
  answer(winner: Selection): Promise<Answer>;
}

/** Races the chosen model against its first alternatives. When all fail, the chosen one does, with its own error. */
export async function withFastest<Answer>(first: Selection, { rules, open, answer }: Race<Answer>): Promise<Answer> {
  const selections = [first];
  for await (const next of alternativesTo(first, rules)) {
    if (selections.push(next) >= mostContenders) break;
  }
  const runners = selections.map((selection) => new Runner(selection, open, rules.signal));
  try {
    const winner = await fastest(runners, rules.signal);
    for (const runner of runners) if (runner !== winner) runner.stop();
    return await answer(winner.selectionAmong(runners));
  } finally {
    for (const runner of runners) runner.stop();
  }
}

/** The first that has something to say; when none has, the first of all, whose stream then fails. */
async function fastest(runners: readonly Runner[], signal: AbortSignal): Promise<Runner> {
  const winner = await Promise.any(runners.map((runner) => runner.begin())).catch(() => runners[0]);
  if (!winner || signal.aborted) throw new CancelledError();
  return winner;
}

/** Lives as long as the race, and the answer of its winner. */
class Runner {
  readonly #selection: Selection;
  readonly #abort = new AbortController();
  readonly #parts: AsyncIterator<StreamPart>;
  readonly #early: StreamPart[] = [];
  #failure: { error: unknown } | undefined;

  constructor(selection: Selection, open: Race<unknown>['open'], signal: AbortSignal) {
    this.#selection = selection;
    this.#parts = open(selection, AbortSignal.any([signal, this.#abort.signal]))[Symbol.asyncIterator]();
  }

  /** Resolves when the model has begun to answer; a warning is no answer. */
  async begin(): Promise<this> {
    try {
      for (;;) {
        const { done, value } = await this.#parts.next();
        if (!done) this.#early.push(value);
        if (done || value.kind !== 'warning') return this;
      }
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  stop(): void {
    this.#abort.abort();
    void this.#parts.return?.().catch(() => {}); // what it throws while it is closed concerns nobody
  }

  /** The selection whose provider, the next time, streams what is already under way. */
  selectionAmong(runners: readonly Runner[]): Selection {
    const { decision, candidate } = this.#selection;
    const raced = new Set(runners.map((runner) => runner.#selection.candidate.id));
    const reason = this.#failure ? decision.reason : `the fastest of ${runners.length} that were asked at once`;
    return {
      decision: { ...decision, reason, alternatives: decision.alternatives.filter((id) => !raced.has(id)) },
      candidate: { ...candidate, provider: withStreamOnce(candidate.provider, () => this.#rest()) },
    };
  }

  async *#rest(): AsyncGenerator<StreamPart> {
    yield* this.#early;
    if (this.#failure) throw this.#failure.error;
    for (;;) {
      const { done, value } = await this.#parts.next();
      if (done) return;
      yield value;
    }
  }
}

function withStreamOnce(provider: Provider, running: () => AsyncIterable<StreamPart>): Provider {
  let isUsed = false;
  return {
    name: provider.name,
    local: provider.local,
    listModels: (signal) => provider.listModels(signal),
    embed: (model, texts, signal) => provider.embed(model, texts, signal),
    stream(request, signal) {
      if (isUsed) return provider.stream(request, signal);
      isUsed = true;
      return running();
    },
  };
}
