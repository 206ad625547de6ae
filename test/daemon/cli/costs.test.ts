// How `switchyard costs` reads its words and writes its sums.
import assert from 'node:assert/strict';
import { it, describe as suite } from 'mocha';
import { describe, describeSum, firstDay } from '../../../daemon/cli/costs.ts';
import { UsageError } from '../../../daemon/cli/kit/command.ts';

const usage = { input: 1000, cacheRead: 100, cacheWrite: 10, output: 1, reasoning: 0 };
const sum = { requests: 3, cached: 0, unknown: 0, costUsd: 1.234, usage };

suite('switchyard costs', () => {
  it('adds unknown costs to the sum by name, and shows no amount where none is known', () => {
    assert.equal(describeSum(sum), '$1.23 · 3 requests · 1111 tokens');
    assert.equal(
      describeSum({ ...sum, unknown: 2, cached: 1 }),
      '$1.23 + 2 not priced · 3 requests · 1 from the cache · 1111 tokens',
    );
    assert.equal(
      describeSum({ ...sum, requests: 1, unknown: 1, costUsd: 0 }),
      '1 not priced · 1 request · 1111 tokens',
    );
    assert.equal(describeSum({ ...sum, estimated: 1 }), '$1.23 (1 estimated) · 3 requests · 1111 tokens');
    assert.equal(describeSum({ ...sum, costUsd: 0 }), '$0 · 3 requests · 1111 tokens');
  });

  it('shows a row each, the total and the budgets', () => {
    const rows = [
      { ...sum, key: 'c1', title: 'Trains' },
      { ...sum, key: '' },
    ];
    const wasteUsd = 0.5;
    const budgets = [{ name: 'dayUsd', limitUsd: 5, spentUsd: 5.02, state: 'stop' } as const];
    assert.deepEqual(describe({ rows, total: { ...sum, requests: 6 }, today: sum, budgets, wasteUsd }, 'chat'), [
      'Trains (c1)  $1.23 · 3 requests · 1111 tokens',
      'no chat      $1.23 · 3 requests · 1111 tokens',
      'total        $1.23 · 6 requests · 1111 tokens',
      'Of it $0.50 went into loops: the agent repeated itself.',
      'Budget today: $5.02 of $5.00 (used up: only free models are asked)',
    ]);
    assert.deepEqual(describe({ rows: [], total: sum, today: sum, budgets: [] }, 'day'), [
      'No requests in this period.',
    ]);
  });

  it('reads days as people write them', () => {
    const now = new Date(2026, 6, 15, 23, 59).getTime();
    assert.deepEqual(
      ['today', 'month', '1d', '15d', '2026-05-31'].map((word) => firstDay(word, now)),
      ['2026-07-15', '2026-07-01', '2026-07-15', '2026-07-01', '2026-05-31'],
    );
    for (const word of ['yesterday', '7', '2026-13-01', '']) assert.throws(() => firstDay(word, now), UsageError);
  });
});
