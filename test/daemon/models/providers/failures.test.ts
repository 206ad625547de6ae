// What every adapter makes of a server that refuses, breaks, lies or hangs; and that no failure ever shows the key.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { describe, it } from 'mocha';
import { UserError } from '../../../../daemon/base/errors.ts';
import { createEgress } from '../../../../daemon/egress/egress.ts';
import { retryAfterMs } from '../../../../daemon/models/providers/failures.ts';
import {
  ProviderError,
  type ProviderErrorCode,
  type StreamPart,
} from '../../../../daemon/models/providers/provider.ts';
import type { Reply } from '../../../fakes/provider-servers/scripted-server.ts';
import { type Adapter, adapters, collect, failureOf, never, plantedKey, provide, request, textOf } from './adapters.ts';

const echo = `Incorrect API key provided: ${plantedKey}.`; // servers have been seen to quote the key

const refusals: { what: string; reply: Reply; code: ProviderErrorCode; says: RegExp; retryAfterMs?: number }[] = [
  {
    what: 'a wrong key',
    reply: { status: 401, body: { error: { message: echo } } },
    code: 'auth',
    says: /rejected the API key \(401\).*`switchyard keys set lab`\.$/,
  },
  {
    what: 'a forbidden request',
    reply: { status: 403, body: { error: { message: 'no access' } } },
    code: 'auth',
    says: /no access/,
  },
  {
    what: 'an account without credit',
    reply: { status: 402, body: { error: { message: 'pay' } } },
    code: 'refused',
    says: /billing/,
  },
  {
    what: 'an unknown model',
    reply: { status: 404, body: { error: 'model "scripted" not found' } },
    code: 'model-not-found',
    says: /"scripted" \(404\)/,
  },
  {
    what: 'too many requests',
    reply: { status: 429, headers: { 'retry-after': '7' }, body: { error: { message: 'slow' } } },
    code: 'rate-limited',
    says: /in 7 s/,
    retryAfterMs: 7000,
  },
  {
    what: 'an exhausted quota',
    reply: { status: 429, body: { error: { message: 'quota', code: 'insufficient_quota' } } },
    code: 'refused',
    says: /credit/,
  },
  {
    what: 'a long prompt, by code',
    reply: { status: 400, body: { error: { message: 'too big', code: 'context_length_exceeded' } } },
    code: 'context-too-long',
    says: /longer than scripted can read/,
  },
  {
    what: 'a long prompt, by type',
    reply: { status: 400, body: { error: { message: 'too big', type: 'exceed_context_size_error' } } },
    code: 'context-too-long',
    says: /attach less/,
  },
  {
    what: 'a long prompt, in words',
    reply: { status: 400, body: { error: { message: 'prompt is too long: 210000 tokens > 200000 maximum' } } },
    code: 'context-too-long',
    says: /210000/,
  },
  {
    what: "a long prompt, in Google's words",
    reply: {
      status: 400,
      body: {
        error: {
          code: 400,
          message: 'The input token count (1048577) exceeds the maximum number of tokens allowed (1048576).',
          status: 'INVALID_ARGUMENT',
        },
      },
    },
    code: 'context-too-long',
    says: /1048576/,
  },
  {
    what: "a wrong key, in Google's words",
    reply: {
      status: 400,
      body: [
        {
          error: { code: 400, message: 'API key not valid. Please pass a valid API key.', status: 'INVALID_ARGUMENT' },
        },
      ],
    },
    code: 'auth',
    says: /rejected the API key/,
  },
  {
    what: "a wrong key, in xAI's words",
    reply: { status: 400, body: { code: 'Client specified an invalid argument', error: echo } },
    code: 'auth',
    says: /Incorrect API key/,
  },
  {
    what: 'too many requests, by Google',
    reply: {
      status: 429,
      body: {
        error: {
          code: 429,
          message: 'quota',
          status: 'RESOURCE_EXHAUSTED',
          details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.0748s' }],
        },
      },
    },
    code: 'rate-limited',
    says: /in 35 s/,
    retryAfterMs: 34_075,
  },
  {
    what: 'a filter on what is asked',
    reply: { status: 400, body: { error: { message: 'flagged', code: 'content_filter' } } },
    code: 'refused',
    says: /because of its content.*Reword/,
  },
  {
    what: 'a moderation, by OpenRouter',
    reply: {
      status: 403,
      body: { error: { code: 403, message: 'Your input was flagged', metadata: { reasons: ['violence'] } } },
    },
    code: 'refused',
    says: /flagged/,
  },
  {
    what: 'a bad request',
    reply: { status: 400, body: { error: { message: 'bad field' } } },
    code: 'bad-request',
    says: /bad field/,
  },
  {
    what: 'a failing server',
    reply: { status: 500, body: { error: { message: 'oops' } } },
    code: 'unavailable',
    says: /failed \(500\): oops\./,
  },
  {
    what: 'an overloaded server',
    reply: { status: 529, body: { error: { message: 'busy' } } },
    code: 'unavailable',
    says: /overloaded/,
  },
  {
    what: 'a proxy that answers with a page',
    reply: { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>Bad gateway</html>' },
    code: 'unavailable',
    says: /failed \(502\)\. Try/,
  },
  {
    what: 'a page instead of an answer',
    reply: { headers: { 'content-type': 'text/html' }, body: '<html>Log in</html>' },
    code: 'unavailable',
    says: /web page.*baseUrl/,
  },
  {
    what: 'an answer that is no stream',
    reply: { headers: { 'content-type': 'application/json' }, body: '{"nothing": tr' },
    code: 'unavailable',
    says: /lab/,
  },
  {
    what: 'a redirect',
    reply: { status: 302, headers: { location: 'http://127.0.0.1:9/' }, body: '' },
    code: 'unavailable',
    says: /doesn't follow it/,
  },
];

for (const adapter of adapters) {
  describe(`${adapter.name}: a failure`, () => {
    for (const { what, reply, code, says, retryAfterMs: wait } of refusals) {
      it(`by ${what} is "${code}", with a sentence and without the key`, async () => {
        await using server = await adapter.start({ reply });
        const { error } = await failureOf(provide(adapter, server.url).stream(request(), never));
        assertFailure(error, code, says);
        assert.equal((error as ProviderError).retryAfterMs, wait);
        assert.equal(server.chats.length, 1, 'asked once: retries are decided elsewhere');
      });
    }

    it('inside the stream keeps its meaning, after the text that had come', async () => {
      for (const [type, code] of [
        ['overloaded_error', 'unavailable'],
        ['rate_limit_error', 'rate-limited'],
        ['unheard_of', 'unavailable'],
      ] as const) {
        await using server = await adapter.start({
          reply: { text: ['half'], errorEvent: { type, message: `sorry, ${echo}` } },
        });
        const { parts, error } = await failureOf(provide(adapter, server.url).stream(request(), never));
        assert.equal(textOf(parts), 'half');
        // Ollama's error lines have words only
        assertFailure(error, adapter.type === 'ollama' ? 'unavailable' : code, /sorry/);
      }
    });

    it('by a stream without its end is told, whatever text had come', async () => {
      await using server = await adapter.start({ reply: { text: ['all there is'], endsEarly: true } });
      const { parts, error } = await failureOf(provide(adapter, server.url).stream(request(), never));
      assert.equal(textOf(parts), 'all there is');
      assertFailure(error, 'unavailable', /disconnected in the middle/);
    });

    it('by a connection cut at any byte is never taken for an end before the model has said that it ended', async () => {
      const reply: Reply = { text: ['Grüße ', 'and more'], usage: { input: 3, output: 2 } };
      const total = await streamBytes(adapter, reply);
      const whole: number[] = [];
      for (let cutAfterBytes = 1; cutAfterBytes < total; cutAfterBytes += 23) {
        await using server = await adapter.start({ reply: { ...reply, cutAfterBytes } });
        const { parts, error } = await endOf(provide(adapter, server.url).stream(request(), never));
        if (error) {
          assertFailure(error, 'unavailable', /lab/);
          assert.equal(
            parts.some(({ kind }) => kind === 'finish'),
            false,
            `cut after ${cutAfterBytes} of ${total} bytes`,
          );
          assert.deepEqual(whole, [], 'a later cut leaves no less');
        } else {
          assert.equal(textOf(parts), 'Grüße and more');
          whole.push(cutAfterBytes);
        }
      }
      assert.ok(whole.length < total / 23 / 2, 'most cuts are told');
    });

    it('by a server that is not there says so', async () => {
      const { error } = await failureOf(
        provide(adapter, `http://127.0.0.1:${await freePort()}`).stream(request(), never),
      );
      assertFailure(error, 'network', /Nothing responds at 127\.0\.0\.1:\d+ \(connection refused\)/);
    });

    it('by a name that does not exist says so', async () => {
      const { error } = await failureOf(provide(adapter, 'http://no-such-host.invalid').stream(request(), never));
      assertFailure(error, 'network', /no-such-host\.invalid/);
    });

    it('by a server that falls silent ends the waiting', async () => {
      for (const hold of [
        { after: 'request' as const, until: new Promise(() => {}) },
        { after: 1, until: new Promise(() => {}) },
      ]) {
        await using server = await adapter.start({ reply: { text: ['one', 'two'], hold } });
        // On a busy machine the first of these may be over before the server was asked, which then sees nothing close.
        for (let silenceMs = 50; server.chats.length === 0; silenceMs *= 2) {
          const { error } = await failureOf(provide(adapter, server.url, { silenceMs }).stream(request(), never));
          assertFailure(error, 'unavailable', /has sent nothing for/);
        }
        await server.closedEarly();
      }
    });

    it('by an unusable key is told before anything is sent', async () => {
      await using server = await adapter.start();
      const { error } = await failureOf(
        provide(adapter, server.url, { apiKey: async () => `${plantedKey}\nx` }).stream(request(), never),
      );
      assertFailure(error, 'auth', /characters that no key has/);
      assert.equal(server.requests.length, 0);
    });

    it('by "local only" stays the user\'s own decision', async () => {
      const silent = { debug() {}, info() {}, warn() {}, error() {} };
      const { fetch } = createEgress({ localOnly: () => true, log: silent });
      const { error } = await failureOf(provide(adapter, 'https://models.example', { fetch }).stream(request(), never));
      assert.ok(error instanceof UserError && error.code === 'local-only');
    });
  });

  describe(`${adapter.name}: a key`, () => {
    it('is asked for at each request, and sent in headers only', async () => {
      await using server = await adapter.start();
      let asked = 0;
      const provider = provide(adapter, server.url, { apiKey: async () => `${plantedKey}-${++asked}` });
      await collect(provider.stream(request(), never));
      await collect(provider.stream(request(), never));
      assert.equal(asked, 2);
      assert.ok(JSON.stringify(server.chats[1]?.headers).includes(`${plantedKey}-2`));
      assert.doesNotMatch(
        JSON.stringify([
          server.requests.map(({ path, body }) => ({ path, body })),
          inspect(provider, { depth: 9, showHidden: true }),
        ]),
        /planted/,
      );
    });

    it('is not made up where there is none, nor taken from the environment', async () => {
      const names = [
        'OPENAI_API_KEY',
        'ANTHROPIC_API_KEY',
        'ANTHROPIC_AUTH_TOKEN',
        'OLLAMA_API_KEY',
        'GEMINI_API_KEY',
        'GOOGLE_API_KEY',
      ];
      for (const name of names) process.env[name] = 'from-the-environment';
      try {
        await using server = await adapter.start();
        await collect(provide(adapter, server.url, { apiKey: async () => undefined }).stream(request(), never));
        const { authorization, ...headers } = server.chats[0]?.headers ?? {};
        assert.deepEqual(
          [authorization, headers['x-api-key'], headers['x-goog-api-key']],
          [undefined, undefined, undefined],
        );
      } finally {
        for (const name of names) delete process.env[name];
      }
    });
  });
}

describe('Retry-After', () => {
  const now = Date.parse('2026-03-01T12:00:00Z');
  const cases: [Record<string, string>, number | undefined][] = [
    [{}, undefined],
    [{ 'retry-after': '20' }, 20_000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after': 'Sun, 01 Mar 2026 12:00:30 GMT' }, 30_000],
    [{ 'retry-after': 'Sun, 01 Mar 2026 11:00:00 GMT' }, 0],
    [{ 'retry-after': 'Sun, 01 Mar 2027 09:00:30 GMT', date: 'Sun, 01 Mar 2027 09:00:00 GMT' }, 30_000],
    [{ 'retry-after': 'Sun, 01 Mar 2026 12:00:30 GMT', date: 'now' }, 30_000],
    [{ 'retry-after-ms': '1500', 'retry-after': '9' }, 1500],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-5' }, undefined],
  ];
  for (const [headers, expected] of cases) {
    it(`${JSON.stringify(headers)} is ${expected ?? 'nothing'}`, () =>
      assert.equal(retryAfterMs(new Headers(headers), now), expected));
  }
});

async function endOf(parts: AsyncIterable<StreamPart>): Promise<{ parts: StreamPart[]; error?: unknown }> {
  const came: StreamPart[] = [];
  try {
    for await (const part of parts) came.push(part);
    return { parts: came };
  } catch (error) {
    return { parts: came, error };
  }
}

function assertFailure(error: unknown, code: ProviderErrorCode, says: RegExp): void {
  assert.ok(error instanceof ProviderError, inspect(error));
  assert.equal(error.code, code, error.message);
  assert.match(error.message, says);
  const everything = `${error.message}\n${error.stack}\n${JSON.stringify(error)}\n${inspect(error, { depth: 9, showHidden: true })}`;
  assert.doesNotMatch(everything, /planted/);
}

/** How long a whole stream of this reply is. */
async function streamBytes(adapter: Adapter, reply: Reply): Promise<number> {
  await using server = await adapter.start({ reply });
  let bytes = 0;
  const counting: typeof globalThis.fetch = async (input, init) => {
    const response = await globalThis.fetch(input, init);
    if (
      !new URL(String(input)).pathname.endsWith('/chat') &&
      !/messages|completions|streamGenerate|responses/.test(String(input))
    )
      return response;
    const count = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        bytes += chunk.byteLength;
        controller.enqueue(chunk);
      },
    });
    return new Response(response.body?.pipeThrough(count) ?? null, response);
  };
  await collect(provide(adapter, server.url, { fetch: counting }).stream(request(), never));
  return bytes;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
