// The price of every request to a model: checked against the budgets before it is made, counted and stored when it has ended.
import { localDay } from '../../base/day.ts';
import { UserError } from '../../base/errors.ts';
import { Listeners } from '../../base/listeners.ts';
import type { Log } from '../../base/log.ts';
import type { SpendingLog, SpentRequest, Sum, SumsQuery } from '../../storage/ledger.ts';
import type { ProfileStorage } from '../../storage/storage.ts';
import { noUsage, type Usage } from '../providers/provider.ts';
import { type BudgetState, type Budgets, budgetStates, checkBudget } from './budget.ts';
import { estimateOf } from './estimate.ts';
import {
  type Cost,
  costOf,
  costOfBrokenOff,
  estimatedUsd,
  isEmpty,
  isPlausible,
  type Price,
  type TextSizes,
  usdOf,
} from './price.ts';
import { Spending } from './spending.ts';

/** A request to one model, before it is made. */
export interface PricedRequest
  extends Pick<SpentRequest, 'profile' | 'chat' | 'answer' | 'workspace' | 'task' | 'provider' | 'model'> {
  /** Whether the model runs on this machine. */
  local: boolean;
  price?: Price | undefined;
  /** Whether the user lets it exceed a budget. It counts like any other. */
  overBudget?: boolean;
  /** US dollars that it costs whatever is said, such as for a picture. */
  flatUsd?: number | undefined;
  /** The router's estimate, if it made one. */
  estimateUsd?: number | undefined;
  /** Why this model: the decision's reason. */
  reason: string;
  promptCharacters: number;
  /** Of its texts as UTF-8. */
  promptBytes: number;
}

/** How a request ended. */
export interface RequestEnd {
  status: SpentRequest['status'];
  /** Left out when the provider did not say. */
  usage?: Usage | undefined;
  /** US dollars that the provider itself says it costs. */
  billedUsd?: number | undefined;
  /** Whether the provider turned the request down before it did any work. */
  turnedDown?: boolean;
  /** Whether it was answered together with an equal request, and never sent by itself. */
  isShared?: boolean;
  answerCharacters: number;
  /** Of the answer, and of what the model said to itself; nothing when left out. */
  outputBytes?: number;
  /** The message it was made for, where that was not known when it began. */
  answer?: string | undefined;
  /** The code of what went wrong. */
  error?: string | undefined;
}

/** A request from its beginning to its end, as the request log keeps it. */
export interface FinishedRequest
  extends SpentRequest,
    Pick<RequestEnd, 'answerCharacters' | 'error'>,
    Pick<PricedRequest, 'reason' | 'promptCharacters'> {
  durationMs: number;
}

/** Lives as long as one request. Its estimate counts towards the budgets until it is ended. */
export interface OpenRequest {
  /** What the user is told beside the answer, such as that a budget is nearly used up. */
  readonly notes: readonly string[];
  end(end: RequestEnd): Cost;
}

interface Summary {
  rows: Sum[];
  total: Sum;
  today: Sum;
  budgets: BudgetState[];
}

/** Lives as long as the daemon. */
export interface Costs {
  /** Call it before the model is asked. Throws UserError `budget-reached`: then nothing may be sent. */
  begin(request: PricedRequest): Promise<OpenRequest>;
  /** Counts an answer that came from the cache, and so cost nothing. */
  countCached(request: PricedRequest, answerCharacters: number): Cost;
  /** Counts an answer that was given together with an equal request. That request counts what both cost. */
  countShared(request: PricedRequest, answerCharacters: number): Cost;
  /** The sums of one profile, and the state of its budgets. A budget that holds for all profiles counts them all. */
  summary(profile: string, query: SumsQuery): Promise<Summary>;
}

/** What happens to all requests. What each method returns ends the listening. */
interface CostEvents {
  /** Calls back before each request is sent; what the listener returns is called when the request has ended. */
  onBegin(listener: (request: PricedRequest) => () => void): () => void;
  /** Calls back when a request has ended. */
  onFinish(listener: (request: FinishedRequest) => void): () => void;
}

export interface CostsDeps {
  storage: { in(profile: string): Pick<ProfileStorage, 'ledger'>; spending: SpendingLog };
  budgets(): Budgets;
  newId(): string;
  now(): number;
  log: Log;
}

interface FinishDeps extends CostsDeps {
  onFinished(request: FinishedRequest): void;
}

