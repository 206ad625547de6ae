// A setting that a server refused once is left out from then on, until what is configured changes: the next question is one request.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { ProviderConfig } from '../../../../daemon/base/config/config.ts';
import { RefusedSettings } from '../../../../daemon/models/providers/optional-settings.ts';
import type { ModelRequest } from '../../../../daemon/models/providers/provider.ts';
import type { ScriptedServer } from '../../../fakes/provider-servers/scripted-server.ts';
import { type Adapter, adapters, collect, never, provide, request, textOf } from './adapters.ts';

const adapter = (name: string): Adapter => {
  const found = adapters.find((each) => each.name === name);
  assert.ok(found);
  return found;
};

const schema = { name: 'x', schema: { type: 'object' } };
const everything: Partial<ModelRequest> = {
  temperature: 0,
  maxOutputTokens: 70,
  jsonSchema: schema,
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hello?' },
  ],
};

interface RefusedMember {
  adapter: string;
  setting: string;
  words: string;
  config?: Partial<ProviderConfig>;
  /** Whether a body has what is refused; by default, whether its text names it. */
  has?: (body: string) => boolean;
  model?: string;
}

const members: RefusedMember[] = [
  { adapter: 'openai', setting: 'stream_options', words: 'Unrecognized request argument supplied: stream_options' },
  { adapter: 'openai', setting: 'temperature', words: "Unsupported value: 'temperature' does not support 0" },
  { adapter: 'openai', setting: 'response_format', words: 'response_format is not supported by this model' },
  { adapter: 'openai', setting: 'max_tokens', words: "Unsupported parameter: 'max_tokens'. Use the other instead." },
  { adapter: 'groq', setting: 'max_completion_tokens', words: 'property max_completion_tokens is unsupported' },
  {
    adapter: 'openai',
    setting: 'system',
    words: 'System role not supported',
    has: (body) => body.includes('"system"'),
  },
  { adapter: 'openai responses', setting: 'temperature', words: "Unsupported parameter: 'temperature'" },
  { adapter: 'openai responses', setting: 'reasoning', words: 'Unsupported parameter: reasoning', model: 'gpt-5' },
  {
    adapter: 'openai responses',
    setting: 'text',
    words: 'Unknown parameter: text',
    has: (body) => body.includes('"text":{'),
  },
  { adapter: 'anthropic', setting: 'output_config', words: 'output_config: Extra inputs are not permitted' },
  { adapter: 'google', setting: 'thinkingConfig', words: 'thinkingConfig is not supported', model: 'gemini-2.5-pro' },
  { adapter: 'google', setting: 'responseJsonSchema', words: 'Unknown name "responseJsonSchema": Cannot find field' },
];

function refuse(server: ScriptedServer, { setting, words, has }: RefusedMember): void {
  const isRefused = has ?? ((body: string) => body.includes(`"${setting}"`));
  server.reply = ({ body }) =>
    isRefused(JSON.stringify(body)) ? { status: 400, body: { error: { message: words } } } : 'fine';
}

describe('a setting that a model refused once', () => {
  for (const member of members) {
    const { adapter: name, setting, model = 'scripted' } = member;
    it(`is not sent to it again by ${name}: ${setting}`, async () => {
      await using server = await adapter(name).start();
      refuse(server, member);
      const provider = provide(adapter(name), server.url);
      const ask = async () => textOf(await collect(provider.stream(request({ ...everything, model }), never)));
      assert.equal(await ask(), 'fine');
      assert.equal(server.chats.length, 2);
      assert.equal(await ask(), 'fine');
      assert.equal(server.chats.length, 3, 'the second question cost one request');
    });
  }

  it('is told of with each answer that lacks it', async () => {
    await using server = await adapter('openai').start();
    refuse(server, { adapter: 'openai', setting: 'temperature', words: 'temperature is not supported' });
    const provider = provide(adapter('openai'), server.url);
    for (const _ of ['first', 'second']) {
      const parts = await collect(provider.stream(request({ temperature: 0 }), never));
      assert.ok(parts.some((part) => part.kind === 'warning' && /temperature/.test(part.message)));
    }
  });

  it('is sent to another model, and by what is configured anew', async () => {
    await using server = await adapter('openai').start();
    refuse(server, { adapter: 'openai', setting: 'temperature', words: 'temperature is not supported' });
    const provider = provide(adapter('openai'), server.url);
    await collect(provider.stream(request({ temperature: 0 }), never));
    await collect(provider.stream(request({ temperature: 0, model: 'other' }), never));
    assert.equal(server.chats.length, 4);
    await collect(provide(adapter('openai'), server.url).stream(request({ temperature: 0 }), never));
    assert.equal(server.chats.length, 6);
  });

  const values = [
    "Invalid schema for response_format 'x': 'additionalProperties' is required",
    'response_format: schema too deep',
    'response_format.json_schema.name must be shorter than 64 characters',
  ];
  for (const words of values)
    it(`is sent with another value where this one was what was wrong: ${words}`, async () => {
      await using server = await adapter('openai').start();
      refuse(server, { adapter: 'openai', setting: 'response_format', words, has: (body) => body.includes('"wrong"') });
      const provider = provide(adapter('openai'), server.url);
      await collect(provider.stream(request({ jsonSchema: { ...schema, name: 'wrong' } }), never));
      await collect(provider.stream(request({ jsonSchema: schema }), never));
      assert.match(JSON.stringify(server.chats.at(-1)?.body), /response_format/);
    });

  it('is sent again after a server that has changed refused what was sent instead', async () => {
    await using server = await adapter('openai').start();
    const provider = provide(adapter('openai'), server.url);
    const ask = () => collect(provider.stream(request({ maxOutputTokens: 70 }), never));
    refuse(server, { adapter: 'openai', setting: 'max_tokens', words: 'max_tokens is not supported' });
    await ask();
    const words = 'max_completion_tokens is not supported';
    refuse(server, { adapter: 'openai', setting: 'max_completion_tokens', words });
    await assert.rejects(ask, /max_completion_tokens/);
    assert.equal(textOf(await ask()), 'fine');
  });

  it('is remembered for a bounded number of models', () => {
    const refused = new RefusedSettings();
    refused.of('first').add('temperature');
    assert.deepEqual([...refused.of('first')], ['temperature']);
    for (let i = 0; i < 1000; i++) refused.of(`model ${i}`).add('temperature');
    assert.deepEqual([...refused.of('first')], []);
  });
});
