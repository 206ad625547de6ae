// What every storage engine has to do about the ledger of requests and the log of decisions.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { maxDecisionsWithoutChat } from '../../../daemon/storage/decisions.ts';
import type { SpentRequest } from '../../../daemon/storage/ledger.ts';
import type { OpenEmpty, TestStorage } from './open-storage.ts';

const usage = { input: 100, cacheRead: 20, cacheWrite: 3, output: 40, reasoning: 5 };

function request(id: string, over: Partial<SpentRequest> = {}): SpentRequest {
  return {
    id,
    at: 1,
    day: '2026-07-01',
    profile: 'default',
    task: 'chat',
    provider: 'openai',
    model: 'openai/a',
    usage,
    costUsd: 0.25,
    status: 'complete',
    ...over,
  };
}

const bare = (id: string, at: number) => ({
  id,
  at,
  profile: 'default',
  model: 'lab/x',
  policy: 'best',
  record: {},
});

/** The same without its cost. */
function unpriced(id: string, over: Partial<SpentRequest> = {}): SpentRequest {
  const { costUsd, ...rest } = request(id, over);
  return rest;
}

export function describeRecords(open: OpenEmpty): void {
  describe('the ledger', () => {
    let storage: TestStorage;
    before(() => {
      storage = open();
    });
    after(() => storage[Symbol.asyncDispose]());

    it('sums nothing to nothing', async () => {
      assert.deepEqual(await storage.ledger.sums({ by: 'all' }), []);
    });

    it('sums cost and tokens bucket by bucket, and counts unknown costs apart instead of as nothing', async () => {
      const { id: chat } = await storage.chats.createChat({ title: 'Trains' });
      await storage.ledger.record(request('r1', { chat, answer: 'm1' }));
      await storage.ledger.record(request('r2', { chat, answer: 'm1', day: '2026-07-02', costUsd: 0.5 }));
      await storage.ledger.record(
        unpriced('r3', { chat, answer: 'm2', day: '2026-07-02', model: 'lab/x', provider: 'lab' }),
      );
      await storage.ledger.record(
        request('r4', {
          day: '2026-07-03',
          status: 'cached',
          costUsd: 0,
          usage: { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 },
        }),
      );

      assert.deepEqual(await storage.ledger.sums({ by: 'all' }), [
        {
          key: '',
          requests: 4,
          cached: 1,
          unknown: 1,
          estimated: 0,
          costUsd: 0.75,
          usage: { input: 300, cacheRead: 60, cacheWrite: 9, output: 120, reasoning: 15 },
        },
      ]);
      const answers = await storage.ledger.sums({ by: 'answer', answers: ['m1', 'm2', 'none'] });
      assert.deepEqual(
        answers.map(({ key, costUsd, unknown }) => [key, costUsd, unknown]),
        [
          ['m1', 0.75, 0],
          ['m2', 0, 1],
        ],
      );
      assert.deepEqual(
        (await storage.ledger.sums({ by: 'answer', answers: ['m2'] })).map(({ key }) => key),
        ['m2'],
        'and only what is named',
      );
      const [first, second] = await storage.ledger.sums({ by: 'chat' });
      assert.deepEqual(
        [first?.key, first?.title, first?.requests, second?.key, second?.title],
        [chat, 'Trains', 3, '', undefined],
      );
    });

    it('groups by day with the newest first, and by all else with the most expensive first', async () => {
      const keys = async (by: 'day' | 'model' | 'provider' | 'profile', since?: string) =>
        (await storage.ledger.sums({ by, ...(since && { since }) })).map(({ key }) => key);
      assert.deepEqual(await keys('day'), ['2026-07-03', '2026-07-02', '2026-07-01']);
      assert.deepEqual(await keys('day', '2026-07-02'), ['2026-07-03', '2026-07-02']);
      assert.deepEqual(await keys('model'), ['openai/a', 'lab/x']);
      assert.deepEqual(await keys('provider'), ['openai', 'lab']);
      assert.deepEqual(await keys('profile'), ['default']);
    });

    it('keeps what was spent when the chat is deleted', async () => {
      const { id: chat } = await storage.chats.createChat({ title: 'Soon gone' });
      await storage.ledger.record(request('r5', { chat, day: '2026-08-01' }));
      await storage.chats.deleteChat(chat);
      const [left] = await storage.ledger.sums({ by: 'chat', since: '2026-08-01' });
      assert.deepEqual([left?.key, left?.title, left?.costUsd], [chat, undefined, 0.25]);
    });

    it('counts a request once', async () => {
      await assert.rejects(storage.ledger.record(request('r1')));
      assert.equal((await storage.ledger.sums({ by: 'answer', answers: ['m1'] }))[0]?.requests, 2);
    });
  });

  describe('the log of decisions', () => {
    it('gives back what was saved, newest first, with the outcome once there is one', async () => {
      await using storage = open();
      const saved = [1, 2, 3].map((at) => ({
        id: `d${at}`,
        at,
        profile: 'default',
        model: 'lab/x',
        policy: 'cheapest',
        record: { candidates: [{ id: 'lab/x', score: at / 10 }] },
      }));
      for (const decision of saved) await storage.decisions.save(decision);
      await storage.decisions.finish('d2', { status: 'complete' });
      await storage.decisions.finish('d2', { keptEdit: true });
      await Promise.all([
        storage.decisions.finish('d2', { thumbs: 'up', keptEdit: null }),
        storage.decisions.finish('d2', { costUsd: 0.25 }),
      ]);

      assert.deepEqual(await storage.decisions.list({ since: 2 }), [
        saved[2],
        { ...saved[1], outcome: { status: 'complete', thumbs: 'up', costUsd: 0.25 } },
      ]);
      assert.deepEqual(
        (await storage.decisions.list({ limit: 1 })).map(({ id }) => id),
        ['d3'],
      );
      assert.deepEqual(await storage.decisions.decision('d1'), saved[0]);
    });

    it('goes with its chat for good, and comes back with it before', async () => {
      await using storage = open();
      const [kept, gone] = [await storage.chats.createChat({}), await storage.chats.createChat({})];
      for (const [id, chat] of [
        ['of-kept', kept.id],
        ['of-gone', gone.id],
        ['of-none', undefined],
      ] as const)
        await storage.decisions.save({ ...bare(id, 1), ...(chat && { chat }) });
      const ids = async () => (await storage.decisions.list({})).map(({ id }) => id).sort();

      await storage.chats.deleteChat(gone.id);
      await storage.chats.deleteChat(kept.id);
      await storage.trash.restore(kept.id);
      assert.deepEqual(await ids(), ['of-gone', 'of-kept', 'of-none']);
      await storage.trash.purge();
      assert.deepEqual(await ids(), ['of-kept', 'of-none']);
      assert.equal((await storage.decisions.decision('of-kept')).chat, kept.id);
    });

    it('of no chat is kept while it is among the newest of its profile', async () => {
      await using storage = open();
      const { id: chat } = await storage.chats.createChat({});
      const other = (await storage.profiles.create({ name: 'Other' })).id;
      await storage.in(other).decisions.save({ ...bare('of-other', 0), profile: other });
      await storage.decisions.save({ ...bare('of-chat', 0), chat });
      const many = Array.from({ length: maxDecisionsWithoutChat + 3 }, (_, at) => bare(`d${at}`, at + 1));
      await Promise.all(many.map((decision) => storage.decisions.save(decision)));
      for (const id of ['d0', 'd1', 'd2'])
        await assert.rejects(storage.decisions.decision(id), { code: 'decision-not-found' });
      for (const id of ['d3', 'of-chat']) assert.equal((await storage.decisions.decision(id)).id, id);
      assert.equal((await storage.in(other).decisions.decision('of-other')).id, 'of-other');
    });

    it('says when a decision is not there', async () => {
      await using storage = open();
      await assert.rejects(storage.decisions.decision('none'), { name: 'UserError', code: 'decision-not-found' });
      await assert.rejects(storage.decisions.finish('none', {}), { name: 'UserError', code: 'decision-not-found' });
    });
  });
}
