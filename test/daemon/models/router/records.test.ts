// What is written down of a decision, and deciding it again.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createRouter } from '../../../../daemon/models/router/create.ts';
import { featuresOf } from '../../../../daemon/models/router/learn/features.ts';
import type { PolicyName } from '../../../../daemon/models/router/policies.ts';
import {
  type DecisionDetails,
  type DecisionRecord,
  DecisionsInMemory,
  scoreOf,
} from '../../../../daemon/models/router/records.ts';
import { replay } from '../../../../daemon/models/router/replay.ts';
import { madePrompts } from './learn/made-prompts.ts';
import { model, priced } from './models.ts';

const models = [
  priced('cloud/opus', 0.95, 15),
  priced('cloud/mini', 0.55, 0.1),
  model('cloud/off', { state: 'down', detail: 'Nothing answers.' }),
];
const { signal } = new AbortController();
const secret = 'Explain the frobnicator of Zanzibar';

async function decided(
  count: number,
): Promise<{ router: ReturnType<typeof createRouter>; log: DecisionsInMemory; ids: string[] }> {
  const log = new DecisionsInMemory();
  const router = createRouter({
    models: async () => models,
    routing: () => ({ policy: 'best', rules: [] }),
    decisions: () => log,
    now: () => 1000,
  });
  const ids: string[] = [];
  for (let i = 0; i < count; i++)
    ids.push(
      (await router.select({ task: 'chat', profile: 'default', request: { text: secret } }, signal)).decisionId ?? '',
    );
  return { router, log, ids };
}

describe('a decision record', () => {
  it('holds what was weighed, what was left out and why, and not the text', async () => {
    const { router, log } = await decided(1);
    const [record] = await router.decisions('default', {});
    assert.deepEqual(
      record?.record.candidates.map(({ id }) => id),
      ['cloud/opus', 'cloud/mini', 'cloud/off'],
    );
    assert.ok((record?.record.candidates[0]?.parts?.quality ?? 0) > 0.9);
    assert.equal(record?.record.candidates[2]?.excluded?.reason, 'Nothing answers.');
    assert.equal(record?.record.analysis?.task, 'explain');
    assert.doesNotMatch(JSON.stringify(await log.list({})), /frobnicator|zanzibar/i);
  });

  it('takes less than a kilobyte for a question and three models', async () => {
    const { log } = await decided(1);
    const [stored] = await log.list({});
    assert.ok(Buffer.byteLength(JSON.stringify(stored)) < 1000, JSON.stringify(stored));
  });

  it('of many models keeps those that any policy would choose', async () => {
    const many = Array.from({ length: 150 }, (_, i) => [
      priced(`cloud/m${i}`, 0.2 + ((i * 37) % 150) / 200, 0.05 + ((i * 53) % 150) / 10),
      model(`cloud/off${i}`, { state: 'down', detail: 'Nothing answers.' }),
    ]).flat();
    const here = [model('here/small', { local: true, info: { quality: 0.4 } })];
    const router = (policy: PolicyName, log = new DecisionsInMemory()) => ({
      log,
      routing: createRouter({
        models: async () => [...many, ...here],
        routing: () => ({ policy, rules: [] }),
        decisions: () => log,
      }),
    });
    const wanted = { task: 'chat', profile: 'default', request: { text: secret } } as const;
    const { routing, log } = router('best');
    const { decision } = await routing.select(wanted, signal);
    const [stored] = await log.list({});
    assert.ok(JSON.stringify(stored).length < 4000, JSON.stringify(stored));
    for (const policy of ['local-first', 'cheapest', 'best', 'fastest', 'local-only'] as const) {
      const chosen = (await router(policy).routing.select(wanted, signal)).decision.model;
      const { changes } = await routing.replay('default', { policy });
      assert.equal(changes[0]?.to ?? decision.model, chosen, policy);
    }
  });

  it('from before there were rows is read and replayed', async () => {
    const { log, router } = await decided(0);
    const old = record({ explicit: false, features: featuresOf(secret) });
    await log.save(old);
    assert.deepEqual(await router.decision('default', 'd1'), old);
    assert.equal((await router.replay('default', { policy: 'cheapest' })).changes.length, 1);
    await router.finish('d1', { thumbs: 'up' }, 'default');
    assert.equal(router.shadows('default')[0]?.outcomes, 1);
  });

  it('takes its outcome later', async () => {
    const {
      router,
      ids: [id = ''],
    } = await decided(1);
    await router.finish(id, { status: 'complete', thumbs: 'up' }, 'default');
    assert.equal((await router.decisions('default', {}))[0]?.outcome?.thumbs, 'up');
  });

  it('keeps what was told of its outcome before, when more is told', async () => {
    const {
      router,
      ids: [id = ''],
    } = await decided(1);
    await router.finish(id, { status: 'complete', costUsd: 0.5, durationMs: 9 }, 'default');
    await router.finish(id, { retried: true }, 'default');
    await Promise.all([
      router.finish(id, { thumbs: 'up' }, 'default'),
      router.finish(id, { keptEdit: true }, 'default'),
      router.finish(id, { judgeScore: 0.7 }, 'default'),
    ]);
    assert.deepEqual((await router.decisions('default', {}))[0]?.outcome, {
      status: 'complete',
      costUsd: 0.5,
      durationMs: 9,
      retried: true,
      thumbs: 'up',
      keptEdit: true,
      judgeScore: 0.7,
    });
  });

  it('adds what comes later to its outcome, and takes back a thumb', async () => {
    const {
      router,
      ids: [id = ''],
    } = await decided(1);
    await router.finish(id, { thumbs: 'down', keptEdit: true }, 'default');
    await router.finish(id, { status: 'complete', costUsd: 0.1 }, 'default');
    assert.deepEqual((await router.decision('default', id)).outcome, {
      thumbs: 'down',
      keptEdit: true,
      status: 'complete',
      costUsd: 0.1,
    });
    await router.finish(id, { thumbs: null }, 'default');
    assert.equal((await router.decision('default', id)).outcome?.thumbs, undefined);
  });

  it('teaches once, what was said last', async () => {
    const {
      router,
      ids: [id = ''],
    } = await decided(1);
    await router.finish(id, { thumbs: 'down' }, 'default');
    await router.finish(id, { thumbs: 'up' }, 'default');
    assert.deepEqual(
      router.shadows('default').map(({ outcomes }) => outcomes),
      [1],
    );
  });

  it('is not made by an analysis', async () => {
    const { router } = await decided(0);
    const { analysis, decision, excluded } = await router.analyse({ text: secret }, { profile: 'default', signal });
    assert.deepEqual(
      [analysis.task, decision?.model, excluded.map((one) => one.model)],
      ['explain', 'cloud/opus', ['cloud/off']],
    );
    assert.deepEqual(await router.decisions('default', {}), []);
  });
});

