// What is Gemini's alone: the key's header, roles and signatures of calls, blocked prompts, its list of models.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createGoogleProvider } from '../../../../daemon/models/providers/google.ts';
import { startGoogleServer } from '../../../fakes/provider-servers/google.ts';
import type { ScriptedServer } from '../../../fakes/provider-servers/scripted-server.ts';
import { collect, never, request, textOf } from './adapters.ts';

function provider(server: ScriptedServer) {
  return createGoogleProvider({
    name: 'gemini',
    local: true,
    fetch: globalThis.fetch,
    apiKey: async () => 'AIza-test',
    config: { type: 'google', baseUrl: server.url },
  });
}

const stream = { 'content-type': 'text/event-stream' };

describe('google', () => {
  it('asks version 1 of the API, with the key in its header', async () => {
    await using server = await startGoogleServer();
    await collect(provider(server).stream(request(), never));
    assert.equal(server.chats[0]?.path, '/v1/models/scripted:streamGenerateContent');
    assert.equal(server.chats[0]?.headers['x-goog-api-key'], 'AIza-test');
  });

  it("gives a call back with its signature, and the results of one round in one turn under the tool's name", async () => {
    await using server = await startGoogleServer({
      reply: {
        toolCalls: [
          { name: 'read', arguments: { path: 'a' } },
          { name: 'list', arguments: {} },
        ],
      },
    });
    const parts = await collect(provider(server).stream(request(), never));
    const toolCalls = parts.flatMap(({ kind, ...call }) => (kind === 'tool-call' && 'id' in call ? [call] : []));
    assert.deepEqual(
      toolCalls.map(({ id, name, signature }) => [id, name, signature]),
      [
        ['call_0', 'read', 'c2lnbmVk'],
        ['call_1', 'list', undefined],
      ],
    );
    await collect(
      provider(server).stream(
        request({
          messages: [
            { role: 'system', content: 'Be brief.' },
            { role: 'user', content: 'Look.' },
            { role: 'assistant', content: '', toolCalls },
            { role: 'tool', content: 'A', toolCallId: 'call_0' },
            { role: 'tool', content: 'B', toolCallId: 'call_1' },
          ],
        }),
        never,
      ),
    );
    assert.partialDeepStrictEqual(server.chats[1]?.body, {
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      contents: [
        { role: 'user', parts: [{ text: 'Look.' }] },
        {
          role: 'model',
          parts: [
            { functionCall: { name: 'read', args: { path: 'a' } }, thoughtSignature: 'c2lnbmVk' },
            { functionCall: { name: 'list' } },
          ],
        },
        {
          role: 'user',
          parts: [
            { functionResponse: { name: 'read', response: { result: 'A' } } },
            { functionResponse: { name: 'list', response: { result: 'B' } } },
          ],
        },
      ],
    });
  });

  it('asks for thoughts only where the model has them', async () => {
    await using server = await startGoogleServer();
    await collect(provider(server).stream(request({ model: 'gemini-2.5-flash' }), never));
    await collect(provider(server).stream(request({ model: 'gemini-2.0-flash' }), never));
    const [thinking, plain] = server.chats.map(({ body }) => JSON.stringify(body));
    assert.match(thinking ?? '', /"includeThoughts":true/);
    assert.doesNotMatch(plain ?? '', /thinkingConfig/);
  });

  it('ends a blocked prompt as filtered, without an answer', async () => {
    const body = `data: ${JSON.stringify({ promptFeedback: { blockReason: 'SAFETY' }, usageMetadata: { promptTokenCount: 3 } })}\r\n\r\n`;
    await using server = await startGoogleServer({ reply: { body, headers: stream } });
    const parts = await collect(provider(server).stream(request(), never));
    assert.equal(textOf(parts), '');
    assert.deepEqual(parts.at(-1), { kind: 'finish', reason: 'content-filter' });
  });

  it('does not take a call that the model wrote wrongly for a good end', async () => {
    const body = `data: ${JSON.stringify({ candidates: [{ finishReason: 'MALFORMED_FUNCTION_CALL' }] })}\r\n\r\n`;
    await using server = await startGoogleServer({ reply: { body, headers: stream } });
    assert.deepEqual((await collect(provider(server).stream(request(), never))).at(-1), {
      kind: 'finish',
      reason: 'error',
    });
  });

  it('lists models with what they read and what for', async () => {
    await using server = await startGoogleServer({
      models: [
        {
          name: 'models/gemini-x',
          inputTokenLimit: 1_048_576,
          supportedGenerationMethods: ['generateContent', 'countTokens'],
        },
        { name: 'models/gemini-embedding', inputTokenLimit: 2048, supportedGenerationMethods: ['embedContent'] },
        'bare',
      ],
    });
    assert.deepEqual(await provider(server).listModels(never), [
      { name: 'gemini-x', contextTokens: 1_048_576, capabilities: { chat: true, embeddings: false }, source: 'server' },
      {
        name: 'gemini-embedding',
        contextTokens: 2048,
        capabilities: { chat: false, embeddings: true },
        source: 'server',
      },
      { name: 'bare', capabilities: {}, source: 'server' },
    ]);
  });

  it('embeds', async () => {
    await using server = await startGoogleServer();
    assert.deepEqual(await provider(server).embed('gemini-embedding', ['ab', 'abcd'], never), [
      Float32Array.of(2, 1),
      Float32Array.of(4, 1),
    ]);
  });
});
