// Servers that call themselves compatible, and are so in part: which settings and roles they refuse, where they put their counts and
// costs, how they list their models, and at which address their API begins.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { ProviderConfig } from '../../../../daemon/base/config/config.ts';
import type { Fetch } from '../../../../daemon/base/egress.ts';
import { isOnThisMachine, withPlainAddress } from '../../../../daemon/models/providers/addresses.ts';
import { createOpenAiProvider } from '../../../../daemon/models/providers/openai.ts';
import type { ModelRequest, Provider, StreamPart } from '../../../../daemon/models/providers/provider.ts';
import { adapters, collect, failureOf, never, provide, request, textOf } from './adapters.ts';

type Sent = { url: string; body: Record<string, unknown> };

/** A server that answers each request with a status and a body. */
function lab(
  answer: (sent: Sent) => { status?: number; body: unknown },
  config: Partial<ProviderConfig> = {},
): { provider: Provider; sent: Sent[] } {
  const sent: Sent[] = [];
  const fetch: Fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const asked = { url, body: init?.body ? (JSON.parse(String(init.body)) as Sent['body']) : {} };
    sent.push(asked);
    const { status = 200, body } = answer(asked);
    const isText = typeof body === 'string';
    return new Response(isText ? body : JSON.stringify(body), {
      status,
      headers: { 'content-type': isText && status === 200 ? 'text/event-stream' : 'application/json' },
    });
  };
  const provider = createOpenAiProvider({
    name: 'lab',
    local: true,
    fetch,
    apiKey: async () => undefined,
    config: { type: 'openai-compatible', baseUrl: 'http://lab.test/v1', ...config },
  });
  return { provider, sent };
}

const events = (...values: object[]): string =>
  [...values.map((value) => JSON.stringify(value)), '[DONE]'].map((data) => `data: ${data}\n\n`).join('');

const fine = events({ choices: [{ delta: { content: 'fine' }, finish_reason: 'stop' }] });

const withSystem = {
  messages: [
    { role: 'system' as const, content: 'Be brief.' },
    { role: 'user' as const, content: 'Hello?' },
  ],
};

describe('a setting that a server refuses', () => {
  const refusals: [name: string, status: number, body: object][] = [
    ['stream_options', 400, { error: { message: 'Unrecognized request argument supplied: stream_options' } }],
    ['stream_options', 422, { detail: [{ loc: ['body', 'stream_options'], msg: 'Extra inputs are not permitted' }] }],
    ['temperature', 422, { message: { detail: [{ loc: ['body', 'temperature'], msg: 'not supported' }] } }],
    ['response_format', 400, { error: 'response_format is not supported' }],
    [
      'max_tokens',
      400,
      { error: { message: "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead." } },
    ],
    ['max_tokens', 422, { detail: [{ loc: ['body', 'max_tokens'], msg: 'Extra inputs are not permitted' }] }],
  ];
  for (const [name, status, body] of refusals)
    it(`is not sent again: ${name}, ${status}`, async () => {
      const { provider, sent } = lab(({ body: asked }) => (name in asked ? { status, body } : { body: fine }));
      const wish: Partial<ModelRequest> = {
        temperature: 0,
        maxOutputTokens: 7,
        jsonSchema: { name: 'x', schema: { type: 'object' } },
      };
      assert.equal(textOf(await collect(provider.stream(request(wish), never))), 'fine');
      assert.equal(sent.length, 2);
      if (name === 'max_tokens') assert.equal(sent[1]?.body['max_completion_tokens'], 7);
    });

  it('goes by its old name to a server that does not know the new one', async () => {
    const refusal = { status: 400, body: { error: { message: 'Unknown field: max_completion_tokens' } } };
    const { provider, sent } = lab(({ body }) => ('max_completion_tokens' in body ? refusal : { body: fine }), {
      type: 'groq',
    });
    assert.equal(textOf(await collect(provider.stream(request({ maxOutputTokens: 7 }), never))), 'fine');
    assert.equal(sent[1]?.body['max_tokens'], 7);
  });

  it('is named to the user where its value is what is wrong', async () => {
    const { provider, sent } = lab(() => ({ status: 400, body: { error: { message: 'max_tokens is too large: 9' } } }));
    const { error } = await failureOf(provider.stream(request({ maxOutputTokens: 9 }), never));
    assert.match(String(error), /max_tokens is too large/);
    assert.equal(sent.length, 1);
  });
});

