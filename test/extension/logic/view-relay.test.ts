// The relay between a page and the daemon: what it lets through, and what happens when either end is gone.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { isToHost, type RelayEnds, ViewRelay } from '../../../extension/logic/view-relay.ts';
import { AgentApprove, AgentRun, ChatSend, messages } from '../../../shared/protocol/index.ts';
import {
  type FromHost,
  type HostAction,
  maxHostMessageChars,
  maxViewMessageChars,
  viewMethods,
} from '../../../shared/webview.ts';

/** A relay whose daemon is a function, and what came out of it. */
function relayTo(request: RelayEnds['request']) {
  const posted: FromHost[] = [];
  const acted: HostAction[] = [];
  const answered = Promise.withResolvers<void>();
  const relay = new ViewRelay({
    post(message) {
      posted.push(message);
      if (message.type === 'response' || message.type === 'error') answered.resolve();
    },
    request,
    act: (action) => void acted.push(action),
  });
  return { relay, posted, acted, answered: answered.promise };
}

describe('the relay of a view', () => {
  it('lets every method of a view through and no other', async () => {
    for (const { method } of messages) {
      let asked = false;
      const { relay, posted, answered } = relayTo(async () => {
        asked = true;
        return {};
      });
      relay.receive({ type: 'request', id: 1, method, params: {} });
      await answered;
      const isDecision = method === AgentApprove.method; // of no call that was shown
      assert.equal(asked, viewMethods.has(method) && !isDecision, method);
      assert.equal(posted[0]?.type, asked ? 'response' : 'error', method);
    }
    for (const method of ['switchyard/keys/set', 'switchyard/jobs/answer']) assert.ok(!viewMethods.has(method), method);
  });
  it('passes parts in order, before the result', async () => {
    const { relay, posted, answered } = relayTo(async (_method, _params, { onPart }) => {
      onPart('a');
      onPart('b');
      return 'end';
    });
    relay.receive({ type: 'request', id: 7, method: ChatSend.method, params: {} });
    await answered;
    assert.deepEqual(posted, [
      { type: 'part', id: 7, part: 'a' },
      { type: 'part', id: 7, part: 'b' },
      { type: 'response', id: 7, result: 'end' },
    ]);
  });
  it("passes the daemon's sentence, code and whether to try again", async () => {
    const { relay, posted, answered } = relayTo(() =>
      Promise.reject(Object.assign(new Error('No model.'), { code: 'no-model', retryable: true })),
    );
    relay.receive({ type: 'request', id: 1, method: ChatSend.method, params: {} });
    await answered;
    assert.deepEqual(posted, [{ type: 'error', id: 1, message: 'No model.', code: 'no-model', retryable: true }]);
  });
  it('cancels the request that the page names, and only that', async () => {
    const signals: AbortSignal[] = [];
    const { relay } = relayTo((_method, _params, { signal }) => {
      signals.push(signal);
      return new Promise(() => {});
    });
    relay.receive({ type: 'request', id: 1, method: ChatSend.method, params: {} });
    relay.receive({ type: 'request', id: 2, method: ChatSend.method, params: {} });
    relay.receive({ type: 'cancel', id: 2 });
    relay.receive({ type: 'cancel', id: 99 });
    assert.deepEqual(
      signals.map((signal) => signal.aborted),
      [false, true],
    );
  });
  it('lets a page decide about what it was shown, and about nothing else', async () => {
    const daemon = Promise.withResolvers<unknown>();
    const asked: string[] = [];
    const { relay, posted } = relayTo((method, _params, { onPart }) => {
      asked.push(method);
      if (method !== AgentRun.method) return Promise.resolve({});
      onPart({ kind: 'started', jobId: 'j1' });
      onPart({ kind: 'approval', approval: { callId: '1.1', canAlways: false } });
      return daemon.promise;
    });
    const decide = (id: number, callId: string): void =>
      relay.receive({
        type: 'request',
        id,
        method: AgentApprove.method,
        params: { jobId: 'j1', callId, decision: 'once' },
      });
    decide(1, '1.1'); // before it was shown
    relay.receive({ type: 'request', id: 2, method: AgentRun.method, params: { task: 'x', allow: ['run'] } });
    relay.receive({ type: 'request', id: 3, method: AgentRun.method, params: { task: 'x' } });
    decide(4, '1.2');
    decide(5, '1.1');
    assert.deepEqual(asked, [AgentRun.method, AgentApprove.method]);
    assert.deepEqual(
      posted.flatMap((message) => (message.type === 'error' ? [message.id] : [])),
      [1, 2, 4],
    );
  });
  describe('hands over a run that goes on when its page has gone', () => {
    const started = { kind: 'started', jobId: 'j1', chatId: 'c1', mode: 'act' };
    const asked = { kind: 'approval', approval: { callId: '1.1' } };
    interface GoneRun {
      method?: string;
      params?: object;
      before?: readonly object[];
      after?: readonly object[];
      left: readonly object[];
    }
    const members: Record<string, GoneRun> = {
      'that it began': { before: [started], left: [{ jobId: 'j1' }] },
      'with the step that was shown': {
        before: [started, asked],
        left: [{ jobId: 'j1', shownCall: '1.1' }],
      },
      'without the step that came later': { before: [started], after: [asked], left: [{ jobId: 'j1' }] },
      'that began later': { after: [started, asked], left: [{ jobId: 'j1' }] },
      'that it resumed': {
        method: 'switchyard/jobs/resume',
        params: { jobId: 'j2' },
        left: [{ jobId: 'j2' }],
      },
      'but none that it only looked at': { method: 'switchyard/jobs/get', params: { jobId: 'j2' }, left: [] },
      'but no other answer': { method: ChatSend.method, params: { chatId: 'c1' }, left: [] },
    };
    for (const [what, member] of Object.entries(members))
      it(what, async () => {
        const { method = AgentRun.method, params = { task: 'x' }, before = [], after = [] } = member;
        const daemon = Promise.withResolvers<unknown>();
        const left: object[] = [];
        let part: (part: unknown) => void = () => {};
        const relay = new ViewRelay({
          post() {},
          request: (_method, _params, { onPart }) => {
            part = onPart;
            return daemon.promise;
          },
          act() {},
          left: (run) => void left.push({ ...run }),
        });
        relay.receive({ type: 'request', id: 1, method, params });
        for (const each of before) part(each);
        relay.close();
        for (const each of after) part(each);
        assert.deepEqual(left, member.left);
        daemon.resolve({});
        await daemon.promise;
      });
  });
  it('leaves a request running when its page is gone, and posts nothing more', async () => {
    const daemon = Promise.withResolvers<unknown>();
    let signal: AbortSignal | undefined;
    const { relay, posted } = relayTo((_method, _params, options) => {
      signal = options.signal;
      return daemon.promise;
    });
    relay.receive({ type: 'request', id: 1, method: ChatSend.method, params: {} });
    relay.close();
    daemon.resolve({});
    await daemon.promise;
    await new Promise(setImmediate);
    assert.equal(signal?.aborted, false);
    assert.deepEqual(posted, []);
  });
  it('refuses what is too large in either direction with a sentence', async () => {
    const inbound = relayTo(async () => ({}));
    const text = 'x'.repeat(maxHostMessageChars);
    inbound.relay.receive({ type: 'request', id: 1, method: ChatSend.method, params: { text } });
    await inbound.answered;
    const outbound = relayTo(async () => 'x'.repeat(maxViewMessageChars));
    outbound.relay.receive({ type: 'request', id: 1, method: ChatSend.method, params: {} });
    await outbound.answered;
    for (const { posted } of [inbound, outbound]) {
      assert.deepEqual(
        posted.map((message) => message.type === 'error' && message.code),
        ['too-large'],
      );
    }
  });
  it('hands actions to the host', () => {
    const { relay, acted } = relayTo(async () => ({}));
    relay.receive({ type: 'action', action: { kind: 'copy', text: 'x' } });
    assert.deepEqual(acted, [{ kind: 'copy', text: 'x' }]);
  });
});

describe('a message of a page', () => {
  it('is told from anything else', () => {
    const good = [
      { type: 'ready' },
      { type: 'request', id: 1, method: 'm', params: null },
      { type: 'cancel', id: 0 },
      { type: 'action', action: { kind: 'copy' } },
    ];
    const bad = [
      null,
      undefined,
      1,
      'ready',
      [],
      {},
      { type: 'request', id: '1', method: 'm' },
      { type: 'request', id: 1 },
      { type: 'cancel', id: 1.5 },
      { type: 'action' },
      { type: 'action', action: null },
    ];
    assert.deepEqual(
      good.map(isToHost),
      good.map(() => true),
    );
    assert.deepEqual(
      bad.map(isToHost),
      bad.map(() => false),
    );
  });
});
