import assert from 'node:assert/strict';
import type { RequestPermissionOutcome } from '@agentclientprotocol/sdk';
import { describe, it } from 'mocha';
import { UserError } from '../../../../daemon/base/errors.ts';
import type { Permission, SessionClient } from '../../../../daemon/cli/acp/client.ts';
import { type RunCall, RunTurn } from '../../../../daemon/cli/acp/run-turn.ts';
import { RunUpdates } from '../../../../daemon/cli/acp/updates.ts';
import type { DaemonLink } from '../../../../daemon/cli/kit/daemon-link.ts';
import { type AgentApproval, AgentApprove, type AgentPart } from '../../../../shared/protocol/agent.ts';

const allowed: RequestPermissionOutcome = { outcome: 'selected', optionId: 'once' };
const approval = (mark: string): AgentApproval => ({
  callId: '1.1',
  mark,
  kind: 'web',
  text: 'Ask a.test?',
  canAlways: true,
});
const asks = (mark: string): AgentPart => ({ kind: 'approval', approval: approval(mark) });
const lost = (): UserError => new UserError('daemon-lost', 'The daemon stopped.');

/** A turn whose daemon says what a test says. */
class Bench {
  /** What it was told, and how the daemon answers that. */
  readonly told: unknown[] = [];
  approve = async (): Promise<unknown> => ({});
  /** What the daemon does when the run goes on. */
  readonly resumptions: RunCall[] = [];
  readonly asked: { request: Permission; signal: AbortSignal; answer(outcome: RequestPermissionOutcome): void }[] = [];
  readonly stop = new AbortController();
  readonly turn: RunTurn;

  constructor() {
    const client = {
      abilities: { hasForms: false, readsFiles: false },
      update: () => {},
      permission: (request: Permission, signal: AbortSignal) =>
        new Promise<RequestPermissionOutcome>((answer) => void this.asked.push({ request, signal, answer })),
    } as unknown as SessionClient;
    const link = {
      call: async (message: { method: string }, params: unknown, at: Parameters<RunCall>[1]) => {
        if (message.method === AgentApprove.method) {
          this.told.push(params);
          return await this.approve();
        }
        const outcome = await this.resumptions.shift()?.(link, at);
        return { job: { state: 'done', result: { outcome } } };
      },
    } as unknown as DaemonLink;
    const deps = { link, client, folders: [], onPart: () => {} };
    this.turn = new RunTurn(deps, new RunUpdates('job'), { stop: this.stop, signal: this.stop.signal });
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a turn of a run', () => {
  it('decides about exactly what was shown', async () => {
    const bench = new Bench();
    const ended = Promise.withResolvers<string>();
    const end = bench.turn.follow(async (_link, { onPart }) => {
      onPart(asks('a'));
      return await ended.promise;
    });
    await settled();
    bench.asked[0]?.answer(allowed);
    await settled();
    assert.deepEqual(bench.told, [{ jobId: 'job', callId: '1.1', mark: 'a', decision: 'once' }]);
    ended.resolve('limit');
    assert.deepEqual(await end, { response: { stopReason: 'max_turn_requests' } });
  });

  it('asks again where the call is another one now, and heeds no late answer', async () => {
    const bench = new Bench();
    const ended = Promise.withResolvers<string>();
    const end = bench.turn.follow(async (_link, { onPart }) => {
      onPart(asks('a'));
      onPart(asks('b'));
      return await ended.promise;
    });
    await settled();
    assert.deepEqual(
      bench.asked.map(({ signal }) => signal.aborted),
      [true, false],
    );
    bench.asked[0]?.answer(allowed);
    await settled();
    assert.deepEqual(bench.told, []);
    bench.asked[1]?.answer({ outcome: 'selected', optionId: 'deny' });
    await settled();
    assert.deepEqual(bench.told, [{ jobId: 'job', callId: '1.1', mark: 'b', decision: 'deny' }]);
    ended.resolve('done');
    await end;
  });

  const decisions: [when: string, decide: (bench: Bench) => Promise<void>, told: number][] = [
    ['before the daemon asks again', async (bench) => bench.asked[0]?.answer(allowed), 1],
    [
      'while the daemon stops',
      async (bench) => {
        bench.approve = async () => {
          bench.approve = async () => ({});
          throw lost();
        };
        bench.asked[0]?.answer(allowed);
        await settled();
      },
      2,
    ],
  ];
  for (const [when, decide, told] of decisions)
    it(`tells the next daemon what was decided ${when}, and asks the user once`, async () => {
      const bench = new Bench();
      const [stopped, asksAgain] = [Promise.withResolvers<never>(), Promise.withResolvers<void>()];
      bench.resumptions.push(async (_link, { onPart }) => {
        await asksAgain.promise;
        onPart(asks('a'));
        while (bench.told.length < told) await settled();
        return 'done';
      });
      const end = bench.turn.follow(async (_link, { onPart }) => {
        onPart(asks('a'));
        return await stopped.promise;
      });
      await settled();
      const isLate = when.startsWith('before');
      if (isLate) stopped.reject(lost());
      await settled();
      await decide(bench);
      await settled();
      if (isLate) assert.deepEqual(bench.told, [], 'nobody waits for it yet');
      else stopped.reject(lost());
      asksAgain.resolve();
      assert.deepEqual(await end, { response: { stopReason: 'end_turn' } });
      assert.equal(bench.asked.length, 1);
      assert.equal(bench.told.length, told);
    });

  it('ends as its user stops it where a permission is canceled', async () => {
    const bench = new Bench();
    const end = bench.turn.follow(async (_link, { onPart, signal }) => {
      onPart(asks('a'));
      return await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(lost())));
    });
    await settled();
    bench.asked[0]?.answer({ outcome: 'cancelled' });
    await assert.rejects(end);
    assert.ok(bench.stop.signal.aborted);
    assert.deepEqual(bench.told, []);
  });
});
