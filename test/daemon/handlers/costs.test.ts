// The summary of costs as it crosses the wire.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { handleCostsSummary } from '../../../daemon/handlers/costs.ts';
import { createCosts } from '../../../daemon/models/costs/costs.ts';
import { SessionProfiles } from '../../../daemon/sessions/session-profiles.ts';
import { CostsSummary } from '../../../shared/protocol/costs.ts';
import { sessionView } from '../../fakes/session-view.ts';
import { openTestStorage, silentLog, testFolder } from '../storage/open-storage.ts';

describe('switchyard/costs/summary', () => {
  it('answers by day over everything in the profile when nothing is asked for, and with budgets that hold', async () => {
    using folder = testFolder();
    await using memory = openTestStorage(folder.database);
    const now = () => new Date(2026, 6, 15, 12).getTime();
    const costs = createCosts({
      storage: memory,
      budgets: () => ({ dayUsd: 2 }),
      newId: () => crypto.randomUUID(),
      now,
      log: silentLog,
    });
    const request = {
      profile: 'default',
      chat: 'c1',
      task: 'chat',
      provider: 'lab',
      model: 'lab/x',
      local: false,
      price: { input: 1e6, output: 1e6, asOf: '2026-07-01' },
      reason: '',
      promptCharacters: 0,
      promptBytes: 0,
      estimateUsd: 0,
    };
    const usage = { input: 1, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 };
    (await costs.begin(request)).end({ status: 'complete', usage, answerCharacters: 1 });

    const profile = await new SessionProfiles({ storage: memory, log: silentLog }).profileOf(sessionView());
    const call = { profile, services: { costs }, storage: memory.in('default') } as unknown as Parameters<
      typeof handleCostsSummary
    >[1];
    const sum = { requests: 1, cached: 0, unknown: 0, estimated: 0, costUsd: 1, usage };
    const params = CostsSummary.params.parse({});
    assert.deepEqual(CostsSummary.result.parse(await handleCostsSummary(params, call)), {
      rows: [{ key: '2026-07-15', ...sum }],
      total: sum,
      today: sum,
      budgets: [{ name: 'dayUsd', limitUsd: 2, spentUsd: 1, state: 'ok' }],
      wasteUsd: 0,
    });

    const later = await handleCostsSummary(
      CostsSummary.params.parse({ since: '2026-07-16', chatId: 'c1', by: 'model' }),
      call,
    );
    assert.deepEqual([later.rows, later.total.requests, later.today.requests], [[], 0, 1]);
  });

  it('refuses a day that is none', () => {
    assert.equal(CostsSummary.params.safeParse({ since: '2026-02-31' }).success, false);
    assert.equal(CostsSummary.params.safeParse({ by: 'mood' }).success, false);
  });
});
