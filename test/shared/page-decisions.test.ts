// What a page may decide for the user: only about what it was shown, never beforehand, and in a browser never for longer than one call.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { PageDecisions } from '../../shared/page-decisions.ts';

const run = 'switchyard/agent/run';
const approve = 'switchyard/agent/approve';
const approval = (callId: string, canAlways = true) => ({ kind: 'approval', approval: { callId, canAlways } });

/** A page that was shown a call of job `j1`, live. */
function shownLive(host: 'vscode' | 'browser' = 'vscode', canAlways = true): PageDecisions {
  const page = new PageDecisions(host);
  const see = page.watch(run);
  see({ kind: 'started', jobId: 'j1', chatId: 'c1' });
  see(approval('1.1', canAlways));
  return page;
}

describe('a page of ours', () => {
  it('decides about a call that it was shown, as it came or in its job', () => {
    const later = new PageDecisions('vscode');
    later.receive('switchyard/jobs/get', { job: { id: 'j1', parts: [approval('1.1')] } });
    for (const page of [shownLive(), later])
      for (const decision of ['once', 'always', 'deny'])
        assert.equal(page.refusal(approve, { jobId: 'j1', callId: '1.1', decision }), undefined, decision);
  });

  const unshown = shownLive();
  unshown.watch('switchyard/chat/send')(approval('2.1'));
  unshown.receive('switchyard/chat/messages', { job: { id: 'j1', parts: [approval('3.1')] } });
  for (const [what, params] of [
    ['call of the run', { jobId: 'j1', callId: '1.2' }],
    ['run', { jobId: 'j2', callId: '1.1' }],
    ['call, named by an answer of another kind', { jobId: 'j1', callId: '2.1' }],
    ['call, named by a page of a chat', { jobId: 'j1', callId: '3.1' }],
    ['nothing', undefined],
    ['ids that only look alike', { jobId: ['j1'], callId: '1.1' }],
    ['two ids in one', { jobId: 'j1","1.1', callId: '' }],
  ] as const) {
    it(`decides about no other ${what}`, () => {
      for (const decision of ['once', 'always', 'deny'])
        assert.match(unshown.refusal(approve, params && { ...params, decision }) ?? '', /wasn't shown here/);
    });
  }

  it('decides about nothing else that the call has become since it was shown', () => {
    const page = new PageDecisions('vscode');
    const get = (mark: string): void =>
      page.receive('switchyard/jobs/get', {
        job: { id: 'j1', parts: [{ kind: 'approval', approval: { callId: '1.1', canAlways: true, mark } }] },
      });
    const decided = (mark?: string) => page.refusal(approve, { jobId: 'j1', callId: '1.1', mark, decision: 'once' });
    get('before');
    assert.equal(decided('before'), undefined);
    assert.match(decided('after') ?? '', /wasn't shown here/);
    assert.match(decided() ?? '', /wasn't shown here/);
    get('after');
    assert.equal(decided('after'), undefined);
    assert.match(decided('before') ?? '', /wasn't shown here/);
  });

  it('allows no call beforehand, whatever it asks for', () => {
    const page = new PageDecisions('vscode');
    assert.equal(page.refusal(run, { task: 'x', mode: 'act' }), undefined);
    for (const allow of [['run'], [], 'run', null])
      assert.match(page.refusal(run, { task: 'x', allow }) ?? '', /may not allow/, JSON.stringify(allow));
  });

  it('decides for longer only where that was offered', () => {
    const page = shownLive('vscode', false);
    assert.match(page.refusal(approve, { jobId: 'j1', callId: '1.1', decision: 'always' }) ?? '', /each time/);
    assert.equal(page.refusal(approve, { jobId: 'j1', callId: '1.1', decision: 'once' }), undefined);
  });

  it('decides for no longer than one call in a browser', () => {
    const page = shownLive('browser');
    const once = { jobId: 'j1', callId: '1.1', decision: 'once' };
    assert.equal(page.refusal(approve, once), undefined);
    assert.match(page.refusal(approve, { ...once, decision: 'always' }) ?? '', /VS Code or a terminal only/);
  });

  it('decides about a run only by its call, not by the question of its job', () => {
    const page = shownLive('browser');
    const answer = (jobId: string, id: string) => page.refusal('switchyard/jobs/answer', { jobId, answer: id });
    const jobs = [
      { id: 'j1', kind: 'agent' },
      { id: 'w1', kind: 'write' },
    ];
    page.receive('switchyard/jobs/list', { jobs });
    for (const id of ['once', 'always', 'choice-1']) assert.match(answer('j1', id) ?? '', /in its chat/, id);
    assert.match(answer('unlisted', 'once') ?? '', /in its chat/);
    assert.equal(answer('j1', 'deny'), undefined);
    assert.equal(answer('w1', 'yes'), undefined);
  });

  it('keeps and undoes what a run changed that it was shown, and nothing of another', () => {
    const undo = 'switchyard/agent/undo';
    const keep = 'switchyard/agent/keep';
    const later = new PageDecisions('browser');
    later.receive('switchyard/jobs/get', { job: { id: 'j1', parts: [] } });
    for (const page of [shownLive('browser'), later]) {
      assert.equal(page.refusal(undo, { jobId: 'j1', step: 2 }), undefined);
      assert.equal(page.refusal(keep, { jobId: 'j1' }), undefined);
      for (const jobId of ['j2', undefined, ['j1']]) {
        assert.match(page.refusal(undo, { jobId }) ?? '', /nothing was undone/);
        assert.match(page.refusal(keep, { jobId }) ?? '', /nothing was kept/);
      }
    }
    const listed = new PageDecisions('browser');
    listed.receive('switchyard/jobs/list', { jobs: [{ id: 'j1', kind: 'agent' }] });
    listed.receive('switchyard/jobs/get', { job: { id: 'j1', stages: [] } });
    assert.match(listed.refusal(undo, { jobId: 'j1' }) ?? '', /nothing was undone/);
  });
});
