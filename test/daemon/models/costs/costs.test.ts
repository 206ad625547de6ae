// The meter on every request, over the real ledger: budgets before the call, costs after it, however it ends.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { localDay } from '../../../../daemon/base/day.ts';
import { CancelledError } from '../../../../daemon/base/errors.ts';
import { createModels } from '../../../../daemon/models/ask.ts';
import type { Budgets } from '../../../../daemon/models/costs/budget.ts';
import {
  type Costs,
  type CostsDeps,
  createCosts,
  type FinishedRequest,
  type PricedRequest,
} from '../../../../daemon/models/costs/costs.ts';
import { Meter } from '../../../../daemon/models/costs/meter.ts';
import type { Cost } from '../../../../daemon/models/costs/price.ts';
import { type Provider, ProviderError, type StreamPart } from '../../../../daemon/models/providers/provider.ts';
import type { Storage } from '../../../../daemon/storage/storage.ts';
import { openTestStorage, silentLog, testFolder } from '../../storage/open-storage.ts';

const usage = { input: 1000, cacheRead: 0, cacheWrite: 0, output: 1000, reasoning: 0 };
/** A dollar for a thousand tokens in and a thousand out. */
const price = { input: 500, output: 500, asOf: '2026-07-01' };
const request: PricedRequest = {
  profile: 'default',
  chat: 'c1',
  answer: 'm1',
  task: 'chat',
  provider: 'lab',
  model: 'lab/x',
  local: false,
  price,
  estimateUsd: 0.6,
  reason: 'the cheapest',
  promptCharacters: 12,
  promptBytes: 12,
};
const answer: StreamPart[] = [
  { kind: 'text', text: 'Hello' },
  { kind: 'usage', usage },
  { kind: 'finish', reason: 'stop' },
];

