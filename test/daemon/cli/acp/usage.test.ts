import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { SessionUsage } from '../../../../daemon/cli/acp/usage.ts';
import type { AgentPart } from '../../../../shared/protocol/agent.ts';
import type { Model } from '../../../../shared/protocol/models.ts';

const usage = (input: number, output: number) => ({ input, output, cacheRead: 0, cacheWrite: 0, reasoning: 0 });
const spent = (rounds: number, input: number, cost?: number): Extract<AgentPart, { kind: 'spent' }> => ({
  kind: 'spent',
  rounds,
  usage: usage(input, 10 * rounds),
  ...(cost !== undefined && { cost }),
});
const model = { id: 'lab/a', contextTokens: 8000 } as Model;
const update = (used: number, amount?: number) => ({
  sessionUpdate: 'usage_update',
  used,
  size: 8000,
  ...(amount !== undefined && { cost: { amount, currency: 'USD' } }),
});

describe('what a session has spent', () => {
  function session(): SessionUsage {
    const session = new SessionUsage();
    session.answeredBy('lab/a');
    return session;
  }

  it('is the sum of its answers, each run counted once', () => {
    const one = session();
    one.add({ id: 'm1', usage: usage(100, 5), cost: 0.5 });
    assert.deepEqual(one.updates([model]), [update(105, 0.5)]);
    one.spent('job', spent(1, 200, 0.25));
    one.spent('job', spent(2, 500, 0.5));
    assert.deepEqual(one.updates([model]), [update(310, 1)]);
    one.add({ id: 'm2', jobId: 'job', usage: usage(500, 20), cost: 0.5 });
    assert.deepEqual(one.updates([model]), [update(310, 1)]);
    one.spent('next', spent(1, 50, 0.25));
    assert.deepEqual(one.updates([model]), [update(60, 1.25)]);
  });

  it('keeps the last known round where a run went on elsewhere', () => {
    const one = session();
    one.spent('job', spent(1, 200, 0));
    one.spent('job', spent(4, 2000, 0));
    assert.deepEqual(one.updates([model]), [update(210, 0)]);
  });

  it('has no cost where one of them is unknown', () => {
    const one = session();
    one.spent('job', spent(1, 200));
    one.spent('next', spent(1, 200, 0.5));
    assert.deepEqual(one.updates([model]), [update(210)]);
  });

  it("isn't told where the model's context isn't known", () => {
    assert.deepEqual(session().updates([{ ...model, contextTokens: undefined } as unknown as Model]), []);
    assert.deepEqual(new SessionUsage().updates([model]), []);
  });
});
