// What is OpenAI's alone: names of settings, settings that some models refuse, lists of models, reasoning by another name.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createOpenAiProvider } from '../../../../daemon/models/providers/openai.ts';
import { ProviderError, type StreamPart } from '../../../../daemon/models/providers/provider.ts';
import { isStrict } from '../../../../daemon/models/providers/wire.ts';
import { startOpenAiServer } from '../../../fakes/provider-servers/openai.ts';
import type { ScriptedServer } from '../../../fakes/provider-servers/scripted-server.ts';
import { adapters, collect, failureOf, never, provide, request, textOf } from './adapters.ts';

const [compatible] = adapters;
const lab = (server: ScriptedServer) => provide(compatible as NonNullable<typeof compatible>, server.url);
const schema = { type: 'object', properties: {} };

function own(server: ScriptedServer) {
  return createOpenAiProvider({
    name: 'openai',
    local: false,
    fetch: globalThis.fetch,
    apiKey: async () => 'sk-test',
    config: { type: 'openai', baseUrl: server.url },
  });
}

const warnings = (parts: readonly StreamPart[]) =>
  parts.flatMap((part) => (part.kind === 'warning' ? part.message : []));

describe('openai: a request', () => {
  it('asks for token counts, and limits the answer by the name that the server knows', async () => {
    await using server = await startOpenAiServer();
    await collect(lab(server).stream(request({ maxOutputTokens: 9 }), never));
    await collect(own(server).stream(request({ maxOutputTokens: 9 }), never));
    const [compatible, openai] = server.chats.map(({ body }) => body as Record<string, unknown>);
    assert.deepEqual(compatible?.['stream_options'], { include_usage: true });
    assert.deepEqual([compatible?.['max_tokens'], compatible?.['max_completion_tokens']], [9, undefined]);
    assert.deepEqual([openai?.['max_tokens'], openai?.['max_completion_tokens']], [undefined, 9]);
  });

  for (const [setting, wish] of [
    ['temperature', { temperature: 0 }],
    ['response_format', { jsonSchema: { name: 'x', schema } }],
  ] as const) {
    it(`leaves out ${setting} where the model refuses it, and says so`, async () => {
      await using server = await startOpenAiServer({
        reply: ({ body }) =>
          setting in (body as object)
            ? { status: 400, body: { error: { message: `Unsupported value: '${setting}'`, param: setting } } }
            : 'fine',
      });
      const parts = await collect(lab(server).stream(request(wish), never));
      assert.equal(textOf(parts), 'fine');
      assert.equal(warnings(parts).length, 1);
      assert.equal(server.chats.length, 2);
    });
  }

  it('is not repeated for ever by a server that refuses everything', async () => {
    await using server = await startOpenAiServer({
      reply: { status: 400, body: { error: { message: 'no temperature, no response_format, no stream_options' } } },
    });
    const { error } = await failureOf(
      lab(server).stream(request({ temperature: 0, jsonSchema: { name: 'x', schema } }), never),
    );
    assert.ok(error instanceof ProviderError && error.code === 'bad-request');
    assert.equal(server.chats.length, 4);
  });

  it('is strict about a schema only where each object is closed and complete', () => {
    const closed = {
      type: 'object',
      properties: { a: { type: 'string' } },
      required: ['a'],
      additionalProperties: false,
    };
    assert.equal(isStrict(closed), true);
    assert.equal(isStrict({ ...closed, required: [] }), false);
    assert.equal(isStrict({ type: 'array', items: { ...closed, additionalProperties: true } }), false);
  });
});

describe('openai: an answer', () => {
  it('may call its reasoning by either name, and carry a refusal as text', async () => {
    const chunk = (delta: object, more = {}) =>
      `data: ${JSON.stringify({ choices: [{ index: 0, delta, ...more }] })}\n\n`;
    const body = `${chunk({ reasoning: 'hm' })}: keep-alive\r\n\r\n${chunk({ refusal: 'No.' })}${chunk({}, { finish_reason: 'content_filter' })}`;
    await using server = await startOpenAiServer({ reply: { body, headers: { 'content-type': 'text/event-stream' } } });
    assert.deepEqual(await collect(lab(server).stream(request(), never)), [
      { kind: 'reasoning', text: 'hm' },
      { kind: 'text', text: 'No.' },
      { kind: 'finish', reason: 'content-filter' },
    ]);
  });

  it('takes whole tool calls without an index one by one', async () => {
    const calls = [
      { id: 'a', function: { name: 'one', arguments: '{}' } },
      { id: 'b', function: { name: 'two', arguments: '{}' } },
    ];
    const body = `data: ${JSON.stringify({ choices: [{ delta: { tool_calls: calls }, finish_reason: 'tool_calls' }] })}\n\ndata: [DONE]\n\n`;
    await using server = await startOpenAiServer({ reply: { body, headers: { 'content-type': 'text/event-stream' } } });
    const parts = await collect(lab(server).stream(request(), never));
    assert.deepEqual(
      parts.flatMap((part) => (part.kind === 'tool-call' ? `${part.id} ${part.name}` : [])),
      ['a one', 'b two'],
    );
  });
});

describe('openai: the list of models', () => {
  it('tells context sizes where servers do, and what is no chat model by its name', async () => {
    await using server = await startOpenAiServer({
      models: [
        { id: 'vllm', max_model_len: 4096 },
        { id: 'router', context_length: 8192 },
        'text-embedding-3-small',
        'whisper-1',
      ],
    });
    const infos = await lab(server).listModels(never);
    assert.deepEqual(
      infos.map(({ name, contextTokens, capabilities }) => [name, contextTokens, capabilities]),
      [
        ['vllm', 4096, {}],
        ['router', 8192, {}],
        ['text-embedding-3-small', undefined, { chat: false, embeddings: true }],
        ['whisper-1', undefined, { chat: false }],
      ],
    );
  });

  it('of OpenAI itself begins with the newest, any other keeps its order', async () => {
    await using server = await startOpenAiServer({
      models: [
        { id: 'old', created: 1 },
        { id: 'new', created: 9 },
      ],
    });
    const names = async (provider: ReturnType<typeof own>) =>
      (await provider.listModels(never)).map(({ name }) => name);
    assert.deepEqual(
      [await names(own(server)), await names(lab(server))],
      [
        ['new', 'old'],
        ['old', 'new'],
      ],
    );
  });

  it("needs a key at OpenAI's own address, and asks nobody without one", async () => {
    const fetch = () => assert.fail('no request may leave');
    const provider = createOpenAiProvider({
      name: 'openai',
      local: false,
      fetch,
      apiKey: async () => undefined,
      config: { type: 'openai' },
    });
    await assert.rejects(provider.listModels(never), {
      code: 'auth',
      message: /No API key for "openai" is saved.*`switchyard keys set openai`\.$/,
    });
  });

  it('comes with vectors for texts', async () => {
    await using server = await startOpenAiServer();
    assert.deepEqual(await lab(server).embed('m', ['ab', 'abcd'], never), [
      Float32Array.of(2, 1),
      Float32Array.of(4, 1),
    ]);
  });
});
