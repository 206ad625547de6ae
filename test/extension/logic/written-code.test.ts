// What the user reads of written code: what speaks against it first, and no number that isn't known.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { stagesText, writtenWords } from '../../../extension/logic/written-code.ts';
import type { Job } from '../../../shared/protocol/jobs.ts';
import { formatUsd } from '../../../shared/usd.ts';
import { actionsOf, jobItemIn } from '../../../shared/words/job-words.ts';
import { inEnglish } from '../../../shared/words/translate.ts';

const jobItem = jobItemIn(inEnglish, formatUsd);

const judge = { verdict: 'approved', confidence: null, conflicts: [] };

describe('written code', () => {
  it('is shown without a number until its confidence is calibrated', () => {
    assert.deepEqual(writtenWords({ judge, notes: [] }), [
      'The judge approved it. Its confidence is not calibrated yet.',
    ]);
    assert.match(writtenWords({ judge: { ...judge, confidence: 0.714 }, notes: [] }).join(), /about 71%/);
  });

  it('says first why it was not approved', () => {
    const words = writtenWords({
      judge: { verdict: 'undecided', confidence: null, conflicts: ['a or b'] },
      label: 'Not approved: x.',
      notes: ['A note.'],
    });
    assert.deepEqual(words, ['Not approved: x.', 'Conflict: a or b', 'A note.']);
  });
});

describe('a job in the list', () => {
  const job: Job = {
    id: 'a',
    kind: 'write',
    title: 'Sort',
    state: 'stopped',
    canResume: true,
    progress: { finished: 2 },
    createdAt: 1,
  };

  it('tells its state, how far it is, and what it cost', () => {
    assert.deepEqual(jobItem(job), {
      label: 'Sort',
      description: 'Stopped, can be resumed',
      detail: '2 stages finished · Not priced',
      job,
    });
    const failed: Job = {
      ...job,
      state: 'failed',
      failure: 'The model is down.',
      progress: { finished: 1, detail: 'Judging' },
      cost: 0,
    };
    assert.equal(jobItem(failed).detail, 'The model is down. · Judging · 1 stage finished · $0');
  });

  it('can be canceled or resumed in every state that it can leave', () => {
    for (const state of ['queued', 'running', 'waiting', 'done', 'failed', 'cancelled', 'stopped'] as const)
      assert.equal(
        actionsOf({ state, canResume: true }).some((action) => action === 'cancel' || action === 'resume'),
        state !== 'done',
        state,
      );
  });

  it("can't be resumed once what that needs is gone", () => {
    for (const state of ['failed', 'cancelled', 'stopped'] as const)
      assert.ok(!actionsOf({ state, canResume: false }).includes('resume'));
    assert.equal(jobItem({ ...job, canResume: false }).description, 'Stopped');
  });

  it('that waits shows its question, and can be answered', () => {
    const waiting: Job = { ...job, state: 'waiting', question: { text: 'Run `npm test`?', answers: [] } };
    assert.ok(actionsOf(waiting).includes('answer'));
    assert.equal(jobItem(waiting).description, 'Waiting for you');
    assert.match(jobItem(waiting).detail, /^Run `npm test`\?/);
  });

  it('can be read stage by stage', () => {
    const text = stagesText({
      title: 'Sort',
      stages: [
        {
          name: 'draft',
          detail: 'Wrote a draft.',
          model: 'lab/x',
          durationMs: 1500,
          cost: 0.5,
          prompt: 'Write',
          answer: 'code',
        },
        { name: 'draft checks', detail: 'Nothing could check it.', durationMs: 20 },
      ],
    });
    assert.equal(
      text,
      'Sort\n\ndraft: Wrote a draft.\nlab/x, 1.5 s, $0.50\n\n--- prompt\nWrite\n\n--- answer\ncode\n\ndraft checks: Nothing could check it.\n0.0 s',
    );
  });
});
