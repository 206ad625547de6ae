// A run as a client is shown it that comes later: what is stored of it, in the parts that it would have been shown.
import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import { describe, it } from 'mocha';
import { briefParts, storedCall, storedParts } from '../../../../daemon/features/agent/loop/stored-parts.ts';
import type { StoredStage, WholeJob } from '../../../../daemon/storage/jobs.ts';
import type { AgentPart } from '../../../../shared/protocol/agent.ts';

const stage = (name: string, over: Partial<StoredStage> = {}): StoredStage => ({
  name,
  detail: `${name}.`,
  durationMs: 1,
  outcome: undefined,
  ...over,
});
const job = (finished: StoredStage[], over: Partial<WholeJob> = {}): WholeJob => ({
  id: 'j1',
  kind: 'agent',
  title: 'Add a flag',
  state: 'running',
  isResumable: true,
  stages: finished.length,
  createdAt: 1,
  request: { mode: 'act' },
  finished,
  ...over,
});
const begun = stage('begin', { outcome: { chatId: 'c1' } });
const started = { kind: 'started', jobId: 'j1', chatId: 'c1', mode: 'act' };
const result = {
  kind: 'edit',
  title: 'Edit a.ts',
  ok: false,
  text: 'Whole.',
  summary: 'Edit a.ts: denied.',
  diff: '-a\n+b',
};
const input = '{"path":"a.ts"}';
const edit = stage('call 1.1', { detail: result.summary, prompt: `edit ${input}`, answer: 'Cut.', outcome: result });

describe("a run's stored parts", () => {
  it('say the folder that it works in, while it can go on', () => {
    const [first] = storedParts(job([begun], { request: { mode: 'act', root: process.cwd() } }));
    assert.deepEqual(first, { ...started, root: pathToFileURL(process.cwd()).href });
  });

  it('are its calls with what came of them, and not its turns', () => {
    assert.deepEqual(storedParts(job([begun, stage('begin 1.1'), edit])), [
      started,
      { kind: 'call', callId: '1.1', step: 1, tool: 'edit', call: 'edit', title: 'Edit a.ts', input },
      { kind: 'result', callId: '1.1', ok: false, summary: 'Edit a.ts: denied.', text: 'Cut.', diff: '-a\n+b' },
    ]);
  });

  it('are less of one that was done before all was kept', () => {
    const { outcome: _gone, ...known } = edit;
    assert.deepEqual(storedParts(job([{ ...known, outcome: undefined }], { request: null })), [
      { kind: 'call', callId: '1.1', step: 1, tool: 'edit', call: 'read', title: 'Edit a.ts: denied.', input },
      { kind: 'result', callId: '1.1', ok: true, summary: '', text: 'Cut.' },
    ]);
  });

  it('have what each call was decided about, by the user', () => {
    for (const [answer, decision] of [
      ['once', 'once'],
      ['always', 'always'],
      ['deny', 'deny'],
      ['choice-2', 'once'],
    ]) {
      const parts = storedParts(job([begun, stage('approve 1.1 ab12', { shown: answer }), edit]));
      assert.deepEqual(
        parts.map(({ kind }) => kind),
        ['started', 'call', 'approved', 'result'],
      );
      assert.deepEqual(parts[2], { kind: 'approved', callId: '1.1', decision });
    }
  });

  it('say what it has spent so far, by its turns', () => {
    const turn = (name: string, costUsd: number | null): StoredStage =>
      stage(name, { tokens: { input: 10, output: 2 }, costUsd });
    const spent = (...turns: StoredStage[]) => storedParts(job([begun, ...turns])).at(-1);
    const usage = { input: 20, cacheRead: 0, cacheWrite: 0, output: 4, reasoning: 0 };
    assert.deepEqual(spent(turn('turn 1', 0.5), turn('turn 2', 0.25)), { kind: 'spent', usage, rounds: 2, cost: 0.75 });
    assert.deepEqual(spent(turn('turn 1', 0.5), turn('turn 2', null)), { kind: 'spent', usage, rounds: 2 });
  });

  it('are one call alone where that is asked for', () => {
    const other = { ...edit, name: 'call 2.1' };
    const parts = storedCall(job([begun, edit, stage('approve 2.1 ab', { shown: 'once' }), other]), '2.1');
    assert.deepEqual(
      parts.map((part) => [part.kind, 'callId' in part && part.callId]),
      [
        ['call', '2.1'],
        ['approved', '2.1'],
        ['result', '2.1'],
      ],
    );
  });

  it('have each plan that was set, and none that was cut when it was stored', () => {
    const items = [{ text: 'Look', state: 'doing' }];
    for (const [prompt, plans] of [
      [`plan ${JSON.stringify({ items })}`, [{ kind: 'plan', items }]],
      ['plan {"items":[{"text":"Lo', []],
      ['plan', []],
    ] as const) {
      const parts = storedParts(job([begun, stage('call 1.1', { prompt })]));
      assert.deepEqual(
        parts.filter(({ kind }) => kind === 'plan'),
        plans,
        prompt,
      );
    }
  });

  it('have the calls of a sub-agent inside the call that it works for, also while that is under way', () => {
    const read = { kind: 'read', title: 'Read a.ts', ok: true, text: 'x', summary: 'Read.', isMaterial: true };
    const delegated = stage('delegate 1.1', { detail: 'Research: x' });
    const inner = stage('call 1.1.1.1', { detail: read.summary, prompt: `read ${input}`, answer: 'x', outcome: read });
    const outer = { kind: 'call', callId: '1.1', step: 1, tool: 'delegate', call: 'read', title: 'Research: x' };
    const shown = [
      outer,
      {
        kind: 'call',
        callId: '1.1.1.1',
        within: '1.1',
        step: 1,
        tool: 'read',
        call: 'read',
        title: 'Read a.ts',
        input,
      },
      { kind: 'result', callId: '1.1.1.1', ok: true, summary: 'Read.', text: 'x' },
    ];
    const stages = [begun, delegated, inner];
    assert.deepEqual(storedParts(job(stages)), [started, ...shown]);
    const ended = stage('call 1.1', { prompt: 'delegate {}', answer: 'y' });
    const next = stage('call 2.1', { prompt: 'read {"path":"b.ts"}', answer: 'z' });
    const parts = storedParts(job([...stages, ended, next]));
    assert.deepEqual(parts.slice(0, 4), [started, ...shown]);
    assert.deepEqual(
      parts.slice(4).map((part) => [part.kind, 'step' in part ? part.step : part.kind === 'result' && part.callId]),
      [
        ['result', '1.1'],
        ['call', 2],
        ['result', '2.1'],
      ],
    );
  });

  it('end with what it waits for, as it was shown', () => {
    const shown = { callId: '1.1', kind: 'run', text: 'Run npm test?', canAlways: true };
    const question = { text: 'Run npm test?', answers: [], stage: 'approve 1.1 ab', shown };
    assert.deepEqual(storedParts(job([begun], { question })), [started, { kind: 'approval', approval: shown }]);
  });
});

