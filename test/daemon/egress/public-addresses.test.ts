// What others have written may lead anywhere: only the internet is reached by it, and what is connected to is what was checked.
import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { networkInterfaces } from 'node:os';
import { describe, it } from 'mocha';
import type { Fetch } from '../../../daemon/base/egress.ts';
import { isPublicAddress, type NameLookup } from '../../../daemon/egress/public-addresses.ts';
import { egressWith, refusal } from './kit.ts';
import { serve, serveProxy } from './servers.ts';

const privateHosts = [
  '127.0.0.1',
  '127.1',
  '127.0.0.1.',
  '127.255.255.254',
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '0177.0.0.1',
  '017700000001',
  '0.0.0.0',
  '0',
  '0.1.2.3',
  '10.0.0.1',
  '10.255.255.255',
  '167772161',
  '0xa.0.0.1',
  '100.64.0.1',
  '100.127.255.254',
  '100.100.100.200',
  '169.254.169.254',
  '2852039166',
  '0xa9fea9fe',
  '168.63.129.16',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.192',
  '192.0.2.1',
  '192.168.0.1',
  '0300.0250.0.1',
  '198.18.0.1',
  '198.51.100.7',
  '203.0.113.9',
  '224.0.0.1',
  '239.255.255.250',
  '255.255.255.255',
  '[::]',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::127.0.0.1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::ffff:10.0.0.1]',
  '[::ffff:169.254.169.254]',
  '[64:ff9b::10.0.0.1]',
  '[64:ff9b::a9fe:a9fe]',
  '[64:ff9b:1::1]',
  '[fe80::1]',
  '[fec0::1]',
  '[fc00::1]',
  '[fd00:ec2::254]',
  '[ff02::1]',
  '[2001::1]',
  '[2001:db8::1]',
  '[2002:7f00:1::]',
  '[3fff::1]',
  '0.0.0.0.',
  '0x0',
  '127.0.1',
  '10.0.0.1.',
  '169.254.169.254.',
  '0251.0376.0251.0376',
  '0xa9.0xfe.0xa9.0xfe',
  '169.254.43518',
  '192.88.99.1',
  '240.0.0.1',
  '[::ffff:0.0.0.0]',
  '[::ffff:a9fe:a9fe]',
  '[::ffff:0:127.0.0.1]',
  '[64:ff9b::127.0.0.1]',
  '[64:ff9b::192.168.0.1]',
  '[64:ff9b::]',
  '[2002:a9fe:a9fe::]',
  '[100::1]',
  '[5f00::1]',
  'localhost',
  'LOCALHOST',
  'localhost.',
  'app.localhost',
  '①②⑦.0.0.1',
];

const publicAddresses = [
  '93.184.215.14',
  '1.1.1.1',
  '172.32.0.1',
  '100.128.0.1',
  '2606:4700::1111',
  '64:ff9b::101:101',
];

const answering = (...lists: string[][]): NameLookup & { asked: string[] } => {
  const asked: string[] = [];
  const lookup: NameLookup = (name, _options, done) => {
    asked.push(name);
    const addresses = lists[Math.min(asked.length, lists.length) - 1] ?? [];
    const found: LookupAddress[] = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    done(null, found);
  };
  return Object.assign(lookup, { asked });
};

/** This machine stands for the internet: a server can be nowhere else in a test. */
const withLookup = (lookup: NameLookup, env: NodeJS.ProcessEnv = {}) =>
  egressWith({
    env,
    publicAddresses: { lookup, isAllowed: (address) => address === '127.0.0.1' || isPublicAddress(address) },
  });

