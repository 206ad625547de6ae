// How many clients the daemon's socket takes, and what a client says that could not ask.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { thisBuild } from '../../../daemon/base/build.ts';
import { takeLock } from '../../../daemon/base/lock.ts';
import { resolvePaths } from '../../../daemon/base/paths.ts';
import { cannotAsk, joinDaemon } from '../../../daemon/rpc/join.ts';
import { listen, maxClients } from '../../../daemon/rpc/listener.ts';
import { silentLog } from '../storage/open-storage.ts';

describe("the daemon's socket", () => {
  it('takes as many clients as it has room for, refuses the next with a sentence, and takes one when another left', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sy-'));
    const paths = resolvePaths(1, { SWITCHYARD_HOME: folder });
    mkdirSync(paths.run);
    const kept: Socket[] = [];
    const server = await listen({
      paths,
      token: 'token',
      wire: 1,
      log: silentLog,
      onConnection: (socket) => void kept.push(socket.resume()),
      onNewerBuild: () => false,
    });
    const clients: Socket[] = [];
    const greet = async (): Promise<{ ok: boolean; code?: string; message?: string }> => {
      const socket = createConnection(paths.socket);
      clients.push(socket);
      socket.write(`${JSON.stringify({ token: 'token', wire: 1, build: thisBuild })}\n`);
      const [line] = (await once(socket, 'data')) as [Buffer];
      return JSON.parse(line.toString()) as { ok: boolean };
    };
    try {
      for (let i = 0; i < maxClients; i++) assert.equal((await greet()).ok, true);
      const { ok, code, message } = await greet();
      assert.deepEqual([ok, code], [false, 'too-many-clients']);
      assert.match(message ?? '', /already serves \d+ clients\. Close some/);
      const first = kept[0];
      clients[0]?.destroy();
      if (first) await once(first, 'close');
      assert.equal((await greet()).ok, true);
    } finally {
      for (const socket of [...clients, ...kept]) socket.destroy();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('that closes a connection at once is not taken for one that does not run', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sy-'));
    const paths = resolvePaths(1, { SWITCHYARD_HOME: folder });
    mkdirSync(paths.run);
    writeFileSync(paths.tokenFile, 'token');
    const lock = takeLock(paths.lockFile, 'test');
    const server = createServer((socket) => socket.destroy()).listen(paths.socket);
    try {
      await once(server, 'listening');
      const join = { paths, wire: 1, program: '', start: false, signal: new AbortController().signal };
      await assert.rejects(joinDaemon(join), { code: 'daemon-unreachable', message: /before responding/ });
      if ('held' in lock) lock.held.release();
      await assert.rejects(joinDaemon(join), { code: 'no-daemon' });
    } finally {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  for (const code of ['EMFILE', 'ENFILE', 'EAGAIN', 'ENOBUFS', 'ENOMEM', 'EACCES', 'EPERM']) {
    it(`${code} is not taken for a daemon that does not run`, () => {
      assert.match(cannotAsk(code)?.message ?? '', /^Couldn't check whether the daemon is running: /);
    });
  }
});
