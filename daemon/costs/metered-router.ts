// A router whose models have a meter on them: for parts that ask models without knowing of money, such as reviews and inline actions.
import type { ModelRequest, Provider } from '../providers/provider.ts';
import type { Router, Selection, Task } from '../router/router.ts';
import type { Costs, PricedRequest } from './costs.ts';
import { metered } from './metered.ts';

const profile = 'default';

/** Chooses as `router` does; every request to the chosen model is checked against the budgets first, and counted when it has ended. */
export function createMeteredRouter({ router, costs }: { router: Router; costs: Costs }): Router {
  return {
    async select(wanted, signal) {
      const selection = await router.select(wanted, signal);
      return { ...selection, candidate: { ...selection.candidate, provider: withMeter(selection, wanted.task, costs) } };
    },
  };
}

function withMeter(selection: Selection, task: Task, costs: Costs): Provider {
  const { provider } = selection.candidate;
  return {
    name: provider.name,
    local: provider.local,
    listModels: (signal) => provider.listModels(signal),
    embed: (model, texts, signal) => provider.embed(model, texts, signal),
    stream: (request, signal) => metered({ costs, request: priced(selection, task, request) }, () => provider.stream(request, signal)),
  };
}

function priced({ decision, candidate }: Selection, task: Task, { messages }: ModelRequest): PricedRequest {
  return {
    profile, task,
    provider: decision.provider,
    model: decision.model,
    local: candidate.provider.local,
    price: candidate.info.price,
    estimateUsd: decision.estimatedCost,
    reason: decision.reason,
    promptCharacters: messages.reduce((sum, { content }) => sum + content.length, 0),
  };
}