describe('the way out to public addresses', () => {
  for (const host of privateHosts)
    it(`refuses ${host} without a connection`, async () => {
      await using egress = egressWith();
      const call = egress.fetchFor({ publicOnly: true });
      assert.equal((await refusal(call(`http://${host}:8080/`))).code, 'private-address');
      assert.equal(egress.refusalFor(new URL(`http://${host}/`), { publicOnly: true })?.code, 'private-address');
    });

  for (const address of publicAddresses)
    it(`takes ${address} for public`, () => {
      assert.ok(isPublicAddress(address));
    });

  it('refuses the addresses of this machine, public ones as well', () => {
    for (const each of Object.values(networkInterfaces()).flat()) assert.ok(!isPublicAddress(each?.address ?? '::1'));
  });

  for (const [what, addresses] of Object.entries({
    'a private address': ['10.1.2.3'],
    'a public and a private address': ['93.184.215.14', '192.168.1.1'],
    'the metadata of a cloud': ['169.254.169.254'],
    'an IPv4 address in IPv6': ['::ffff:10.0.0.1'],
    'no address': [],
  }))
    it(`refuses a name that has ${what}`, async () => {
      await using egress = withLookup(answering(addresses));
      const error = await refusal(egress.fetchFor({ publicOnly: true })('http://pages.example/'));
      assert.deepEqual([error.code, error.message.split(' ')[0]], ['private-address', 'pages.example']);
    });

  it('connects to the address that it has checked, though the name has another one when it is asked again', async () => {
    await using server = await serve((_request, response) => response.end('page'));
    const lookup = answering(['127.0.0.1'], ['10.0.0.1']);
    await using egress = withLookup(lookup);
    const call = egress.fetchFor({ publicOnly: true });
    assert.equal(await (await call(`http://pages.example:${server.port}/`)).text(), 'page');
    assert.deepEqual(lookup.asked, ['pages.example']);
    egress.refresh(); // the kept connection is given up: a new one is checked anew
    assert.equal((await refusal(call(`http://pages.example:${server.port}/`))).code, 'private-address');
  });

  it('checks where a redirect leads', async () => {
    await using server = await serve((_request, response) =>
      response.writeHead(302, { location: 'http://10.0.0.1/' }).end(),
    );
    await using egress = withLookup(answering(['127.0.0.1']));
    const call = egress.fetchFor({ publicOnly: true });
    assert.equal((await refusal(call(`http://pages.example:${server.port}/`))).code, 'private-address');
  });

  it('checks a name before a proxy gets it, and leaves to the proxy what this machine has no name for', async () => {
    await using server = await serve((_request, response) => response.end('page'));
    await using proxy = await serveProxy();
    const env = { http_proxy: `http://127.0.0.1:${proxy.port}` };
    await using inside = withLookup(answering(['192.168.1.1']), env);
    assert.equal(
      (await refusal(inside.fetchFor({ publicOnly: true })('http://inside.example/'))).code,
      'private-address',
    );
    assert.deepEqual(proxy.asked, []);
    const unknown: NameLookup = (_name, _options, done) =>
      done(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), []);
    await using outside = withLookup(unknown, env);
    assert.equal((await outside.fetchFor({ publicOnly: true })(`http://out.example:${server.port}/`)).status, 200);
  });

  it('shares no connection with requests that may reach this machine', async () => {
    await using server = await serve((_request, response) => response.end('own'));
    await using egress = egressWith();
    const own: Fetch = egress.fetch;
    assert.equal(await (await own(`http://127.0.0.1:${server.port}/`)).text(), 'own');
    const pages = egress.fetchFor({ publicOnly: true });
    assert.equal((await refusal(pages(`http://127.0.0.1:${server.port}/`))).code, 'private-address');
  });

  it('says what it would refuse, and counts nothing', async () => {
    await using local = egressWith({ localOnly: () => true });
    await using listed = egressWith({ network: () => ({ allowHosts: ['docs.example'] }) });
    const url = new URL('https://pages.example/');
    assert.deepEqual(
      [local, listed].map((egress) => egress.refusalFor(url, { publicOnly: true })?.code),
      ['local-only', 'host-not-allowed'],
    );
    assert.deepEqual([local.hosts(), listed.hosts()], [[], []]);
  });
});
