// A job goes on where it stopped, one at a time in a profile, and whoever ends it leaves no work behind.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'mocha';
import { CancelledError, UserError } from '../../../../daemon/base/errors.ts';
import type { ActiveJob, RunningJob } from '../../../../daemon/features/jobs/job-run.ts';
import { type JobCaller, type JobKind, Jobs } from '../../../../daemon/features/jobs/jobs.ts';
import { JobsInMemory } from './in-memory.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const request = { kind: 'steps', title: 'Three steps', request: ['one', 'two', 'three'] };

/** A kind of job whose stages are named by its request. What the context names hangs until it is cancelled, or fails. */
class Steps implements JobKind<{ hangsAt?: string; failsAt?: string; failsWith?: string }> {
  readonly name = 'steps';
  readonly begun: string[] = [];
  /** How many stages are at work. */
  working = 0;

  async run(
    job: Parameters<JobKind<unknown>['run']>[0],
    names: unknown,
    { hangsAt = '', failsAt = '', failsWith = 'model-down' } = {},
  ) {
    const outcomes: string[] = [];
    for (const name of names as string[])
      outcomes.push(
        await job.stage(name, async () => {
          this.begun.push(name);
          this.working++;
          try {
            if (name === hangsAt && !job.signal.aborted) await once(job.signal, 'abort');
            if (job.signal.aborted) throw new CancelledError();
            if (name === failsAt) throw new UserError(failsWith, `${name} failed.`);
            return {
              outcome: `${name} is done`,
              detail: name,
              prompt: 'token ghp_16C7e42F292c6912E7710c838347Ae178B4a',
              answer: name,
              costUsd: 1,
            };
          } finally {
            this.working--;
          }
        }),
      );
    return outcomes;
  }
}

interface Bench {
  storage: JobsInMemory;
  kind: Steps;
  changes: ActiveJob[];
  jobs: Jobs<Parameters<Steps['run']>[2]>;
}

function bench(storage = new JobsInMemory()): Bench {
  const kind = new Steps();
  const changes: ActiveJob[] = [];
  let ids = 0;
  const jobs = new Jobs({
    jobsOf: () => storage,
    kinds: [kind],
    newId: () => `job${ids++}`,
    onChange: (_profile, job) => void changes.push(job),
    log: silent,
  });
  return { storage, kind, changes, jobs };
}

function caller(context: Parameters<Steps['run']>[2] = {}, { leaves = false } = {}) {
  const controller = new AbortController();
  const asked: JobCaller<typeof context> = { context, signal: controller.signal, hasLeft: () => leaves };
  return { asked, controller };
}

/** Resolves when a stage has begun. */
async function begun({ kind }: Bench, name: string): Promise<void> {
  while (!kind.begun.includes(name)) await new Promise((resolve) => setImmediate(resolve));
}

