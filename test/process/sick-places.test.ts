// Everything that can stand in a daemon's way when it starts: what is merely stale is stepped over, the rest is one sentence and exit code 3.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import Database from 'better-sqlite3';
import { describe, it } from 'mocha';
import { migrations } from '../../daemon/storage/sqlite/migrate.ts';
import { ChatSend } from '../../shared/protocol/chat.ts';
import { ended, Home, program, until } from './home.ts';
import { assertSentence, failureOf, LspClient, openEditor } from './lsp-client.ts';

const isRoot = process.getuid?.() === 0;

describe('what a daemon left behind never blocks the next', () => {
  const leftovers: Record<string, (home: Home) => void> = {
    'a lock whose process is dead': (home) =>
      writeLock(home, { pid: spawnSync(process.execPath, ['-e', '']).pid, startTime: '12345' }),
    'a lock whose process id belongs to another process now': (home) =>
      writeLock(home, { pid: process.pid, startTime: 'another start time' }),
    'a lock that is not one': (home) => writeFileSync(home.file('run', 'daemon-1.lock'), '\0\0 not JSON'),
    'an empty lock': (home) => writeFileSync(home.file('run', 'daemon-1.lock'), ''),
    "a dead client's claim to start one": (home) =>
      writeLock(home, { pid: process.pid, startTime: 'another start time' }, '.starting'),
    'an empty token': (home) => writeFileSync(home.paths.tokenFile, ''),
  };
  for (const [what, leave] of Object.entries(leftovers)) {
    it(what, async () => {
      await using home = new Home();
      mkdirSync(home.paths.run, { mode: 0o700 });
      leave(home);
      const { daemon } = await openEditor(home);
      assert.equal(daemon, home.daemonPid());
    });
  }

  it('the socket and lock of a killed daemon', async function () {
    if (process.platform === 'win32') return this.skip();
    await using home = new Home();
    const editor = await openEditor(home);
    editor.child.kill('SIGKILL');
    process.kill(editor.daemon, 'SIGKILL');
    await until('its end', () => home.processes().length === 0);
    assert.ok(statSync(home.paths.socket).isSocket());
    assert.notEqual((await openEditor(home)).daemon, editor.daemon);
  });
});

describe('a log that cannot be written', () => {
  it('keeps nobody from working, and the daemon from nothing: it ends well', async () => {
    await using home = new Home();
    mkdirSync(home.file('logs', 'daemon.log'), { recursive: true });
    const daemon = home.spawn([program, 'serve']);
    const said = ended(daemon);
    const editor = await until('the daemon', () => home.daemonPid() === daemon.pid && openEditor(home));
    assert.equal(editor.daemon, daemon.pid);
    editor.child.kill();
    daemon.kill('SIGTERM');
    const { code, stderr } = await said;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^switchyard: the daemon is ready [^\n]*\n$/);
  });
});

