import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { describe, it } from 'mocha';
import { egressWith, refusal, silent } from './kit.ts';
import { serve, serveProxy } from './servers.ts';

describe('egress', () => {
  it('keeps a connection for the next request', async () => {
    await using server = await serve((_request, response) => response.end('answer'));
    await using egress = egressWith();
    for (let i = 0; i < 10; i++)
      assert.equal(await (await egress.fetch(`http://127.0.0.1:${server.port}/`)).text(), 'answer');
    assert.ok(server.connections() <= 2, `${server.connections()} connections`); // a request that follows at once may find the first still winding up
  });

  it('closes the connection upstream when a call is aborted in the middle of its answer', async () => {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    await using server = await serve((request, response) => {
      request.socket.once('close', () => resolve());
      response.write('first');
    });
    await using egress = egressWith();
    const call = new AbortController();
    const { body } = await egress.fetch(`http://127.0.0.1:${server.port}/`, { signal: call.signal });
    await body?.getReader().read();
    call.abort();
    await closed;
  });

  it('sends what a Request of the platform holds', async () => {
    const { promise: received, resolve } = Promise.withResolvers<string>();
    await using server = await serve(async (request, response) => {
      resolve(`${request.method} ${request.headers['x-key']} ${await textOf(request)}`);
      response.end();
    });
    await using egress = egressWith();
    await egress.fetch(
      new Request(`http://127.0.0.1:${server.port}/`, {
        method: 'POST',
        headers: { 'x-key': 'value' },
        body: 'content',
      }),
    );
    assert.equal(await received, 'POST value content');
  });

  it("leaves the system's reason for a failure where callers look for it", async () => {
    const server = await serve(() => {});
    await server[Symbol.asyncDispose]();
    await assert.rejects(
      egressWith().fetch(`http://127.0.0.1:${server.port}/`),
      (error: Error) => (error.cause as { code?: string }).code === 'ECONNREFUSED',
    );
  });

  it('is prepared without contacting anybody', async () => {
    await using server = await serve((_request, response) => response.end());
    await using egress = egressWith();
    await egress.prepare();
    assert.deepEqual([egress.hosts(), server.connections()], [[], 0]);
    assert.equal((await egress.fetch(`http://localhost:${server.port}/`)).status, 200);
  });

  it('counts hosts, and logs each once', async () => {
    await using server = await serve((_request, response) => response.end());
    const lines: unknown[] = [];
    await using egress = egressWith({
      log: { ...silent, info: (fields, message) => lines.push([message, fields]) },
      network: () => ({ allowHosts: [] }),
    });
    for (let i = 0; i < 3; i++) await (await egress.fetch(`http://localhost:${server.port}/`)).text();
    await refusal(egress.fetch('https://api.example.com/v1'));
    assert.deepEqual(egress.hosts(), [
      { host: `localhost:${server.port}`, requests: 3, refused: 0 },
      { host: 'api.example.com', requests: 1, refused: 1 },
    ]);
    assert.equal(lines.length, 2);
  });
});

describe('the list of allowed hosts', () => {
  const isAllowed = async (allowHosts: string[], url: string): Promise<boolean> => {
    await using proxy = await serveProxy({ refuseWith: 502 });
    await using egress = egressWith({ network: () => ({ allowHosts, proxy: `http://127.0.0.1:${proxy.port}` }) });
    const { code } = await refusal(egress.fetch(url));
    assert.equal(proxy.asked.length, code === 'host-not-allowed' ? 0 : 1);
    return code !== 'host-not-allowed';
  };

  it('lets through what is on it, by name, by domain and by port, and nothing else', async () => {
    assert.equal(await isAllowed(['api.example.com'], 'https://api.example.com/'), true);
    assert.equal(await isAllowed(['API.Example.com'], 'https://api.example.com/'), true);
    assert.equal(await isAllowed(['*.example.com'], 'https://api.example.com/'), true);
    assert.equal(await isAllowed(['*.example.com'], 'https://example.com/'), false);
    assert.equal(await isAllowed(['*.example.com'], 'https://badexample.com/'), false);
    assert.equal(await isAllowed(['api.example.com:8443'], 'https://api.example.com/'), false);
    assert.equal(await isAllowed(['api.example.com:443'], 'https://api.example.com/'), true);
    assert.equal(await isAllowed([], 'https://api.example.com/'), false);
  });

  it('holds for redirects', async () => {
    await using server = await serve((_request, response) =>
      response.writeHead(307, { location: 'https://elsewhere.example/' }).end(),
    );
    await using egress = egressWith({ network: () => ({ allowHosts: ['api.example.com'] }) });
    assert.equal((await refusal(egress.fetch(`http://127.0.0.1:${server.port}/`))).code, 'host-not-allowed');
  });
});

describe('local only', () => {
  it('refuses other machines, also by redirect, and says so', async () => {
    await using server = await serve((request, response) => {
      if (request.url === '/away') response.writeHead(302, { location: 'http://192.0.2.1/' }).end();
      else if (request.url === '/near') response.writeHead(302, { location: '/' }).end();
      else response.end('answer');
    });
    await using egress = egressWith({ localOnly: () => true });
    assert.equal(await (await egress.fetch(`http://127.0.0.1:${server.port}/near`)).text(), 'answer');
    for (const url of [
      'https://api.openai.com/v1',
      `http://127.0.0.1:${server.port}/away`,
      'http://localhost.example.com/',
      'http://0.0.0.0/',
      'http://127.0.0.1.example.com/',
    ]) {
      assert.equal((await refusal(egress.fetch(url))).code, 'local-only', url);
    }
    assert.equal(
      (await egress.check(new URL('https://api.openai.com/'), { signal: AbortSignal.timeout(1000) })).ok,
      false,
    );
  });

  it('switched on ends the connections that lead off this machine, and spares the others', async () => {
    await using far = await serve((_request, response) => response.write('first'));
    let finishNear = (): void => {};
    await using near = await serve((_request, response) => {
      response.write('first');
      finishNear = () => response.end('last');
    });
    await using proxy = await serveProxy();
    let localOnly = false;
    await using egress = egressWith({
      localOnly: () => localOnly,
      network: () => ({ proxy: `http://127.0.0.1:${proxy.port}` }),
    });
    const leaving = (await egress.fetch(`http://api.example.com:${far.port}/`)).body?.getReader();
    const staying = (await egress.fetch(`http://127.0.0.1:${near.port}/`)).body?.getReader();
    await Promise.all([leaving?.read(), staying?.read()]);
    localOnly = true;
    egress.refresh();
    await assert.rejects(async () => leaving?.read());
    finishNear();
    assert.equal((await staying?.read())?.done, false);
  });
});

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
