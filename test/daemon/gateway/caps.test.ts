// How many of each kind the door for browsers takes: addresses, browsers, views, connections; and none where descriptors run out.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import WebSocket from 'ws';
import { DescriptorReserve } from '../../../daemon/base/process/descriptors.ts';
import { createGateway, type Gateway } from '../../../daemon/gateway/gateway.ts';

const scope = { profile: 'default', roots: [], isIndexed: false };

class ScarceReserve extends DescriptorReserve {
  isScarce = false;

  override hasSpare(): boolean {
    return !this.isScarce;
  }
}

describe('the door for browsers', () => {
  let folder: string;
  let gateway: Gateway;
  let reserve: ScarceReserve;
  const opened: (Socket | WebSocket)[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sy-door-'));
    reserve = new ScarceReserve();
    gateway = createGateway({ assets: folder, l10n: folder, folder, reserve });
  });
  afterEach(() => {
    for (const each of opened.splice(0)) each instanceof WebSocket ? each.terminate() : each.destroy();
    gateway[Symbol.dispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const address = async (): Promise<string> => (await gateway.open(scope)).url;
  const admitted = async (): Promise<{ page: string; cookie: string }> => {
    const answer = await fetch(await address());
    const page = /url=(http[^"]+)"/.exec(await answer.text())?.[1];
    assert.ok(page);
    return { page, cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '' };
  };
  const statusOf = async ({ page, cookie }: { page: string; cookie: string }): Promise<number> =>
    (await fetch(page, { headers: { cookie } })).status;
  /** The status of a view's connection; 101 where it is open. */
  const view = async ({ page, cookie }: { page: string; cookie: string }): Promise<number> => {
    const socket = new WebSocket(`${page.replace('http', 'ws')}ws`, {
      headers: { origin: new URL(page).origin, cookie },
    });
    opened.push(socket);
    socket.on('error', () => {});
    return await Promise.race([
      once(socket, 'open').then(() => 101),
      once(socket, 'unexpected-response').then(([, answer]) => (answer as { statusCode: number }).statusCode),
    ]);
  };

  it('forgets the oldest of 33 addresses that nobody used', async () => {
    const all = [];
    for (let i = 0; i < 33; i++) all.push(await address());
    assert.equal((await fetch(all[0] ?? '')).status, 403);
    assert.equal((await fetch(all[1] ?? '')).status, 200);
    assert.equal((await fetch(all[32] ?? '')).status, 200);
  });

  it('ends the session of the oldest of 129 browsers', async () => {
    const all = [];
    for (let i = 0; i < 129; i++) all.push(await admitted());
    const [first, second] = all;
    const last = all[128];
    assert.ok(first && second && last);
    assert.deepEqual([await statusOf(first), await statusOf(second), await statusOf(last)], [403, 200, 200]);
  });

  it('takes 64 views, and another when one has gone', async () => {
    const browser = await admitted();
    for (let i = 0; i < 64; i++) assert.equal(await view(browser), 101);
    assert.equal(await view(browser), 503);
    const [first] = opened;
    assert.ok(first instanceof WebSocket);
    first.close();
    await once(first, 'close');
    assert.equal(await view(browser), 101);
  });

  it('takes 256 connections, and drops the next', async () => {
    const { port } = new URL(await address());
    const connected = async (): Promise<Socket> => {
      const socket = createConnection(Number(port), '127.0.0.1');
      opened.push(socket);
      await once(socket, 'connect');
      return socket;
    };
    for (let i = 0; i < 256; i++) await connected();
    const next = await connected();
    next.resume();
    await once(next, 'close');
    assert.equal(opened.filter((socket) => socket instanceof WebSocket || !socket.destroyed).length, 256);
  });

  it('says why it answers nobody where descriptors run out', async () => {
    const browser = await admitted();
    reserve.isScarce = true;
    const answer = await fetch(browser.page, { headers: { cookie: browser.cookie } });
    assert.equal(answer.status, 503);
    assert.match(await answer.text(), /too many files and connections open\. Close some/);
    assert.equal(await view(browser), 503);
    reserve.isScarce = false;
    assert.equal(await statusOf(browser), 200);
  });
});
