// What waits for the user is known by what is stored: it is found by its chat, answered once, and only by who has seen what it asks.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { CancelledError } from '../../../../daemon/base/errors.ts';
import type { RunningJob } from '../../../../daemon/features/jobs/job-run.ts';
import { type JobCaller, type JobKind, Jobs } from '../../../../daemon/features/jobs/jobs.ts';
import type { JobQuestion } from '../../../../daemon/storage/jobs.ts';
import { JobsInMemory } from './in-memory.ts';

interface Asking {
  chat: string;
  question?: Partial<JobQuestion>;
}

const answers = [
  { id: 'once', label: 'Allow once' },
  { id: 'deny', label: 'Deny', isRefusal: true },
];

/** A kind of job that asks once, in a chat. */
class Asks implements JobKind<{ isShown?: boolean }> {
  readonly name = 'asks';
  readonly told: string[] = [];
  readonly closed: string[] = [];

  async placeOf(request: unknown) {
    return { chat: (request as Asking).chat, folder: '/work' };
  }
  showsQuestions({ isShown = false }: { isShown?: boolean }): boolean {
    return isShown;
  }
  async run(job: RunningJob, request: unknown) {
    const { question } = request as Asking;
    const { id } = job.ask('permission', { text: 'May I?', answers, ...question });
    this.told.push(id);
    return id;
  }
  async cancelled(_profile: string, { id }: { id: string }) {
    this.closed.push(id);
  }
}

interface Bench {
  storage: JobsInMemory;
  kind: Asks;
  jobs: Jobs<{ isShown?: boolean }>;
}

let ids = 0;

function bench(storage = new JobsInMemory()): Bench {
  const kind = new Asks();
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const jobs = new Jobs({
    jobsOf: () => storage,
    kinds: [kind],
    newId: () => `job${ids++}`,
    onChange() {},
    log: silent,
  });
  return { storage, kind, jobs };
}

function caller(more: Partial<JobCaller<{ isShown?: boolean }>> = {}): JobCaller<{ isShown?: boolean }> {
  return { context: {}, signal: new AbortController().signal, hasLeft: () => false, ...more };
}

