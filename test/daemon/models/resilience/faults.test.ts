// Everything a model server can do wrong, over the real adapters and real sockets. Whatever it is: a typed error inside the limits,
// text that came is never taken for a whole answer, and no request that may have been worked on is sent twice.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGzip } from 'node:zlib';
import { describe, it } from 'mocha';
import type { Fetch } from '../../../../daemon/base/egress.ts';
import {
  ProviderError,
  type ProviderErrorCode,
  type StreamPart,
} from '../../../../daemon/models/providers/provider.ts';
import type { Reply } from '../../../fakes/provider-servers/scripted-server.ts';
import { type Adapter, adapters, collect, failureOf, never, provide, request, textOf } from '../providers/adapters.ts';
import { type Bench, bench } from './workbench.ts';

const attempts = 3;
const text = ['Grüße, ', '日本語 ', '👩‍💻 ', 'and the end.'];
const golden: Reply = { text, usage: { input: 5, output: 4 } };

interface Fault {
  name: string;
  reply: Reply | (() => Reply);
  code: ProviderErrorCode;
  /** How often the server is asked for an answer. */
  calls: number;
  says?: RegExp;
  partial?: string;
}

const inHalfAMinute = () => new Date(Date.now() + 30_000).toUTCString();

const faults: Fault[] = [
  ...[500, 502, 503, 529].map(
    (status): Fault => ({
      name: `status ${status}`,
      reply: { status, body: { error: 'no' } },
      code: 'unavailable',
      calls: attempts,
    }),
  ),
  {
    name: '429 without a time',
    reply: { status: 429, body: { error: 'slow down' } },
    code: 'rate-limited',
    calls: attempts,
  },
  {
    name: '429 with a time too far off, in seconds',
    reply: { status: 429, headers: { 'retry-after': '180' }, body: {} },
    code: 'rate-limited',
    calls: 1,
    says: /until 14:03/,
  },
  {
    name: '429 with a time too far off, as a date',
    reply: () => ({ status: 429, headers: { 'retry-after': inHalfAMinute() }, body: {} }),
    code: 'rate-limited',
    calls: 1,
    says: /until 14:00/,
  },
  {
    name: '429 with an absurd time',
    reply: { status: 429, headers: { 'retry-after': '99999999999999999' }, body: {} },
    code: 'rate-limited',
    calls: 1,
    says: /until 2026-02-01 14:00/,
  },
  {
    name: '429 with a time that is none',
    reply: { status: 429, headers: { 'retry-after': '-5 minutes' }, body: {} },
    code: 'rate-limited',
    calls: attempts,
  },
  { name: '401', reply: { status: 401, body: { error: 'no' } }, code: 'auth', calls: 1 },
  {
    name: '200 with a web page',
    reply: { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Log in</html>' },
    code: 'unavailable',
    calls: 1,
  },
  { name: '200 with nothing', reply: { status: 200, body: '' }, code: 'unavailable', calls: 1 },
  {
    name: 'no end marker',
    reply: { ...golden, endsEarly: true },
    code: 'unavailable',
    calls: 1,
    partial: text.join(''),
  },
  {
    name: 'an error event after 200',
    reply: { ...golden, errorEvent: { type: 'overloaded_error', message: 'Overloaded' } },
    code: 'unavailable',
    calls: 1,
    partial: text.join(''),
  },
  {
    name: 'a rate limit after 200',
    reply: { errorEvent: { type: 'rate_limit_error', message: 'rate limit' } },
    code: 'unavailable',
    calls: 1,
  },
];

/** Each wire once. */
const ownWires = ['openai', 'anthropic', 'ollama', 'google', 'openai responses'];

/** How a model says that its answer is over, in each API. */
const finishWords = /"(finish_reason|stop_reason|finishReason)":"|"done":true|response\.completed/;

for (const adapter of adapters) {
  describe(`${adapter.name}, when its server fails:`, () => {
    for (const fault of faults) {
      it(`${fault.name} is a typed error after ${fault.calls} calls`, async () => {
        await using server = await adapter.start({ reply: fault.reply });
        const { parts, error } = await failureOf(guardedBy(patient(), adapter, server.url));
        assert.ok(error instanceof ProviderError, String(error));
        // Ollama has no types of errors inside a stream: a sentence is all it says.
        if (fault.name !== 'a rate limit after 200') assert.equal(error.code, fault.code, error.message);
        if (fault.says) assert.match(error.message, fault.says);
        assert.equal(textOf(parts), fault.partial ?? '');
        assert.ok(!parts.some(({ kind }) => kind === 'finish'), 'what came is not taken for a whole answer');
        assert.equal(server.chats.length, fault.calls);
      });
    }

    if (!ownWires.includes(adapter.name)) return; // the presets speak OpenAI's

    it('a short wait that it asks for, as a date, is kept, and then it answers', async () => {
      let asked = 0;
      const until = new Date(Math.ceil(Date.now() / 1000) * 1000 + 4_000);
      await using server = await adapter.start({
        reply: () =>
          asked++ === 0 ? { status: 503, headers: { 'retry-after': until.toUTCString() }, body: {} } : golden,
      });
      const own = patient();
      const answered = collect(guardedBy(own, adapter, server.url));
      await own.clock.waitingForAny((ms) => ms > 3_000 && ms <= 5_000);
      assert.equal(server.chats.length, 1);
      own.clock.advance(5_000);
      assert.equal(textOf(await answered), text.join(''));
    });

    it('a connection refused is a typed error, and it is tried again', async () => {
      const server = await adapter.start();
      const { url } = server;
      await server.close();
      const { error } = await failureOf(guardedBy(patient(), adapter, url));
      assert.equal((error as ProviderError).code, 'network');
    });

    for (const [code, tries] of [
      ['ENOTFOUND', attempts],
      ['EAI_AGAIN', attempts],
      ['CERT_HAS_EXPIRED', 1],
      ['SELF_SIGNED_CERT_IN_CHAIN', 1],
      ['ECONNRESET', 1],
    ] as const) {
      it(`${code} is a typed error after ${tries} tries`, async () => {
        const fetched: string[] = [];
        const fetch: Fetch = (input) => {
          fetched.push(String(input));
          return Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error('no'), { code }) }));
        };
        const { error } = await failureOf(guardedBy(patient(), adapter, 'https://models.example/v1', fetch));
        assert.equal((error as ProviderError).code, 'network');
        assert.equal(fetched.length, tries);
      });
    }

    it('no headers at all end at the limit, and the connection is closed', async () => {
      await using server = await adapter.start({ reply: { hold: { after: 'request', until: new Promise(() => {}) } } });
      const own = patient({ timeouts: { firstPartMs: 7_000 } });
      const failed = failureOf(guardedBy(own, adapter, server.url));
      await server.asked();
      own.clock.advance(7_000);
      assert.match(String((await failed).error), /didn't start to answer within 7 s/);
      await server.closedEarly();
      assert.equal(server.chats.length, 1);
    });

    it('a stream that hangs ends at the limit; its text is kept and not called whole', async () => {
      await using server = await adapter.start({
        reply: { text: ['half', 'never'], hold: { after: 1, until: new Promise(() => {}) } },
      });
      const own = patient({ timeouts: { betweenPartsMs: 3_000 } });
      const parts = guardedBy(own, adapter, server.url)[Symbol.asyncIterator]();
      assert.deepEqual((await parts.next()).value, { kind: 'text', text: 'half' });
      const failed = assert.rejects(parts.next() as Promise<unknown>, {
        code: 'unavailable',
        message: /sent nothing for 3 s/,
      });
      own.clock.advance(3_000);
      await failed;
      await server.closedEarly();
      assert.equal(server.chats.length, 1);
    });

    it('one byte every five seconds does not keep an answer alive', async () => {
      const body = await goldenBytes(adapter);
      const own = patient({ timeouts: { firstPartMs: 60_000 } });
      await using server = await rawServer(adapter, async (response) => {
        for (const byte of body.subarray(0, 20)) {
          await new Promise((resolve) => response.write(Buffer.of(byte), resolve));
          own.clock.advance(5_000);
        }
      });
      const { error } = await failureOf(guardedBy(own, adapter, server.url));
      assert.match(String(error), /within 60 s/);
      assert.equal(server.calls(), 1);
    });

    it('a stream that breaks off, or just ends, at any byte gives the text so far and an error, never a finish that the model has not sent, and one call', async () => {
      const said = ['ü 👩‍💻 ', 'end.']; // short, since each of its bytes is one request
      const whole = said.join('');
      const body = await goldenBytes(adapter, { ...golden, text: said });
      await using desk = await byteDesk(adapter);
      for (let cut = 0; cut < body.length; cut++) {
        const { parts, error, calls } = await desk.resultOf(body.subarray(0, cut), cut % 2 === 0);
        assert.ok(whole.startsWith(textOf(parts)), `cut at ${cut}`);
        assert.equal(calls, 1, `cut at ${cut}`);
        if (parts.some(({ kind }) => kind === 'finish')) {
          assert.equal(textOf(parts), whole, `cut at ${cut} is whole`);
          assert.match(body.subarray(0, cut).toString(), finishWords, `cut at ${cut} has its finish`);
        } else assert.ok(error instanceof ProviderError && error.code === 'unavailable', `cut at ${cut}: ${error}`);
      }
    });

    it('a connection that the server breaks before the finish is an error over a real socket as well, wherever it breaks', async () => {
      const body = await goldenBytes(adapter);
      for (const share of [0, 0.2, 0.4, 0.6, 0.8]) {
        const { parts, error, calls } = await resultOf(adapter, body.subarray(0, Math.floor(share * body.length)), {
          abruptly: true,
        });
        assert.equal(calls, 1);
        if (parts.some(({ kind }) => kind === 'finish')) {
          assert.equal(textOf(parts), text.join(''), `at ${share}`);
          assert.match(body.subarray(0, Math.floor(share * body.length)).toString(), finishWords, `at ${share}`);
        } else assert.ok(error instanceof ProviderError && error.code === 'unavailable', `at ${share}: ${error}`);
      }
    });

    it('lines that end in CR LF, all or every other one, change nothing', async () => {
      const body = (await goldenBytes(adapter)).toString();
      let line = 0;
      for (const change of [() => '\r\n', () => (line++ % 2 ? '\r\n' : '\n')]) {
        assert.equal(textOf(await answerTo(adapter, Buffer.from(body.replaceAll('\n', change)))), text.join(''));
      }
    });

    it('lines that end in a bare CR, as no server sends them, give the whole answer or a typed error', async () => {
      const body = (await goldenBytes(adapter)).toString();
      let line = 0;
      for (const change of [() => '\r', () => (line++ % 2 ? '\r' : '\n')]) {
        const { parts, error } = await resultOf(adapter, Buffer.from(body.replaceAll('\n', change)));
        const isWhole = textOf(parts) === text.join('') && parts.at(-1)?.kind === 'finish';
        assert.ok(isWhole || error instanceof ProviderError, `${JSON.stringify(parts)} ${error}`);
      }
    });

    it('characters split between packets are put together, one byte at a time', async () => {
      await using server = await adapter.start({ reply: { ...golden, splitBytes: 1 } });
      assert.equal(textOf(await collect(guardedBy(patient(), adapter, server.url))), text.join(''));
    });

    it('broken JSON is a typed error', async () => {
      const body = (await goldenBytes(adapter)).toString().replace('日本語', '日本語"]}');
      const { parts, error, calls } = await resultOf(adapter, Buffer.from(body));
      assert.ok(error instanceof ProviderError, String(error));
      assert.ok(!parts.some(({ kind }) => kind === 'finish'));
      assert.equal(calls, 1);
    });

    it('a byte-order mark does no harm', async () => {
      const body = Buffer.concat([Buffer.from('\ufeff'), await goldenBytes(adapter)]);
      const { parts, error } = await resultOf(adapter, body);
      assert.ok(textOf(parts) === text.join('') || error instanceof ProviderError, String(error));
    });

    it('an answer that goes on and on is stopped, and is not whole', async () => {
      if (adapter.name !== 'openai') return; // one connection serves all of them, and 64 MB take their time
      const megabyte = 'y'.repeat(1 << 20);
      await using server = await adapter.start({ reply: { text: Array<string>(80).fill(megabyte) } });
      const { parts, error } = await failureOf(guardedBy(patient(), adapter, server.url));
      assert.ok(error instanceof ProviderError && /so it was stopped after 64 MB/.test(error.message), String(error));
      assert.ok(!parts.some(({ kind }) => kind === 'finish'));
      assert.equal(server.chats.length, 1);
    });

    it('an answer of a gigabyte, packed small, is stopped; it is unpacked no further', async () => {
      await using server = await rawServer(
        adapter,
        async (response) => {
          const gzip = createGzip({ level: 1 });
          gzip.pipe(response);
          gzip.on('error', () => {});
          const zeros = Buffer.alloc(1 << 20, '0');
          const gone = once(response, 'close').then(() => gzip.destroy());
          for (let written = 0; written < 1024 && !response.destroyed; written++) {
            if (!gzip.write(zeros)) await Promise.race([once(gzip, 'drain'), gone]);
          }
          response.destroy();
        },
        { 'content-encoding': 'gzip' },
      );
      let unpackedBytes = 0;
      const fetch: Fetch = async (input, init) => {
        const { body, status, headers } = await globalThis.fetch(input, init);
        const counted = body?.pipeThrough(
          new TransformStream<Uint8Array, Uint8Array>({
            transform(chunk, controller) {
              unpackedBytes += chunk.byteLength;
              controller.enqueue(chunk);
            },
          }),
        );
        return new Response(counted ?? null, { status, headers });
      };
      const { error } = await failureOf(guardedBy(patient(), adapter, server.url, fetch));
      assert.ok(error instanceof ProviderError && error.code === 'unavailable', String(error));
      assert.ok(unpackedBytes < 32 << 20, `${unpackedBytes} bytes were unpacked`);
      assert.equal(server.calls(), 1);
    });
  });
}

