// What is particular about each server that speaks OpenAI's language: which API, which names, and what its list tells.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { ProviderConfig, ProviderType } from '../../../../daemon/base/config/config.ts';
import type { Fetch } from '../../../../daemon/base/egress.ts';
import { createOpenAiProvider } from '../../../../daemon/models/providers/openai.ts';
import type { ModelInfo } from '../../../../daemon/models/providers/provider.ts';
import { startOpenAiServer } from '../../../fakes/provider-servers/openai.ts';
import { startResponsesServer } from '../../../fakes/provider-servers/openai-responses.ts';
import { collect, failureOf, never, request } from './adapters.ts';

function provider(type: ProviderType, options: { fetch?: Fetch; config?: Partial<ProviderConfig> }) {
  return createOpenAiProvider({
    name: type,
    local: false,
    fetch: options.fetch ?? globalThis.fetch,
    apiKey: async () => 'sk-test',
    config: { type, ...options.config },
  });
}

/** The address of the first request, which is not answered. */
async function addressOf(type: ProviderType, model = 'm', config: Partial<ProviderConfig> = {}): Promise<string> {
  const urls: string[] = [];
  const fetch: Fetch = async (input) => {
    urls.push(String(input));
    return new Response('', { status: 500 });
  };
  await failureOf(provider(type, { fetch, config }).stream(request({ model }), never));
  return urls[0] ?? '';
}

const listed = async (
  type: ProviderType,
  entry: { id: string; [field: string]: unknown },
): Promise<ModelInfo | undefined> => {
  await using server = await startOpenAiServer({ models: [entry] });
  return (await provider(type, { config: { baseUrl: server.url } }).listModels(never))[0];
};

describe('presets: an answer', () => {
  const cases: [ProviderType, string][] = [
    ['openai', 'https://api.openai.com/v1/responses'],
    ['xai', 'https://api.x.ai/v1/chat/completions'],
    ['openrouter', 'https://openrouter.ai/api/v1/chat/completions'],
    ['groq', 'https://api.groq.com/openai/v1/chat/completions'],
    ['huggingface', 'https://router.huggingface.co/v1/chat/completions'],
  ];
  for (const [type, address] of cases) {
    it(`of ${type} is asked for at ${address}`, async () => assert.equal(await addressOf(type), address));
  }

  it('of OpenAI comes through chat completions where the model has nothing else, or another server stands in', async () => {
    assert.match(await addressOf('openai', 'gpt-4o-search-preview'), /chat\/completions$/);
    assert.match(await addressOf('openai', 'gpt-5', { baseUrl: 'https://gateway.example/v1' }), /chat\/completions$/);
    assert.match(
      await addressOf('openai-compatible', 'm', { baseUrl: 'https://gateway.example/v1', api: 'responses' }),
      /\/v1\/responses$/,
    );
  });

  it('counts reasoning that stands beside the answer, as xAI tells it', async () => {
    const usage = {
      prompt_tokens: 10,
      completion_tokens: 4,
      total_tokens: 44,
      completion_tokens_details: { reasoning_tokens: 30 },
    };
    const body = `data: ${JSON.stringify({ choices: [{ delta: { content: 'a' }, finish_reason: 'stop' }], usage })}\n\ndata: [DONE]\n\n`;
    await using server = await startOpenAiServer({ reply: { body, headers: { 'content-type': 'text/event-stream' } } });
    const parts = await collect(provider('xai', { config: { baseUrl: server.url } }).stream(request(), never));
    assert.deepEqual(parts.find((part) => part.kind === 'usage')?.usage, {
      input: 10,
      cacheRead: 0,
      cacheWrite: 0,
      output: 4,
      reasoning: 30,
    });
  });

  it('counts what Groq tells in a field of its own', async () => {
    const chunk = {
      choices: [{ delta: {}, finish_reason: 'stop' }],
      x_groq: { id: 'r', usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } },
    };
    await using server = await startOpenAiServer({
      reply: {
        body: `data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`,
        headers: { 'content-type': 'text/event-stream' },
      },
    });
    const parts = await collect(provider('groq', { config: { baseUrl: server.url } }).stream(request(), never));
    assert.deepEqual(parts.find((part) => part.kind === 'usage')?.usage, {
      input: 3,
      cacheRead: 0,
      cacheWrite: 0,
      output: 2,
      reasoning: 0,
    });
  });
});

