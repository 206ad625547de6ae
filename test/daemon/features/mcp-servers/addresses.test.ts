// MCP servers with an address: they are reached by our way out, and signed in to in a browser.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createEgress, type Egress } from '../../../../daemon/egress/egress.ts';
import { AddressedServer } from '../../../fakes/mcp-servers/address.ts';
import { McpWorkbench } from '../../../fakes/mcp-servers/workbench.ts';

const { signal } = new AbortController();
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

describe('MCP servers with an address', () => {
  let address: AddressedServer;
  let egress: Egress;
  let isLocalOnly: boolean;
  beforeEach(async () => {
    isLocalOnly = false;
    address = await AddressedServer.start();
    egress = createEgress({ localOnly: () => isLocalOnly, log: quiet, env: {} });
  });
  afterEach(async () => {
    await address[Symbol.asyncDispose]();
    await egress[Symbol.asyncDispose]();
  });

  function bench(server: Record<string, unknown> = {}): McpWorkbench {
    return new McpWorkbench({ web: { url: address.url, ...server } }, { egress });
  }

  for (const protocol of ['2026-07-28', '2025-11-25', '2025-06-18'])
    it(`of ${protocol} are spoken to, through our way out, with their headers`, async () => {
      address.protocol = protocol;
      await using servers = bench({ headers: { 'X-Team': `\${key:team}` } });
      servers.keys.set('team', 'seven');
      await servers.approveAll('web');
      assert.equal((await servers.call('web__echo', { a: 1 })).ok, true);
      assert.equal(address.headers['x-team'], 'seven');
      assert.equal(egress.hosts()[0]?.host, new URL(address.url).host);
      assert.equal((await servers.servers.status())[0]?.protocol, protocol);
    });

  it('aren\'t contacted under "local only", and it is said in the sentence for that', async () => {
    isLocalOnly = true;
    await using servers = new McpWorkbench({ web: { url: 'https://mcp.example/mcp' } }, { egress });
    await assert.rejects(servers.servers.list('p', { server: 'web', signal }), {
      code: 'local-only',
      message: /^"Local only" is on, so mcp\.example wasn't contacted\./,
    });
  });

  it("that can't be reached are named with the reason, when they're asked and when they're signed in to", async () => {
    await using servers = bench({ url: 'http://127.0.0.1:1/mcp' });
    const why = {
      code: 'mcp-unreachable',
      message: /^127\.0\.0\.1:1 can't be reached \(.*\)\. Check the address in "mcpServers"/,
    };
    await assert.rejects(servers.servers.list('p', { server: 'web', signal }), why);
    await assert.rejects(servers.servers.signIn('p', { server: 'web', signal, show() {} }), why);
  });

  it('that know no sign-in are no mistake of ours', async () => {
    const plain = createServer((_request, response) => void response.writeHead(404).end()).listen(0, '127.0.0.1');
    await once(plain, 'listening');
    await using servers = bench({ url: `http://127.0.0.1:${(plain.address() as AddressInfo).port}/mcp` });
    const signedIn = servers.servers.signIn('p', { server: 'web', signal, show() {} });
    await assert.rejects(
      signedIn.finally(() => plain.close()),
      {
        code: 'mcp-sign-in',
        message: /^Couldn't sign in to web: .* It may need no sign-in\.$/s,
      },
    );
  });

  describe('that are guarded', () => {
    beforeEach(() => {
      address.isGuarded = true;
    });

    /** The user, who agrees to everything. */
    const browse = (url: string): void => void fetch(url);

    it('say how to sign in', async () => {
      await using servers = bench();
      await assert.rejects(servers.servers.list('p', { server: 'web', signal }), {
        code: 'mcp-signed-out',
        message: 'Sign in to web first: run `switchyard mcp login web`.',
      });
    });

    it('are signed in to in a browser, by a profile for itself', async () => {
      await using servers = bench();
      await servers.servers.signIn('p', { server: 'web', signal, show: browse });
      await servers.approveAll('web');
      assert.equal((await servers.call('web__echo', { a: 1 })).ok, true);
      assert.deepEqual([...servers.keys.keys()], ['mcp.web.p']);
      await assert.rejects(servers.servers.list('q', { server: 'web', signal }), { code: 'mcp-signed-out' });
      assert.equal(await servers.servers.signOut('p', 'web'), true);
      await assert.rejects(servers.servers.list('p', { server: 'web', signal }), { code: 'mcp-signed-out' });
    });

    it('are told a new token when the old one has expired', async () => {
      await using servers = bench();
      await servers.servers.signIn('p', { server: 'web', signal, show: browse });
      await servers.approveAll('web');
      address.expire();
      assert.equal((await servers.call('web__echo')).ok, true);
      assert.ok(servers.keys.get('mcp.web.p')?.includes('access-0002'));
    });

    it('let nobody in whose browser comes back with another state', async () => {
      await using servers = bench();
      const stop = new AbortController();
      const signedIn = servers.servers.signIn('p', {
        server: 'web',
        signal: stop.signal,
        async show(url) {
          const back = new URL(new URL(url).searchParams.get('redirect_uri') ?? '');
          const answers = await Promise.all(
            ['', '?code=x', '?code=x&state=y'].map((query) => fetch(`${back}${query}`)),
          );
          assert.deepEqual(
            answers.map(({ status }) => status),
            [404, 404, 404],
          );
          stop.abort();
        },
      });
      await assert.rejects(signedIn, { name: 'CancelledError' });
      assert.equal(servers.keys.size, 0);
    });

    for (const [where, urlOf] of [
      ['on another machine', (other: AddressedServer) => other.url],
      ['at another address of the same machine', () => address.url.replace(/mcp$/, 'elsewhere')],
    ] as const)
      it(`give no token of theirs to another server under their name, ${where}`, async () => {
        await using other = await AddressedServer.start();
        other.isGuarded = true;
        await using servers = bench();
        await servers.servers.signIn('p', { server: 'web', signal, show: browse });
        servers.configure({ web: { url: urlOf(other) } });
        address.headers = {};
        await assert.rejects(servers.servers.list('p', { server: 'web', signal }));
        for (const { headers } of [address, other]) assert.equal(headers['authorization'], undefined);
      });

    it('keep tokens out of what is logged', async () => {
      await using servers = bench();
      await servers.servers.signIn('p', { server: 'web', signal, show: browse });
      for (const token of ['access-0001-aaaaaaaa', 'refresh-1-cccccccc'])
        assert.equal(servers.redactor.redact(`x ${token} y`), 'x [key] y');
    });
  });
});
