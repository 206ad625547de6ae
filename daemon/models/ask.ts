// THE way to ask a model, for every feature: select a model, check the budget, share the call with equal requests, race several
// where the user wants the fastest, fall back to the next where one cannot answer, and report how it ended to the router, to the
// registry and to the ledger.
import { UserError } from '../base/errors.ts';
import type { Costs, PricedRequest } from './costs/costs.ts';
import { Meter } from './costs/meter.ts';
import { usdOf } from './costs/price.ts';
import { pricedRequest } from './costs/priced.ts';
import {
  imagesOf,
  type ModelInfo,
  type ModelRequest,
  noUsage,
  ProviderError,
  type StreamPart,
  type Usage,
} from './providers/provider.ts';
import { type FallbackRules, withFallback } from './resilience/fallback.ts';
import { withFastest } from './resilience/hedge.ts';
import { SingleFlight } from './resilience/single-flight.ts';
import type { Routing } from './router/create.ts';
import type { OutcomeUpdate } from './router/records.ts';
import type { Decision, Selection, SelectRequest } from './router/router.ts';

export interface ModelsDeps {
  router: Pick<Routing, 'select' | 'finish'>;
  costs: Costs;
  /** Told how each request to a model ended, so that the registry knows its health. */
  onOutcome(modelId: string, error?: unknown): void;
  /** The user's setting: fail rather than let another model answer. Left out, others may. */
  neverSwitch?(): boolean;
  now(): number;
}

/** What a model is sent; the attempt adds the model's name and whose request it is. */
export type Prompt = Omit<ModelRequest, 'model' | 'workspace'>;

export interface AskRequest {
  /** What is wanted of a model. A model that steps in for another is selected by it too. */
  wanted: SelectRequest;
  /** The chosen model, where it was selected before; left out, it is selected now. */
  first?: Selection | undefined;
  /** The workspace that the ledger counts it for. */
  workspace?: string | undefined;
  /** Asks several models this at once; the first to say something answers. Costs more than one does, so only the user's word starts it. */
  race?: ((selection: Selection) => Prompt) | undefined;
  /** The user lets this one request exceed a budget. */
  overBudget?: boolean | undefined;
  /** What it may use together with other requests. */
  allowance?: Allowance | undefined;
  /** False where the work can wait rather than be done by another model. */
  mayFallBack?: boolean | undefined;
  signal: AbortSignal;
}

/** What a larger piece of work may use, and what it has used. Lives as long as that. */
export interface Allowance {
  /** The message that its calls are made for. */
  readonly answer: string;
  /** Called before each call. Throws UserError where nothing more may be asked. */
  admit(): void;
  /** Told what a call has used once it has ended. `usd` is undefined where that isn't known. */
  count(used: { usage: Usage; usd: number | undefined }): void;
}

/** How the work with a model ended. */
export interface AttemptEnd {
  status: 'complete' | 'partial' | 'cancelled' | 'failed';
  error?: unknown;
}

/** Lives as long as the daemon. */
export interface Models {
  /** Throws what `Router.select` throws. */
  select(wanted: SelectRequest, signal: AbortSignal): Promise<Selection>;
  /**
   * Works with the chosen model, and with those after it where it fails while nothing of an answer was shown. Throws what the last
   * attempt threw, UserError `budget-reached`, what `select` throws, CancelledError.
   */
  ask<Answer>(request: AskRequest, work: (attempt: Attempt) => Promise<Answer>): Promise<Answer>;
  /** The user wants another answer than a whole one that this decision led to. */
  retried(decisionId: string, profile: string): void;
}

export function createModels(deps: ModelsDeps): Models {
  const flights = new SingleFlight();
  return {
    select: (wanted, signal) => deps.router.select(wanted, signal),
    async ask(request, work) {
      const { wanted, signal, race } = request;
      const first = request.first ?? (await deps.router.select(wanted, signal));
      const attemptDeps: AttemptDeps = { ...deps, flights, request };
      if (!race) return answerOrFallBack(new Attempt(first, attemptDeps), attemptDeps, work);
      return withFastest(first, {
        rules: { router: deps.router, wanted, signal },
        open: (selection, own) => new ModelCall(selection, race(selection), attemptDeps, own),
        onLost: ({ decision }, error) => reportLost(decision, error, attemptDeps),
        answer: (winner, won, others) =>
          answerOrFallBack(new Attempt(winner, attemptDeps, { won, notes: [raceNote(others)] }), attemptDeps, work),
      });
    },
    retried: (decisionId, profile) => tellRouter(deps, { id: decisionId, profile, outcome: { retried: true } }),
  };
}

