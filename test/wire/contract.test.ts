// What holds for every message: each has a row, wrong params name their field, errors have the codes of the protocol.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import * as z from 'zod';
import { notifications, requests } from '../../daemon/server.ts';
import { messages } from '../../shared/protocol/index.ts';
import { pageMethods } from '../../shared/webview.ts';
import { assertSentence, failureOf } from '../process/lsp-client.ts';
import { type LoneDaemon, startAlone } from './alone.ts';

const methods = requests.map(({ message }) => message.method);

describe('the table of messages', () => {
  it('has exactly one row for every message of the protocol, and beside them only standard ones', () => {
    assert.deepEqual(
      messages.filter((message) => !requests.some((row) => row.message === message)).map(({ method }) => method),
      [],
    );
    assert.deepEqual(
      methods.filter((method) => method.startsWith('switchyard/')).toSorted(),
      messages.map(({ method }) => method).toSorted(),
    );
    assert.equal(
      new Set([...methods, ...notifications.map(({ message }) => message.method)]).size,
      methods.length + notifications.length,
    );
  });

  it('gives views no method that it does not have', () => {
    assert.deepEqual(
      [...pageMethods].filter((method) => !methods.includes(method)),
      [],
    );
  });
});

describe('errors on the wire', () => {
  let alone: LoneDaemon;
  const ask = (method: string, params?: unknown): Promise<unknown> =>
    alone.client.connection.sendRequest(method, ...(params === undefined ? [] : [params]));

  before(async () => {
    alone = startAlone();
    for (const method of ['switchyard/daemon/status', 'shutdown', 'workspace/executeCommand']) {
      assert.deepEqual(await failureOf(ask(method, {})), {
        code: -32_002,
        message: 'Send initialize first.',
        data: undefined,
      });
    }
    await alone.client.initialize();
  });
  after(() => alone[Symbol.asyncDispose]());

  for (const { message } of requests.filter(({ message }) => message.params instanceof z.ZodObject)) {
    it(`${message.method} names the field that is wrong`, async () => {
      const { code, message: said } = await failureOf(ask(message.method, 5));
      assert.deepEqual([code, said.split(':')[0]], [-32_602, 'params']);
      for (const [field, schema] of Object.entries((message.params as z.ZodObject).shape)) {
        const wrong = { [field]: { wrong: { wrong: 1 } } };
        if ((schema as z.ZodType).safeParse(wrong[field]).success) continue; // a field that takes anything
        const issue = message.params.safeParse(wrong).error?.issues[0];
        const refused = await failureOf(ask(message.method, wrong));
        assert.equal(refused.code, -32_602);
        assert.equal(refused.message.split(':')[0], issue?.path.join('.'));
      }
    });
  }

  it('unknown fields are ignored', async () => {
    assert.deepEqual(await ask('switchyard/chat/list', { someday: true }), { chats: [] });
  });

  it('a connection is initialized once', async () => {
    const { code, data } = await failureOf(ask('initialize', { capabilities: {} }));
    assert.deepEqual([code, data], [-32_803, { code: 'already-initialized', retryable: false }]);
  });

  it('unknown methods are -32601', async () => {
    assert.equal((await failureOf(ask('switchyard/unknown', {}))).code, -32_601);
  });

  it('a request may leave its params out', async () => {
    assert.deepEqual(await ask('switchyard/chat/list'), { chats: [] });
  });

  it('what a user can act on is -32803, a sentence, with a code and whether to try again', async () => {
    for (const [method, params, code] of [
      ['switchyard/chat/messages', { chatId: 'none' }, 'chat-not-found'],
      ['switchyard/chat/send', { text: 'hello' }, 'no-model'],
      ['switchyard/review/run', {}, 'nothing-to-review'],
      ['switchyard/review/run', { textDocument: { uri: 'file:///not/open.ts' } }, 'document-not-open'],
      ['switchyard/review/run', { diff: 'staged' }, 'no-root'],
      ['switchyard/review/run', { commit: 'HEAD' }, 'no-root'],
      ['switchyard/review/run', { base: 'main' }, 'no-root'],
      ['switchyard/review/run', { diff: 'staged', root: 'vscode-remote://ssh-remote%2Bbox/a' }, 'not-here'],
      ['switchyard/review/revisions', { root: 'vscode-remote://ssh-remote%2Bbox/a' }, 'not-here'],
      ['switchyard/review/revisions', { root: 'untitled:a' }, 'not-here'],
      ['switchyard/review/scope', { root: 'vscode-vfs://github/a', commit: 'HEAD' }, 'not-here'],
      ['switchyard/commit/message', { root: 'vscode-remote://wsl%2BDebian/a' }, 'not-here'],
      ['switchyard/review/scope', { root: 'file:///' }, 'nothing-to-review'],
      ['switchyard/review/fix', { findingId: 'none' }, 'finding-not-found'],
      ['switchyard/review/dismiss', { findingId: 'none' }, 'finding-not-found'],
      ['switchyard/review/undismiss', { findingId: 'none' }, 'finding-not-found'],
      ['switchyard/models/import', { path: 'relative.gguf' }, 'wrong-path'],
      ['switchyard/models/import', { path: '/no/such.gguf' }, 'no-such-file'],
      ['switchyard/models/unload', { model: 'local/none' }, 'model-not-found'],
      ['switchyard/models/pull', { model: 'ftp://a/b.gguf' }, 'bad-address'],
      ['switchyard/keys/set', { provider: 'lab', key: 'two\nlines-0123456' }, 'wrong-key'],
      ['workspace/executeCommand', { command: 'switchyard.fly' }, 'unknown-command'],
      ['workspace/executeCommand', { command: 'switchyard.review', arguments: [{ uri: 5 }] }, 'wrong-argument'],
    ] as const) {
      const failure = await failureOf(ask(method, params));
      assert.equal(failure.code, -32_803, `${method}: ${failure.message}`);
      assert.deepEqual(failure.data, { code, retryable: false }, `${method}: ${failure.message}`);
      assertSentence(failure.message);
    }
  });
});

describe('the end of a session', () => {
  it('shutdown is answered, and exit ends the process though the editor still holds its pipe', async () => {
    await using alone = startAlone();
    await alone.client.initialize();
    await alone.client.leave();
    assert.equal(alone.client.child.exitCode, 0);
  });
});
