// What every storage engine has to do about jobs and their stages.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { maxJobBytes, maxJobs, type StoredStage } from '../../../daemon/storage/jobs.ts';
import { allPages, type OpenEmpty } from './open-storage.ts';

function stage(name: string, over: Partial<StoredStage> = {}): StoredStage {
  return { name, detail: 'did it', durationMs: 5, outcome: { at: name }, ...over };
}

const job = (id: string) => ({ id, kind: 'write', title: 'Sort the list', request: { instruction: 'sort' } });

export function describeJobs(open: OpenEmpty): void {
  describe('the jobs', () => {
    it('are stored stage by stage, with what each took', async () => {
      await using storage = open();
      await storage.jobs.add(job('a'));
      await storage.jobs.begin('a');
      const asked = stage('draft', {
        model: 'lab/x',
        prompt: 'p',
        answer: 'a',
        tokens: { input: 1, output: 2 },
        costUsd: 0.25,
      });
      await storage.jobs.finishStage('a', asked);
      await storage.jobs.finishStage('a', stage('check'));
      const { createdAt, ...running } = await storage.jobs.job('a');
      assert.ok(createdAt > 0);
      assert.deepEqual(running, {
        ...job('a'),
        state: 'running',
        stages: 2,
        costUsd: 0.25,
        finished: [asked, stage('check')],
      });
      await storage.jobs.end('a', { state: 'done', result: { code: 'x' } });
      const { endedAt = 0, state, result } = await storage.jobs.job('a');
      assert.deepEqual([endedAt >= createdAt, state, result], [true, 'done', { code: 'x' }]);
    });

    it('say that a cost is unknown rather than nothing', async () => {
      await using storage = open();
      await storage.jobs.add(job('a'));
      await storage.jobs.finishStage('a', stage('draft', { model: 'lab/x', costUsd: null }));
      await storage.jobs.finishStage('a', stage('judge', { model: 'lab/x', costUsd: 0.5 }));
      const [listed] = (await storage.jobs.list({})).items;
      assert.deepEqual([listed?.stages, listed && 'costUsd' in listed], [2, false]);
    });

    it('go on after they failed, without what failed', async () => {
      await using storage = open();
      await storage.jobs.add(job('a'));
      await storage.jobs.finishStage('a', stage('draft'));
      await storage.jobs.end('a', { state: 'failed', failure: 'The disk is full.' });
      assert.equal((await storage.jobs.job('a')).failure, 'The disk is full.');
      await storage.jobs.begin('a');
      const { failure, endedAt, finished } = await storage.jobs.job('a');
      assert.deepEqual([failure, endedAt, finished.length], [undefined, undefined, 1]);
    });

    it('are listed page by page, the newest first, each once', async () => {
      await using storage = open();
      const ids = Array.from({ length: 7 }, (_, i) => `job${i}`);
      for (const id of ids) await storage.jobs.add(job(id));
      const pages = await allPages((cursor) =>
        storage.jobs.list({ limit: 3, ...(cursor !== undefined && { cursor }) }),
      );
      assert.deepEqual(
        pages.map((page) => page.length),
        [3, 3, 1],
      );
      assert.deepEqual(
        pages.flat().map(({ id }) => id),
        ids.toReversed(),
      );
    });

    it('are kept up to a number and to a size, the newest of them', async () => {
      await using storage = open();
      for (let i = 0; i < maxJobs + 3; i++) await storage.jobs.add(job(`n${i}`));
      await assert.rejects(storage.jobs.job('n2'), { code: 'job-not-found' });
      assert.equal((await storage.jobs.job('n3')).id, 'n3');
      const half = { ...job('half'), request: 'x'.repeat(maxJobBytes / 2) };
      await storage.jobs.add(half);
      await storage.jobs.add({ ...half, id: 'other half' });
      const left = (await storage.jobs.list({})).items.map(({ id }) => id);
      assert.deepEqual(left, ['other half']);
    });

    for (const [what, act] of [
      ['read', (storage) => storage.jobs.job('none')],
      ['begun', (storage) => storage.jobs.begin('none')],
      ['added to', (storage) => storage.jobs.finishStage('none', stage('draft'))],
      ['ended', (storage) => storage.jobs.end('none', { state: 'done' })],
    ] as [string, (storage: ReturnType<OpenEmpty>) => Promise<unknown>][])
      it(`are not ${what} where there is none, or another profile's`, async () => {
        await using storage = open();
        const { id } = await storage.profiles.create({ name: 'other' });
        await storage.in(id).jobs.add(job('none'));
        await assert.rejects(act(storage), { code: 'job-not-found' });
        assert.deepEqual((await storage.jobs.list({})).items, []);
        assert.equal((await storage.in(id).jobs.job('none')).state, 'queued');
      });

    it('go with their profile', async () => {
      await using storage = open();
      const { id } = await storage.profiles.create({ name: 'other' });
      await storage.in(id).jobs.add(job('a'));
      await storage.in(id).jobs.finishStage('a', stage('draft'));
      await storage.profiles.delete(id);
      await storage.jobs.add(job('a')); // the id is free again
      assert.equal((await storage.jobs.job('a')).finished.length, 0);
    });
  });
}
