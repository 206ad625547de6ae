// Which runs of the agent the user is told of while the chat view is hidden, also those that this window's last life began.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { HiddenRuns } from '../../../extension/logic/hidden-runs.ts';
import type { AgentPart } from '../../../shared/protocol/agent.ts';
import type { Job, WholeJob } from '../../../shared/protocol/jobs.ts';

const own = 'file:///home/ada/shop';

function jobOf(id: string, state: Job['state'], { root = own, kind = 'agent' } = {}): WholeJob {
  const endedAt = state === 'stopped' || state === 'done' || state === 'failed' ? { endedAt: 7 } : {};
  const parts: AgentPart[] = [{ kind: 'started', jobId: id, chatId: `chat-${id}`, mode: 'act', root }];
  return {
    ...{ id, kind, title: `Task ${id}`, state, canResume: state === 'stopped', createdAt: 1, ...endedAt },
    ...{ progress: { finished: 1 }, stages: [], parts },
    ...(state === 'failed' && { failure: 'No model answered.' }),
  };
}

function waiting(id: string, callId: string): WholeJob {
  const job = jobOf(id, 'waiting');
  const approval = { callId, kind: 'run' as const, text: `Run ${callId}?`, canAlways: false };
  return { ...job, parts: [...(job.parts ?? []), { kind: 'approval', approval }] };
}

/** A daemon with jobs, and a window that notes what it says. */
function windowOn(jobs: WholeJob[], told = new Set<string>()) {
  const said: string[] = [];
  const at = { isShown: false };
  const runs = new HiddenRuns({
    list: async () => jobs.map(({ stages: _, parts: __, ...job }) => job),
    job: async (jobId) => jobs.find(({ id }) => id === jobId),
    isShown: () => at.isShown,
    isOwnFolder: (root) => root === own,
    tellWaiting(text, chatId) {
      said.push(`${chatId}: ${text}`);
      let isOpen = true;
      return () => {
        if (isOpen) said.push(`${chatId}: withdrawn`);
        isOpen = false;
      };
    },
    tellEnd: ({ title, state }, chatId) => said.push(`${chatId}: ${title} ${state}`),
    isTold: (end) => told.has(end),
    setTold: (end) => told.add(end),
  });
  const become = (job: WholeJob): Promise<void> => {
    jobs.splice(
      jobs.findIndex(({ id }) => id === job.id),
      1,
      job,
    );
    return runs.look();
  };
  return { runs, said, at, become, told };
}

describe('runs of the agent while the chat view is hidden', () => {
  it('that wait when the window connects are told of once for each step, and that they end', async () => {
    const { runs, said, become } = windowOn([waiting('a', '1.1')]);
    await runs.find();
    await Promise.all([runs.find(), runs.look(), runs.look()]);
    assert.deepEqual(said, ['chat-a: Run 1.1?']);
    await become(jobOf('a', 'running'));
    await become(waiting('a', '2.1'));
    await become(jobOf('a', 'done'));
    await runs.look();
    assert.deepEqual(said.slice(1), [
      'chat-a: withdrawn',
      'chat-a: Run 2.1?',
      'chat-a: withdrawn',
      'chat-a: Task a done',
    ]);
  });

  it('that are under way when the window connects are told of when they wait or end', async () => {
    const { runs, said, become } = windowOn([jobOf('a', 'running'), jobOf('b', 'queued'), jobOf('c', 'running')]);
    await runs.find();
    assert.deepEqual(said, []);
    await become(waiting('a', '1.1'));
    await become(jobOf('b', 'failed'));
    await become(jobOf('c', 'cancelled')); // by the user, who knows
    assert.deepEqual(said, ['chat-a: Run 1.1?', 'chat-b: Task b failed']);
  });

  it('that stopped with the window are told of once, also over several reloads', async () => {
    const { runs, said, told } = windowOn([jobOf('a', 'stopped')]);
    await runs.find();
    await runs.find();
    const next = windowOn([jobOf('a', 'stopped')], told);
    await next.runs.find();
    assert.deepEqual([said, next.said], [['chat-a: Task a stopped'], []]);
  });

  it('are those of its own folders and of no other kind, and none that ended before', async () => {
    const { runs, said } = windowOn([
      jobOf('a', 'stopped', { root: 'file:///home/ada/other' }),
      jobOf('b', 'stopped', { kind: 'write' }),
      jobOf('c', 'done'),
      { ...jobOf('d', 'stopped'), canResume: false },
    ]);
    await runs.find();
    assert.deepEqual(said, []);
  });

  it('are not told of while a page shows them', async () => {
    const { runs, said, at, become } = windowOn([waiting('a', '1.1'), jobOf('b', 'running')]);
    at.isShown = true;
    await runs.find();
    await become(jobOf('b', 'done'));
    assert.deepEqual(said, []);
    at.isShown = false;
    await runs.look();
    assert.deepEqual(said, [], 'the page has shown both');
  });

  it('of a page that is gone are told of, but for what it has shown', async () => {
    const { runs, said, become } = windowOn([waiting('a', '1.1')]);
    runs.add({ jobId: 'a', shownCall: '1.1' });
    await runs.look();
    await become(waiting('a', '2.1'));
    runs.withdraw();
    assert.deepEqual(said, ['chat-a: Run 2.1?', 'chat-a: withdrawn']);
  });
});
