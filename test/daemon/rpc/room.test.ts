// How many clients the daemon's socket takes, and what a client says that could not ask.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'mocha';
import { thisBuild } from '../../../daemon/base/build.ts';
import { takeLock } from '../../../daemon/base/lock.ts';
import { type Paths, resolvePaths } from '../../../daemon/base/paths.ts';
import { DescriptorReserve } from '../../../daemon/base/process/descriptors.ts';
import { cannotAsk, joinDaemon } from '../../../daemon/rpc/join.ts';
import { listen, maxClients } from '../../../daemon/rpc/listener.ts';
import { silentLog } from '../storage/open-storage.ts';

interface Answered {
  ok: boolean;
  code?: string;
  message?: string;
}

/** The daemon's socket, and clients that greet it. Lives as long as a test. */
class Room implements AsyncDisposable {
  readonly clients: Socket[] = [];
  readonly kept: Socket[] = [];
  readonly paths: Paths;
  readonly #server: Server;

  static async open(reserve: DescriptorReserve): Promise<Room> {
    const paths = resolvePaths(1, { SWITCHYARD_HOME: mkdtempSync(join(tmpdir(), 'sy-')) });
    mkdirSync(paths.run);
    const kept: Socket[] = [];
    const server = await listen({
      paths,
      token: 'token',
      wire: 1,
      log: silentLog,
      reserve,
      onConnection: (socket) => void kept.push(socket.resume()),
      onNewerBuild: () => false,
    });
    return new Room(paths, server, kept);
  }

  private constructor(paths: Paths, server: Server, kept: Socket[]) {
    this.paths = paths;
    this.#server = server;
    this.kept = kept;
  }

  async greet(more: object = {}): Promise<Answered> {
    const socket = this.connect();
    socket.write(`${JSON.stringify({ token: 'token', wire: 1, build: thisBuild, ...more })}\n`);
    const [line] = (await once(socket, 'data')) as [Buffer];
    return JSON.parse(line.toString()) as Answered;
  }

  connect(): Socket {
    const socket = createConnection(this.paths.socket);
    this.clients.push(socket);
    return socket;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of [...this.clients, ...this.kept]) socket.destroy();
    this.#server.close();
    rmSync(dirname(this.paths.run), { recursive: true, force: true });
  }
}

describe("the daemon's socket", () => {
  it('takes as many clients as it has room for, refuses the next with a sentence, and takes one when another left', async () => {
    using reserve = new DescriptorReserve();
    await using room = await Room.open(reserve);
    for (let i = 0; i < maxClients; i++) assert.equal((await room.greet()).ok, true);
    const { ok, code, message } = await room.greet();
    assert.deepEqual([ok, code], [false, 'too-many-clients']);
    assert.match(message ?? '', /already serves \d+ clients\. Close some/);
    for (let i = 0; i < 8; i++)
      assert.equal((await room.greet({ visits: true })).ok, true, 'who only asks, or tells it to stop');
    assert.equal((await room.greet({ visits: true })).ok, false);
    for (let i = 0; i < 9; i++) {
      const [first] = room.kept.splice(0, 1);
      room.clients[i]?.destroy();
      if (first) await once(first, 'close');
    }
    assert.equal((await room.greet()).ok, true);
  });

  it('drops connections that say nothing once 64 more than it has room for are open', async () => {
    using reserve = new DescriptorReserve();
    await using room = await Room.open(reserve);
    for (let i = 0; i < maxClients + 8 + 64; i++) await once(room.connect(), 'connect');
    const next = room.connect().resume();
    await once(next, 'close');
    assert.equal(room.clients.filter(({ destroyed }) => !destroyed).length, maxClients + 8 + 64);
  });

  it('tells whoever comes while descriptors run out, and takes who only asks', async () => {
    const reserve = new DescriptorReserve();
    reserve.hasSpare = () => false;
    await using room = await Room.open(reserve);
    const { ok, code, message } = await room.greet();
    assert.deepEqual([ok, code], [false, 'too-many-files']);
    assert.match(message ?? '', /too many files and connections open\. Close some/);
    assert.equal((await room.greet({ visits: true })).ok, true);
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
