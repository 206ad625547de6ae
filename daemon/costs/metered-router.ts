// A router whose models have a meter on them: for parts that ask models without knowing of money, such as reviews and inline actions.
import type { Provider } from '../providers/provider.ts';
import type { Router, Selection, Wanted } from '../router/router.ts';
import type { Costs } from './costs.ts';
import { metered } from './metered.ts';
import { pricedRequest } from './priced.ts';

/** Chooses as `router` does; every request to the chosen model is checked against the budgets first, and counted when it has ended. */
export function createMeteredRouter({ router, costs }: { router: Router; costs: Costs }): Router {
  return {
    async select(wanted, signal) {
      const selection = await router.select(wanted, signal);
      return { ...selection, candidate: { ...selection.candidate, provider: withMeter(selection, wanted, costs) } };
    },
  };
}

function withMeter(selection: Selection, { task, profile }: Wanted, costs: Costs): Provider {
  const { provider } = selection.candidate;
  return {
    name: provider.name,
    local: provider.local,
    listModels: (signal) => provider.listModels(signal),
    embed: (model, texts, signal) => provider.embed(model, texts, signal),
    stream: (request, signal) => metered({ costs, request: pricedRequest(selection, request, { profile, task }) }, () => provider.stream(request, signal)),
  };
}
