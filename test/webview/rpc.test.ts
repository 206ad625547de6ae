// Requests of the view: their names against the protocol, and that each ends exactly once.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { AnyRequest } from '../../shared/protocol/define.ts';
import * as protocol from '../../shared/protocol/index.ts';
import { pageMethods, type ToHost } from '../../shared/webview.ts';
import { methods, Rpc } from '../../webview/rpc.ts';

describe('requests of the view', () => {
  it('have the names that the protocol gives them, and are all that a host lets through', () => {
    const constants = new Map(Object.entries<unknown>(protocol));
    for (const [name, method] of Object.entries(methods))
      assert.equal((constants.get(name) as AnyRequest).method, method);
    assert.deepEqual(new Set(Object.values(methods)), pageMethods);
  });
  it('give their parts in order and then their result', async () => {
    const { rpc, posted } = wired();
    const parts: unknown[] = [];
    const result = rpc.call('ModelsPull', { model: 'q' }, { onPart: (part) => parts.push(part.received) });
    const [asked] = posted;
    assert.ok(asked?.type === 'request');
    for (const received of [1, 2]) rpc.receive({ type: 'part', id: asked.id, part: { kind: 'bytes', received } });
    rpc.receive({ type: 'response', id: asked.id, result: { model: 'local/q' } });
    rpc.receive({ type: 'part', id: asked.id, part: { kind: 'bytes', received: 3 } });
    assert.deepEqual(await result, { model: 'local/q' });
    assert.deepEqual(parts, [1, 2]);
  });
  it('are cancelled by their signal, and fail as the host says', async () => {
    const { rpc, posted } = wired();
    const controller = new AbortController();
    const result = rpc.call('ChatList', {}, { signal: controller.signal });
    controller.abort();
    assert.deepEqual(posted.at(-1), { type: 'cancel', id: 1 });
    rpc.receive({ type: 'error', id: 1, message: 'cancelled', code: 'cancelled', retryable: false });
    await assert.rejects(result, { code: 'cancelled' });
  });
  it('fail when the connection is lost, or is not there', async () => {
    const { rpc } = wired();
    const result = rpc.call('ChatList', {});
    rpc.failAll();
    await assert.rejects(result, { code: 'disconnected', retryable: true });
    await assert.rejects(new Rpc(() => false).call('ChatList', {}), { code: 'disconnected' });
  });
});

function wired(): { rpc: Rpc; posted: ToHost[] } {
  const posted: ToHost[] = [];
  return { rpc: new Rpc((message) => posted.push(message) > 0), posted };
}
