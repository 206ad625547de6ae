// A picture on its way to every kind of provider: it is in the request as that API has it, or the request ends in an error that says why.
// Never is it left out in silence.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Models } from '../../../daemon/models/ask.ts';
import type { Provider } from '../../../daemon/models/providers/provider.ts';
import type { SelectRequest } from '../../../daemon/models/router/router.ts';
import { modelsOf } from '../features/pipeline/parts.ts';
import { type Adapter, adapters, never, provide } from './providers/adapters.ts';

const data = 'aW1hZ2U=';
const messages = [
  { role: 'system' as const, content: 'Be brief.' },
  {
    role: 'user' as const,
    content: 'What is this?',
    images: [{ mediaType: 'image/png', data, width: 8, height: 8, hash: 'f00d' }],
  },
];

const chatCompletions = {
  role: 'user',
  content: [
    { type: 'text', text: 'What is this?' },
    { type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } },
  ],
};
/** The user's message, as each API has it. */
const carried: Record<string, object> = {
  anthropic: {
    role: 'user',
    content: [
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data } },
      { type: 'text', text: 'What is this?' },
    ],
  },
  ollama: { role: 'user', content: 'What is this?', images: [data] },
  google: { role: 'user', parts: [{ inlineData: { mimeType: 'image/png', data } }, { text: 'What is this?' }] },
  'openai responses': {
    role: 'user',
    content: [
      { type: 'input_text', text: 'What is this?' },
      { type: 'input_image', image_url: `data:image/png;base64,${data}` },
    ],
  },
};

/** All models there are are this one. */
function onlyModel(provider: Provider, vision: boolean | undefined): Models {
  const candidate = {
    id: 'lab/scripted',
    provider,
    info: {
      name: 'scripted',
      capabilities: { chat: true, ...(vision !== undefined && { vision }) },
      source: 'server' as const,
    },
    health: { state: 'ok' as const },
  };
  const decision = { model: candidate.id, provider: 'lab', reason: 'it is a test', alternatives: [], confidence: 1 };
  return modelsOf({ select: async () => ({ candidate, decision }) });
}

const wanted: SelectRequest = { task: 'chat', profile: 'default' };

async function ask(models: Models): Promise<void> {
  await models.ask({ wanted, signal: never }, async (attempt) => {
    for await (const part of attempt.stream({ messages })) assert.notEqual(part.kind, 'warning');
  });
}

function messageWithPicture(adapter: Adapter, body: unknown): object | undefined {
  const { messages: sent, contents, input } = body as Record<string, object[]>;
  const all = sent ?? contents ?? input ?? [];
  return (
    all.find((message) => 'role' in message && message.role === 'user') ?? assert.fail(`${adapter.name}: no question`)
  );
}

for (const adapter of adapters)
  describe(`${adapter.name}: a picture`, () => {
    for (const vision of [true, undefined])
      it(`is carried to a model that ${vision ? 'sees' : 'may see'}, in the exact words of the API`, async () => {
        await using server = await adapter.start();
        await ask(onlyModel(provide(adapter, server.url), vision));
        assert.equal(server.chats.length, 1);
        const sent = messageWithPicture(adapter, server.chats[0]?.body);
        assert.partialDeepStrictEqual(sent, carried[adapter.name] ?? chatCompletions);
        assert.doesNotMatch(JSON.stringify(sent), /f00d/);
      });

    it('is not sent to a model that is blind, and the error says so', async () => {
      await using server = await adapter.start();
      await assert.rejects(ask(onlyModel(provide(adapter, server.url), false)), {
        name: 'UserError',
        code: 'no-vision',
        message: /^lab\/scripted can't see pictures\./,
      });
      assert.equal(server.chats.length, 0);
    });
  });
