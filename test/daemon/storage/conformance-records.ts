// What every storage engine has to do about the ledger of requests, the log of decisions, jobs, and suggestions.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { maxDecisionsWithoutChat } from '../../../daemon/storage/decisions.ts';
import { maxJobBytes, maxJobs, type StoredStage } from '../../../daemon/storage/jobs.ts';
import type { SpentRequest } from '../../../daemon/storage/ledger.ts';
import type { McpPin } from '../../../daemon/storage/profiles.ts';
import { maxEditAnswers, maxSuggestions, maxWritten, type ShownSuggestion } from '../../../daemon/storage/written.ts';
import { allPages, type OpenEmpty, type TestStorage } from './open-storage.ts';

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
  describeJobs(open);
  describeCompletions(open);
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

function stage(name: string, over: Partial<StoredStage> = {}): StoredStage {
  return { name, detail: 'did it', durationMs: 5, outcome: { at: name }, ...over };
}

const job = (id: string) => ({ id, kind: 'write', title: 'Sort the list', request: { instruction: 'sort' } });

function describeJobs(open: OpenEmpty): void {
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
        isResumable: true,
        state: 'running',
        stages: 2,
        costUsd: 0.25,
        finished: [asked, stage('check')],
      });
      await storage.jobs.end('a', { state: 'done', result: { code: 'x' } });
      const { endedAt = 0, state, result } = await storage.jobs.job('a');
      assert.deepEqual([endedAt >= createdAt, state, result], [true, 'done', { code: 'x' }]);
    });

    for (const state of ['done', 'failed', 'cancelled', 'stopped'] as const) {
      const isDone = state === 'done';
      it(`that are ${state} ${isDone ? 'keep nothing' : 'keep all'} that only going on needs`, async () => {
        await using storage = open();
        const request = { text: 'x'.repeat(maxJobBytes / 2) };
        await storage.jobs.add({ ...job('a'), request });
        await storage.jobs.finishStage('a', stage('draft', { answer: 'said', shown: 'this' }));
        await storage.jobs.end('a', { state });
        const ended = await storage.jobs.job('a');
        assert.deepEqual(ended.request, isDone ? null : request);
        assert.deepEqual(ended.finished[0]?.outcome, isDone ? undefined : { at: 'draft' });
        assert.deepEqual([ended.finished[0]?.answer, ended.finished[0]?.shown], ['said', 'this']);
        await storage.jobs.add({ ...job('b'), request });
        assert.equal((await storage.jobs.list({})).items.length, isDone ? 2 : 1); // what is deleted takes no room
      });
    }

    it('that wait keep their question until they go on or end', async () => {
      await using storage = open();
      const question = { text: 'Run?', answers: [{ id: 'yes', label: 'Run' }], stage: 'tests' };
      for (const id of ['a', 'b']) {
        await storage.jobs.add(job(id));
        await storage.jobs.wait(id, question);
        const { state, question: asked } = await storage.jobs.job(id);
        assert.deepEqual([state, asked], ['waiting', question]);
      }
      await storage.jobs.begin('a');
      await storage.jobs.end('b', { state: 'cancelled' });
      for (const { question: asked } of (await storage.jobs.list({})).items) assert.equal(asked, undefined);
    });

    for (const state of ['done', 'failed', 'waiting'] as const)
      it(`that are ${state} keep nothing of their document once they are purged`, async () => {
        await using storage = open();
        await storage.jobs.add({ ...job('a'), document: 'file:///a.ts' });
        await storage.jobs.finishStage('a', stage('draft', { answer: 'its text' }));
        if (state === 'waiting') await storage.jobs.wait('a', { text: 'Run?', answers: [], stage: 'tests' });
        else await storage.jobs.end('a', { state, result: { code: 'its text' } });
        await storage.jobs.purge('a', 'It is kept from models.');
        const { createdAt, endedAt, ...purged } = await storage.jobs.job('a');
        assert.deepEqual(purged, {
          ...job('a'),
          document: 'file:///a.ts',
          state: state === 'done' ? 'done' : 'failed',
          failure: 'It is kept from models.',
          isResumable: false,
          stages: 0,
          costUsd: 0,
          request: null,
          finished: [],
        });
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

    it('are remembered by what became of the code that they wrote, the newest first and up to a number', async () => {
      await using storage = open();
      const code = { jobId: 'a', coder: 'lab/x', language: 'go', draftPasses: false, judge: 'lab/y', confidence: 0.5 };
      await storage.written.add({ ...code, decisionId: 'd' });
      await storage.written.add({ ...code, jobId: 'b' });
      await storage.written.settle('d', true);
      await storage.written.settle('none', false);
      assert.deepEqual(await storage.written.list(), [
        { ...code, jobId: 'b' },
        { ...code, decisionId: 'd', kept: true },
      ]);
      await storage.written.add({ ...code, decisionId: 'd', draftPasses: true });
      const again = (await storage.written.list()).filter(({ jobId }) => jobId === 'a');
      assert.deepEqual(again, [{ ...code, decisionId: 'd', draftPasses: true, kept: true }], 'a resumed job is one');
      for (let i = 0; i < maxWritten; i++) await storage.written.add({ ...code, jobId: `n${i}` });
      assert.equal((await storage.written.list()).length, maxWritten);
    });

    it('tell how answers ended that were to be edits: by model and form, each profile its own, up to a number', async () => {
      await using storage = open();
      const { id } = await storage.profiles.create({ name: 'other' });
      await storage.in(id).editAnswers.add({ model: 'lab/x', format: 'blocks', end: 'worked' });
      for (const end of ['worked', 'unplaced', 'worked'] as const)
        await storage.editAnswers.add({ model: 'lab/x', format: 'blocks', end });
      await storage.editAnswers.add({ model: 'lab/x', format: 'file', end: 'refused' });
      await storage.editAnswers.add({ model: 'lab/y', format: 'file', end: 'cut-off' });
      assert.deepEqual(await storage.editAnswers.tallies('lab/x'), [
        { format: 'blocks', ends: { unplaced: 1, worked: 2 } },
        { format: 'file', ends: { refused: 1 } },
      ]);
      for (let i = 0; i < maxEditAnswers.each; i++)
        await storage.editAnswers.add({ model: 'lab/y', format: 'file', end: 'worked' });
      assert.deepEqual(await storage.editAnswers.tallies('lab/y'), [
        { format: 'file', ends: { worked: maxEditAnswers.each } },
      ]);
      for (let i = 0; i < maxEditAnswers.models; i++)
        await storage.editAnswers.add({ model: `lab/${i}`, format: 'file', end: 'worked' });
      assert.deepEqual(await storage.editAnswers.tallies('lab/y'), [], 'the model that was asked longest ago');
      await storage.profiles.delete(id);
      const again = await storage.profiles.create({ name: 'other' });
      assert.deepEqual(await storage.in(again.id).editAnswers.tallies('lab/x'), []);
    });

    it('tell which tools of MCP servers are approved, each profile its own', async () => {
      await using storage = open();
      const pin = (tool: string, hash = 'h'): McpPin => ({
        server: 's',
        tool,
        config: 'c',
        hash,
        description: 'd',
        parameters: '{}',
        approvedAt: 1,
      });
      const { id } = await storage.profiles.create({ name: 'other' });
      await storage.in(id).mcpPins.put([pin('theirs')]);
      await storage.mcpPins.put([pin('b'), pin('a'), { ...pin('x'), server: 't' }]);
      await storage.mcpPins.put([pin('a', 'newer')]);
      assert.deepEqual(await storage.mcpPins.list(), [pin('a', 'newer'), pin('b'), { ...pin('x'), server: 't' }]);
      await storage.mcpPins.remove('s', ['a', 'theirs']);
      assert.deepEqual(
        (await storage.mcpPins.list()).map(({ tool }) => tool),
        ['b', 'x'],
      );
      await storage.mcpPins.remove('s');
      assert.deepEqual(
        (await storage.mcpPins.list()).map(({ tool }) => tool),
        ['x'],
      );
      assert.deepEqual(await storage.in(id).mcpPins.list(), [pin('theirs')]);
      await storage.profiles.delete(id);
      const again = await storage.profiles.create({ name: 'other' });
      assert.deepEqual(await storage.in(again.id).mcpPins.list(), []);
    });

    it('go with their profile', async () => {
      await using storage = open();
      const { id } = await storage.profiles.create({ name: 'other' });
      await storage.in(id).jobs.add(job('a'));
      await storage.in(id).jobs.finishStage('a', stage('draft'));
      await storage.in(id).written.add({ jobId: 'a', coder: 'lab/x', language: 'go' });
      await storage.profiles.delete(id);
      assert.deepEqual(await storage.written.list(), []);
      await storage.jobs.add(job('a')); // the id is free again
      assert.equal((await storage.jobs.job('a')).finished.length, 0);
    });
  });
}

