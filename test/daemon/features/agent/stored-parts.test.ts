// A run as a client is shown it that comes later: what is stored of it, in the parts that it would have been shown.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { storedParts } from '../../../../daemon/features/agent/loop/stored-parts.ts';
import type { StoredStage, WholeJob } from '../../../../daemon/storage/jobs.ts';

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
const edit = stage('call 1.1', { prompt: 'edit {"path":"a.ts"}', answer: 'Cut.', outcome: result });

describe("a run's stored parts", () => {
  it('are its calls with what came of them, and not its turns', () => {
    assert.deepEqual(storedParts(job([begun, stage('turn 1'), stage('begin 1.1'), edit])), [
      started,
      { kind: 'call', callId: '1.1', step: 1, tool: 'edit', call: 'edit', title: 'Edit a.ts' },
      { kind: 'result', callId: '1.1', ok: false, summary: 'Edit a.ts: denied.', text: 'Cut.', diff: '-a\n+b' },
    ]);
  });

  it('are what is still known of it once it is done', () => {
    const { outcome: _gone, ...known } = edit;
    assert.deepEqual(
      storedParts(job([{ ...known, detail: 'Edit a.ts: denied.', outcome: undefined }], { request: null })),
      [
        { kind: 'call', callId: '1.1', step: 1, tool: 'edit', call: 'read', title: 'Edit a.ts: denied.' },
        { kind: 'result', callId: '1.1', ok: true, summary: '', text: 'Cut.' },
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
    const inner = stage('call 1.1.1.1', { prompt: 'read {"path":"a.ts"}', answer: 'x', outcome: read });
    const outer = { kind: 'call', callId: '1.1', step: 1, tool: 'delegate', call: 'read', title: 'Research: x' };
    const shown = [
      outer,
      { kind: 'call', callId: '1.1.1.1', within: '1.1', step: 1, tool: 'read', call: 'read', title: 'Read a.ts' },
      { kind: 'result', callId: '1.1.1.1', ok: true, summary: 'Read.', text: 'x' },
    ];
    const stages = [begun, stage('turn 1'), delegated, stage('turn 1.1.1'), inner];
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