interface AttemptDeps extends ModelsDeps {
  flights: SingleFlight;
  request: AskRequest;
}

function answerOrFallBack<Answer>(
  first: Attempt,
  deps: AttemptDeps,
  work: (attempt: Attempt) => Promise<Answer>,
): Promise<Answer> {
  const { wanted, signal, mayFallBack = true } = deps.request;
  let attempt = first;
  const rules: FallbackRules = {
    router: deps.router,
    wanted,
    neverSwitch: !mayFallBack || (deps.neverSwitch?.() ?? false),
    isShown: () => attempt.isShown,
    now: deps.now,
    signal,
  };
  return withFallback(first.selection, rules, ({ selection, notes }) => {
    attempt = selection === first.selection ? first : new Attempt(selection, deps, { notes });
    return attempt.run(work);
  });
}

/** One model at work on one request of a feature. Lives until that work has ended; each `stream` is a call of its own. */
export class Attempt {
  readonly selection: Selection;
  /** Why models that were asked before did not answer, or who was asked at the same time: sentences for the user. */
  readonly notes: readonly string[];
  /** Whether something of its answer was shown: then no other model takes over. */
  isShown = false;
  readonly #deps: AttemptDeps;
  readonly #startedAt: number;
  readonly #calls: ModelCall[] = [];
  #won: ModelCall | undefined;
  #isReported = false;

  constructor(selection: Selection, deps: AttemptDeps, begun: { won?: ModelCall; notes?: readonly string[] } = {}) {
    this.selection = selection;
    this.notes = begun.notes ?? [];
    this.#deps = deps;
    this.#won = begun.won;
    this.#startedAt = deps.now();
  }

  /** `provider/model` */
  get id(): string {
    return this.selection.candidate.id;
  }

  get info(): ModelInfo {
    return this.selection.candidate.info;
  }

  get decision(): Decision {
    return this.selection.decision;
  }