describe('the meter', () => {
  const folder = testFolder();
  let storage: Storage;
  let costs: Costs;
  let budgets: Budgets;
  let clock: number;
  let finished: FinishedRequest[];
  let lastId = 0;

  const open = (over: Partial<CostsDeps> = {}): Costs => {
    const opened = createCosts({
      storage,
      budgets: () => budgets,
      newId: () => `r${++lastId}`,
      now: () => clock,
      log: silentLog,
      ...over,
    });
    opened.onFinish((end) => finished.push(end));
    return opened;
  };
  const costSoFar = async () => (await costs.summary('default', { by: 'day' })).today;
  /** Streams to the end and returns the parts and the cost. */
  const ask = async (
    over: Partial<PricedRequest> = {},
    parts: () => AsyncIterable<StreamPart> = () => streamOf(answer),
  ) => {
    const seen: StreamPart[] = [];
    let cost: Cost | undefined;
    const meter = new Meter({
      costs,
      request: { ...request, ...over },
      onCost: (known) => {
        cost = known;
      },
    });
    for await (const part of meter.stream(parts)) seen.push(part);
    return { seen, cost };
  };

  beforeEach(() => {
    storage = openTestStorage(folder.database);
    budgets = {};
    clock = new Date(2026, 6, 15 + lastId, 12).getTime(); // a day of its own for each test
    finished = [];
    costs = open();
  });
  afterEach(() => storage[Symbol.asyncDispose]());

  it('passes the answer on as it is and counts its cost', async () => {
    const { seen, cost } = await ask();
    assert.deepEqual(seen, answer);
    assert.deepEqual(cost, { kind: 'known', usd: 1, asOf: '2026-07-01' });
    const { requests, costUsd, unknown } = await costSoFar();
    assert.deepEqual({ requests, costUsd, unknown }, { requests: 1, costUsd: 1, unknown: 0 });
    const [row] = finished;
    assert.deepEqual(
      [row?.status, row?.day, row?.priceAsOf, row?.answerCharacters, row?.reason],
      ['complete', localDay(clock), '2026-07-01', 5, 'the cheapest'],
    );
  });

  for (const [what, over] of [
    ['with a price', {}],
    ['whose price is unknown', { price: undefined }],
    ['that would be free', { price: undefined, local: true }],
  ] as [string, Partial<PricedRequest>][])
    it(`counts what the provider itself says that a request costs, for a model ${what}`, async () => {
      const billed: StreamPart[] = [
        { kind: 'usage', usage, costUsd: 0.0123 },
        { kind: 'finish', reason: 'stop' },
      ];
      const { cost } = await ask(over, () => streamOf(billed));
      assert.deepEqual(cost, { kind: 'known', usd: 0.0123 });
      assert.equal((await costSoFar()).costUsd, 0.0123);
    });

  it('stops a request before the model is asked once the budget is used up', async () => {
    budgets = { dayUsd: 1 };
    await ask();
    await assert.rejects(
      ask({}, () => assert.fail('the model was asked')),
      { name: 'UserError', code: 'budget-reached', message: /today's budget of \$1\.00.*you've spent \$1\.00/ },
    );
    assert.equal(finished.length, 1);
  });

  it('counts what reviews and inline actions ask, and stops them too', async () => {
    let asked = 0;
    const stream = () => {
      asked++;
      return streamOf(answer);
    };
    const provider: Provider = { name: 'lab', local: false, listModels: async () => [], embed: async () => [], stream };
    const candidate = {
      id: 'lab/x',
      provider,
      info: { name: 'x', capabilities: {}, source: 'config' as const, price },
      health: { state: 'ok' as const },
    };
    const decision = { model: 'lab/x', provider: 'lab', reason: 'the only one', alternatives: [], confidence: 1 };
    const models = createModels({
      router: { select: async () => ({ decision, candidate }), finish: async () => {} },
      costs,
      onOutcome() {},
      now: () => clock,
    });
    const review = (): Promise<StreamPart[]> => {
      const { signal } = new AbortController();
      return models.ask({ wanted: { task: 'review', profile: 'default' }, signal }, async (attempt) => {
        const seen: StreamPart[] = [];
        for await (const part of attempt.stream({ messages: [{ role: 'user', content: 'code' }] })) seen.push(part);
        return seen;
      });
    };
    assert.deepEqual(await review(), answer);
    assert.deepEqual(
      finished.map(({ task, costUsd, promptCharacters }) => ({ task, costUsd, promptCharacters })),
      [{ task: 'review', costUsd: 1, promptCharacters: 4 }],
    );
    budgets = { dayUsd: 1 };
    await assert.rejects(review(), { code: 'budget-reached' });
    assert.equal(asked, 1);
  });

  it('remembers what was spent before the daemon started', async () => {
    await ask();
    await storage[Symbol.asyncDispose]();
    storage = openTestStorage(folder.database);
    costs = open();
    budgets = { dayUsd: 1 };
    await assert.rejects(ask(), { code: 'budget-reached' });
  });

  it('lets through the one request that the user allows, counts it, and stops the next', async () => {
    budgets = { dayUsd: 1 };
    await ask();
    const { seen, cost } = await ask({ overBudget: true });
    assert.deepEqual(seen.slice(1), answer);
    assert.match(seen[0]?.kind === 'warning' ? seen[0].message : '', /exceeds your budget.*still applies/);
    assert.deepEqual(cost, { kind: 'known', usd: 1, asOf: '2026-07-01' });
    assert.equal((await costSoFar()).costUsd, 2);
    await assert.rejects(ask(), { code: 'budget-reached' });
    assert.deepEqual((await ask({ overBudget: true, estimateUsd: 0 })).seen.slice(1), answer);
    budgets = { dayUsd: 100 };
    assert.deepEqual((await ask({ overBudget: true })).seen, answer, 'nothing is said where nothing is exceeded');
  });

  it('begins a new budget with the next day', async () => {
    budgets = { dayUsd: 1 };
    await ask();
    clock += 24 * 60 * 60 * 1000;
    assert.equal((await ask()).seen.at(-1)?.kind, 'finish');
  });

  it('keeps the budget of one profile from another', async () => {
    budgets = { profileUsd: 1 };
    await ask({ profile: `p${lastId}` });
    await assert.rejects(ask({ profile: `p${lastId - 1}` }), { code: 'budget-reached' });
    await ask({ profile: 'someone else' });
  });

  it('counts the estimates of requests under way, so that many at once do not overspend together', async () => {
    budgets = { dayUsd: 1 };
    const first = await costs.begin(request);
    await assert.rejects(costs.begin(request), { code: 'budget-reached', message: /this answer may cost \$0\.60/ });
    first.end({ status: 'cancelled', answerCharacters: 0 });
    await costs.begin(request);
  });

  it('says that a budget is nearly used up before the answer', async () => {
    budgets = { dayUsd: 2, warnAt: 0.5 };
    await ask();
    assert.deepEqual((await ask({ estimateUsd: 0.1 })).seen[0], {
      kind: 'warning',
      message: "$1.00 of today's budget ($2.00) is spent.",
    });
  });

  it('asks a model of this machine whatever the budget, at no cost', async () => {
    budgets = { dayUsd: 0 };
    assert.deepEqual((await ask({ local: true, price: undefined })).cost, {
      kind: 'free',
      why: 'it ran on this machine',
    });
  });

  it('books what an answer that was cancelled comes to as an estimate, by its text and its reasoning', async () => {
    budgets = { dayUsd: 1.2 };
    async function* cancelled(): AsyncGenerator<StreamPart> {
      yield { kind: 'reasoning', text: 'x'.repeat(2000) };
      yield { kind: 'text', text: 'x'.repeat(2000) };
      throw new CancelledError();
    }
    const long = { estimateUsd: undefined, promptCharacters: 4000, promptBytes: 4000 };
    await assert.rejects(ask(long, cancelled), CancelledError);
    const {
      today,
      budgets: [state],
    } = await costs.summary('default', { by: 'day' });
    assert.deepEqual([today.costUsd, today.unknown, today.estimated, state?.spentUsd], [1, 0, 1, 1]);
    await assert.rejects(ask(long), { code: 'budget-reached' });
  });

  it('believes no report of less than nothing, nor of more than there can be', async () => {
    for (const output of [-5000, Number.NaN, 0.5, 1e300]) {
      const { cost } = await ask({}, () =>
        streamOf([
          { kind: 'usage', usage: { ...usage, output } },
          { kind: 'finish', reason: 'stop' },
        ]),
      );
      assert.equal(cost?.kind, 'unknown', String(output));
    }
    const { costUsd, unknown, usage: sum } = await costSoFar();
    assert.deepEqual([costUsd, unknown, sum.output], [0, 4, 0]);
  });

  it('counts an unknown price as unknown, and says so where there is a budget', async () => {
    budgets = { dayUsd: 1 };
    const { seen, cost } = await ask({ price: undefined });
    assert.equal(cost?.kind, 'unknown');
    assert.equal(seen[0]?.kind, 'warning');
    const { costUsd, unknown } = await costSoFar();
    assert.deepEqual({ costUsd, unknown }, { costUsd: 0, unknown: 1 });
  });

  it('counts what was used when the reader leaves early', async () => {
    const meter = new Meter({ costs, request });
    for await (const part of meter.stream(() => streamOf([{ kind: 'usage', usage }, ...answer])))
      if (part.kind === 'text') break;
    assert.deepEqual([finished[0]?.status, finished[0]?.costUsd], ['cancelled', 1]);
  });

  for (const [name, parts, error, expected] of [
    [
      'a request that the provider turned down costs nothing',
      [],
      new ProviderError('rate-limited', 'Wait.'),
      ['failed', 0, 'rate-limited'],
    ],
    [
      'a request that was lost has an unknown cost',
      [],
      new ProviderError('network', 'Gone.'),
      ['failed', undefined, 'network'],
    ],
    [
      'an answer that broke off has the cost that was reported',
      [
        { kind: 'text', text: 'Hel' },
        { kind: 'usage', usage },
      ],
      new ProviderError('unavailable', 'Gone.'),
      ['partial', 1, 'unavailable'],
    ],
    [
      'a cancelled answer without a report has an estimated cost',
      [{ kind: 'text', text: 'Hel' }],
      new CancelledError(),
      ['cancelled', 0.001875, undefined],
    ],
  ] as [string, StreamPart[], Error, unknown[]][]) {
    it(name, async () => {
      await assert.rejects(
        ask({}, () => streamOf(parts, error)),
        error,
      );
      const [row] = finished;
      assert.deepEqual([row?.status, row?.costUsd, row?.error], expected);
    });
  }

  it('tells who listens of each request before it is sent and when it has ended, until they stop', async () => {
    const events: string[] = [];
    const empty = {
      in: () => ({ ledger: { record: async () => {}, sums: async () => [] } }),
      spending: { since: async () => [] },
    };
    const opened = createCosts({
      storage: empty,
      budgets: () => ({}),
      newId: () => 'r',
      now: () => clock,
      log: silentLog,
    });
    const stops = [
      opened.onBegin(({ task }) => {
        events.push(`begun ${task}`);
        return () => void events.push(`ended ${task}`);
      }),
      opened.onFinish(({ task, status }) => void events.push(`finished ${task} ${status}`)),
    ];
    const running = await opened.begin(request);
    assert.deepEqual(events, ['begun chat']);
    running.end({ status: 'cancelled', answerCharacters: 0 });
    assert.deepEqual(events, ['begun chat', 'ended chat', 'finished chat cancelled']);
    for (const stop of stops) stop();
    (await opened.begin(request)).end({ status: 'cancelled', answerCharacters: 0 });
    assert.equal(events.length, 3);
  });

  it('counts an answer from the cache as one that cost nothing', async () => {
    assert.equal(costs.countCached(request, 5).kind, 'free');
    const { requests, cached, costUsd, unknown } = await costSoFar();
    assert.deepEqual({ requests, cached, costUsd, unknown }, { requests: 1, cached: 1, costUsd: 0, unknown: 0 });
  });

  it('answers although storage has failed, and says that earlier spending is not counted', async () => {
    budgets = { dayUsd: 1 };
    const fails = () => Promise.reject(new Error('disk'));
    const broken = { in: () => ({ ledger: { record: fails, sums: fails } }), spending: { since: fails } };
    costs = open({ storage: broken });
    const { seen } = await ask();
    assert.match(seen[0]?.kind === 'warning' ? seen[0].message : '', /Couldn't read past spending/);
    assert.equal(finished.length, 1);
  });

  it('remembers what was spent while the clock is set back over midnight and forth again', async () => {
    budgets = { dayUsd: 1, monthUsd: 1 };
    clock = new Date(2031, 5, 15, 12).getTime(); // months of its own; what is later than today counts as today's, so that no test comes behind this one
    await ask();
    const noon = clock;
    clock -= 24 * 60 * 60_000;
    await assert.rejects(ask(), { code: 'budget-reached' }, 'the month has been used up');
    clock = noon - 40 * 24 * 60 * 60_000;
    await ask({ estimateUsd: 0.1 });
    clock = noon;
    await assert.rejects(ask(), { code: 'budget-reached' });
    const { budgets: states } = await costs.summary('default', { by: 'day' });
    assert.deepEqual(
      states.map(({ spentUsd }) => spentUsd),
      [1, 1],
    );
  });
});

async function* streamOf(parts: readonly StreamPart[], error?: Error): AsyncGenerator<StreamPart> {
  yield* parts;
  if (error) throw error;
}
