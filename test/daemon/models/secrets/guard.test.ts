// What leaves for a model elsewhere, and what comes back: no secret goes either way.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { UserError } from '../../../../daemon/base/errors.ts';
import { Redactor } from '../../../../daemon/base/log.ts';
import {
  type ModelRequest,
  type Provider,
  ProviderError,
  type StreamPart,
} from '../../../../daemon/models/providers/provider.ts';
import { createPromptGuard, guarded } from '../../../../daemon/models/secrets/guard.ts';
import { randomFrom, tokens } from './corpus.ts';

const random = randomFrom(11);
const github = tokens['GitHub classic']?.(random) ?? '';
const slack = tokens['Slack bot']?.(random) ?? '';
const redacting = createPromptGuard({ mode: () => 'redact' });
const refusing = createPromptGuard({ mode: () => 'refuse' });
const never = new AbortController().signal;
const cloud = { name: 'cloud', local: false };
const key = 'key-of-the-cloud-1234567890';
const redactor = new Redactor();
redactor.add(key);

/** A provider that remembers what it was sent. */
function recording(local: boolean): Provider & { sent: string[] } {
  const sent: string[] = [];
  return {
    name: local ? 'here' : 'cloud',
    local,
    sent,
    listModels: async () => [],
    async *stream(request: ModelRequest): AsyncGenerator<StreamPart> {
      sent.push(JSON.stringify(request));
      yield { kind: 'text', text: 'answer' };
      yield { kind: 'finish', reason: 'stop' };
    },
    async embed(_model, texts) {
      sent.push(JSON.stringify(texts));
      return texts.map(() => new Float32Array(1));
    },
  };
}

async function partsOf(provider: Provider, text: string): Promise<StreamPart[]> {
  const parts: StreamPart[] = [];
  for await (const part of provider.stream(
    { model: 'm', messages: [{ role: 'user', content: text }] },
    new AbortController().signal,
  ))
    parts.push(part);
  return parts;
}

describe('the prompt guard', () => {
  it('replaces secrets and says which kinds and how many, never what they were', () => {
    const { messages, notes } = redacting(
      [
        { role: 'user', content: `${github} and ${slack}` },
        { role: 'assistant', content: `again ${github}` },
      ],
      cloud,
    );
    assert.deepEqual(
      messages.map(({ content }) => content),
      ['[redacted: GitHub token] and [redacted: Slack token]', 'again [redacted: GitHub token]'],
    );
    assert.deepEqual(notes, [
      'Not sent to "cloud": 2 × GitHub token, 1 × Slack token. The model saw only the kind of each.',
    ]);
  });

  it('reads everything in a message that is text, such as the arguments of a call, and no picture', () => {
    const message = {
      role: 'assistant',
      content: '',
      toolCalls: [{ id: '1', name: 'fetch', arguments: JSON.stringify({ token: github }) }],
      images: [{ mediaType: 'image/png', data: github }],
    };
    const { messages } = redacting([message], cloud);
    assert.equal(messages[0]?.toolCalls[0]?.arguments, '{"token":"[redacted: GitHub token]"}');
    assert.equal(messages[0]?.images[0]?.data, github);
  });

  it('refuses instead where that is wanted', () => {
    assert.throws(
      () => refusing([{ content: github }], cloud),
      (error: unknown) =>
        error instanceof UserError &&
        error.code === 'secrets-in-prompt' &&
        /1 × GitHub token/.test(error.message) &&
        !error.message.includes(github),
    );
  });

  it('has nothing to say of a prompt without secrets', () => {
    assert.deepEqual(refusing([{ content: 'Why is the sky blue?' }], cloud), {
      messages: [{ content: 'Why is the sky blue?' }],
      notes: [],
    });
  });
});

describe('a guarded provider', () => {
  it('is never shown a secret, in prompts and in texts to embed; the user reads of it before the answer', async () => {
    const provider = recording(false);
    const behind = guarded(provider, { promptGuard: redacting, redactor });
    const parts = await partsOf(behind, `use ${github}`);
    await behind.embed('m', [`use ${github}`], new AbortController().signal);
    assert.deepEqual(
      parts.map(({ kind }) => kind),
      ['warning', 'text', 'finish'],
    );
    assert.equal(provider.sent.length, 2);
    assert.ok(provider.sent.every((sent) => sent.includes('[redacted: GitHub token]') && !sent.includes(github)));
  });

  it('is shown no secret in the tools and the schema of a request either', async () => {
    const provider = recording(false);
    const request: ModelRequest = {
      model: 'm',
      messages: [],
      tools: [{ name: 'fetch', description: `with ${github}`, parameters: { header: { default: github } } }],
      jsonSchema: { name: 'answer', schema: { description: github } },
    };
    for await (const _ of guarded(provider, { promptGuard: redacting, redactor }).stream(request, never));
    assert.equal(provider.sent[0]?.split('[redacted: GitHub token]').length, 4);
    assert.ok(!provider.sent[0]?.includes(github));
  });

  it('is sent nothing at all where secrets are refused', async () => {
    const provider = recording(false);
    const behind = guarded(provider, { promptGuard: refusing, redactor });
    await assert.rejects(partsOf(behind, github), UserError);
    await assert.rejects(behind.embed('m', [github], new AbortController().signal), UserError);
    assert.deepEqual(provider.sent, []);
  });

  it('on this machine is sent prompts and texts to embed as they are', async () => {
    const provider = recording(true);
    const behind = guarded(provider, { promptGuard: refusing, redactor });
    const parts = await partsOf(behind, github);
    await behind.embed('m', [github], new AbortController().signal);
    assert.deepEqual(
      parts.map(({ kind }) => kind),
      ['text', 'finish'],
    );
    assert.equal(provider.sent.length, 2);
    assert.ok(provider.sent.every((sent) => sent.includes(github)));
  });

  for (const local of [true, false]) {
    it(`masks a key that a server ${local ? 'on this machine' : 'elsewhere'} repeats, and keeps the rest of its failure`, async () => {
      const failure = new ProviderError('rate-limited', `Too many for ${key}.`, { retryAfterMs: 5, turnedAway: true });
      const fail = (): Promise<never> => Promise.reject(failure);
      const behind = guarded(
        {
          ...recording(local),
          listModels: fail,
          embed: fail,
          async *stream() {
            yield { kind: 'warning', message: `${key} is old.` };
            throw failure;
          },
        },
        { promptGuard: redacting, redactor },
      );
      const parts: StreamPart[] = [];
      const reading = async () => {
        for await (const part of behind.stream({ model: 'm', messages: [] }, signal)) parts.push(part);
      };
      const { signal } = new AbortController();
      for (const work of [reading(), behind.listModels(signal), behind.embed('m', ['text'], signal)])
        await assert.rejects(
          work,
          (error: unknown) =>
            error instanceof ProviderError &&
            /^Too many for /.test(error.message) &&
            !error.message.includes(key) &&
            error.code === 'rate-limited' &&
            error.retryAfterMs === 5 &&
            error.turnedAway,
        );
      assert.deepEqual(
        parts.map((part) => part.kind === 'warning' && / is old\.$/.test(part.message) && !part.message.includes(key)),
        [true],
      );
    });
  }
});