  /** US dollars of its calls; undefined when one of them is unknown or has not ended. */
  get costUsd(): number | undefined {
    return this.#calls.reduce<number | undefined>(
      (sum, { usd }) => (sum === undefined || usd === undefined ? undefined : sum + usd),
      0,
    );
  }

  /** Whether its first call runs already, since it has won a race. */
  get hasWonRace(): boolean {
    return this.#won !== undefined;
  }

  /**
   * Calls the model. `answer` is the message it is made for. Equal requests under one `shareAs` make one call, which is paid once.
   * Leaving the loop ends the call. Throws ProviderError, UserError `budget-reached`, CancelledError.
   */
  stream(prompt: Prompt, { answer, shareAs }: { answer?: string; shareAs?: string } = {}): AsyncIterable<StreamPart> {
    const { request, costs, flights } = this.#deps;
    const begin = (signal: AbortSignal): AsyncIterable<StreamPart> => {
      request.allowance?.admit();
      const call = this.#won ?? new ModelCall(this.selection, prompt, this.#deps, signal);
      this.#won = undefined;
      call.answer = answer ?? request.allowance?.answer;
      this.#calls.push(call);
      return call.parts;
    };
    if (this.#won || shareAs === undefined) return begin(request.signal);
    return flights.stream(shareAs, begin, request.signal, (characters) =>
      costs.countShared({ ...priced(this.selection, prompt, request), ...(answer && { answer }) }, characters),
    );
  }

  /** Counts an answer that came from the cache, and cost nothing. */
  countCached(prompt: Prompt, { answer, characters }: { answer: string; characters: number }): void {
    this.#deps.costs.countCached({ ...priced(this.selection, prompt, this.#deps.request), answer }, characters);
  }

  /** Does the work and reports how it ended, unless the work has said so itself. */
  async run<Answer>(work: (attempt: Attempt) => Promise<Answer>): Promise<Answer> {
    try {
      const answer = await work(this);
      if (!this.#isReported) this.report({ status: 'complete' });
      return answer;
    } catch (error) {
      if (!this.#isReported) this.report({ status: this.#statusOf(error), error });
      throw error;
    }
  }

  /** Says how it ended, for work that knows more of it than whether it threw. The last word holds. */
  report({ status, error }: AttemptEnd): void {
    this.#isReported = true;
    const { request, onOutcome, now } = this.#deps;
    const { id, model } = this.decision;
    if (status === 'complete') onOutcome(model);
    else if (status !== 'cancelled' && !isOwnRefusal(error)) onOutcome(model, error);
    const costUsd = this.costUsd;
    const outcome = { status, durationMs: now() - this.#startedAt, ...(costUsd !== undefined && { costUsd }) };
    tellRouter(this.#deps, { id, profile: request.wanted.profile, outcome });
  }

  #statusOf(error: unknown): AttemptEnd['status'] {
    if (this.#deps.request.signal.aborted) return 'cancelled';
    if (error instanceof UserError && error.code === 'nothing-to-change') return 'complete'; // the model answered: there is nothing to change
    return this.isShown ? 'partial' : 'failed';
  }
}

/** One call to one model, under a meter of its own. Lives until it has ended. */
class ModelCall {
  /** The message it is made for. The ledger learns it when the call ends, as a race is won before there is a message. */
  answer: string | undefined;
  parts: AsyncIterable<StreamPart>;
  readonly #meter: Meter;

  constructor(selection: Selection, prompt: Prompt, { costs, request }: AttemptDeps, signal: AbortSignal) {
    refuseBlind(selection, prompt);
    const { provider, info } = selection.candidate;
    const { workspace, wanted } = request;
    const use = {
      task: wanted.task,
      isNamed: wanted.explicit !== undefined && wanted.because === undefined,
      ...(wanted.chat && { chat: wanted.chat }),
      ...(workspace && { workspace }),
    };
    this.#meter = new Meter({
      costs,
      request: priced(selection, prompt, request),
      answer: () => this.answer,
      onCost: (cost, usage = noUsage) => request.allowance?.count({ usage, usd: usdOf(cost) }),
    });
    this.parts = this.#meter.stream(() => provider.stream({ model: info.name, ...prompt, ...use }, signal));
  }

  /** US dollars; undefined while it runs, and when they are unknown. */
  get usd(): number | undefined {
    return this.#meter.usd;
  }
}

/**
 * A model that can't see would answer as if there were no picture, and some servers leave it out without a word. Unknown is not "no":
 * the server decides then.
 */
function refuseBlind({ candidate: { id, info } }: Selection, { messages }: Prompt): void {
  if (info.capabilities.vision !== false || imagesOf(messages).length === 0) return;
  const words = info.whyBlind
    ? `${id} can't see pictures yet. ${info.whyBlind}`
    : `${id} can't see pictures. Choose a model with vision, or remove the picture.`;
  throw new UserError('no-vision', words);
}

function priced(selection: Selection, prompt: Prompt, request: AskRequest): PricedRequest {
  const { wanted, workspace, overBudget } = request;
  const { task, profile, chat } = wanted;
  const named = { task, profile, ...(chat && { chat }), ...(workspace && { workspace }) };
  return { ...pricedRequest(selection, prompt, named), ...(overBudget && { overBudget }) };
}

/** A model that was asked together with others, and did not win. */
function reportLost({ id, model }: Decision, error: unknown, deps: AttemptDeps): void {
  if (error !== undefined && !isOwnRefusal(error)) deps.onOutcome(model, error);
  const status = error === undefined ? 'cancelled' : 'failed';
  tellRouter(deps, { id, profile: deps.request.wanted.profile, outcome: { status } });
}

function raceNote(others: readonly string[]): string {
  return others.length === 0
    ? 'No other model was available to ask at the same time.'
    : `Also asked: ${others.join(', ')}. Their cost counts toward this chat.`;
}

/** A budget that is used up, a selection that is too large or a disk that is full says nothing of the model. */
function isOwnRefusal(error: unknown): boolean {
  return error instanceof UserError && !(error instanceof ProviderError);
}

/** The router learns from outcomes; the work does not wait for its record, nor fail with it. */
function tellRouter(
  { router }: Pick<ModelsDeps, 'router'>,
  { id, profile, outcome }: { id: string | undefined; profile: string; outcome: OutcomeUpdate },
): void {
  if (id) router.finish(id, outcome, profile).catch(() => {});
}
