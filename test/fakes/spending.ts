// What a chat is made with beside its model, for tests that are not about money: a real meter and a real cache, without budgets.
import { createAnswerCache } from '../../daemon/models/cache/cache.ts';
import { createCosts } from '../../daemon/models/costs/costs.ts';
import type { Storage } from '../../daemon/storage/storage.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

export function spendingOf(storage: Storage, now: () => number) {
  const costs = createCosts({
    storage,
    budgets: () => ({ warnAt: 0.8 }),
    newId: () => crypto.randomUUID(),
    now,
    log: silent,
  });
  return { costs, cache: createAnswerCache({ now }) };
}
