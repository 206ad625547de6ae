import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, it } from 'mocha';
import { type Issued, issue, type Wish } from './certificates.ts';
import { egressWith, Folder, refusal } from './kit.ts';
import { type Running, serve } from './servers.ts';

const peer = fileURLToPath(new URL('peers/system-store.ts', import.meta.url));
const root = { ...issue({ name: 'Corporate Root' }), name: 'Corporate Root' };
const forThisMachine: Wish = { name: 'server', hosts: ['127.0.0.1', 'localhost'], issuer: root };
const answering = (identity: Issued): Promise<Running> =>
  serve((_request, response) => response.end('answer'), identity);

describe('certificates', () => {
  it('of the tests are real ones', () => {
    assert.ok(
      new X509Certificate(issue(forThisMachine).certificate).verify(new X509Certificate(root.certificate).publicKey),
    );
  });

  it('are trusted from the configuration, from NODE_EXTRA_CA_CERTS, and for one provider alone', async () => {
    using folder = new Folder();
    const caFile = folder.write('root.pem', `# with words around it\n${root.certificate}`);
    await using server = await answering(issue(forThisMachine));
    const url = `https://127.0.0.1:${server.port}/`;
    await using configured = egressWith({ network: () => ({ caFile }) });
    await using extra = egressWith({ env: { NODE_EXTRA_CA_CERTS: caFile } });
    await using own = egressWith();
    assert.equal((await configured.fetch(url)).status, 200);
    assert.equal((await extra.fetch(url)).status, 200);
    assert.equal((await own.fetchFor({ caFile })(url)).status, 200);
    await refusal(own.fetch(url));
  });

  it('of the system are trusted, unless the window that asks is told not to', async function () {
    if (process.platform !== 'linux') return this.skip(); // elsewhere the system's store cannot be chosen for a test
    using folder = new Folder();
    const SSL_CERT_FILE = folder.write('system.pem', root.certificate);
    await using server = await answering(issue(forThisMachine));
    const { stdout } = await promisify(execFile)(process.execPath, [peer, `https://127.0.0.1:${server.port}/`], {
      env: { ...process.env, SSL_CERT_FILE },
    });
    assert.equal(stdout, '200 network');
  });

  it('that fail are named: subject, issuer, and what to do', async () => {
    using folder = new Folder();
    const dayMs = 86_400_000;
    const cases: [wish: Wish, trusted: boolean, said: RegExp][] = [
      [
        { name: 'self', hosts: ['127.0.0.1'] },
        false,
        /is self-signed .*subject CN=self, issuer CN=self.*network\.caFile/,
      ],
      [forThisMachine, false, /isn't trusted here.*subject CN=server, issuer CN=Corporate Root/],
      [
        { ...forThisMachine, from: new Date(Date.now() - 9 * dayMs), until: new Date(Date.now() - dayMs) },
        true,
        /has expired .*subject CN=server.*clock/,
      ],
      [{ ...forThisMachine, from: new Date(Date.now() + dayMs) }, true, /isn't valid yet .*subject CN=server/],
      [
        { ...forThisMachine, hosts: ['other.example'] },
        true,
        /is for a different name .*subject CN=server.*DNS:other\.example/,
      ],
    ];
    const caFile = folder.write('root.pem', root.certificate);
    for (const [wish, trusted, said] of cases) {
      await using server = await answering(issue(wish));
      await using egress = egressWith({ network: () => (trusted ? { caFile } : {}) });
      const url = new URL(`https://127.0.0.1:${server.port}/`);
      assert.match((await refusal(egress.fetch(url))).message, said);
      const check = await egress.check(url, { signal: AbortSignal.timeout(10_000) });
      assert.equal(check.ok, false);
      assert.match(`${check.detail} ${check.fix ?? ''}`, said);
    }
  });

  it('of a chain with an unknown root: the root is named', async () => {
    const identity = issue(forThisMachine);
    await using server = await answering({ ...identity, certificate: identity.certificate + root.certificate });
    const { message } = await refusal(egressWith().fetch(`https://127.0.0.1:${server.port}/`));
    assert.match(
      message,
      /leads to a root that isn't trusted here .*subject CN=Corporate Root, issuer CN=Corporate Root/,
    );
  });

  it("are checked even where the environment switches Node's checks off", async () => {
    await using server = await answering(issue(forThisMachine));
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      await refusal(egressWith().fetch(`https://127.0.0.1:${server.port}/`));
    } finally {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
    }
  });

  it('in a file that cannot be read: the file is named; one of the environment is passed over', async () => {
    using folder = new Folder();
    const empty = folder.write('empty.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    await using server = await answering(issue(forThisMachine));
    const url = `https://127.0.0.1:${server.port}/`;
    for (const caFile of [empty, `${folder.path}/absent.pem`])
      assert.match(
        (await refusal(egressWith({ network: () => ({ caFile }) }).fetch(url))).message,
        new RegExp(`certificate file ${caFile}`),
      );
    assert.match(
      (await refusal(egressWith({ env: { NODE_EXTRA_CA_CERTS: empty } }).fetch(url))).message,
      /The certificate of 127/,
    );
  });

  it('are read again after a refresh', async () => {
    using folder = new Folder();
    const caFile = folder.write('root.pem', issue({ name: 'Another Root' }).certificate);
    await using server = await answering(issue(forThisMachine));
    await using egress = egressWith({ network: () => ({ caFile }) });
    const url = `https://127.0.0.1:${server.port}/`;
    await refusal(egress.fetch(url));
    folder.write('root.pem', root.certificate);
    egress.refresh();
    assert.equal((await egress.fetch(url)).status, 200);
  });

  it('of a good connection are named by the check', async () => {
    using folder = new Folder();
    await using server = await answering(issue(forThisMachine));
    await using egress = egressWith({ network: () => ({ caFile: folder.write('root.pem', root.certificate) }) });
    const check = await egress.check(new URL(`https://localhost:${server.port}/`), {
      signal: AbortSignal.timeout(10_000),
    });
    assert.ok(check.ok, check.detail);
    assert.match(
      check.detail,
      /^localhost:\d+: connected in \d+ ms, TLSv1\.3, certificate by CN=Corporate Root, valid until /,
    );
  });
});
