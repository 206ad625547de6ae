// Downloads from a real server on this machine: whole, resumed, cancelled, refused, damaged.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { CancelledError, UserError } from '../../../../daemon/base/errors.ts';
import { downloadModel, fileName } from '../../../../daemon/models/inference/download.ts';
import { writeRandomModel } from '../../../fakes/gguf.ts';
import { never } from './workbench.ts';

describe('the download of a model', () => {
  let folder: string;
  let server: Server;
  let bytes: Buffer;
  let requests: IncomingMessage[];
  let answer: (request: IncomingMessage, response: ServerResponse) => void;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'switchyard-download-'));
    writeRandomModel(join(folder, 'source'));
    bytes = readFileSync(join(folder, 'source'));
    rmSync(join(folder, 'source'));
    requests = [];
    answer = sendRange;
    server = createServer((request, response) => {
      requests.push(request);
      answer(request, response);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
    rmSync(folder, { recursive: true, force: true });
  });

  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/models/tiny.gguf?download=true`;
  const start = (rest: Partial<Parameters<typeof downloadModel>[0]> = {}) =>
    downloadModel({ url: url(), folder, fetch, signal: never, ...rest });
  const target = () => join(folder, 'tiny.gguf');
  const part = () => join(folder, 'tiny.gguf.part');

  function sendRange(request: IncomingMessage, response: ServerResponse): void {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (from >= bytes.length) return void response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
    const headers = {
      etag: '"tiny"',
      'content-length': bytes.length - from,
      'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}`,
    };
    response.writeHead(from > 0 ? 206 : 200, headers).end(bytes.subarray(from));
  }

  function sendHalf(_: IncomingMessage, response: ServerResponse): void {
    const headers = { etag: '"tiny"', 'content-length': bytes.length };
    response.writeHead(200, headers).write(bytes.subarray(0, bytes.length / 2));
  }

  function leavePart(received: Buffer, mark: object = { validator: '"tiny"' }): void {
    writeFileSync(part(), received);
    writeFileSync(`${part()}.json`, JSON.stringify(mark));
  }

  it('is whole, tells its bytes, and leaves nothing else behind', async () => {
    const seen: [number, number | undefined][] = [];
    assert.equal(await start({ onBytes: (received, total) => seen.push([received, total]) }), target());
    assert.deepEqual(readFileSync(target()), bytes);
    assert.deepEqual(readdirSync(folder), ['tiny.gguf']);
    assert.deepEqual(
      [seen[0], seen.at(-1)],
      [
        [0, bytes.length],
        [bytes.length, bytes.length],
      ],
    );
  });

  const changes: [what: string, headers: (isNew: boolean) => Record<string, string>, honorsIfRange: boolean][] = [
    ['has another tag, and the server knows If-Range', (isNew) => ({ etag: isNew ? '"b"' : '"a"' }), true],
    ['has another tag, and the server goes on regardless', (isNew) => ({ etag: isNew ? '"b"' : '"a"' }), false],
    ['has another length and no tag', () => ({}), false],
    ['has another length and a weak tag', () => ({ etag: 'W/"a"' }), false],
  ];
  for (const [what, headersOf, honorsIfRange] of changes)
    it(`begins anew where the file changed since: it ${what}`, async () => {
      const old = Buffer.concat([bytes, Buffer.alloc(5)]).fill(1, 4);
      let body: Buffer = old;
      let isNew = false;
      answer = (request, response) => {
        const sent =
          isNew && honorsIfRange && request.headers['if-range'] === '"a"' ? undefined : request.headers.range;
        const from = Number(/^bytes=(\d+)-$/.exec(sent ?? '')?.[1] ?? 0);
        const range = from > 0 && { 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` };
        response.writeHead(from > 0 ? 206 : 200, {
          ...headersOf(isNew),
          'content-length': body.length - from,
          ...range,
        });
        if (isNew) response.end(body.subarray(from));
        else response.write(body.subarray(0, 100_000));
      };
      const pause = new AbortController();
      const onBytes = (received: number) => received > 0 && pause.abort();
      await assert.rejects(start({ signal: pause.signal, onBytes }), CancelledError);
      assert.ok(readFileSync(part()).length > 0);
      [body, isNew] = [bytes, true];
      await start();
      assert.deepEqual(readFileSync(target()), bytes);
      assert.deepEqual(readdirSync(folder), ['tiny.gguf']);
    });

  it('goes on from the part that is there', async () => {
    leavePart(bytes.subarray(0, 100_000));
    await start();
    assert.equal(requests[0]?.headers.range, 'bytes=100000-');
    assert.deepEqual(readFileSync(target()), bytes);
  });

  const unknown: [what: string, headers: Record<string, string>][] = [
    ['no validator', {}],
    ['a weak tag', { etag: 'W/"a"' }],
    ['a tag without quotes', { etag: 'a' }],
  ];
  for (const [what, headers] of unknown)
    it(`never joins two files of one length where the server sends ${what}, and says once that it starts over`, async () => {
      const other = Buffer.from(bytes).fill(1, 100);
      answer = (_, response) => {
        response.writeHead(200, { ...headers, 'content-length': other.length }).write(other.subarray(0, 100_000));
      };
      const pause = new AbortController();
      const onBytes = (received: number) => received > 0 && pause.abort();
      await assert.rejects(start({ signal: pause.signal, onBytes }), CancelledError);
      answer = (request, response) => {
        const from = Number(/\d+/.exec(request.headers.range ?? '')?.[0] ?? 0);
        const range = { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
        response.writeHead(from > 0 ? 206 : 200, { ...headers, ...range }).end(bytes.subarray(from));
      };
      const said: string[] = [];
      await start({ onRestart: (why) => said.push(why) });
      assert.deepEqual(readFileSync(target()), bytes);
      assert.equal(said.length, 1);
      assert.match(said[0] ?? '', /starts over/);
    });

  const known: [what: string, mark: object, sha256: boolean][] = [
    ['the day of its last change', { validator: 'Wed, 01 Jul 2026 10:00:00 GMT' }, false],
    ['its checksum', {}, true],
  ];
  for (const [what, mark, hasChecksum] of known)
    it(`goes on where a file without a tag is known by ${what}`, async () => {
      leavePart(bytes.subarray(0, 100_000), mark);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      await start({ ...(hasChecksum && { sha256 }), onRestart: assert.fail });
      assert.equal(requests[0]?.headers.range, 'bytes=100000-');
      assert.equal(requests[0]?.headers['if-range'], (mark as { validator?: string }).validator);
      assert.deepEqual(readFileSync(target()), bytes);
    });

  it('goes on after each of two pauses where the server names its tag only once', async () => {
    leavePart(bytes.subarray(0, 100_000));
    answer = (request, response) => {
      const from = Number(/\d+/.exec(request.headers.range ?? '')?.[0] ?? 0);
      const headers = { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
      response.writeHead(206, headers).write(bytes.subarray(from, from + 50_000));
      if (requests.length > 1) response.end(bytes.subarray(from + 50_000));
    };
    const pause = new AbortController();
    const onBytes = (received: number) => received > 100_000 && pause.abort();
    await assert.rejects(start({ signal: pause.signal, onBytes }), CancelledError);
    await start({ onRestart: assert.fail });
    assert.equal(requests[1]?.headers['if-range'], '"tiny"');
    assert.deepEqual(readFileSync(target()), bytes);
  });

  it('starts again where the server does not resume', async () => {
    leavePart(Buffer.alloc(bytes.length + 5, 1));
    answer = (_, response) => response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
    await start();
    assert.deepEqual(readFileSync(target()), bytes);
  });

  it('refuses a server that resumes at the wrong place', async () => {
    leavePart(bytes.subarray(0, 100));
    answer = (_, response) =>
      response
        .writeHead(206, { 'content-range': `bytes 50-${bytes.length - 1}/${bytes.length}` })
        .end(bytes.subarray(50));
    await assert.rejects(start(), { code: 'bad-range' });
    assert.deepEqual(readFileSync(part()), bytes.subarray(0, 100));
  });

  it('needs nothing more when the part is already whole', async () => {
    leavePart(bytes);
    await start();
    assert.equal(requests.length, 1);
    assert.deepEqual(readFileSync(target()), bytes);
  });

  it('is not asked for again when the file is there', async () => {
    await start();
    await start();
    assert.equal(requests.length, 1);
  });

  it('keeps the part when it is cancelled, and goes on from it', async () => {
    answer = sendHalf;
    const controller = new AbortController();
    const cancelled = start({
      signal: controller.signal,
      onBytes: (received) => received === Math.floor(bytes.length / 2) && controller.abort(),
    });
    await assert.rejects(cancelled, CancelledError);
    const kept = readFileSync(part());
    assert.ok(kept.length > 0 && kept.equals(bytes.subarray(0, kept.length)));
    assert.equal(existsSync(target()), false);
    answer = sendRange;
    await start();
    assert.deepEqual(readFileSync(target()), bytes);
  });

  it('keeps the part when the connection breaks, and says what to do', async () => {
    answer = (request, response) => {
      sendHalf(request, response);
      response.socket?.end();
    };
    await assert.rejects(
      start(),
      (error) => error instanceof UserError && error.retryable && /Download again/.test(error.message),
    );
    assert.ok(readFileSync(part()).length > 0);
  });

  it('removes a file that is no model', async () => {
    answer = (_, response) => response.end('<html>Please log in</html>');
    await assert.rejects(start(), { code: 'bad-model-file' });
    assert.deepEqual(readdirSync(folder), []);
  });

  it('checks the checksum, where one is known', async () => {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await assert.rejects(start({ sha256: '00'.repeat(32) }), { code: 'wrong-checksum' });
    assert.deepEqual(readdirSync(folder), []);
    assert.equal(await start({ sha256: sha256.toUpperCase() }), target());
  });

  it('says what the server answered', async () => {
    answer = (_, response) => response.writeHead(404).end();
    await assert.rejects(start(), {
      code: 'download-refused',
      message: /127\.0\.0\.1:\d+ answered 404 Not Found\. Check the address\./,
    });
  });

  it('passes on why egress refused the host', async () => {
    const refused = async () => {
      throw new UserError('local-only', '"Local only" is on.');
    };
    await assert.rejects(start({ fetch: refused }), { code: 'local-only' });
  });

  it('does not follow a redirect out of encryption', async () => {
    const led = async () =>
      Object.defineProperty(new Response(new Uint8Array(bytes)), 'url', { value: 'http://example.com/tiny.gguf' });
    await assert.rejects(start({ fetch: led }), { code: 'bad-address' });
    assert.deepEqual(readdirSync(folder), []);
  });

  it('says that the disk is full', async () => {
    const full = async () => {
      throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
    };
    await assert.rejects(start({ fetch: full }), { code: 'disk-full', message: /Free some space/ });
  });
});

describe('the name of a downloaded file', () => {
  it('is the last part of the address', () =>
    assert.equal(fileName('https://example.com/a/b/Model-Q4_K_M.gguf?download=true'), 'Model-Q4_K_M.gguf'));

  for (const address of [
    'qwen',
    'ftp://example.com/a.gguf',
    'file:///etc/a.gguf',
    'http://example.com/a.gguf',
    'https://example.com/',
    'https://example.com/model.bin',
    'https://example.com/..%2f..%2fetc%2fa.gguf',
    'https://example.com/a%00.gguf',
    'https://example.com/.gguf',
    'https://example.com/a\\b.gguf/',
    'https://example.com/NUL.gguf',
    'https://example.com/aux.Q4_K_M.gguf',
    'https://example.com/com1.gguf',
  ]) {
    it(`cannot come from ${address}`, () => assert.throws(() => fileName(address), { code: 'bad-address' }));
  }
});