describe('what stands where the daemon should is named in a sentence', () => {
  const foreigners: Record<string, (socket: Socket) => void> = {
    'a server that speaks something else': (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
    'a server that never ends its line': (socket) => socket.write('x'.repeat(10_000)),
    'a server that says nothing': () => {},
  };
  for (const [what, greet] of Object.entries(foreigners)) {
    it(what, async function () {
      if (process.platform === 'win32') return this.skip();
      await using home = new Home();
      mkdirSync(home.paths.run, { mode: 0o700 });
      writeFileSync(home.paths.tokenFile, 'token', { mode: 0o600 });
      const sockets = new Set<Socket>();
      const server = createServer((socket) => {
        sockets.add(socket.on('error', () => {}));
        greet(socket);
      });
      await new Promise<void>((resolve) => server.listen(home.paths.socket, resolve));
      await assertRefused(home);
      for (const socket of sockets) socket.destroy();
      server.close();
    });
  }

  it('a file, which is not removed', async function () {
    if (process.platform === 'win32') return this.skip();
    await using home = new Home();
    mkdirSync(home.paths.run, { mode: 0o700 });
    writeFileSync(home.paths.socket, 'precious');
    await assertRefused(home);
    assert.equal(readFileSync(home.paths.socket, 'utf8'), 'precious');
  });
});

describe("the folder of the socket is trusted only when it is the user's own", () => {
  it('a link is refused', async function () {
    if (process.platform === 'win32') return this.skip();
    await using home = new Home();
    mkdirSync(home.file('elsewhere'));
    symlinkSync(home.file('elsewhere'), home.paths.run);
    await assertRefused(home, /a folder that you own/);
  });

  it("another user's folder is refused", async function () {
    if (!isRoot) return this.skip();
    await using home = new Home();
    mkdirSync(home.paths.run, { mode: 0o700 });
    chownSync(home.paths.run, 12_345, 12_345);
    await assertRefused(home, /a folder that you own/);
  });

  it('a folder that others may enter is closed to them before it is used', async function () {
    if (process.platform === 'win32') return this.skip();
    await using home = new Home();
    mkdirSync(home.paths.run);
    chmodSync(home.paths.run, 0o777);
    await openEditor(home);
    assert.equal(statSync(home.paths.run).mode & 0o777, 0o700);
    assert.equal(statSync(home.paths.tokenFile).mode & 0o777, 0o600);
  });
});

describe('when storage cannot be used, chats say why and reviews go on', () => {
  it('a read-only data folder', async function () {
    if (!canMount()) return this.skip();
    await using home = new Home();
    await using _editor = await editorOnDisk(home, 'size=1m', 'mount -o remount,ro "$1"');
    await assertReviewsWithoutStorage(home, /can't write to .*data/);
  });

  it('a full data folder', async function () {
    if (!canMount()) return this.skip();
    await using home = new Home();
    await using _editor = await editorOnDisk(
      home,
      'size=64k',
      'head -c 1000000 /dev/zero >"$1/filler" 2>/dev/null; true',
    );
    await assertReviewsWithoutStorage(home, /is full/);
  });

  it('a database that a newer version wrote, which is not changed', async () => {
    await using home = new Home();
    const database = new Database(home.file('data', 'switchyard.db'));
    database.exec('create table migration (name text primary key, applied_at integer not null) strict');
    for (const name of [...migrations.map((known) => known.name), '9999-future'])
      database.prepare('insert into migration values (?, 0)').run(name);
    database.close();
    const before = readFileSync(home.paths.database);
    await assertReviewsWithoutStorage(home, /newer Switchyard/);
    assert.deepEqual(readFileSync(home.paths.database), before);
  });

  it('a home on a read-only disk: nothing can start, and that is the sentence', async function () {
    if (!canMount()) return this.skip();
    await using home = new Home();
    const { code, stderr, stdout } = await ended(
      onDisk(home, { options: 'size=1m', folder: home.folder, prepare: 'mount -o remount,ro "$1"', args: ['models'] }),
    );
    assert.deepEqual([code, stdout], [3, '']);
    assertSentence(stderr);
    assert.match(stderr, /can't write to .*read-only/);
  });
});

/** Both a command and an editor hear the sentence; nothing is left running. */
async function assertRefused(home: Home, pattern = /./): Promise<void> {
  const [command, refused] = await Promise.all([home.switchyard(['models', '--json']), failureOf(openEditor(home))]);
  assert.equal(command.code, 3);
  assertSentence(command.stderr);
  assert.match(command.stderr, pattern);
  assert.equal((JSON.parse(command.stdout) as { error: { exitCode: number } }).error.exitCode, 3);
  assert.equal(refused.code, -32803);
  assertSentence(refused.message);
  assert.match(refused.message, pattern);
  assert.equal(home.daemonPid(), undefined);
}

async function assertReviewsWithoutStorage(home: Home, pattern: RegExp): Promise<void> {
  writeFileSync(home.file('work', 'wrong.js'), 'const total = ;\n');
  const review = await home.switchyard(['review', home.file('work', 'wrong.js'), '--json']);
  assert.equal(review.code, 0, review.stderr);
  assert.ok((JSON.parse(review.stdout) as { findings: unknown[] }).findings.length > 0);
  const chat = await home.switchyard(['chat', 'hello']);
  assert.deepEqual([chat.code, chat.stdout], [3, '']);
  assertSentence(chat.stderr);
  assert.match(chat.stderr, pattern);
  const { code, message } = await failureOf((await openEditor(home)).call(ChatSend, { text: 'hello' }));
  assert.equal(code, -32803);
  assert.match(message, pattern);
  const doctor = JSON.parse((await home.switchyard(['doctor', '--json'])).stdout) as {
    checks: { name: string; ok: boolean; detail: string }[];
  };
  assert.match(doctor.checks.find(({ name, ok }) => name === 'storage' && !ok)?.detail ?? '', pattern);
}

function writeLock(home: Home, { pid, startTime }: { pid: number; startTime: string }, suffix = ''): void {
  writeFileSync(`${home.paths.lockFile}${suffix}`, JSON.stringify({ pid, startTime, nonce: 'nonce', build: '0.0.1' }));
}

function canMount(): boolean {
  return process.platform === 'linux' && isRoot && spawnSync('unshare', ['--mount', 'true']).status === 0;
}

/** An editor whose daemon sees another disk in place of its data folder. */
async function editorOnDisk(home: Home, options: string, prepare: string): Promise<AsyncDisposable> {
  const editor = new LspClient(onDisk(home, { options, folder: home.paths.data, prepare, args: ['--stdio'] }));
  await editor.initialize();
  return { [Symbol.asyncDispose]: () => editor.leave() };
}

function onDisk(
  home: Home,
  { options, folder, prepare, args }: { options: string; folder: string; prepare: string; args: string[] },
) {
  mkdirSync(folder, { recursive: true });
  const script = `mount -t tmpfs -o ${options},mode=700 tmpfs "$1" && { ${prepare}; } && shift && cd / && exec "$@"`;
  return home.spawn(['--mount', 'sh', '-c', script, 'sh', folder, process.execPath, program, ...args], 'unshare');
}
