// What guards the borders: redaction, builds, serial work, folders.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { compareBuilds } from '../../../daemon/base/build.ts';
import { isLoopback } from '../../../daemon/base/egress.ts';
import { createLog, type LogLine, Redactor } from '../../../daemon/base/log.ts';
import { resolvePaths } from '../../../daemon/base/paths.ts';
import { prepareRunFolder, readToken } from '../../../daemon/base/run-folder.ts';
import { ensureToken, isToken } from '../../../daemon/base/token.ts';
import { testFolder } from '../storage/open-storage.ts';

describe('this machine', () => {
  it('is only what can be no other', () => {
    for (const [host, is] of [
      ['127.0.0.1', true],
      ['[::1]', true],
      ['localhost', true],
      ['127.1', false],
      ['::ffff:10.0.0.1', false],
      ['localhost.', false],
      ['', false],
    ] as const)
      assert.equal(isLoopback(host), is, host);
  });
});

describe('the log', () => {
  it('masks every secret in file and listeners, also where JSON escapes it', async () => {
    using folder = testFolder();
    const redactor = new Redactor();
    const secret = 'sk-"quoted"\\secret';
    redactor.add(secret);
    redactor.add('short'); // five letters would mask ordinary words
    const file = join(folder.path, 'daemon.log');
    const { log, subscribe } = createLog({ file, redactor });
    const heard: LogLine[] = [];
    const stop = subscribe((line) => heard.push(line));
    log.info({ key: secret, nested: { list: [secret] } }, `with ${secret}`);
    log.warn({}, 'short words stay');
    log.debug({}, 'not told');
    stop();
    log.error({}, 'nobody listens');
    assert.deepEqual(
      heard.map(({ level, message }) => [level, message]),
      [
        ['info', 'with [key]'],
        ['warn', 'short words stay'],
      ],
    );
    assert.deepEqual(
      heard.map(({ details }) => details),
      [{ key: '[key]', nested: { list: ['[key]'] } }, {}],
    );
    while (!readFileSync(file, 'utf8').includes('nobody listens'))
      await new Promise((resolve) => setImmediate(resolve));
    assert.ok(!readFileSync(file, 'utf8').includes('quoted'));
    if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o077, 0);
  });

  it('masks a secret also as a server may hand it back', () => {
    const redactor = new Redactor();
    const secret = 'sk-of/Some?kind+ü';
    redactor.add(secret);
    const bytes = Buffer.from(secret);
    for (const form of [
      bytes.toString('base64'),
      bytes.toString('base64url'),
      bytes.toString('hex'),
      encodeURIComponent(secret),
    ]) {
      assert.match(redactor.redact(`it was ${form} then`), /^it was \[key\]=* then$/);
    }
  });

  it('masks what a text that was cut has of a key, and leaves what every key of its kind begins with', () => {
    const redactor = new Redactor();
    const secret = 'sk-proj-A1b2C3d4E5f6G7h8I9j0K1l2';
    redactor.add(secret);
    for (const [cut, masked] of [
      [`Wrong key: ${secret.slice(0, 20)}…`, 'Wrong key: [key]…'],
      [`Wrong key: ${secret.slice(0, -1)}`, 'Wrong key: [key]'],
      [`${secret.slice(-12)} is wrong.`, '[key] is wrong.'],
      [`${secret.slice(0, 18)} and ${secret.slice(18)}`, '[key] and [key]'],
      [`between ${secret} and`, 'between [key] and'],
      ['Keys begin with sk-proj-.', 'Keys begin with sk-proj-.'],
    ] as const)
      assert.equal(redactor.redact(cut), masked);
  });

  it('that cannot be written loses lines and nothing else', () => {
    using folder = testFolder();
    const { log } = createLog({ file: folder.path, redactor: new Redactor() });
    log.info({}, 'lost');
  });
});

describe('builds', () => {
  it('are ordered by version, then by time', () => {
    const ordered = [
      ['0.0.0', 0],
      ['0.1.0', 5],
      ['0.1.0', 6],
      ['0.2.0', 1],
      ['0.10.0', 1],
      ['1.0.0', 0],
    ] as const;
    for (const [i, [version, stamp]] of ordered.entries()) {
      for (const [j, [other, otherStamp]] of ordered.entries()) {
        assert.equal(
          Math.sign(compareBuilds({ version, stamp }, { version: other, stamp: otherStamp })),
          Math.sign(i - j),
        );
      }
    }
  });
});

describe('paths and the run folder', () => {
  it('lie all under SWITCHYARD_HOME when it is set', () => {
    const paths = resolvePaths(1, { SWITCHYARD_HOME: '/some/home' });
    if (process.platform === 'win32') return;
    for (const path of Object.values(paths)) assert.ok(path.startsWith('/some/home/'), path);
  });

  it('have a socket that fits its length limit, another for each wire and user', () => {
    const long = { SWITCHYARD_HOME: `/${'long/'.repeat(40)}` };
    assert.ok(Buffer.byteLength(resolvePaths(1, long).socket) <= 104);
    assert.notEqual(resolvePaths(1, long).socket, resolvePaths(2, long).socket);
    assert.notEqual(
      resolvePaths(1, long).socket,
      resolvePaths(1, { SWITCHYARD_HOME: `/${'long/'.repeat(41)}` }).socket,
    );
  });

  it('a token is made once, for the user alone, and compared whole', function () {
    if (process.platform === 'win32') return this.skip();
    using folder = testFolder();
    const paths = resolvePaths(1, { SWITCHYARD_HOME: folder.path });
    mkdirSync(paths.run, { recursive: true });
    chmodSync(paths.run, 0o755);
    prepareRunFolder(paths);
    assert.equal(statSync(paths.run).mode & 0o777, 0o700);
    assert.equal(readToken(paths), undefined);
    const token = ensureToken(paths);
    assert.match(token, /^[0-9a-f]{64}$/);
    assert.equal(ensureToken(paths), token);
    assert.equal(statSync(paths.tokenFile).mode & 0o777, 0o600);
    for (const [given, is] of [
      [token, true],
      [token.slice(1), false],
      [`${token}x`, false],
      ['', false],
      [undefined, false],
      [{}, false],
    ] as const)
      assert.equal(isToken(given, token), is);
  });
});