/** Resolves with the id of a job of the chat once it waits. */
async function waiting({ jobs, storage }: Bench, request: Asking, more: Parameters<typeof caller>[0] = {}) {
  const running = jobs.run('p', { kind: 'asks', title: 'x', request }, caller(more));
  running.catch(() => {});
  const isIt = ({ state, request: of }: { state: string; request: unknown }): boolean =>
    state === 'waiting' && (of as Asking).chat === request.chat;
  for (;;) {
    const job = [...storage.jobs.values()].find(isIt);
    if (job) return { id: job.id, running };
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a job that waits for the user', () => {
  it('is found by its chat and canceled, while its daemon lives, and tells its kind so', async () => {
    const made = bench();
    const { id, running } = await waiting(made, { chat: 'a' });
    await waiting(made, { chat: 'b' });
    assert.equal(await made.jobs.cancelIn('p', 'a'), true);
    await assert.rejects(running, CancelledError);
    assert.deepEqual(made.kind.closed, [id]);
    assert.deepEqual(
      [...made.storage.jobs.values()].map(({ state }) => state),
      ['cancelled', 'waiting'],
    );
    assert.equal(await made.jobs.cancelIn('p', 'a'), false, 'nothing of it is left');
  });

  it('is found by its chat after its daemon ended', async () => {
    const before = bench();
    const { id } = await waiting(before, { chat: 'a' });
    const made = bench(before.storage);
    assert.equal(await made.jobs.cancelIn('p', 'b'), false);
    assert.equal(await made.jobs.cancelIn('p', 'a'), true);
    assert.deepEqual([made.storage.jobs.get(id)?.state, made.kind.closed], ['cancelled', [id]]);
    assert.equal(await made.jobs.cancelIn('p', 'a'), false);
  });

  it('is canceled by its chat while it waits for its turn', async () => {
    const made = bench();
    made.kind.run = () => new Promise<string>(() => {});
    const run = (chat: string) => made.jobs.run('p', { kind: 'asks', title: 'x', request: { chat } }, caller());
    void run('a').catch(() => {});
    const queued = run('b'); // in the same folder
    queued.catch(() => {});
    while (made.storage.jobs.size < 2) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(await made.jobs.cancelIn('p', 'b'), true);
    await assert.rejects(queued, CancelledError);
  });

  it('that its daemon left behind at work is not taken for one that waits', async () => {
    const { jobs, storage } = bench();
    await storage.add({ id: 'left', kind: 'asks', title: 'x', request: { chat: 'a' } });
    await storage.begin('left');
    assert.equal(await jobs.cancelIn('p', 'a'), false);
  });

  const pairs: [first: string, second: string][] = [
    ['once', 'once'],
    ['once', 'deny'],
    ['deny', 'once'],
    ['deny', 'deny'],
  ];
  for (const [first, second] of pairs)
    it(`takes the first of two answers, ${first} before ${second}, and says so to the second`, async () => {
      const made = bench();
      const { id, running } = await waiting(made, { chat: 'a' });
      const [taken, late] = await Promise.allSettled(
        [first, second].map((answer) => made.jobs.answer('p', { jobId: id, answer }, caller())),
      );
      assert.equal(taken?.status, 'fulfilled');
      assert.match(late?.status === 'rejected' ? String(late.reason) : '', /already answered|isn't waiting/);
      assert.equal((await running).result, first);
      assert.deepEqual(made.kind.told, [first]);
    });

  it('takes the first of two answers after its daemon ended', async () => {
    const before = bench();
    const { id } = await waiting(before, { chat: 'a' });
    const made = bench(before.storage);
    const ended = await Promise.allSettled(
      ['deny', 'once'].map((answer) => made.jobs.answer('p', { jobId: id, answer }, caller())),
    );
    assert.deepEqual(
      ended.map(({ status }) => status),
      ['fulfilled', 'rejected'],
    );
    assert.deepEqual(made.kind.told, ['deny']);
  });

  const seen: [what: string, answer: string, mark: string | undefined, refused: string | undefined][] = [
    ['what is asked', 'once', 'f00', undefined],
    ['something else before', 'once', 'ba2', 'approval-changed'],
    ['something else before, which they refuse', 'deny', 'ba2', 'approval-changed'],
    ['nothing', 'once', undefined, 'approval-unseen'],
    ['nothing, and refuses', 'deny', undefined, undefined],
  ];
  for (const [what, answer, mark, refused] of seen)
    it(`is ${refused ? 'not answered' : 'answered'} by who has seen ${what}`, async () => {
      const made = bench();
      const { id, running } = await waiting(made, { chat: 'a', question: { mark: 'f00' } });
      const answered = made.jobs.answer('p', { jobId: id, answer, mark }, caller());
      if (refused === undefined) await answered;
      else await assert.rejects(answered, { code: refused });
      if (refused === undefined) assert.equal((await running).result, answer);
      else assert.deepEqual(made.kind.told, []);
    });

  it('asks its client only where that shows no questions itself', async () => {
    const asked: string[] = [];
    const ask = async ({ text }: JobQuestion) => {
      asked.push(text);
      return undefined;
    };
    const made = bench();
    await waiting(made, { chat: 'a' }, { ask, context: { isShown: true } });
    assert.deepEqual(asked, []);
    await waiting(made, { chat: 'b' }, { ask });
    assert.deepEqual(asked, ['May I?']);
  });
});

describe('the title of a job', () => {
  const key = `ghp_${'a1B2'.repeat(9)}`;
  const titles: [given: string, title: RegExp][] = [
    ['  Two\n\tlines  of it ', /^Two lines of it$/],
    ['word '.repeat(60), /^(word ){19}word ?$/],
    [`${'x '.repeat(48)}${key}`, /^(x ){48}\[re/],
    [`${'x'.repeat(99)}😀`, /^x{99}[^\ud800-\udfff]?$/],
  ];
  for (const [given, title] of titles)
    it(`of ${JSON.stringify(given.slice(0, 20))} is one short line without secrets`, async () => {
      const made = bench();
      const { running } = await waiting(made, { chat: 'a' });
      void running.catch(() => {});
      void made.jobs.run('p', { kind: 'asks', title: given, request: { chat: 'b' } }, caller()).catch(() => {});
      while (made.storage.jobs.size < 2) await new Promise((resolve) => setImmediate(resolve));
      const stored = [...made.storage.jobs.values()][1]?.title ?? '';
      assert.match(stored, title);
      assert.ok(stored.length <= 100 && !stored.includes(key.slice(0, 8)));
    });
});
