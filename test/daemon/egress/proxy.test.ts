import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { proxyFor } from '../../../daemon/egress/proxy.ts';
import { issue } from './certificates.ts';
import { egressWith, Folder, refusal } from './kit.ts';
import { serve, serveProxy } from './servers.ts';

const through = (
  url: string,
  settings: Parameters<typeof proxyFor>[1],
  env: NodeJS.ProcessEnv = {},
): string | undefined => proxyFor(new URL(url), settings, env)?.host;

describe('the choice of a proxy', () => {
  it('takes the configuration first, then the environment by scheme, then ALL_PROXY', () => {
    const env = { HTTPS_PROXY: 'http://secure:1', http_proxy: 'http://plain:2' };
    assert.equal(through('https://a.example/', { proxy: 'http://own:3' }, env), 'own:3');
    assert.equal(through('https://a.example/', {}, env), 'secure:1');
    assert.equal(through('http://a.example/', {}, env), 'plain:2');
    assert.equal(through('http://a.example/', {}, { ALL_PROXY: 'proxy:8080' }), 'proxy:8080');
    assert.equal(through('http://a.example/', {}), undefined);
  });

  it('lets an empty setting overrule the environment', () => {
    assert.equal(through('https://a.example/', { proxy: '' }, { HTTPS_PROXY: 'http://secure:1' }), undefined);
  });

  it('never sends this machine through a proxy', () => {
    for (const url of ['http://localhost:11434/', 'http://127.0.0.1/', 'https://[::1]:8443/'])
      assert.equal(through(url, { proxy: 'http://own:3' }), undefined, url);
  });

  it('knows the forms of exceptions', () => {
    const cases: [exception: string, url: string, direct: boolean][] = [
      ['example.com', 'https://example.com/', true],
      ['example.com', 'https://api.example.com/', true],
      ['example.com', 'https://notexample.com/', false],
      ['.example.com', 'https://api.example.com/', true],
      ['*.example.com', 'https://api.example.com/', true],
      ['API.Example.com', 'https://api.example.com/', true],
      ['example.com:8443', 'https://example.com:8443/', true],
      ['example.com:443', 'https://example.com/', true],
      ['example.com:8443', 'https://example.com/', false],
      ['10.0.0.0/8', 'http://10.1.2.3/', true],
      ['10.0.0.0/8', 'http://11.1.2.3/', false],
      ['10.0.0.0/99', 'http://10.1.2.3/', false],
      ['fd00::/8', 'http://[fd00::1]/', true],
      ['fd00::1', 'http://[fd00::1]:8080/', true],
      ['[fd00::1]:8080', 'http://[fd00::1]:8080/', true],
      ['10.0.0.1', 'http://210.0.0.1/', false],
      ['*', 'https://anything.example/', true],
    ];
    for (const [exception, url, direct] of cases) {
      assert.equal(
        through(url, { proxy: 'http://own:3', noProxy: [exception] }) === undefined,
        direct,
        `${exception} for ${url}`,
      );
      assert.equal(
        through(url, { proxy: 'http://own:3' }, { NO_PROXY: `unrelated.example, ${exception}` }) === undefined,
        direct,
        `NO_PROXY=${exception} for ${url}`,
      );
    }
  });

  it('names a proxy of another kind without showing its password', () => {
    assert.throws(
      () => through('https://a.example/', {}, { ALL_PROXY: 'socks5://me:hush@proxy:1080' }),
      (error: Error) => /socks5:\/\/proxy:1080/.test(error.message) && !error.message.includes('hush'),
    );
  });
});

describe('a proxy', () => {
  it('leads to the server with CONNECT, for http and https, with the credentials of its address', async () => {
    using folder = new Folder();
    const root = issue({ name: 'Root' });
    const identity = issue({ name: 'server', hosts: ['api.example.com'], issuer: { ...root, name: 'Root' } });
    await using secure = await serve((_request, response) => response.end('secure'), identity);
    await using plain = await serve((_request, response) => response.end('plain'));
    await using proxy = await serveProxy();
    const network = {
      proxy: `http://me:p%40ss@127.0.0.1:${proxy.port}`,
      caFile: folder.write('root.pem', root.certificate),
    };
    await using egress = egressWith({ network: () => network });
    assert.equal(await (await egress.fetch(`https://api.example.com:${secure.port}/`)).text(), 'secure');
    assert.equal(await (await egress.fetch(`http://api.example.com:${plain.port}/`)).text(), 'plain');
    assert.deepEqual(
      proxy.asked.map(({ target }) => target),
      [`api.example.com:${secure.port}`, `api.example.com:${plain.port}`],
    );
    assert.equal(proxy.asked[0]?.credentials, `Basic ${Buffer.from('me:p@ss').toString('base64')}`);
  });

  it('may itself be reached over https, and its certificate is checked', async () => {
    using folder = new Folder();
    const root = issue({ name: 'Root' });
    const identity = issue({
      name: 'both',
      hosts: ['api.example.com', 'localhost'],
      issuer: { ...root, name: 'Root' },
    });
    await using server = await serve((_request, response) => response.end('answer'), identity);
    await using proxy = await serveProxy({ identity });
    const url = `https://api.example.com:${server.port}/`;
    await using trusting = egressWith({
      network: () => ({ proxy: `https://localhost:${proxy.port}`, caFile: folder.write('root.pem', root.certificate) }),
    });
    assert.equal(await (await trusting.fetch(url)).text(), 'answer');
    await using doubting = egressWith({ network: () => ({ proxy: `https://localhost:${proxy.port}` }) });
    assert.match(
      (await refusal(doubting.fetch(url))).message,
      new RegExp(`The certificate of localhost:${proxy.port} .*CN=Root`),
    );
    assert.equal(proxy.asked.length, 1);
  });

  it('that refuses, wants a password or is not there is named in the sentence', async () => {
    await using wanting = await serveProxy({ refuseWith: 407 });
    await using refusing = await serveProxy({ refuseWith: 403 });
    const gone = await serveProxy();
    await gone[Symbol.asyncDispose]();
    const ask = (port: number): Promise<Error> =>
      refusal(egressWith({ network: () => ({ proxy: `http://127.0.0.1:${port}` }) }).fetch('https://api.example.com/'));
    assert.match(
      (await ask(wanting.port)).message,
      new RegExp(`proxy http://127.0.0.1:${wanting.port} requires a user name and password`),
    );
    assert.match((await ask(refusing.port)).message, /didn't connect to api\.example\.com \(403\)/);
    assert.match((await ask(gone.port)).message, /Couldn't reach the proxy .*\(ECONNREFUSED\)/);
  });
});