describe('a job', () => {
  it('stores each stage, without the secrets in what was said, and its result', async () => {
    const { jobs, storage, changes } = bench();
    const { id, result } = await jobs.run('p', request, caller().asked);
    assert.deepEqual(result, ['one is done', 'two is done', 'three is done']);
    const { finished, state } = await jobs.job('p', id, {});
    assert.deepEqual([state, finished.map(({ name }) => name)], ['done', request.request]);
    assert.match(finished[0]?.prompt ?? '', /^token \[redacted/);
    assert.deepEqual(storage.jobs.get(id)?.result, result);
    assert.deepEqual([changes.at(0)?.state, changes.at(-1)?.state], ['queued', 'done']);
  });

  it('is stored without the secrets in its title, its stages, its result, and what it failed of', async () => {
    const token = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a';
    const { jobs, storage } = bench();
    const named = { ...request, title: `Use ${token}`, request: [`use ${token}`] };
    const { result } = await jobs.run('p', named, caller().asked);
    assert.deepEqual(result, [`use ${token} is done`]); // who asks gets it as it is
    const failing = jobs.run('p', named, caller({ failsAt: `use ${token}` }).asked);
    await assert.rejects(failing);
    const [done, failed] = [storage.jobs.get('job0'), storage.jobs.get('job1')];
    const { name: _, ...stage } = done?.finished[0] ?? {};
    assert.match(JSON.stringify([done?.title, stage, done?.result, failed?.title, failed?.failure]), /redacted/);
    assert.doesNotMatch(JSON.stringify([done?.title, stage, done?.result, failed?.title, failed?.failure]), /ghp_/);
  });

  it('is stored without the half of a secret that a cut leaves', async () => {
    const token = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a';
    const { jobs } = bench();
    const name = `${'word '.repeat(40_000).slice(0, -token.length / 2)}${token}`;
    const { id } = await jobs.run('p', { ...request, request: [name] }, caller().asked);
    const { finished } = await jobs.job('p', id, {});
    assert.ok((finished[0]?.answer?.length ?? 0) > 100_000);
    assert.doesNotMatch(finished[0]?.answer ?? '', /ghp_/);
  });

  for (const [how, context, end] of [
    ['failed', { failsAt: 'two' }, undefined],
    ['was cancelled', { hangsAt: 'two' }, 'cancel'],
    ['lost its client', { hangsAt: 'two' }, 'leave'],
  ] as const)
    it(`that ${how} goes on at the last finished stage`, async () => {
      const made = bench();
      const { jobs, kind } = made;
      const { asked, controller } = caller(context, { leaves: end === 'leave' });
      const first = jobs.run('p', request, asked);
      first.catch(() => {});
      await begun(made, 'two');
      if (end) controller.abort();
      await assert.rejects(first, end ? CancelledError : { code: 'model-down' });
      const { state, failure } = await jobs.job('p', 'job0', {});
      const states = { cancel: 'cancelled', leave: 'stopped' } as const;
      assert.deepEqual([state, failure], end ? [states[end], undefined] : ['failed', 'two failed.']);
      await jobs.resume('p', 'job0', caller().asked);
      assert.deepEqual(kind.begun, ['one', 'two', 'two', 'three']);
      assert.equal((await jobs.job('p', 'job0', {})).state, 'done');
    });

  it('that its daemon left behind is listed as stopped, runs only when asked, and goes on', async () => {
    const before = bench();
    void before.jobs.run('p', request, caller({ hangsAt: 'three' }).asked).catch(() => {});
    await begun(before, 'three');
    const { jobs, kind } = bench(before.storage); // the next daemon
    assert.deepEqual(
      (await jobs.list('p', {}, {})).items.map(({ state }) => state),
      ['stopped'],
    );
    assert.deepEqual(kind.begun, []);
    await jobs.resume('p', 'job0', caller().asked);
    assert.deepEqual(kind.begun, ['three']);
  });

  it('waits while another of its profile runs, and not for those of others', async () => {
    const made = bench();
    const { jobs, kind } = made;
    const { asked, controller } = caller({ hangsAt: 'one' });
    const first = jobs.run('p', request, asked);
    first.catch(() => {});
    await begun(made, 'one');
    const second = jobs.run('p', request, caller().asked);
    await jobs.run('other', request, caller().asked);
    assert.deepEqual(kind.begun, ['one', 'one', 'two', 'three']);
    assert.deepEqual(
      (await jobs.list('p', {}, {})).items.map(({ state }) => state),
      ['done', 'queued', 'running'],
    );
    controller.abort();
    await second;
    assert.equal((await jobs.job('p', 'job1', {})).state, 'done');
  });

  for (const [state, context] of [
    ['running', { hangsAt: 'one' }],
    ['queued', {}],
  ] as const)
    it(`that is ${state} can be cancelled, and nothing of it runs afterwards`, async () => {
      const made = bench();
      const { jobs, kind } = made;
      const first = jobs.run('p', request, caller({ hangsAt: 'one' }).asked);
      first.catch(() => {});
      await begun(made, 'one');
      const second = state === 'queued' ? jobs.run('p', request, caller(context).asked) : first;
      second.catch(() => {});
      const id = state === 'queued' ? 'job1' : 'job0';
      while ((await jobs.list('p', {}, {})).items.find((job) => job.id === id)?.state !== state);
      await jobs.cancel('p', id);
      await assert.rejects(second, CancelledError);
      assert.deepEqual([(await jobs.job('p', id, {})).state, kind.begun], ['cancelled', ['one']]);
      jobs.forget('p');
      await assert.rejects(first, CancelledError);
      assert.equal(kind.working, 0);
    });

  it('that was stopped can be cancelled for good', async () => {
    const { jobs, storage } = bench();
    await storage.add({ id: 'left', ...request });
    await jobs.cancel('p', 'left');
    assert.equal((await jobs.job('p', 'left', {})).state, 'cancelled');
  });

  it('that has ended stays as it ended', async () => {
    const { jobs } = bench();
    const { id } = await jobs.run('p', request, caller().asked);
    await jobs.cancel('p', id);
    assert.equal((await jobs.job('p', id, {})).state, 'done');
    await assert.rejects(jobs.resume('p', id, caller().asked), { code: 'job-done' });
    await assert.rejects(jobs.cancel('p', 'none'), { code: 'job-not-found' });
  });

  it('that runs is not begun again', async () => {
    const made = bench();
    const first = made.jobs.run('p', request, caller({ hangsAt: 'one' }).asked);
    first.catch(() => {});
    await begun(made, 'one');
    await assert.rejects(made.jobs.resume('p', 'job0', caller().asked), { code: 'job-running' });
    made.jobs.forget('p');
    await assert.rejects(first, CancelledError);
  });

  it('is refused where too many wait', async () => {
    const made = bench();
    const all = Array.from({ length: 20 }, () => made.jobs.run('p', request, caller({ hangsAt: 'one' }).asked));
    for (const job of all) job.catch(() => {});
    await begun(made, 'one');
    await assert.rejects(made.jobs.run('p', request, caller().asked), { code: 'too-many-jobs' });
    made.jobs.forget('p');
    await Promise.allSettled(all);
  });

  for (const [what, context, left] of [
    ['leaves nothing where there was no model to begin it', { failsAt: 'one', failsWith: 'no-model' }, 0],
    ['stays where no model was left to go on with it', { failsAt: 'two', failsWith: 'no-model' }, 1],
    ['stays where its model failed', { failsAt: 'one' }, 1],
  ] as const)
    it(what, async () => {
      const { jobs } = bench();
      await assert.rejects(jobs.run('p', request, caller(context).asked), UserError);
      assert.equal((await jobs.list('p', {}, {})).items.length, left);
    });

  it('fails with its own error where its end can not be stored', async () => {
    const { jobs, storage } = bench();
    storage.end = async () => {
      throw new UserError('disk-full', 'The disk is full.');
    };
    await assert.rejects(jobs.run('p', request, caller({ failsAt: 'one' }).asked), { code: 'model-down' });
    await assert.rejects(jobs.run('p', request, caller().asked), { code: 'disk-full' });
  });
});

const question = {
  text: 'Run `npm test`?',
  answers: [
    { id: 'yes', label: 'Run' },
    { id: 'no', label: 'Skip' },
  ],
};

/** A kind of job that asks between two stages, and holds something while it works. */
class Asking implements JobKind<{ kept?: string }> {
  readonly name = 'asking';
  readonly begun: string[] = [];
  held = 0;

  async whyKept(document: string, { kept = '' }: { kept?: string }) {
    return document === kept ? `${document} is kept from models.` : undefined;
  }

  async run(job: RunningJob) {
    this.held++;
    try {
      const stage = (name: string) =>
        job.stage(name, async () => {
          this.begun.push(name);
          return { outcome: name, detail: name, answer: 'PRIVATE answer' };
        });
      await stage('one');
      const { id: answer } = job.ask('permission', question);
      await stage('two');
      return `PRIVATE ${answer}`;
    } finally {
      this.held--;
    }
  }
}

describe('a job that asks', () => {
  const asking = { kind: 'asking', title: 'Ask', request: { text: 'PRIVATE' }, document: 'file:///a.ts' };

  function bench(storage = new JobsInMemory()) {
    const kind = new Asking();
    const changes: ActiveJob[] = [];
    const jobs = new Jobs<{ kept?: string }>({
      jobsOf: () => storage,
      kinds: [kind],
      newId: () => `job${storage.jobs.size}`,
      onChange: (_profile, job) => void changes.push(job),
      log: silent,
    });
    const start = (over: Partial<JobCaller<object>> = {}) => {
      const controller = new AbortController();
      const started = jobs.run('p', asking, {
        context: {},
        signal: controller.signal,
        hasLeft: () => false,
        ...over,
      });
      started.catch(() => {});
      return { started, controller };
    };
    const state = async (id = 'job0') => (await jobs.list('p', {}, {})).items.find((job) => job.id === id)?.state;
    const waits = async (id = 'job0') => {
      while ((await state(id)) !== 'waiting') await new Promise((resolve) => setImmediate(resolve));
    };
    return { storage, kind, changes, jobs, start, state, waits };
  }
  const answering = { context: {}, signal: new AbortController().signal, hasLeft: () => false };

  for (const answer of ['yes', 'no'])
    it(`waits with its question, holds nothing, and goes on when it is told ${answer}`, async () => {
      const { kind, jobs, start, waits, changes } = bench();
      const { started } = start();
      await waits();
      assert.equal(kind.held, 0);
      const [listed] = (await jobs.list('p', {}, {})).items;
      assert.deepEqual([listed?.state, listed?.question?.text], ['waiting', question.text]);
      assert.ok(changes.some((change) => change.state === 'waiting' && change.question?.text === question.text));
      await jobs.answer('p', { jobId: 'job0', answer }, answering);
      assert.equal((await started).result, `PRIVATE ${answer}`);
      assert.deepEqual(kind.begun, ['one', 'two']);
      assert.equal((await jobs.job('p', 'job0', {})).question, undefined);
    });

  it('leaves its turn to others while it waits', async () => {
    const { jobs, start, waits } = bench();
    start();
    await waits();
    start();
    await waits('job1');
    await jobs.answer('p', { jobId: 'job1', answer: 'no' }, answering);
    assert.deepEqual(
      (await jobs.list('p', {}, {})).items.map(({ state }) => state),
      ['done', 'waiting'],
    );
  });

  it('takes the answer of its own client', async () => {
    const { start } = bench();
    const { started } = start({ ask: async ({ answers }) => answers[1]?.id });
    assert.equal((await started).result, 'PRIVATE no');
  });

  for (const [what, ask] of [
    ['closes the question', async () => undefined],
    ['says something else', async () => 'perhaps'],
    ["can't be asked", () => Promise.reject(new Error('unknown method'))],
  ] as const)
    it(`waits on where its client ${what}`, async () => {
      const { jobs, start, waits } = bench();
      const { started } = start({ ask });
      await waits();
      await jobs.answer('p', { jobId: 'job0', answer: 'yes' }, answering);
      assert.equal((await started).result, 'PRIVATE yes');
    });

  for (const [how, end] of [
    ['its client left', (made: ReturnType<typeof bench>) => made],
    ['its daemon was killed', (made: ReturnType<typeof bench>) => bench(made.storage)],
  ] as const)
    it(`still waits after ${how}, and goes on for the one that answers`, async () => {
      const before = bench();
      const { started, controller } = before.start({ hasLeft: () => true });
      await before.waits();
      if (how === 'its client left') {
        controller.abort();
        await assert.rejects(started, CancelledError);
      }
      const { jobs, state, kind } = end(before);
      assert.equal(await state(), 'waiting');
      await assert.rejects(jobs.answer('p', { jobId: 'job0', answer: 'maybe' }, answering), { code: 'job-answer' });
      await jobs.answer('p', { jobId: 'job0', answer: 'yes' }, answering);
      assert.deepEqual([await state(), kind.begun.at(-1)], ['done', 'two']);
      await assert.rejects(jobs.answer('p', { jobId: 'job0', answer: 'yes' }, answering), { code: 'job-not-waiting' });
    });

  it('can be cancelled while it waits, and asks again when it is resumed', async () => {
    const { jobs, start, state, waits } = bench();
    const { started } = start();
    await waits();
    await jobs.cancel('p', 'job0');
    await assert.rejects(started, CancelledError);
    assert.equal(await state(), 'cancelled');
    await jobs.resume('p', 'job0', { ...answering, ask: async () => 'yes' });
    assert.equal(await state(), 'done');
  });

  for (const end of ['yes', 'cancel', 'wait'] as const)
    for (const look of ['list', 'job', 'resume'] as const)
      it(`loses what it holds of a file that is kept from models later: ${end}, ${look}`, async () => {
        const { jobs, storage, start, waits } = bench();
        const { started, controller } = start({ hasLeft: () => true });
        await waits();
        if (end === 'yes') await jobs.answer('p', { jobId: 'job0', answer: end }, answering);
        if (end === 'cancel') await jobs.cancel('p', 'job0');
        if (end === 'wait') controller.abort();
        await started.catch(() => {});
        const context = { kept: 'file:///a.ts' };
        if (look === 'list') await jobs.list('p', {}, context);
        else if (look === 'job') await jobs.job('p', 'job0', context);
        else await assert.rejects(jobs.resume('p', 'job0', { ...answering, context }));
        const stored = storage.jobs.get('job0');
        assert.doesNotMatch(JSON.stringify(stored), /PRIVATE/);
        assert.match(stored?.failure ?? '', /kept from models/);
      });
});
