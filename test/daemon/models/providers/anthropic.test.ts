// What is Anthropic's alone: the system prompt apart, the obligatory limit, stop reasons, its list of models.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createAnthropicProvider } from '../../../../daemon/models/providers/anthropic.ts';
import { startAnthropicServer } from '../../../fakes/provider-servers/anthropic.ts';
import type { ScriptedServer } from '../../../fakes/provider-servers/scripted-server.ts';
import { collect, never, request, textOf } from './adapters.ts';

function provider(server: ScriptedServer) {
  return createAnthropicProvider({
    name: 'claude',
    local: true,
    fetch: globalThis.fetch,
    apiKey: async () => 'sk-ant-test',
    config: { type: 'anthropic', baseUrl: server.url },
  });
}

describe('anthropic', () => {
  it('sends the system prompt apart, leaves empty messages out, and always sets a limit', async () => {
    await using server = await startAnthropicServer();
    await collect(
      provider(server).stream(
        request({
          messages: [
            { role: 'system', content: 'Be brief.' },
            { role: 'user', content: 'Hi' },
            { role: 'assistant', content: '' },
            { role: 'user', content: 'there' },
          ],
        }),
        never,
      ),
    );
    const body = server.chats[0]?.body as Record<string, unknown>;
    assert.equal(body['system'], 'Be brief.');
    assert.deepEqual(body['messages'], [{ role: 'user', content: 'Hi\n\nthere' }]);
    assert.equal(body['max_tokens'], 8192);
  });

  it('warns where a model cannot be held to a schema', async () => {
    await using server = await startAnthropicServer({
      reply: ({ body }) =>
        'output_config' in (body as object)
          ? {
              status: 400,
              body: {
                type: 'error',
                error: { type: 'invalid_request_error', message: 'output_config: not supported' },
              },
            }
          : '{}',
    });
    const parts = await collect(
      provider(server).stream(request({ jsonSchema: { name: 'x', schema: { type: 'object' } } }), never),
    );
    assert.equal(textOf(parts), '{}');
    assert.match(JSON.stringify(parts[0]), /warning.*JSON schema/);
  });

  it('tells a refusal from a good end', async () => {
    await using server = await startAnthropicServer({ reply: { text: 'I', finish: 'content-filter' } });
    assert.deepEqual((await collect(provider(server).stream(request(), never))).at(-1), {
      kind: 'finish',
      reason: 'content-filter',
    });
  });

  it('lists models with the context they read, where the server says so', async () => {
    const capabilities = { image_input: { supported: true }, structured_outputs: { supported: false } };
    await using server = await startAnthropicServer({
      models: [{ id: 'big', max_input_tokens: 200_000, capabilities }, 'bare'],
    });
    assert.deepEqual(await provider(server).listModels(never), [
      {
        name: 'big',
        contextTokens: 200_000,
        capabilities: { chat: true, vision: true, jsonSchema: false },
        source: 'server',
      },
      { name: 'bare', capabilities: { chat: true }, source: 'server' },
    ]);
  });

  it('has no embeddings, and says what to do', async () => {
    await using server = await startAnthropicServer();
    await assert.rejects(provider(server).embed('m', ['x'], never), {
      code: 'bad-request',
      message: /no embedding models.*another provider/,
    });
  });
});