function describeCompletions(open: OpenEmpty): void {
  describe('suggestions of code', () => {
    const shown = (id: string, shownAt = 1): ShownSuggestion => ({
      id,
      model: 'local/tiny',
      language: 'go',
      latencyMs: 12.5,
      characters: 10,
      lines: 1,
      features: { indent: 4, afterDot: 0.5 },
      shownAt,
    });

    it('are listed with what became of them, the newest first', async () => {
      await using storage = open();
      await storage.completions.add(shown('a', 1));
      await storage.completions.add(shown('b', 2));
      await storage.completions.settle('a', { accepted: true });
      await storage.completions.settle('a', { keptAfterMs: 30_000 });
      await storage.completions.settle('none', { accepted: true });
      await storage.completions.settle('b', {});
      assert.deepEqual(await storage.completions.list(10), [
        shown('b', 2),
        { ...shown('a', 1), accepted: true, keptAfterMs: 30_000 },
      ]);
      assert.equal((await storage.completions.list(1)).length, 1);
    });

    it('are forgotten in one profile when that is wanted', async () => {
      await using storage = open();
      const { id } = await storage.profiles.create({ name: 'other' });
      for (const each of [storage, storage.in(id)]) await each.completions.add(shown('a'));
      await storage.completions.clear();
      assert.deepEqual(await storage.completions.list(10), []);
      assert.equal((await storage.in(id).completions.list(10)).length, 1);
    });

    it('belong to one profile, and go with it', async () => {
      await using storage = open();
      const { id } = await storage.profiles.create({ name: 'other' });
      await storage.in(id).completions.add(shown('a'));
      await storage.completions.settle('a', { accepted: true });
      assert.deepEqual(await storage.in(id).completions.list(10), [shown('a')]);
      assert.deepEqual(await storage.completions.list(10), []);
      await storage.profiles.delete(id);
      await storage.completions.add(shown('a')); // the id is free again
    });

    it('are kept up to a number, the newest of them', async () => {
      await using storage = open();
      const many = Array.from({ length: maxSuggestions + 2 }, (_, i) => shown(`n${i}`, i));
      await Promise.all(many.map((each) => storage.completions.add(each)));
      const kept = await storage.completions.list(maxSuggestions * 2);
      assert.deepEqual([kept.length, kept.at(-1)?.id], [maxSuggestions, 'n2']);
    });
  });
}