describe('roles', () => {
  const words: [status: number, words: string][] = [
    [400, 'System role not supported'],
    [500, 'Jinja Exception: System role not supported'],
    [400, 'Conversation roles must alternate user/assistant/user/assistant/...'],
    [400, 'Only user and assistant roles are supported!'],
    [400, 'Developer instruction is not enabled for models/gemma-3-27b-it'],
    [400, "Unsupported value: 'messages[0].role' does not support 'system' with this model."],
    [422, "'system' is not one of ['user', 'assistant']"],
    [400, 'Unexpected role: system'],
  ];
  for (const adapter of adapters)
    for (const [status, message] of adapter.type === 'ollama' ? [] : words)
      it(`of ${adapter.name}: without a place for the system prompt, it stands before the question: ${message}`, async () => {
        await using server = await adapter.start({
          reply: ({ body }) => {
            const { messages, input, system, systemInstruction } = body as Record<string, unknown>;
            const roles = JSON.stringify([messages, input]);
            return system || systemInstruction || roles.includes('"system"')
              ? { status, body: { error: { message } } }
              : 'fine';
          },
        });
        assert.equal(textOf(await collect(provide(adapter, server.url).stream(request(withSystem), never))), 'fine');
        assert.match(JSON.stringify(server.chats[1]?.body), /Be brief\.\\n\\nHello\?/);
      });

  for (const adapter of adapters)
    it(`of ${adapter.name}: alternate, whatever failed before`, async () => {
      await using server = await adapter.start();
      const messages = [
        { role: 'user' as const, content: 'one' },
        { role: 'user' as const, content: 'two' },
        { role: 'assistant' as const, content: '' },
        { role: 'user' as const, content: 'three' },
        { role: 'assistant' as const, content: 'yes' },
        { role: 'assistant' as const, content: 'and no' },
        { role: 'user' as const, content: 'four' },
      ];
      await collect(provide(adapter, server.url).stream(request({ messages }), never));
      const body = server.chats[0]?.body as Record<string, { role: string }[]>;
      const turns = body['messages'] ?? body['input'] ?? body['contents'] ?? [];
      assert.equal(turns.length, 3);
      assert.match(JSON.stringify(turns), /one\\n\\ntwo\\n\\nthree.*yes\\n\\nand no.*four/);
    });
});

describe('what was used', () => {
  const usageOf = async (...chunks: object[]): Promise<Extract<StreamPart, { kind: 'usage' }> | undefined> => {
    const end = { choices: [{ delta: { content: 'fine' }, finish_reason: 'stop' }] };
    const { provider } = lab(() => ({ body: events(end, ...chunks) }));
    return (await collect(provider.stream(request(), never))).find((part) => part.kind === 'usage');
  };
  const counts = { prompt_tokens: 1000, completion_tokens: 500, total_tokens: 1500 };
  const cases: [where: string, chunk: object, usage: object][] = [
    ['beside the choices', { usage: counts }, { input: 1000, output: 500 }],
    ['in the choice', { choices: [{ delta: {}, usage: counts }] }, { input: 1000, output: 500 }],
    ["under Groq's name", { x_groq: { usage: counts } }, { input: 1000, output: 500 }],
    ['by other names', { usage: { input_tokens: 1000, output_tokens: 500 } }, { input: 1000, output: 500 }],
    ['as text', { usage: { prompt_tokens: '1000', completion_tokens: '500' } }, { input: 1000, output: 500 }],
    ["with DeepSeek's hits", { usage: { ...counts, prompt_cache_hit_tokens: 800 } }, { input: 200, cacheRead: 800 }],
    ["with Moonshot's hits", { usage: { ...counts, cached_tokens: 800 } }, { input: 200, cacheRead: 800 }],
    [
      'with details that are null',
      { usage: { ...counts, prompt_tokens_details: null } },
      { input: 1000, cacheRead: 0 },
    ],
  ];
  for (const [where, chunk, usage] of cases)
    it(`is read ${where}`, async () => assert.partialDeepStrictEqual(await usageOf(chunk), { kind: 'usage', usage }));

  for (const usage of [null, {}, { prompt_tokens: null, completion_tokens: 5 }, { completion_tokens: 5 }, 'many', []])
    it(`is unknown, and not 0, where the server says ${JSON.stringify(usage)}`, async () =>
      assert.equal(await usageOf({ usage }), undefined));

  const costs: [what: string, fields: object, usd: number | undefined][] = [
    ["OpenRouter's", { cost: 0.0123, cost_details: { upstream_inference_cost: null } }, 0.0123],
    [
      'with what the own key is charged upstream',
      { cost: 0.001, cost_details: { upstream_inference_cost: 0.02 } },
      0.021,
    ],
    ["Perplexity's", { cost: { input_tokens_cost: 0.1, total_cost: 0.3 } }, 0.3],
    ['of nothing', { cost: 0 }, undefined],
    ['below nothing', { cost: -1 }, undefined],
    ['of no number', { cost: 'much' }, undefined],
  ];
  for (const [what, fields, usd] of costs)
    it(`costs what the provider says: ${what}`, async () =>
      assert.equal((await usageOf({ usage: { ...counts, ...fields } }))?.costUsd, usd));
});

