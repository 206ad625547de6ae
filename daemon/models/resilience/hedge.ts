// "Fastest wins", for a user who asks for it: several models are asked at once, the first that begins to answer wins, and the
// requests to the others are closed. It costs more than one model does, so only the user's own wish starts it.
import { CancelledError } from '../../base/errors.ts';
import type { StreamPart } from '../providers/provider.ts';
import type { Selection } from '../router/router.ts';
import { alternativesTo, type FallbackRules } from './fallback.ts';

const maxContenders = 3;

/** A request to one model, under way. */
export interface Contender {
  parts: AsyncIterable<StreamPart>;
}

export interface Race<C extends Contender, Answer> {
  rules: Pick<FallbackRules, 'router' | 'wanted' | 'signal'>;
  /** Asks one model, under its own meter: each is checked against the budgets and counted by itself. */
  open(selection: Selection, signal: AbortSignal): C;
  /** Told of each model that did not win: with its error, or with nothing where its request was closed. */
  onLost(selection: Selection, error: unknown): void;
  /** Answers with the winner, whose parts are those of the request that already runs. `others` are the ids of the rest. */
  answer(winner: Selection, contender: C, others: readonly string[]): Promise<Answer>;
}

/** Races the chosen model against its first alternatives. When all fail, the error is the chosen model's. */
export async function withFastest<C extends Contender, Answer>(
  first: Selection,
  { rules, open, onLost, answer }: Race<C, Answer>,
): Promise<Answer> {
  const selections = [first];
  for await (const next of alternativesTo(first, {
    ...rules,
    because: `asked together with ${first.decision.model}, for the fastest answer`,
  })) {
    if (selections.push(next) >= maxContenders) break;
  }
  const runners = selections.map((selection) => new Runner(selection, open, rules.signal));
  try {
    const winner = await fastest(runners, rules.signal);
    const others = runners.filter((runner) => runner !== winner);
    for (const runner of others) {
      runner.stop();
      onLost(runner.selection, runner.failure?.error);
    }
    return await answer(
      winner.selectionAmong(runners),
      winner.resumed(),
      others.map(({ selection }) => selection.decision.model),
    );
  } finally {
    for (const runner of runners) runner.stop();
  }
}

/** The first that begins to answer. When none does: the chosen model, whose stream then fails. */
async function fastest<C extends Contender>(runners: readonly Runner<C>[], signal: AbortSignal): Promise<Runner<C>> {
  const winner = await Promise.any(runners.map((runner) => runner.begin())).catch(() => runners[0]);
  if (!winner || signal.aborted) throw new CancelledError();
  return winner;
}

const beforeAnswers: ReadonlySet<StreamPart['kind']> = new Set(['warning', 'waiting', 'begins']);

/** Lives as long as the race, and the answer of its winner. */
class Runner<C extends Contender> {
  readonly selection: Selection;
  failure: { error: unknown } | undefined;
  readonly #abort = new AbortController();
  readonly #contender: C;
  readonly #parts: AsyncIterator<StreamPart>;
  readonly #early: StreamPart[] = [];

  constructor(selection: Selection, open: Race<C, unknown>['open'], signal: AbortSignal) {
    this.selection = selection;
    this.#contender = open(selection, AbortSignal.any([signal, this.#abort.signal]));
    this.#parts = this.#contender.parts[Symbol.asyncIterator]();
  }

  /** Resolves when the model has begun to answer; a warning is no answer, nor is waiting for others. */
  async begin(): Promise<this> {
    try {
      for (;;) {
        const { done, value } = await this.#parts.next();
        if (!done) this.#early.push(value);
        if (done || !beforeAnswers.has(value.kind)) return this;
      }
    } catch (error) {
      this.failure = { error };
      throw error;
    }
  }

  /** Closes the request upstream. */
  stop(): void {
    this.#abort.abort();
    void this.#parts.return?.().catch(() => {}); // an error while it closes has no meaning any more
  }

  selectionAmong(runners: readonly Runner<C>[]): Selection {
    const { decision, ...rest } = this.selection;
    const raced = new Set(runners.map(({ selection }) => selection.candidate.id));
    const reason = this.failure ? decision.reason : `the fastest of ${runners.length} models asked at once`;
    return {
      ...rest,
      decision: { ...decision, reason, alternatives: decision.alternatives.filter((id) => !raced.has(id)) },
    };
  }

  /** The contender with its parts from the first on. */
  resumed(): C {
    this.#contender.parts = this.#rest();
    return this.#contender;
  }

  async *#rest(): AsyncGenerator<StreamPart> {
    yield* this.#early;
    if (this.failure) throw this.failure.error;
    for (;;) {
      const { done, value } = await this.#parts.next();
      if (done) return;
      yield value;
    }
  }
}
