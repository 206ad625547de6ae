// What every adapter promises of a good answer and of its end, run over each of them against its scripted server.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { CancelledError } from '../../../../daemon/base/errors.ts';
import { adapters, collect, failureOf, never, provide, request, textOf } from './adapters.ts';

const schema = {
  type: 'object',
  properties: { ok: { type: 'boolean' } },
  required: ['ok'],
  additionalProperties: false,
};

for (const adapter of adapters) {
  describe(`${adapter.name}: an answer`, () => {
    it('arrives in order, and ends with exactly one finish', async () => {
      await using server = await adapter.start({ reply: { text: ['one ', 'two ', 'three'] } });
      const parts = await collect(provide(adapter, server.url).stream(request(), never));
      assert.equal(textOf(parts), 'one two three');
      assert.deepEqual(parts.at(-1), { kind: 'finish', reason: 'stop' });
      assert.equal(parts.filter(({ kind }) => kind === 'finish').length, 1);
    });

    it('is told as it comes, not at the end', async () => {
      const gate = Promise.withResolvers<void>();
      await using server = await adapter.start({
        reply: { text: ['first', 'second'], hold: { after: 1, until: gate.promise } },
      });
      const parts = provide(adapter, server.url).stream(request(), never)[Symbol.asyncIterator]();
      assert.deepEqual((await parts.next()).value, { kind: 'text', text: 'first' }); // the server holds the second back until here
      gate.resolve();
      assert.deepEqual((await parts.next()).value, { kind: 'text', text: 'second' });
      await parts.return?.();
    });

    it('counts its tokens in buckets that do not overlap', async () => {
      const usage = { input: 100, cacheRead: 40, cacheWrite: 7, output: 20, reasoning: 5 };
      await using server = await adapter.start({ reply: { text: 'yes', usage } });
      const parts = await collect(provide(adapter, server.url).stream(request(), never));
      assert.deepEqual(
        parts.filter(({ kind }) => kind === 'usage'),
        [{ kind: 'usage', usage: adapter.usage }],
      );
    });

    it('keeps reasoning apart from text', async () => {
      await using server = await adapter.start({ reply: { reasoning: ['hm', ', well'], text: 'Yes.' } });
      const parts = await collect(provide(adapter, server.url).stream(request(), never));
      assert.equal(parts.map((part) => (part.kind === 'reasoning' ? part.text : '')).join(''), 'hm, well');
      assert.equal(textOf(parts), 'Yes.');
    });

    it('carries tool calls whole, with the tools that were offered', async () => {
      const toolCalls = [
        { name: 'read', arguments: { path: 'ä.ts' } },
        { name: 'list', arguments: {} },
      ];
      await using server = await adapter.start({ reply: { text: 'I look.', toolCalls } });
      const tools = [
        {
          name: 'read',
          description: 'reads a file',
          parameters: { type: 'object', properties: { path: { type: 'string' } } },
        },
      ];
      const parts = await collect(provide(adapter, server.url).stream(request({ tools }), never));
      const calls = parts.flatMap((part) =>
        part.kind === 'tool-call' ? [{ name: part.name, arguments: JSON.parse(part.arguments) as object }] : [],
      );
      assert.deepEqual(calls, toolCalls);
      assert.deepEqual(parts.at(-1), { kind: 'finish', reason: 'tool-calls' });
      assert.match(JSON.stringify(server.chats[0]?.body), /"reads a file"/);
    });

    it('has to call a tool where that is asked for, and the API knows of it', async () => {
      if (adapter.type === 'ollama') return; // has no word for it
      await using server = await adapter.start({ reply: { text: 'I look.' } });
      const tools = [{ name: 'read', description: 'reads', parameters: { type: 'object' } }];
      for (const mustCallTool of [false, true])
        await collect(provide(adapter, server.url).stream(request({ tools, mustCallTool }), never));
      const [free, forced] = server.chats.map(({ body }) => JSON.stringify(body));
      const words = /"tool_choice":("required"|\{"type":"any"\})|"functionCallingConfig":\{"mode":"ANY"\}/;
      assert.doesNotMatch(free ?? '', words);
      assert.match(forced ?? '', words);
    });

    it("takes images, calls and their results into account, each in the provider's own words", async () => {
      await using server = await adapter.start();
      const toolCalls = [
        { id: 'call_a', name: 'read', arguments: '{"path":"ä.ts"}' },
        { id: 'call_b', name: 'list', arguments: '{}' },
      ];
      const parts = await collect(
        provide(adapter, server.url).stream(
          request({
            messages: [
              { role: 'system', content: 'Be brief.' },
              { role: 'user', content: 'What is this?', images: [{ mediaType: 'image/png', data: 'aW1hZ2U=' }] },
              { role: 'assistant', content: '', toolCalls },
              { role: 'tool', content: 'const ä = 1;', toolCallId: 'call_a' },
              { role: 'tool', content: 'a.ts', toolCallId: 'call_b' },
            ],
          }),
          never,
        ),
      );
      assert.equal(
        parts.some(({ kind }) => kind === 'warning'),
        false,
      );
      const sent = JSON.stringify(server.chats[0]?.body);
      for (const piece of ['Be brief.', 'What is this?', 'aW1hZ2U=', 'const ä = 1;', 'a.ts', '"read"', '"list"']) {
        assert.ok(sent.includes(piece), `${piece} is missing in ${sent}`);
      }
      assert.ok(sent.indexOf('aW1hZ2U=') < sent.indexOf('const ä = 1;'));
    });

    it('stopped by a filter is no good end', async () => {
      if (adapter.type === 'ollama') return; // has none
      await using server = await adapter.start({ reply: { text: 'I', finish: 'content-filter' } });
      assert.deepEqual((await collect(provide(adapter, server.url).stream(request(), never))).at(-1), {
        kind: 'finish',
        reason: 'content-filter',
      });
    });

    it('is asked for in the given JSON schema', async () => {
      await using server = await adapter.start({ reply: '{"ok":true}' });
      const parts = await collect(
        provide(adapter, server.url).stream(request({ jsonSchema: { name: 'verdict', schema } }), never),
      );
      assert.equal(textOf(parts), '{"ok":true}');
      assert.ok(JSON.stringify(server.chats[0]?.body).includes(JSON.stringify(schema)));
      assert.equal(
        parts.some(({ kind }) => kind === 'warning'),
        false,
      );
    });

    it('says when it was cut short by its limit', async () => {
      await using server = await adapter.start({ reply: { text: 'and so', finish: 'length' } });
      const parts = await collect(provide(adapter, server.url).stream(request({ maxOutputTokens: 55 }), never));
      assert.deepEqual(parts.at(-1), { kind: 'finish', reason: 'length' });
      assert.match(JSON.stringify(server.chats[0]?.body), /:55\b/);
    });

    it('is the same however its bytes are split', async () => {
      const text = 'naïve 日本語 👩‍💻 – “quoted”\r\nnext';
      for (const splitBytes of [1, 2, 3, 7]) {
        await using server = await adapter.start({
          reply: { text: [text, text], splitBytes, usage: { input: 1, output: 1 } },
        });
        const parts = await collect(provide(adapter, server.url).stream(request(), never));
        assert.equal(textOf(parts), text + text, `split every ${splitBytes} bytes`);
      }
    });
  });

  describe(`${adapter.name}: the end of an answer`, () => {
    it('closes the connection when the request is cancelled, and says only that', async () => {
      await using server = await adapter.start({
        reply: { text: ['first', 'never'], hold: { after: 1, until: new Promise(() => {}) } },
      });
      const abort = new AbortController();
      const stream = provide(adapter, server.url).stream(request(), abort.signal);
      const failed = failureOf(
        (async function* () {
          for await (const part of stream) {
            yield part;
            abort.abort();
          }
        })(),
      );
      await server.closedEarly();
      assert.ok((await failed).error instanceof CancelledError);
    });

    it('closes the connection when it is cancelled before the first byte', async () => {
      await using server = await adapter.start({
        reply: { text: 'late', hold: { after: 'request', until: new Promise(() => {}) } },
      });
      const abort = new AbortController();
      const failed = failureOf(provide(adapter, server.url).stream(request(), abort.signal));
      await server.asked();
      abort.abort();
      await server.closedEarly();
      assert.ok((await failed).error instanceof CancelledError);
    });

    it('closes the connection when the loop is left', async () => {
      await using server = await adapter.start({
        reply: { text: ['first', 'never'], hold: { after: 1, until: new Promise(() => {}) } },
      });
      for await (const part of provide(adapter, server.url).stream(request(), never)) {
        assert.equal(part.kind, 'text');
        break;
      }
      await server.closedEarly();
    });

    it('asks nobody when it was cancelled before it began', async () => {
      await using server = await adapter.start();
      const { error } = await failureOf(provide(adapter, server.url).stream(request(), AbortSignal.abort()));
      assert.ok(error instanceof CancelledError);
      assert.equal(server.requests.length, 0);
    });
  });
}