describe('responses: a request', () => {
  const ask = async (over: Parameters<typeof request>[0]) => {
    await using server = await startResponsesServer();
    await collect(
      provider('openai', { config: { baseUrl: server.url, api: 'responses' } }).stream(request(over), never),
    );
    return server.chats[0]?.body as Record<string, unknown>;
  };

  it('is not stored upstream, and keeps to the smallest limit that the API takes', async () => {
    const body = await ask({ maxOutputTokens: 3 });
    assert.deepEqual([body['store'], body['max_output_tokens']], [false, 16]);
  });

  it('asks for reasoning only of models that reason', async () => {
    assert.deepEqual((await ask({ model: 'gpt-5' }))['reasoning'], { summary: 'auto' });
    assert.equal((await ask({ model: 'gpt-4.1' }))['reasoning'], undefined);
    assert.equal((await ask({ model: 'gpt-5-chat-latest' }))['reasoning'], undefined);
  });

  it('carries calls and results as items of their own', async () => {
    const { input } = await ask({
      messages: [
        { role: 'user', content: 'Look.' },
        { role: 'assistant', content: 'I do.', toolCalls: [{ id: 'c1', name: 'read', arguments: '{}' }] },
        { role: 'tool', content: 'A', toolCallId: 'c1' },
      ],
    });
    assert.deepEqual(input, [
      { role: 'user', content: 'Look.' },
      { role: 'assistant', content: 'I do.' },
      { type: 'function_call', call_id: 'c1', name: 'read', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c1', output: 'A' },
    ]);
  });

  it('that is refused by the model ends as filtered, with its words', async () => {
    const events = [
      { type: 'response.refusal.delta', delta: 'No.' },
      { type: 'response.completed', response: { status: 'completed' } },
    ];
    const body = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
    await using server = await startResponsesServer({
      reply: { body, headers: { 'content-type': 'text/event-stream' } },
    });
    const parts = await collect(
      provider('openai', { config: { baseUrl: server.url, api: 'responses' } }).stream(request(), never),
    );
    assert.deepEqual(parts, [
      { kind: 'text', text: 'No.' },
      { kind: 'finish', reason: 'content-filter' },
    ]);
  });

  it("that fails at the server keeps the server's reason", async () => {
    const event = {
      type: 'response.failed',
      response: { status: 'failed', error: { code: 'rate_limit_exceeded', message: 'Too fast' } },
    };
    await using server = await startResponsesServer({
      reply: {
        body: `event: response.failed\ndata: ${JSON.stringify(event)}\n\n`,
        headers: { 'content-type': 'text/event-stream' },
      },
    });
    const { error } = await failureOf(
      provider('openai', { config: { baseUrl: server.url, api: 'responses' } }).stream(request(), never),
    );
    assert.equal((error as { code: string }).code, 'rate-limited');
    assert.match((error as Error).message, /Too fast/);
  });
});

describe('presets: a list', () => {
  it('of OpenRouter tells prices for a token, modalities and settings', async () => {
    const info = await listed('openrouter', {
      id: 'vendor/m',
      context_length: 200_000,
      top_provider: { context_length: 128_000 },
      architecture: { input_modalities: ['text', 'image'], output_modalities: ['text'] },
      pricing: { prompt: '0.00000125', completion: '0.00001', input_cache_read: '0.000000125' },
      supported_parameters: ['tools', 'temperature'],
    });
    assert.deepEqual(info, {
      name: 'vendor/m',
      contextTokens: 128_000,
      capabilities: { chat: true, vision: true, tools: true, jsonSchema: false },
      price: { input: 1.25, output: 10, cacheRead: 0.125 },
      source: 'server',
    });
  });

  it("of OpenRouter tells no price of a router, and a free model's as nothing", async () => {
    assert.equal(
      (await listed('openrouter', { id: 'openrouter/auto', pricing: { prompt: '-1', completion: '-1' } }))?.price,
      undefined,
    );
    assert.deepEqual((await listed('openrouter', { id: 'm:free', pricing: { prompt: '0', completion: '0' } }))?.price, {
      input: 0,
      output: 0,
    });
  });

  it('of Hugging Face tells what holds for all hosts that are up', async () => {
    const host = {
      status: 'live',
      context_length: 131_072,
      pricing: { input: 0.1, output: 0.3 },
      supports_tools: true,
      supports_structured_output: true,
    };
    const other = { ...host, context_length: 32_768, supports_structured_output: false };
    const away = { ...host, status: 'error', context_length: 8 };
    const info = await listed('huggingface', {
      id: 'm',
      architecture: { input_modalities: ['text'] },
      providers: [host, other, away],
    });
    assert.deepEqual(info, {
      name: 'm',
      contextTokens: 32_768,
      capabilities: { vision: false, tools: true },
      price: { input: 0.1, output: 0.3 },
      source: 'server',
    });
    const dearer = { ...host, pricing: { input: 9, output: 9 } };
    assert.equal((await listed('huggingface', { id: 'm', providers: [host, dearer] }))?.price, undefined);
  });

  it('of Groq leaves out what is switched off', async () => {
    assert.equal(await listed('groq', { id: 'm', active: false }), undefined);
    assert.equal((await listed('groq', { id: 'm', active: true, context_window: 131_072 }))?.contextTokens, 131_072);
  });

  it('of xAI tells prices in cents for a hundred million tokens', async () => {
    const entry = {
      id: 'grok',
      input_modalities: ['text', 'image'],
      output_modalities: ['text'],
      prompt_text_token_price: 30_000,
      cached_prompt_text_token_price: 7500,
      completion_text_token_price: 150_000,
    };
    const fetch: Fetch = async (input) => {
      assert.equal(String(input), 'https://api.x.ai/v1/language-models');
      return Response.json({ models: [entry] });
    };
    assert.deepEqual(await provider('xai', { fetch }).listModels(never), [
      {
        name: 'grok',
        capabilities: { chat: true, vision: true },
        price: { input: 3, output: 15, cacheRead: 0.75 },
        source: 'server',
      },
    ]);
  });

  it('of llama-server tells the context that one request really has, from /props', async () => {
    const fetch: Fetch = async (input) =>
      String(input) === 'http://127.0.0.1:9/props'
        ? Response.json({
            default_generation_settings: { n_ctx: 4096 },
            total_slots: 4,
            modalities: { vision: true, audio: false },
            chat_template_caps: { supports_tools: false },
          })
        : Response.json({
            object: 'list',
            data: [{ id: 'local.gguf', object: 'model', owned_by: 'llamacpp', meta: { n_ctx_train: 131_072 } }],
          });
    const [info] = await provider('openai-compatible', {
      fetch,
      config: { baseUrl: 'http://127.0.0.1:9/v1' },
    }).listModels(never);
    assert.deepEqual(
      [info?.contextTokens, info?.capabilities, info?.loaded],
      [4096, { vision: true, tools: false, jsonSchema: true }, true],
    );
  });
});
