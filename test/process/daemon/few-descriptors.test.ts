// A daemon that may open few files: clients take all that are left, and the next is told so; the daemon can still be asked and stopped.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'mocha';
import { Home, program, until } from '../home.ts';
import { connectRaw, type RawClient } from '../raw-client.ts';

const spare = 40; // beyond what a daemon has open that has just begun

describe('a daemon without descriptors', () => {
  it('tells the next client so, is asked and stopped all the same', async function () {
    if (process.platform !== 'linux') return this.skip();
    await using home = new Home();
    const pid = await startDaemon(home);
    const before = readdirSync(`/proc/${pid}/fd`).length;
    assert.equal((await home.switchyard(['stop'])).code, 0);
    await startDaemon(home, before + spare);
    const clients: RawClient[] = [];
    const refusal = await until('a refusal', async () => {
      const client = connectRaw(home);
      clients.push(client);
      const welcome = await client.welcomes.find('an answer', () => true);
      return !welcome.ok && welcome;
    });
    assert.equal(refusal.code, 'too-many-files');
    const search = await home.switchyard(['search', 'x']);
    assert.match(search.stderr, /too many files and connections open\. Close some/);
    const status = await home.switchyard(['status']);
    assert.equal(status.code, 0, status.stderr);
    const stop = await home.switchyard(['stop', '--force']);
    assert.deepEqual([stop.code, stop.stderr], [0, ''], stop.stderr);
    assert.match(stop.stdout, /has stopped/);
    for (const { socket } of clients) socket.destroy();
  });
});

/** Resolves with its process, once it listens. */
async function startDaemon(home: Home, limit?: number): Promise<number> {
  const begin = limit === undefined ? '' : `ulimit -n ${limit}; `;
  const child = home.spawn(['-c', `${begin}exec "$0" "$1" serve --quiet`, process.execPath, program], 'sh');
  const { pid } = child;
  assert.ok(pid);
  await until('a daemon', async () => (await home.switchyard(['status'])).stdout.includes(`process ${pid}`));
  return pid;
}
