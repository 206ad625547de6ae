// The update of the page of jobs: what is asked of the daemon by each message, and what is shown. No browser, no daemon.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Job, WholeJob } from '../../../shared/protocol/jobs.ts';
import { initialState, type JobsEffect, type JobsMessage, type State, update } from '../../../webview/jobs/state.ts';

const job = (id: string): Job => ({
  id,
  kind: 'write',
  title: id,
  state: 'running',
  canResume: false,
  progress: { finished: 0 },
  createdAt: 1,
});
const whole = (id: string): WholeJob => ({ ...job(id), stages: [] });
const loaded = (...ids: string[]): JobsMessage => ({ type: 'jobs-loaded', jobs: ids.map(job), hasMore: true });

/** The state after all of these, and the effects of the last. */
function given(...messages: JobsMessage[]): [State, readonly JobsEffect[]] {
  return messages.reduce<[State, readonly JobsEffect[]]>(
    ([before], one) => [...update(before, one)],
    [initialState, []],
  );
}

describe('the page of jobs', () => {
  for (const type of ['ready', 'jobs-changed', 'profile-changed'] as const)
    it(`loads the list when it hears ${type}`, () => {
      assert.deepEqual(given({ type })[1], [{ kind: 'load', limit: 50 }]);
    });

  it('brings the stages that are shown up to date with the list', () => {
    const [, effects] = given(loaded('a'), { type: 'chosen', jobId: 'a' }, { type: 'jobs-changed' });
    assert.deepEqual(effects, [
      { kind: 'load', limit: 50 },
      { kind: 'show', jobId: 'a' },
    ]);
  });

  it('shows the stages of the chosen job alone, and hides them at the next press', () => {
    const chosen: JobsMessage[] = [loaded('a', 'b'), { type: 'chosen', jobId: 'a' }];
    assert.equal(given(...chosen, { type: 'job-loaded', job: whole('b') })[0].whole, undefined);
    const shown: JobsMessage[] = [...chosen, { type: 'job-loaded', job: whole('a') }];
    assert.equal(given(...shown)[0].whole?.id, 'a');
    const [{ chosen: after, whole: hidden }, effects] = given(...shown, { type: 'chosen', jobId: 'a' });
    assert.deepEqual([after, hidden, effects], [undefined, undefined, []]);
  });

  it('shows nothing of a job that is no longer stored, nor of another profile', () => {
    const shown: JobsMessage[] = [loaded('a'), { type: 'chosen', jobId: 'a' }, { type: 'job-loaded', job: whole('a') }];
    assert.equal(given(...shown, loaded('b'))[0].whole, undefined);
    const [{ whole: left, jobs }] = given(...shown, { type: 'profile-changed' });
    assert.deepEqual([left, jobs], [undefined, undefined]);
  });

  for (const [gesture, effect] of [
    [
      { type: 'answered', jobId: 'a', answer: 'no' },
      { kind: 'answer', jobId: 'a', answer: 'no' },
    ],
    [
      { type: 'cancelled', jobId: 'a' },
      { kind: 'cancel', jobId: 'a' },
    ],
    [
      { type: 'resumed', jobId: 'a' },
      { kind: 'resume', jobId: 'a' },
    ],
    [
      { type: 'copied', text: 'let a;' },
      { kind: 'copy', text: 'let a;' },
    ],
    [{ type: 'more-wanted' }, { kind: 'load', limit: 100 }],
  ] as const)
    it(`asks for what was ${gesture.type}`, () => {
      assert.deepEqual(given(loaded('a'), gesture)[1], [effect]);
    });

  it('keeps a failure until it is dismissed, or something else is tried', () => {
    const failed: JobsMessage = { type: 'failed', message: 'The model is down.' };
    assert.equal(given(failed, loaded('a'))[0].problem, 'The model is down.');
    assert.equal(given(failed, { type: 'problem-dismissed' })[0].problem, undefined);
    assert.equal(given(failed, { type: 'resumed', jobId: 'a' })[0].problem, undefined);
  });

  it('asks for no more jobs than are stored', () => {
    const more: JobsMessage[] = Array.from({ length: 9 }, () => ({ type: 'more-wanted' }) as const);
    assert.deepEqual(given(...more)[1], [{ kind: 'load', limit: 200 }]);
  });
});