describe("a run's parts in brief", () => {
  const call = (input: string): AgentPart => ({
    ...{ kind: 'call', callId: '1.1', step: 1, tool: 'read', call: 'read', title: 'Read a.ts' },
    input,
  });
  const came = (text: string, diff?: string): AgentPart => ({
    ...{ kind: 'result', callId: '1.1', ok: true, summary: 'Read it.', text },
    ...(diff !== undefined && { diff }),
  });
  const long = 'x'.repeat(50_000);

  it('are the same where they are short', () => {
    const parts = [call('{}'), came('Whole.', '+a')];
    assert.deepEqual(briefParts(parts), parts);
  });

  for (const [what, part] of [
    ['what a call was given', call(long)],
    ['a result', came(long)],
    ['a diff', came('', long)],
  ] as const)
    it(`have ${what} cut, and say so`, () => {
      const [brief] = briefParts([part]);
      assert.ok(brief && 'isCut' in brief && brief.isCut === true);
      assert.ok(JSON.stringify(brief).length < 10_000);
    });

  it('fit into a page however many there are, the newest with the most of them', () => {
    const parts = Array.from({ length: 2000 }, () => came(long, long));
    const brief = briefParts(parts);
    assert.equal(brief.length, parts.length);
    assert.ok(JSON.stringify(brief).length < 1_000_000);
    const [oldest, newest] = [brief[0], brief.at(-1)];
    assert.ok(oldest?.kind === 'result' && newest?.kind === 'result');
    assert.ok(oldest.text === '' && newest.text.length > 1000);
  });

  it('keep what is asked whole', () => {
    const asked: AgentPart = {
      kind: 'approval',
      approval: { callId: '1.1', kind: 'edit', text: 'Edit?', diff: long, canAlways: true },
    };
    assert.deepEqual(briefParts([asked]), [asked]);
  });
});
