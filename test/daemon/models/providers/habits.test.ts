// What servers send that no document of theirs describes: contents of other shapes, ends without their mark, signs of life, one
// document instead of a stream. The answer is whole all the same, or the user is told what the server said.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Fetch, PostRequest } from '../../../../daemon/base/egress.ts';
import { UserError } from '../../../../daemon/base/errors.ts';
import type { StreamPart } from '../../../../daemon/models/providers/provider.ts';
import { type Adapter, adapters, collect, failureOf, never, provide, request, textOf } from './adapters.ts';

const adapter = (name: string): Adapter => {
  const found = adapters.find((each) => each.name === name);
  assert.ok(found);
  return found;
};

const stream = { 'content-type': 'text/event-stream' };
const json = { 'content-type': 'application/json' };

async function partsOf(name: string, body: string, headers: Record<string, string> = stream): Promise<StreamPart[]> {
  await using server = await adapter(name).start({ reply: { headers, body } });
  return await collect(provide(adapter(name), server.url).stream(request(), never));
}

const reasoningOf = (parts: readonly StreamPart[]): string =>
  parts.map((part) => (part.kind === 'reasoning' ? part.text : '')).join('');

const events = (...values: unknown[]): string =>
  values.map((value) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`).join('');

const delta = (fields: object, finish: string | null = null): object => ({
  choices: [{ index: 0, delta: fields, finish_reason: finish }],
});
const end = delta({}, 'stop');

describe('a content', () => {
  const cases: [what: string, chunks: object[], told: { text?: string; reasoning?: string }][] = [
    [
      'a list of texts',
      [
        delta({
          content: [
            { type: 'text', text: 'fi' },
            { type: 'text', text: 'ne' },
          ],
        }),
      ],
      { text: 'fine' },
    ],
    ['a list of strings', [delta({ content: ['fi', 'ne'] })], { text: 'fine' }],
    ['an object', [delta({ content: { type: 'output_text', text: 'fine' } })], { text: 'fine' }],
    [
      'a list with thinking in it',
      [
        delta({
          content: [
            { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
            { type: 'text', text: 'fine' },
          ],
        }),
      ],
      { text: 'fine', reasoning: 'hm' },
    ],
    [
      'a list with a reference in it',
      [delta({ content: [{ type: 'reference', reference_ids: [1] }, 'fine'] })],
      { text: 'fine' },
    ],
    ['null, then a text', [delta({ content: null }), delta({ content: 'fine' })], { text: 'fine' }],
    [
      'reasoning as an object',
      [delta({ reasoning: { text: 'hm' } }), delta({ content: 'fine' })],
      { text: 'fine', reasoning: 'hm' },
    ],
    [
      'reasoning as details',
      [delta({ reasoning_details: [{ type: 'reasoning.text', text: 'hm' }], content: 'fine' })],
      { text: 'fine', reasoning: 'hm' },
    ],
    ['reasoning as a number', [delta({ reasoning_content: 5, content: 'fine' })], { text: 'fine', reasoning: '' }],
    [
      'in a message for a delta',
      [{ choices: [{ message: { content: 'fi' } }] }, { choices: [{ message: { content: 'ne' } }] }],
      { text: 'fine' },
    ],
    [
      'in a delta, and whole in a message at the end',
      [delta({ content: 'fine' }), { choices: [{ message: { content: 'fine' } }] }],
      { text: 'fine' },
    ],
    ['as text of an old completion', [{ choices: [{ text: 'fine' }] }], { text: 'fine' }],
    ['with choices that are no list', [{ choices: {} }, delta({ content: 'fine' })], { text: 'fine' }],
    ['with a delta of null', [{ choices: [{ delta: null }] }, delta({ content: 'fine' })], { text: 'fine' }],
  ];
  for (const [what, chunks, { text, reasoning = '' }] of cases) {
    it(`as ${what} is read`, async () => {
      const parts = await partsOf('openai', events(...chunks, end, '[DONE]'));
      assert.equal(textOf(parts), text);
      assert.equal(reasoningOf(parts), reasoning);
    });
  }

  for (const value of [5, true, [7], { text: 5 }]) {
    it(`as ${JSON.stringify(value)} is told as a server that sends no answer`, async () => {
      await using server = await adapter('openai').start({
        reply: { headers: stream, body: events(delta({ content: value }), end, '[DONE]') },
      });
      const { error } = await failureOf(provide(adapter('openai'), server.url).stream(request(), never));
      assert.ok(error instanceof UserError);
      assert.match(error.message, /sent something that isn't an answer/);
    });
  }

  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'eos']) {
    it(`that ends with the reason "${name}" has ended`, async () => {
      const parts = await partsOf('openai', events(delta({ content: 'fine' }, name), '[DONE]'));
      assert.deepEqual(parts.at(-1), { kind: 'finish', reason: 'stop' });
    });
  }
});

describe('a document that is no answer', () => {
  const documents: object[] = [{ hello: 'there' }, { success: false }, { data: [] }, { choices: [] }, { result: null }];
  for (const document of documents)
    for (const end of ['', '\n'])
      it(`is quoted to the user: ${JSON.stringify(JSON.stringify(document) + end)}`, async () => {
        await using server = await adapter('openai').start({
          reply: { headers: json, body: JSON.stringify(document) + end },
        });
        const { error } = await failureOf(provide(adapter('openai'), server.url).stream(request(), never));
        assert.ok(error instanceof UserError && error.message.includes(JSON.stringify(document)), String(error));
      });
});

describe('a tool call', () => {
  const cases: [what: string, fields: object][] = [
    ['an object', { tool_calls: [{ index: 0, id: 'a', function: { name: 'read', arguments: { path: 'x' } } }] }],
    ['text', { tool_calls: [{ id: 'a', function: { name: 'read', arguments: '{"path":"x"}' } }] }],
    [
      'text, with its index as text',
      { tool_calls: [{ index: '0', id: 'a', function: { name: 'read', arguments: '{"path":"x"}' } }] },
    ],
    ['an object of the old kind', { function_call: { name: 'read', arguments: { path: 'x' } } }],
  ];
  for (const [what, fields] of cases) {
    it(`with its arguments as ${what} is read`, async () => {
      const parts = await partsOf('openai', events(delta(fields), delta({}, 'tool_calls'), '[DONE]'));
      const call = parts.find((part) => part.kind === 'tool-call');
      assert.deepEqual([call?.name, JSON.parse(call?.arguments ?? '')], ['read', { path: 'x' }]);
    });
  }
});

/** One answer, "fine", as each API streams it, in two halves to put something between them. */
const halves: Record<string, [first: string, second: string]> = {
  openai: [events(delta({ content: 'fi' })), events(delta({ content: 'ne' }), end, '[DONE]')],
  anthropic: [
    events(
      { type: 'message_start', message: {} },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'fi' } },
    ),
    events(
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'ne' } },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' } },
      { type: 'message_stop' },
    ),
  ],
  google: [
    events({ candidates: [{ content: { parts: [{ text: 'fi' }] } }] }),
    events({ candidates: [{ content: { parts: [{ text: 'ne' }] }, finishReason: 'STOP' }] }),
  ],
  'openai responses': [
    events({ type: 'response.output_text.delta', delta: 'fi' }),
    events(
      { type: 'response.output_text.delta', delta: 'ne' },
      { type: 'response.completed', response: { status: 'completed' } },
    ),
  ],
};

/** What says that nothing follows; without it the model's own finish is the end. */
const endMark = /data: (\[DONE\]|\{"type":"message_stop"\})\n\n/;

const endings: Record<string, (signal: AbortSignal) => Promise<unknown> | AsyncGenerator<Uint8Array>> = {
  'stays open': (signal) => new Promise((resolve) => signal.addEventListener('abort', resolve)),
  'stays open with signs of life': async function* (signal) {
    while (!signal.aborted) {
      yield new TextEncoder().encode(': keep-alive\n\n');
      await new Promise((resolve) => setImmediate(resolve));
    }
  },
  breaks: () => Promise.reject(new TypeError('terminated')),
  'is closed': () => Promise.resolve(),
};

const signsOfLife: Record<string, string> = {
  'an empty event': 'data:\n\n',
  'an event of a space': 'data: \n\n',
  'a comment': ': keep-alive\n\n',
  'a comment as data': 'data: : OPENROUTER PROCESSING\n\n',
  null: 'data: null\n\n',
  'an empty object': 'data: {}\n\n',
  'a word': 'data: ping\n\n',
  'an event of its own': 'event: ping\ndata: {"type":"ping"}\n\n',
  'a name without data': 'event: response.created\n\n',
  'a failure that is none': 'data: {"error":null}\n\n',
};

for (const [name, [first, second]] of Object.entries(halves)) {
  describe(`${name}: a sign of life`, () => {
    for (const [what, sign] of Object.entries(signsOfLife)) {
      it(`as ${what} says nothing, wherever it stands`, async () => {
        const parts = await partsOf(name, sign + first + sign + second);
        assert.equal(textOf(parts), 'fine');
        assert.deepEqual(parts.at(-1), { kind: 'finish', reason: 'stop' });
      });
    }
  });

  describe(`${name}: an answer that has ended`, () => {
    for (const [what, ending] of Object.entries(endings)) {
      it(`is whole though the connection ${what}`, async () => {
        const { promise: closed, resolve } = Promise.withResolvers<void>();
        async function* body(signal: AbortSignal): AsyncGenerator<Uint8Array> {
          signal.addEventListener('abort', () => resolve());
          yield new TextEncoder().encode(first + second.replace(endMark, ''));
          const end = ending(signal);
          if (end instanceof Promise) await end;
          else yield* end;
        }
        const fetch: Fetch = Object.assign(() => assert.fail('the package was asked'), {
          post: async ({ signal }: PostRequest) => ({ status: 200, headers: new Headers(stream), body: body(signal) }),
        });
        const parts = await collect(
          provide(adapter(name), 'http://lab.test', { fetch, lateMs: 1 }).stream(request(), never),
        );
        assert.equal(textOf(parts), 'fine');
        assert.deepEqual(parts.at(-1), { kind: 'finish', reason: 'stop' });
        await closed;
      });
    }

    it('is whole though the last empty line is missing', async () => {
      assert.equal(textOf(await partsOf(name, (first + second).trimEnd())), 'fine');
    });
  });
}

/** The same answer as one document. */
const documents: Record<string, object[]> = {
  openai: [
    {
      object: 'chat.completion',
      choices: [{ message: { role: 'assistant', content: 'fine' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 3, completion_tokens: 2 },
    },
    {
      object: 'chat.completion',
      choices: [{ message: { content: [{ type: 'text', text: 'fine' }] } }],
      usage: { prompt_tokens: 3, completion_tokens: 2 },
    },
  ],
  anthropic: [
    {
      type: 'message',
      content: [{ type: 'text', text: 'fine' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 3, output_tokens: 2 },
    },
  ],
  google: [
    {
      candidates: [{ content: { parts: [{ text: 'fine' }] }, finishReason: 'STOP' }],
      usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2 },
    },
    [
      { candidates: [{ content: { parts: [{ text: 'fi' }] } }] },
      {
        candidates: [{ content: { parts: [{ text: 'ne' }] }, finishReason: 'STOP' }],
        usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2 },
      },
    ],
  ],
  'openai responses': [
    {
      object: 'response',
      status: 'completed',
      output: [{ type: 'message', content: [{ type: 'output_text', text: 'fine' }] }],
      usage: { input_tokens: 3, output_tokens: 2 },
    },
  ],
  ollama: [{ message: { content: 'fine' }, done: true, done_reason: 'stop', prompt_eval_count: 3, eval_count: 2 }],
};

for (const [name, bodies] of Object.entries(documents)) {
  describe(`${name}: an answer in one document`, () => {
    for (const [i, body] of bodies.entries())
      for (const text of [JSON.stringify(body), `${JSON.stringify(body, null, 2)}\n`])
        it(`is as good as a stream (${i + 1}, ${text.length} characters)`, async () => {
          const parts = await partsOf(name, text, json);
          assert.equal(textOf(parts), 'fine');
          assert.partialDeepStrictEqual(parts.at(-2), { kind: 'usage', usage: { input: 3, output: 2 } });
          assert.deepEqual(parts.at(-1), { kind: 'finish', reason: 'stop' });
        });
  });
}

describe('chat completions: an end', () => {
  it('may be told by the end marker alone', async () => {
    const parts = await partsOf('openai', events(delta({ content: 'fine' }), '[DONE]'));
    assert.equal(textOf(parts), 'fine');
    assert.deepEqual(parts.at(-1), { kind: 'finish', reason: 'stop' });
  });
});

for (const each of adapters) {
  describe(`${each.name}: a failure under a good status`, () => {
    const bodies: [what: string, headers: Record<string, string>, body: string][] = [
      ['words for an error', json, '{"error":"Unexpected endpoint or method"}'],
      ['an object for an error', json, '{"error":{"message":"Unexpected endpoint or method"}}'],
      ['a list around it', json, '[{"error":{"message":"Unexpected endpoint or method"}}]'],
      ['an object of that kind', json, '{"object":"error","message":"Unexpected endpoint or method"}'],
      ['words alone', json, '{"message":"Unexpected endpoint or method"}'],
      ['a detail alone', json, '{"detail":"Unexpected endpoint or method"}'],
      ["a vendor's own form", json, '{"code":1001,"msg":"Unexpected endpoint or method"}'],
      [
        "a vendor's form in a form",
        json,
        '{"base_resp":{"status_code":1008,"status_msg":"Unexpected endpoint or method"}}',
      ],
      ['words before the end marker', stream, 'data: {"msg":"Unexpected endpoint or method"}\n\ndata: [DONE]\n\n'],
      ['an event', stream, 'event: error\ndata: {"message":"Unexpected endpoint or method"}\n\n'],
      ['an event of plain words', stream, 'event: error\ndata: Unexpected endpoint or method\n\n'],
      ['a field', stream, 'error: {"code":500,"message":"Unexpected endpoint or method"}\n\ndata: [DONE]\n\n'],
      [
        'an event in another form',
        stream,
        'data: {"object":"error","message":"Unexpected endpoint or method","code":500}\n\n',
      ],
    ];
    for (const [what, headers, body] of bodies) {
      it(`as ${what} is told in the server's words`, async () => {
        await using server = await each.start({ reply: { headers, body } });
        const { error } = await failureOf(provide(each, server.url).stream(request(), never));
        assert.ok(error instanceof UserError);
        assert.match(error.message, /Unexpected endpoint or method/);
        assert.doesNotMatch(error.message, /in the middle of its answer/);
      });
    }
  });
}
