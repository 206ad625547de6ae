// A POST without the platform's streams: it answers, fails, follows settings and lets go as fetch does.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, it } from 'mocha';
import type { HttpAnswer, PostRequest } from '../../../daemon/base/egress.ts';
import type { Egress } from '../../../daemon/egress/egress.ts';
import { createOpenAiProvider } from '../../../daemon/models/providers/openai.ts';
import { egressWith, refusal } from './kit.ts';
import { serve } from './servers.ts';

const never = new AbortController().signal;

function post({ fetch }: Egress, url: string, more: Partial<PostRequest> = {}): Promise<HttpAnswer> {
  assert.ok(fetch.post);
  return fetch.post({ url, headers: { 'content-type': 'text/plain' }, body: 'question', signal: never, ...more });
}

/** Resolves when nothing more is sent of it. */
function endOf(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => void response.once('close', resolve).end());
}

async function textOf(answer: HttpAnswer): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer.body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('a post', () => {
  it('sends its body and headers, and gives status, headers and body', async () => {
    await using server = await serve(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      response.writeHead(201, { 'X-Said': 'yes' });
      response.end(`${request.method} ${request.url} ${request.headers['x-key']} ${body}`);
    });
    await using egress = egressWith();
    const answer = await post(egress, `http://127.0.0.1:${server.port}/v1/ask?a=b`, { headers: { 'x-key': 'value' } });
    assert.deepEqual(
      [answer.status, answer.headers.get('x-said'), await textOf(answer)],
      [201, 'yes', 'POST /v1/ask?a=b value question'],
    );
  });

  it('reads what was compressed unasked', async () => {
    await using server = await serve((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('answer')),
    );
    await using egress = egressWith();
    assert.equal(await textOf(await post(egress, `http://127.0.0.1:${server.port}/`)), 'answer');
  });

  it('holds a server back whose answer is not read, and loses nothing of it', async () => {
    const whole = 'x'.repeat(8 * 1024 * 1024);
    await using server = await serve((_request, response) => response.end(whole));
    await using egress = egressWith();
    const answer = await post(egress, `http://127.0.0.1:${server.port}/`);
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
    assert.equal((await textOf(answer)).length, whole.length);
  });

  it('gives what has come meanwhile at once', async () => {
    const sent = Promise.withResolvers<void>();
    await using server = await serve(async (_request, response) => {
      for (const piece of ['one ', 'two ', 'three '])
        await new Promise<void>((written) => void response.write(piece, () => written()));
      await sent.promise;
      response.end('four');
    });
    await using egress = egressWith();
    const { body } = await post(egress, `http://127.0.0.1:${server.port}/`);
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    sent.resolve();
    const chunks: string[] = [];
    for await (const chunk of body) chunks.push(Buffer.from(chunk).toString());
    assert.equal(chunks.join(''), 'one two three four');
    assert.equal(chunks[0], 'one two three ');
  });

  it('keeps its connection when the answer is released before its end', async () => {
    let end = async (): Promise<void> => {};
    await using server = await serve((_request, response) => {
      response.write('all that matters');
      end = () => endOf(response);
    });
    await using egress = egressWith();
    for (let i = 0; i < 8; i++) {
      const answer = await post(egress, `http://127.0.0.1:${server.port}/`);
      for await (const _chunk of answer.body) {
        answer.release?.();
        break;
      }
      await end();
    }
    assert.ok(server.connections() <= 3, `${server.connections()} connections`); // a request that follows at once may find one still winding up
  });

  for (const [how, leave] of [
    ['its loop is left', () => {}],
    ['it is aborted', (call: AbortController) => call.abort(new Error('enough'))],
  ] as const) {
    it(`closes its connection when ${how}`, async () => {
      const closed = Promise.withResolvers<void>();
      await using server = await serve((request, response) => {
        request.socket.once('close', () => closed.resolve());
        response.write('first');
      });
      await using egress = egressWith();
      const call = new AbortController();
      const answer = await post(egress, `http://127.0.0.1:${server.port}/`, { signal: call.signal });
      for await (const _chunk of answer.body) {
        leave(call);
        break;
      }
      await closed.promise;
    });
  }

  it('throws the reason of an abort, before and within the answer', async () => {
    await using server = await serve((_request, response) => void response.write('first'));
    await using egress = egressWith();
    const [early, late] = [new AbortController(), new AbortController()];
    early.abort(new Error('early'));
    await assert.rejects(post(egress, `http://127.0.0.1:${server.port}/`, { signal: early.signal }), /early/);
    const answer = await post(egress, `http://127.0.0.1:${server.port}/`, { signal: late.signal });
    const reading = textOf(answer);
    late.abort(new Error('late'));
    await assert.rejects(reading, /late/);
  });

  it("fails in the words of fetch, with the system's reason below", async () => {
    await using broken = await serve((request, response) => {
      response.write('first');
      setImmediate(() => request.socket.destroy());
    });
    await using egress = egressWith();
    const answer = await post(egress, `http://127.0.0.1:${broken.port}/`);
    await assert.rejects(
      textOf(answer),
      (error: Error) => error instanceof TypeError && error.message === 'terminated',
    );
    const gone = await serve(() => {});
    await gone[Symbol.asyncDispose]();
    await assert.rejects(
      post(egress, `http://127.0.0.1:${gone.port}/`),
      (error: Error) => error instanceof TypeError && (error.cause as { code?: string }).code === 'ECONNREFUSED',
    );
  });

  it('follows no redirect', async () => {
    await using server = await serve((_request, response) => response.writeHead(302, { location: '/elsewhere' }).end());
    await using egress = egressWith();
    assert.equal((await post(egress, `http://127.0.0.1:${server.port}/`)).status, 302);
  });

  it('is counted, and refused where settings say so', async () => {
    await using local = egressWith({ localOnly: () => true });
    assert.equal((await refusal(post(local, 'https://models.example/'))).code, 'local-only');
    await using listed = egressWith({ network: () => ({ allowHosts: ['api.example.com'] }) });
    assert.equal((await refusal(post(listed, 'https://models.example/'))).code, 'host-not-allowed');
    assert.deepEqual(listed.hosts(), [{ host: 'models.example', requests: 1, refused: 1 }]);
  });
});

describe('a streamed chat', () => {
  it('keeps its connection, though the end marker comes before the end', async () => {
    const chunk = (delta: object, finish_reason: string | null = null): string =>
      `data: ${JSON.stringify({ choices: [{ delta, finish_reason }] })}\n\n`;
    let end = async (): Promise<void> => {};
    await using server = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`${chunk({ content: 'Yes.' })}${chunk({}, 'stop')}data: [DONE]\n\n`);
      end = () => endOf(response);
    });
    await using egress = egressWith();
    const provider = createOpenAiProvider({
      name: 'lab',
      local: true,
      fetch: egress.fetch,
      apiKey: async () => undefined,
      config: { type: 'openai-compatible', baseUrl: `http://127.0.0.1:${server.port}/v1` },
    });
    for (let i = 0; i < 8; i++) {
      const kinds: string[] = [];
      for await (const { kind } of provider.stream(
        { model: 'tiny', messages: [{ role: 'user', content: 'Well?' }] },
        never,
      ))
        kinds.push(kind);
      assert.deepEqual(kinds, ['text', 'finish']);
      await end();
    }
    assert.ok(server.connections() <= 3, `${server.connections()} connections`);
  });
});
