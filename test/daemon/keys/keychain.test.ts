// The real keychain child on sessions that have no keychain: no bus at all, and a bus that accepts and never says a word.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { Redactor } from '../../../daemon/base/log.ts';
import { createKeychain } from '../../../daemon/keys/keychain.ts';
import { createKeystore } from '../../../daemon/keys/keystore.ts';

const silentLog = { debug() {}, info() {}, warn() {}, error() {} };

describe('a keychain that is not there', () => {
  const defaultBus = process.env['DBUS_SESSION_BUS_ADDRESS'];
  let folder: string;

  beforeEach(function () {
    if (process.platform !== 'linux') this.skip(); // elsewhere the keychain needs no bus, and the test would write into the user's own
    folder = mkdtempSync(join(tmpdir(), 'switchyard-keychain-'));
  });
  afterEach(() => {
    if (defaultBus === undefined) delete process.env['DBUS_SESSION_BUS_ADDRESS'];
    else process.env['DBUS_SESSION_BUS_ADDRESS'] = defaultBus;
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  it('is not replaced by the kernel keyring, which forgets: the key goes into a file', async () => {
    process.env['DBUS_SESSION_BUS_ADDRESS'] = `unix:path=${join(folder, 'no-bus')}`;
    await assert.rejects(createKeychain().read('master-key-test'), /Error: .*(DBus|D-Bus|platform)/i);
    const keystore = createKeystore({ dataDir: join(folder, 'data'), redactor: new Redactor(), log: silentLog });
    assert.equal((await keystore.set('openai', 'sk-some-planted-key')).masterKey, 'file');
    assert.deepEqual(readdirSync(join(folder, 'data')).sort(), ['keys.json', 'master.key']);
    assert.equal(await keystore.get('openai'), 'sk-some-planted-key');
  });

  it('holds nothing up when its bus never answers: the child is ended and the key goes into a file', async () => {
    const bus = join(folder, 'silent-bus');
    const server = createServer().listen(bus);
    try {
      process.env['DBUS_SESSION_BUS_ADDRESS'] = `unix:path=${bus}`;
      const keychain = createKeychain(700);
      await assert.rejects(keychain.read('master-key-test'), /did not answer within 700 ms/);
      const keystore = createKeystore({
        dataDir: join(folder, 'data'),
        redactor: new Redactor(),
        log: silentLog,
        keychain,
      });
      assert.equal((await keystore.set('openai', 'sk-some-planted-key')).masterKey, 'file');
      assert.equal(await keystore.get('openai'), 'sk-some-planted-key');
    } finally {
      server.close();
    }
  });
});