describe('what was learned', () => {
  it('is known after a restart as it was before, and told by an analysis', async () => {
    const log = new DecisionsInMemory();
    const start = () =>
      createRouter({
        models: async () => models,
        routing: () => ({ policy: 'best', rules: [] }),
        decisions: () => log,
      });
    const before = start();
    for (const { text, weak } of madePrompts(110)) {
      const { decisionId = '' } = await before.select({ task: 'chat', profile: 'default', request: { text } }, signal);
      await before.finish(decisionId, { thumbs: weak ? 'up' : 'down' }, 'default');
    }
    const after = (await start().analyse({ text: secret }, { profile: 'default', signal })).shadows;
    assert.deepEqual(
      after.map(({ model: id, outcomes, state }) => ({ id, outcomes, state })),
      [{ id: 'cloud/opus', outcomes: 110, state: 'in-use' }],
    );
    assert.deepEqual(after, before.shadows('default'));
  });
});

describe('the score of an outcome', () => {
  it('is what the user did, before what a judge thought, and nothing where nobody spoke', () => {
    assert.equal(scoreOf({ thumbs: 'down', judgeScore: 0.9 }), 0);
    assert.equal(scoreOf({ keptEdit: true, judgeScore: 0.1 }), 1);
    assert.equal(scoreOf({ judgeScore: 0.7 }), 0.7);
    assert.equal(scoreOf({ retried: true, judgeScore: 0.9 }), 0.1);
    assert.equal(scoreOf({ status: 'complete' }), undefined);
    assert.equal(scoreOf({ status: 'failed' }), undefined);
  });
});

describe('a replay', () => {
  it('says what another policy would have chosen and what that would have cost', async () => {
    const { router } = await decided(3);
    const { requests, costUsd, recordedUsd, changes, unanswered } = await router.replay('default', {
      policy: 'cheapest',
    });
    assert.deepEqual([requests, changes.length, unanswered], [3, 3, 0]);
    assert.ok(costUsd > 0 && costUsd < recordedUsd / 50, `${costUsd} of ${recordedUsd}`);
  });

  it('under the same policy changes nothing', async () => {
    const { router } = await decided(2);
    const { changes, costUsd, recordedUsd } = await router.replay('default', { policy: 'best' });
    assert.deepEqual([changes, costUsd], [[], recordedUsd]);
  });

  it('counts the requests that a policy would have left without a model', async () => {
    const { router } = await decided(2);
    assert.equal((await router.replay('default', { policy: 'local-only' })).unanswered, 2);
  });

  it('leaves what the user named as it was', () => {
    assert.deepEqual(replay([record({ explicit: true })], 'cheapest').changes, []);
    assert.equal(replay([record({ explicit: false })], 'cheapest').changes.length, 1);
  });

  it('keeps what has no known price out of both sums', () => {
    const { unknownPrices, costUsd, recordedUsd } = replay([record({ explicit: true }, { price: false })], 'best');
    assert.deepEqual([unknownPrices, costUsd, recordedUsd], [1, 0, 0]);
  });

  it('states how far its estimates lay from what was paid', () => {
    const paid = { ...record({ explicit: true, estimatedCostUsd: 3 }), outcome: { costUsd: 4 } };
    assert.deepEqual(replay([paid], 'best').error, { share: 0.25, requests: 1 });
    assert.equal(replay([record({ explicit: true })], 'best').error, undefined);
  });
});

function record(details: Partial<DecisionDetails>, { price = true } = {}): DecisionRecord {
  const parts = { quality: 0.9, match: 0.9, speed: 0.3, preference: 1, cost: 0.1 };
  const candidates = [
    { id: 'cloud/opus', local: false, parts, ...(price && { costUsd: 0.03 }) },
    { id: 'cloud/mini', local: false, parts: { ...parts, quality: 0.5, cost: 0.9 }, costUsd: 0.001 },
  ];
  return {
    id: 'd1',
    at: 1,
    profile: '',
    model: 'cloud/opus',
    policy: 'best',
    record: { task: 'chat', explicit: false, candidates, reason: '', confidence: 1, ...details },
  };
}
