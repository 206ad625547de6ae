// Which jobs have not ended, and what jobs say they wasted.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { openTestStorage, testFolder } from '../../open-storage.ts';

const job = (id: string) => ({ id, kind: 'write', title: 'Sort the list', request: { instruction: 'sort' } });

describe('the stored jobs', () => {
  it('that have not ended are known, with what was asked for', async () => {
    using folder = testFolder();
    await using storage = openTestStorage(folder.database);
    for (const id of ['queued', 'running', 'waiting', 'ended']) await storage.jobs.add(job(id));
    await storage.jobs.begin('running');
    await storage.jobs.wait('waiting', { text: 'Run?', answers: [], stage: 'tests' });
    await storage.jobs.end('ended', { state: 'stopped' });
    const unfinished = await storage.jobs.unfinished();
    assert.deepEqual(
      unfinished.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
      ['queued', 'running', 'waiting'].map((state) => {
        const { id, kind, request } = job(state);
        return { id, kind, state, request };
      }),
    );
  });

  it('add up what they call their waste, since a time', async () => {
    using folder = testFolder();
    await using storage = openTestStorage(folder.database);
    assert.equal(await storage.jobs.waste(0), 0);
    for (const [id, result] of Object.entries({ a: { waste: 0.25 }, b: { waste: 0.5 }, c: { text: 'none' } })) {
      await storage.jobs.add(job(id));
      await storage.jobs.end(id, { state: 'done', result });
    }
    await storage.jobs.add(job('unended'));
    assert.equal(await storage.jobs.waste(0), 0.75);
    assert.equal(await storage.jobs.waste(Date.now() + 60_000), 0);
  });
});