/** Waits nothing between its tries. */
function patient(over: Parameters<typeof bench>[0] = {}): Bench {
  return bench({ attempts, ...over }, {}, 0);
}

function guardedBy({ resilience }: Bench, adapter: Adapter, url: string, fetch?: Fetch): AsyncIterable<StreamPart> {
  const provider = provide(adapter, url, { local: false, ...(fetch && { fetch }) });
  return resilience.wrap(provider).stream(request(), never);
}

/** The bytes of a whole answer, as the scripted server sends them. */
async function goldenBytes(adapter: Adapter, reply = golden): Promise<Buffer> {
  await using server = await adapter.start({ reply });
  const chunks: Buffer[] = [];
  const fetch: Fetch = async (input, init) => {
    const response = await globalThis.fetch(input, init);
    if (!isChat(String(input))) return response;
    const bytes = Buffer.from(await response.arrayBuffer());
    chunks.push(bytes);
    return new Response(new Uint8Array(bytes), { headers: response.headers });
  };
  await collect(guardedBy(patient(), adapter, server.url, fetch));
  return Buffer.concat(chunks);
}

function isChat(url: string): boolean {
  return /\/(completions|messages|chat|responses)$|:streamGenerateContent$/.test(new URL(url).pathname);
}

async function answerTo(adapter: Adapter, body: Buffer): Promise<StreamPart[]> {
  const { parts, error } = await resultOf(adapter, body);
  assert.equal(error, undefined);
  return parts;
}

