// What is Ollama's alone: a context size that is always asked for, and prompts that are never cut without a word.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createOllamaProvider } from '../../../../daemon/models/providers/ollama.ts';
import { type OllamaModel, startOllamaServer } from '../../../fakes/provider-servers/ollama.ts';
import type { ScriptedServer } from '../../../fakes/provider-servers/scripted-server.ts';
import { collect, failureOf, never, request, textOf } from './adapters.ts';

function provider(server: ScriptedServer, contextTokens?: number) {
  return createOllamaProvider({
    name: 'ollama',
    local: true,
    fetch: globalThis.fetch,
    apiKey: async () => undefined,
    config: { type: 'ollama', baseUrl: server.url, ...(contextTokens && { contextTokens }) },
  });
}

const words = (count: number) => ({
  messages: [{ role: 'user' as const, content: Array.from({ length: count }, (_, i) => `word${i}`).join(' ') }],
});

describe('ollama: the context size', () => {
  const cases: { what: string; model: Partial<OllamaModel>; configured?: number; expected: number }[] = [
    { what: 'what a small model was trained for', model: { trainedTokens: 4096 }, expected: 4096 },
    {
      what: 'a moderate default for a model that could read far more',
      model: { trainedTokens: 131_072 },
      expected: 16_384,
    },
    {
      what: 'what the Modelfile says',
      model: { trainedTokens: 131_072, parameters: 'temperature 1\nnum_ctx                        32768' },
      expected: 32_768,
    },
    {
      what: 'what the configuration says, before the Modelfile',
      model: { trainedTokens: 131_072, parameters: 'num_ctx 2048' },
      configured: 65_536,
      expected: 65_536,
    },
    {
      what: 'never more than the model was trained for',
      model: { trainedTokens: 8192 },
      configured: 65_536,
      expected: 8192,
    },
    {
      what: 'the larger one with which the model is loaded already',
      model: { trainedTokens: 131_072, loadedTokens: 40_960 },
      expected: 40_960,
    },
    {
      what: 'not the smaller one with which it is loaded',
      model: { trainedTokens: 131_072, loadedTokens: 4096 },
      expected: 16_384,
    },
  ];
  for (const { what, model, configured, expected } of cases) {
    it(`is ${what}, in the list as in the request`, async () => {
      await using server = await startOllamaServer({ models: [{ name: 'scripted', ...model }] });
      const ollama = provider(server, configured);
      assert.equal((await ollama.listModels(never))[0]?.contextTokens, expected);
      await collect(ollama.stream(request(), never));
      assert.partialDeepStrictEqual(server.chats[0]?.body, { options: { num_ctx: expected } });
    });
  }

  it('is asked of the server once for each model, not for each request', async () => {
    await using server = await startOllamaServer();
    const ollama = provider(server);
    await ollama.listModels(never);
    await collect(ollama.stream(request(), never));
    await collect(ollama.stream(request(), never));
    assert.equal(server.requests.filter(({ path }) => path === '/api/show').length, 1);
  });
});

describe('ollama: a prompt that does not fit', () => {
  it('is refused before it is sent when it cannot fit', async () => {
    await using server = await startOllamaServer({ models: [{ name: 'scripted', trainedTokens: 512 }] });
    const { error } = await failureOf(provider(server).stream(request(words(2000)), never));
    assert.equal((error as { code: string }).code, 'context-too-long');
    assert.match((error as Error).message, /reads only 512.*Shorten it/);
    assert.equal(server.chats.length, 0);
  });

  it('is to be refused by the server rather than cut', async () => {
    await using server = await startOllamaServer();
    await collect(provider(server).stream(request(), never));
    assert.partialDeepStrictEqual(server.chats[0]?.body, { truncate: false, shift: false });
  });

  it('brings a warning when the server read less than was sent', async () => {
    await using server = await startOllamaServer({ reply: { text: 'hm', usage: { input: 300 } } });
    const parts = await collect(provider(server).stream(request(words(2000)), never));
    assert.match(JSON.stringify(parts), /warning.*read only 300 of at least/);
  });

  it('brings a warning when the context was filled to the brim', async () => {
    await using server = await startOllamaServer({
      models: [{ name: 'scripted', trainedTokens: 512 }],
      reply: { text: 'hm', usage: { input: 512 } },
    });
    const parts = await collect(provider(server).stream(request(words(200)), never));
    assert.match(JSON.stringify(parts), /warning.*whole context window of 512 tokens/);
  });

  it('is not suspected for prose that was read in full', async () => {
    await using server = await startOllamaServer({ reply: { text: 'hm', usage: { input: 2600 } } });
    const parts = await collect(provider(server).stream(request(words(2000)), never));
    assert.equal(textOf(parts), 'hm');
    assert.equal(
      parts.some(({ kind }) => kind === 'warning'),
      false,
    );
  });
});

