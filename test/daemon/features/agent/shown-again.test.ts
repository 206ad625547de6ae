// A run that is over, shown to a client that comes later: as it was shown live, but for its text, which is the chat's.
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import { storedParts } from '../../../../daemon/features/agent/loop/stored-parts.ts';
import { withoutSecrets } from '../../../../daemon/features/jobs/job-run.ts';
import { defaultProfile } from '../../../../daemon/storage/profiles.ts';
import type { AgentPart } from '../../../../shared/protocol/agent.ts';
import { type AgentBench, agentBench, type BenchOptions, call, shown, toolThat } from './bench.ts';

const open: AgentBench[] = [];

/** What was shown live of a run whose questions are answered in turn, and what is shown of it later. */
async function both(options: BenchOptions, answers: readonly ('once' | 'always' | 'deny')[] = []) {
  const at = agentBench(options);
  open.push(at);
  const decided: string[] = [];
  const running = at.run({ task: 'Do it.' });
  let isOver = false;
  running.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    const asked = at.parts.findLast((part) => part.kind === 'approval');
    const started = at.parts.find((part) => part.kind === 'started');
    const answer = answers[decided.length];
    if (asked && started && answer && !decided.includes(asked.approval.callId)) {
      decided.push(asked.approval.callId);
      await at.agent.approve(
        { jobId: started.jobId, callId: asked.approval.callId, mark: asked.approval.mark, decision: answer },
        { jobs: at.jobs, profile: defaultProfile, caller: at.caller() },
      );
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { jobId } = await running;
  const job = await at.jobs.job(defaultProfile, jobId, at.caller().context);
  assert.equal(job.state, 'done');
  return { live: inOrder(at.parts), later: inOrder(storedParts(job)), stored: JSON.stringify(job) };
}

/** Without what only goes on while it works, and what has a call decided before its result. */
function inOrder(parts: readonly AgentPart[]): AgentPart[] {
  const kinds = ['started', 'plan', 'call', 'approved', 'result'];
  const last = parts.findLast((part) => part.kind === 'spent');
  return [...parts.filter(({ kind }) => kinds.includes(kind)), ...(last ? [last] : [])];
}

const key = `sk-${'a1B2c3D4e5F6g7H8'.repeat(3)}`;

describe('a run that is at work', () => {
  afterEach(async () => {
    for (const each of open.splice(0)) await each.close();
  });

  it('is shown to who comes meanwhile with the call that waits for the user, and then with it as under way', async () => {
    const done = Promise.withResolvers<object>();
    const at = agentBench({
      script: [[call('change', { path: 'a.ts', value: key })], ['Done.']],
      tools: [toolThat('change', () => done.promise, { kind: 'edit' })],
      config: { modes: { act: { prompt: 'Work.', tools: ['change'] } } },
    });
    open.push(at);
    const running = at.run();
    await shown(at, 'approval');
    const [started, asked] = ['started', 'approval'].map((kind) => at.parts.find((part) => part.kind === kind));
    assert.ok(started?.kind === 'started' && asked?.kind === 'approval');
    const later = async (): Promise<AgentPart[]> => {
      const job = await at.jobs.job(defaultProfile, started.jobId, at.caller().context);
      return storedParts(job).filter(({ kind }) => kind !== 'spent');
    };
    const live = at.parts.find(({ kind }) => kind === 'call');
    const waiting = await later();
    assert.deepEqual(
      waiting.map(({ kind }) => kind),
      ['started', 'call', 'approval'],
    );
    assert.ok(!JSON.stringify(waiting[1]).includes(key));
    assert.deepEqual(waiting[1], withoutSecrets(live));
    const { callId, mark } = asked.approval;
    await at.agent.approve(
      { jobId: started.jobId, callId, mark, decision: 'once' },
      { jobs: at.jobs, profile: defaultProfile, caller: at.caller() },
    );
    const underWay = async (): Promise<boolean> => (await later()).some(({ kind }) => kind === 'approved');
    while (!(await underWay())) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(await later(), [...waiting.slice(0, 2), { kind: 'approved', callId, decision: 'once' }]);
    done.resolve({});
    await running;
    assert.deepEqual(
      (await later()).map(({ kind }) => kind),
      ['started', 'call', 'approved', 'result'],
    );
  });
});

describe('a run that is done', () => {
  afterEach(async () => {
    for (const each of open.splice(0)) await each.close();
  });

  const change = toolThat(
    'change',
    () => ({ diff: '--- a/a.ts\n+++ b/a.ts\n@@ -1 +1 @@\n-a\n+b\n', isMaterial: true }),
    {
      kind: 'edit',
    },
  );
  const config = { modes: { act: { prompt: 'Work.', tools: ['read', 'change', 'plan', 'visit'] } } };
  const cases: Record<string, [BenchOptions, ('once' | 'always' | 'deny')[]?]> = {
    'steps that read': [{ files: { 'a.ts': 'const a = 1;\n' }, script: [[call('read', { path: 'a.ts' })], ['Done.']] }],
    'steps that failed': [{ script: [[call('read', { path: 'gone.ts' })], [call('nothing')], ['Done.']] }],
    'what was said before a step, with the first of a turn': [
      {
        files: { 'a.ts': 'const a = 1;\n' },
        script: [
          ['I read it twice.', call('read', { path: 'a.ts' }), call('read', { path: 'a.ts', from: 1 })],
          [call('read', { path: 'gone.ts' })],
          ['Done.'],
        ],
      },
    ],
    'its plan, as it went': [
      {
        script: [
          [call('plan', { items: [{ text: 'Look', state: 'doing' }] })],
          [call('plan', { items: [{ text: 'Look', state: 'done' }] })],
          ['Done.'],
        ],
      },
    ],
    'a change with its diff, once it was allowed': [
      { tools: [change], script: [[call('change')], ['Done.']] },
      ['once'],
    ],
    'a change that is always allowed': [{ tools: [change], script: [[call('change')], ['Done.']] }, ['always']],
    'a change that was not allowed': [{ tools: [change], script: [[call('change')], ['Well.']] }, ['deny']],
    'pages that it read, and what may come from them': [
      {
        tools: [
          toolThat('read', () => ({ isMaterial: true, text: ['Visit https://docs.example/next'] })),
          toolThat('visit', () => ({ sources: ['https://docs.example/next'] }), { kind: 'web' }),
        ],
        script: [[call('read')], [call('visit', { url: 'https://docs.example/next' })], ['Done.']],
      },
      ['once'],
    ],
  };
  for (const [what, [options, answers]] of Object.entries(cases))
    it(`is shown later with ${what}`, async () => {
      const { live, later } = await both({ config, ...options }, answers);
      assert.ok(live.some(({ kind }) => kind === 'result'));
      assert.deepEqual(later, live);
    });

  it('has what was said before a step', async () => {
    const script = [['I read it.', call('read', { path: 'a.ts' })], ['Well.', call('nothing')], ['Done.']];
    const { live } = await both({ config, files: { 'a.ts': 'const a = 1;\n' }, script });
    const said = live.flatMap((part) => (part.kind === 'call' ? [part.said] : []));
    assert.deepEqual(said, ['I read it.', 'Well.']);
  });

  it('keeps no secret of what was shown', async () => {
    const tell = toolThat('change', () => ({ diff: `+${key}`, text: [key] }), { kind: 'edit' });
    const script = [[`With ${key}:`, call('change', { value: key })], ['Done.']];
    const { stored } = await both({ config, tools: [tell], script }, ['once']);
    assert.ok(!stored.includes(key));
  });
});