interface Result {
  parts: StreamPart[];
  error: unknown;
  calls: number;
}

/** What becomes of a body that is written as it is. */
async function resultOf(adapter: Adapter, body: Buffer, { abruptly = false } = {}): Promise<Result> {
  await using server = await rawServer(adapter, async (response) => {
    if (body.length > 0) await new Promise((resolve) => response.write(body, resolve));
    else response.flushHeaders();
    if (abruptly) response.destroy();
    else response.end();
  });
  const parts: StreamPart[] = [];
  let error: unknown;
  try {
    for await (const part of guardedBy(patient(), adapter, server.url)) parts.push(part);
  } catch (thrown) {
    error = thrown;
  }
  return { parts, error, calls: server.calls() };
}

/** Bodies without sockets: for faults that are about every single byte. All but the chat goes to the scripted server. */
async function byteDesk(adapter: Adapter) {
  const server = await adapter.start();
  let body: Uint8Array = new Uint8Array();
  let isAbrupt = false;
  let calls = 0;
  const fetch: Fetch = async (input, init) => {
    if (!isChat(String(input))) return globalThis.fetch(input, init);
    calls++;
    let isSent = body.length === 0;
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (!isSent) controller.enqueue(body);
        else if (isAbrupt)
          controller.error(
            new TypeError('terminated', {
              cause: Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' }),
            }),
          );
        else controller.close();
        isSent = true;
      },
    });
    return new Response(stream, {
      headers: { 'content-type': adapter.name === 'ollama' ? 'application/x-ndjson' : 'text/event-stream' },
    });
  };
  const provider = provide(adapter, server.url, { local: false, fetch });
  return {
    async resultOf(bytes: Uint8Array, abruptly: boolean): Promise<Result> {
      [body, isAbrupt, calls] = [bytes, abruptly, 0];
      const parts: StreamPart[] = [];
      let error: unknown;
      try {
        for await (const part of patient().resilience.wrap(provider).stream(request(), never)) parts.push(part);
      } catch (thrown) {
        error = thrown;
      }
      return { parts, error, calls };
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}

interface RawServer extends AsyncDisposable {
  url: string;
  calls(): number;
}

/** A server that answers a chat with bytes of the test's own, and all else as the scripted one does. */
async function rawServer(
  adapter: Adapter,
  answer: (response: ServerResponse) => Promise<void>,
  headers: Record<string, string> = {},
): Promise<RawServer> {
  const scripted = await adapter.start();
  let calls = 0;
  const handle = async (asked: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of asked) chunks.push(chunk as Buffer);
    if (isChat(`http://server${asked.url}`)) {
      calls++;
      response.writeHead(200, {
        'content-type': adapter.name === 'ollama' ? 'application/x-ndjson' : 'text/event-stream',
        ...headers,
      });
      return answer(response);
    }
    const body = Buffer.concat(chunks).toString();
    const passed = await fetch(new URL(asked.url ?? '/', scripted.url), {
      method: asked.method ?? 'GET',
      ...(body && { body }),
    });
    response.writeHead(passed.status, { 'content-type': 'application/json' });
    response.end(await passed.text());
  };
  const server = createServer((asked, response) => void handle(asked, response).catch(() => response.destroy()));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { pathname } = new URL(scripted.url);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${pathname === '/' ? '' : pathname}`,
    calls: () => calls,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await Promise.all([once(server, 'close'), scripted.close()]);
    },
  };
}