describe('ollama: images and tools', () => {
  it('refuses an image for a model that is known to be blind, and asks where nobody knows', async () => {
    const asked = request({
      messages: [{ role: 'user', content: 'What?', images: [{ mediaType: 'image/png', data: 'aW1hZ2U=' }] }],
    });
    await using server = await startOllamaServer();
    const { error } = await failureOf(provider(server).stream(asked, never));
    assert.match((error as Error).message, /scripted can't see pictures/);
    assert.equal(server.chats.length, 0);
    await using seeing = await startOllamaServer({
      models: [{ name: 'scripted', capabilities: ['completion', 'vision'] }],
    });
    await collect(provider(seeing).stream(asked, never));
    assert.partialDeepStrictEqual(seeing.chats[0]?.body, { messages: [{ role: 'user', images: ['aW1hZ2U='] }] });
  });

  it('tells a result by the name of the latest call of its id', async () => {
    await using server = await startOllamaServer();
    const call = (name: string) => ({
      role: 'assistant' as const,
      content: '',
      toolCalls: [{ id: 'call_0', name, arguments: '{"a":1}' }],
    });
    const result = (content: string) => ({ role: 'tool' as const, content, toolCallId: 'call_0' });
    await collect(
      provider(server).stream(
        request({ messages: [{ role: 'user', content: 'Go.' }, call('read'), result('A'), call('list'), result('B')] }),
        never,
      ),
    );
    assert.partialDeepStrictEqual(server.chats[0]?.body, {
      messages: [
        { role: 'user' },
        { tool_calls: [{ function: { name: 'read', arguments: { a: 1 } } }] },
        { role: 'tool', tool_name: 'read', content: 'A' },
        { tool_calls: [{ function: { name: 'list' } }] },
        { role: 'tool', tool_name: 'list', content: 'B' },
      ],
    });
  });

  it('reads as much as the configuration says of one model', async () => {
    await using server = await startOllamaServer({ models: [{ name: 'scripted', trainedTokens: 131_072 }] });
    const config = {
      type: 'ollama' as const,
      baseUrl: server.url,
      contextTokens: 4096,
      models: ['other', { name: 'scripted', contextTokens: 8192 }],
    };
    await collect(
      createOllamaProvider({
        name: 'ollama',
        local: true,
        fetch: globalThis.fetch,
        apiKey: async () => undefined,
        config,
      }).stream(request(), never),
    );
    assert.partialDeepStrictEqual(server.chats[0]?.body, { options: { num_ctx: 8192 } });
  });
});

describe('ollama: the list of models', () => {
  it('tells what each can do and which are loaded, without those that run elsewhere', async () => {
    await using server = await startOllamaServer({
      models: [
        { name: 'coder:7b', capabilities: ['completion', 'tools'], loadedTokens: 8192 },
        { name: 'embed:latest', capabilities: ['embedding'] },
        { name: 'huge:cloud', remoteHost: 'https://ollama.com' },
      ],
    });
    const infos = await provider(server).listModels(never);
    assert.deepEqual(
      infos.map(({ name, loaded, capabilities }) => [
        name,
        loaded,
        capabilities.chat,
        capabilities.embeddings,
        capabilities.tools,
      ]),
      [
        ['coder:7b', true, true, false, true],
        ['embed:latest', false, false, true, false],
      ],
    );
  });

  it('comes with vectors for texts', async () => {
    await using server = await startOllamaServer();
    assert.deepEqual(await provider(server).embed('scripted', ['abc'], never), [Float32Array.of(3, 1)]);
  });
});