describe('a list of models', () => {
  const lists: [what: string, body: unknown][] = [
    ['called data', { data: [{ id: 'm' }] }],
    ['called models', { models: [{ id: 'm' }] }],
    ['bare', [{ id: 'm', object: 'model' }]],
    ['of names', ['m']],
    ['of names, called data', { data: ['m'] }],
    ['of models with names', { models: [{ name: 'm' }] }],
    ['of models with a slug', [{ slug: 'm' }]],
    ['within a result', { success: true, result: { data: [{ id: 'm' }] } }],
    ['with what is no model in it', { data: [null, 5, {}, { id: '' }, { id: 'm' }] }],
  ];
  for (const [what, body] of lists)
    it(`${what} is read`, async () => {
      const { provider } = lab(() => ({ body }));
      assert.deepEqual(
        (await provider.listModels(never)).map(({ name }) => name),
        ['m'],
      );
    });

  const fields = ['max_model_len', 'context_length', 'context_window', 'max_context_length', 'max_input_tokens'];
  for (const field of fields)
    it(`tells the context as ${field}`, async () => {
      const { provider } = lab(() => ({ body: [{ id: 'm', [field]: 4096 }] }));
      assert.equal((await provider.listModels(never))[0]?.contextTokens, 4096);
    });

  it('that is none is told in the words of the server', async () => {
    const { provider } = lab(() => ({ body: { error: 'Unexpected endpoint or method.' } }));
    await assert.rejects(provider.listModels(never), /Unexpected endpoint or method/);
  });
});

describe('an address', () => {
  const cases: [type: ProviderConfig['type'], written: string, plain: string][] = [
    ['openai-compatible', 'http://h:1/v1/chat/completions', 'http://h:1/v1'],
    ['openai-compatible', 'http://h:1/v1/models/', 'http://h:1/v1'],
    ['openai-compatible', 'http://h:1/v1/responses', 'http://h:1/v1'],
    ['openai-compatible', 'http://h:1/api/v3', 'http://h:1/api/v3'],
    ['anthropic', 'https://h/v1/messages', 'https://h'],
    ['anthropic', 'https://h/gateway/v1/', 'https://h/gateway'],
    ['google', 'https://h/v1beta', 'https://h'],
    ['google', 'https://h/v1beta/models/m:streamGenerateContent', 'https://h'],
    ['ollama', 'http://h:11434/v1', 'http://h:11434'],
    ['ollama', 'http://h:11434/api/chat', 'http://h:11434'],
    ['ollama', 'http://h:11434', 'http://h:11434'],
  ];
  for (const [type, written, plain] of cases)
    it(`of ${type} may be ${written}`, () => assert.equal(withPlainAddress({ type, baseUrl: written }).baseUrl, plain));

  for (const body of [
    { detail: 'Not Found' },
    'Not found',
    { error: { message: 'Invalid URL (POST /chat/completions)' } },
  ])
    it(`without /v1 is completed, and asked at once the next time: ${JSON.stringify(body)}`, async () => {
      const { provider, sent } = lab(({ url }) => (url.includes('/v1/') ? { body: fine } : { status: 404, body }), {
        baseUrl: 'http://lab.test/',
      });
      for (let turn = 0; turn < 2; turn++)
        assert.equal(textOf(await collect(provider.stream(request(), never))), 'fine');
      assert.deepEqual(
        sent.map(({ url }) => new URL(url).pathname),
        ['/chat/completions', '/v1/chat/completions', '/v1/chat/completions'],
      );
    });

  it('that is not there is named, with what it may lack', async () => {
    const { provider } = lab(() => ({ status: 404, body: { detail: 'Not Found' } }), { baseUrl: 'http://lab.test' });
    const { error } = await failureOf(provider.stream(request(), never));
    assert.match(String(error), /http:\/\/lab\.test\/chat\/completions.*\/v1/);
  });

  it('of a known model is not asked twice', async () => {
    const { provider, sent } = lab(() => ({ status: 404, body: { error: { message: 'model "scripted" not found' } } }));
    const { error } = await failureOf(provider.stream(request(), never));
    assert.match(String(error), /can't find the model "scripted"/);
    assert.equal(sent.length, 1);
  });

  const here: [config: Partial<ProviderConfig>, baseUrl: string, isHere: boolean][] = [
    [{}, 'http://127.0.0.1:8080/v1', true],
    [{}, 'http://lab.test/v1', false],
    [{ local: false }, 'http://127.0.0.1:4000/v1', false],
    [{ local: true, models: ['claude-sonnet-4'] }, 'http://127.0.0.1:4000/v1', true],
    [{ local: true }, 'http://lab.test/v1', false],
    [{ models: ['openai/gpt-4o'] }, 'http://localhost:4000', false],
    [{ models: [{ name: 'claude-sonnet-4' }] }, 'http://[::1]:3456', false],
    [{ models: ['gemini-2.5-pro', 'qwen3'] }, 'http://127.0.0.1:4000', false],
    [{ models: ['gpt-oss:20b', 'qwen3-coder', 'gemma-3', 'openai/gpt-oss-20b'] }, 'http://127.0.0.1:1234/v1', true],
  ];
  for (const [config, baseUrl, isHere] of here)
    it(`${baseUrl} with ${JSON.stringify(config)} is ${isHere ? '' : 'not '}this machine`, () =>
      assert.equal(isOnThisMachine({ type: 'openai-compatible', ...config }, baseUrl), isHere));
});
