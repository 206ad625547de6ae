// A router whose models have a meter on them: for parts that ask models without knowing of money, such as reviews and inline
// actions. It keeps what each chosen model cost, and tells how the work with it ended to whoever learns from that.
import { UserError } from '../../base/errors.ts';
import { type Provider, ProviderError } from '../providers/provider.ts';
import type { RequestOutcome } from '../router/records.ts';
import type { Router, Selection, SelectRequest } from '../router/router.ts';
import type { Costs } from './costs.ts';
import { metered } from './metered.ts';
import { usdOf } from './price.ts';
import { pricedRequest } from './priced.ts';

/** Lives as long as the daemon. */
export interface MeteredRouter extends Router {
  /** Tells how the work with a chosen model ended: its decision's record learns the outcome and the cost, the registry its health. */
  ended(selection: Selection, how: Ended): void;
}

export interface Ended {
  status: NonNullable<RequestOutcome['status']>;
  error?: unknown;
}

export interface MeteredRouterDeps {
  router: Router & { finish(decisionId: string, outcome: RequestOutcome, profile: string): Promise<void> };
  costs: Costs;
  /** Told how the model did, so that its health is known. */
  onOutcome(modelId: string, error?: unknown): void;
  now(): number;
}

/** Of all requests to one chosen model. */
interface Spent {
  profile: string;
  startedAt: number;
  /** US dollars; undefined as soon as one request's cost is unknown. */
  usd: number | undefined;
}

/** Chooses as `router` does; every request to the chosen model is checked against the budgets first, and counted when it has ended. */
export function createMeteredRouter({ router, costs, onOutcome, now }: MeteredRouterDeps): MeteredRouter {
  const spentBy = new WeakMap<Provider, Spent>(); // each choice has a provider of its own
  return {
    async select(wanted, signal) {
      const selection = await router.select(wanted, signal);
      const spent: Spent = { profile: wanted.profile, startedAt: now(), usd: 0 };
      const provider = withMeter(selection, { wanted, costs, spent });
      spentBy.set(provider, spent);
      return { ...selection, candidate: { ...selection.candidate, provider } };
    },
    ended({ candidate, decision, decisionId }, { status, error }) {
      const spent = spentBy.get(candidate.provider);
      if (status === 'complete') onOutcome(decision.model);
      else if (status !== 'cancelled' && !isOurs(error)) onOutcome(decision.model, error);
      if (!decisionId || !spent) return;
      const known = { durationMs: now() - spent.startedAt, ...(spent.usd !== undefined && { costUsd: spent.usd }) };
      router.finish(decisionId, { status, ...known }, spent.profile).catch(() => {}); // the work does not wait for its record, nor fail with it
    },
  };
}

/** A refusal that is the user's budget, or a selection that is too large, says nothing of the model. */
function isOurs(error: unknown): boolean {
  return error instanceof UserError && !(error instanceof ProviderError);
}

function withMeter(
  selection: Selection,
  { wanted, costs, spent }: { wanted: SelectRequest; costs: Costs; spent: Spent },
): Provider {
  const { provider } = selection.candidate;
  const named = { task: wanted.task, profile: wanted.profile };
  const onCost = (cost: Parameters<typeof usdOf>[0]): void => {
    const usd = usdOf(cost);
    spent.usd = spent.usd === undefined || usd === undefined ? undefined : spent.usd + usd;
  };
  return {
    name: provider.name,
    local: provider.local,
    listModels: (signal) => provider.listModels(signal),
    embed: (model, texts, signal) => provider.embed(model, texts, signal),
    stream: (request, signal) =>
      metered({ costs, request: pricedRequest(selection, request, named), onCost }, () =>
        provider.stream(request, signal),
      ),
  };
}