export function createCosts(deps: CostsDeps): Costs & CostEvents {
  const { storage, budgets, now } = deps;
  const spending = new Spending(storage.spending, now);
  const begun = new Listeners<[PricedRequest], () => void>();
  const finished = new Listeners<[FinishedRequest]>();
  const parts: FinishDeps = { ...deps, onFinished: (request) => void finished.notify(request) };
  return {
    onBegin: (listener) => begun.add(listener),
    onFinish: (listener) => finished.add(listener),

    async begin(request) {
      const notes = await notesOnUnreadable(spending, deps);
      const estimate = estimateOf(request);
      const verdict = checkBudget(spending.of(request.profile), estimate, budgets());
      if (verdict.kind === 'stop' && !request.overBudget) throw new UserError('budget-reached', verdict.sentence);
      if (verdict.kind !== 'ok') notes.push(verdict.kind === 'stop' ? overBudgetNote : verdict.sentence);
      const release = spending.reserve(request.profile, typeof estimate === 'number' ? estimate : 0);
      const startedAt = now();
      const enders = begun.notify(request);
      return {
        notes,
        end(end) {
          release();
          for (const ended of enders) ended();
          return finish(parts, spending, { request, end, startedAt });
        },
      };
    },

    countCached: (request, answerCharacters) =>
      finish(parts, spending, { request, end: { status: 'cached', answerCharacters }, startedAt: now() }),

    countShared: (request, answerCharacters) =>
      finish(parts, spending, {
        request,
        end: { status: 'complete', isShared: true, answerCharacters },
        startedAt: now(),
      }),

    async summary(profile, query) {
      const { ledger } = storage.in(profile);
      const [rows, [total], [today]] = await Promise.all([
        ledger.sums(query),
        ledger.sums({ ...query, by: 'all' }),
        ledger.sums({ by: 'all', since: localDay(now()) }),
        spending.ready(),
      ]);
      return {
        rows,
        total: total ?? nothing,
        today: today ?? nothing,
        budgets: budgetStates(spending.of(profile), budgets()),
      };
    },
  };
}

const overBudgetNote =
  'This answer exceeds your budget because you allowed it once. The budget still applies to other requests.';
const nothing: Sum = { key: '', requests: 0, cached: 0, unknown: 0, estimated: 0, costUsd: 0, usage: noUsage };

/** Where storage fails, models can still be asked: budgets then hold for what is spent from now on, and the user is told. */
async function notesOnUnreadable(spending: Spending, { log, budgets }: CostsDeps): Promise<string[]> {
  try {
    await spending.ready();
    return [];
  } catch (error) {
    log.warn({ error: String(error) }, 'earlier spending cannot be read');
    const hasBudget = budgetStates({ dayUsd: 0, monthUsd: 0, profileUsd: 0 }, budgets()).length > 0;
    return hasBudget
      ? [
          "Couldn't read past spending, so budgets only count what you spend from now on. To find out why, run `switchyard doctor`.",
        ]
      : [];
  }
}

function finish(
  { storage, newId, now, onFinished, log }: FinishDeps,
  spending: Spending,
  { request, end, startedAt }: { request: PricedRequest; end: RequestEnd; startedAt: number },
): Cost {
  const {
    local,
    price,
    estimateUsd,
    reason,
    promptCharacters,
    promptBytes: _sent,
    overBudget: _once,
    flatUsd: _each,
    ...named
  } = request;
  const cost = costOfEnd(request, end);
  const usd = usdOf(cost);
  const spent: SpentRequest = {
    ...named,
    ...(end.answer !== undefined && { answer: end.answer }),
    id: newId(),
    at: startedAt,
    day: localDay(startedAt),
    status: end.status,
    usage: end.usage && isPlausible(end.usage) ? end.usage : noUsage,
    ...(usd !== undefined && { costUsd: usd }),
    ...((cost.kind === 'known' || cost.kind === 'estimated') && cost.asOf && { priceAsOf: cost.asOf }),
  };
  // A whole answer of which the provider does not say what it used stays unknown; the budgets count what its texts come to.
  const isUncounted = usd === undefined && end.status !== 'failed';
  spending.add(spent.day, spent.profile, usd ?? (isUncounted ? estimatedUsd(textsOf(request, end), price) : 0));
  storage
    .in(spent.profile)
    .ledger.record(spent)
    .catch((error: unknown) =>
      log.warn({ request: spent.id, error: String(error) }, 'a request is missing from the ledger'),
    );
  onFinished({
    ...spent,
    reason,
    promptCharacters,
    answerCharacters: end.answerCharacters,
    durationMs: now() - startedAt,
    ...(end.error !== undefined && { error: end.error }),
  });
  return cost;
}

function costOfEnd(request: PricedRequest, end: RequestEnd): Cost {
  const { local, price, flatUsd } = request;
  const { status, usage, billedUsd, turnedDown, isShared } = end;
  if (status === 'cached') return { kind: 'free', why: 'it came from the cache' };
  if (isShared) return { kind: 'free', why: 'it shared the answer to an identical request' };
  if (turnedDown) return { kind: 'free', why: 'the provider rejected the request' };
  if (billedUsd !== undefined) return { kind: 'known', usd: billedUsd };
  const hasBrokenOff = (status === 'cancelled' || status === 'partial') && (!usage || isEmpty(usage));
  if (hasBrokenOff && flatUsd !== undefined) return { kind: 'estimated', usd: flatUsd };
  return hasBrokenOff ? costOfBrokenOff(textsOf(request, end), { local, price }) : costOf(usage, { local, price });
}

function textsOf({ promptBytes }: PricedRequest, { outputBytes = 0 }: RequestEnd): TextSizes {
  return { promptBytes, outputBytes };
}
