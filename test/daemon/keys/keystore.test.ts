// The keystore on a real disk: what it gives back, what it leaves behind, and that it refuses what was changed behind its back.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { Redactor } from '../../../daemon/base/log.ts';
import type { Keychain } from '../../../daemon/keys/keychain.ts';
import { createKeystore, type Keystore } from '../../../daemon/keys/keystore.ts';

const silentLog = { debug() {}, info() {}, warn() {}, error() {} };
const planted = 'sk-planted-4f9a8b7c6d5e4f3a2b1c';
const refusal = { name: 'UserError', code: 'keystore-tampered', retryable: false };

/** A machine without a keychain. */
const noKeychain: Keychain = {
  read: async () => Promise.reject(new Error('no keychain here')),
  write: async () => Promise.reject(new Error('no keychain here')),
  remove: async () => Promise.reject(new Error('no keychain here')),
};

describe('the keystore', () => {
  it('gives back what was set, by provider and scope, also after a restart', async () => {
    using folder = testFolder();
    const first = open(folder.path);
    await first.set('openai', planted);
    await first.set('openai', 'sk-of-one-workspace', 'file:///work');
    await first.set('lab', 'short');
    for (const keystore of [first, open(folder.path)]) {
      assert.equal(await keystore.get('openai'), planted);
      assert.equal(await keystore.get('openai', 'file:///work'), 'sk-of-one-workspace');
      assert.equal(await keystore.get('openai', 'file:///elsewhere'), planted, 'the global key stands in');
      assert.equal(await keystore.get('anthropic'), undefined);
      assert.deepEqual([await keystore.has('openai'), await keystore.has('anthropic')], [true, false]);
      const list = (await keystore.list()).map(({ createdAt, ...info }) => info);
      assert.deepEqual(list, [
        { provider: 'openai', scope: 'global', last4: '2b1c' },
        { provider: 'openai', scope: 'file:///work', last4: 'pace' },
        { provider: 'lab', scope: 'global', last4: '••••' },
      ]);
    }
  });

  it('replaces and deletes', async () => {
    using folder = testFolder();
    const keystore = open(folder.path);
    assert.equal(await keystore.delete('openai'), false);
    await keystore.set('openai', 'the first key');
    await keystore.set('openai', planted);
    assert.equal((await keystore.list()).length, 1);
    assert.equal(await keystore.get('openai'), planted);
    assert.equal(await keystore.delete('openai', 'file:///work'), false);
    assert.equal(await keystore.delete('openai'), true);
    assert.equal(await keystore.get('openai'), undefined);
    assert.deepEqual(await keystore.list(), []);
  });

  it('loses nothing when many keys are set at once', async () => {
    using folder = testFolder();
    const keystore = open(folder.path);
    const providers = Array.from({ length: 20 }, (_, i) => `provider-${i}`);
    await Promise.all(providers.map((provider) => keystore.set(provider, `${provider}-secret-key`)));
    assert.deepEqual(
      (await open(folder.path).list()).map(({ provider }) => provider),
      providers,
    );
    assert.equal(await open(folder.path).get('provider-7'), 'provider-7-secret-key');
  });

  it('touches nothing until it is used, and makes no file for a question', async () => {
    using folder = testFolder();
    const keystore = open(join(folder.path, 'later'));
    assert.deepEqual(
      [await keystore.get('openai'), await keystore.list(), await keystore.masterKeyPlace()],
      [undefined, [], 'none'],
    );
    assert.deepEqual(readdirSync(folder.path), []);
  });

  it('keeps the master key in the keychain where there is one, and says nothing about it', async () => {
    using folder = testFolder();
    const kept = new Map<string, string>();
    const keychain: Keychain = {
      read: async (account) => kept.get(account),
      write: async (account, secret) => void kept.set(account, secret),
      remove: async (account) => void kept.delete(account),
    };
    assert.deepEqual(await open(folder.path, keychain).set('openai', planted), { masterKey: 'keychain' });
    assert.deepEqual(readdirSync(folder.path), ['keys.json']);
    assert.equal(await open(folder.path, keychain).get('openai'), planted);
    assert.equal(await open(folder.path, keychain).masterKeyPlace(), 'keychain');

    await assert.rejects(open(folder.path, noKeychain).get('openai'), {
      code: 'keychain-unavailable',
      retryable: true,
    });
    assert.equal(
      (await open(folder.path, noKeychain).list()).length,
      1,
      'a locked keychain does not hide what keys there are',
    );
    kept.clear();
    await assert.rejects(open(folder.path, keychain).get('openai'), { code: 'master-key-missing' });
  });

  it('keeps the master key in a file where there is no keychain, and tells the user so', async () => {
    using folder = testFolder();
    const keystore = open(folder.path);
    const { masterKey, notice } = await keystore.set('openai', planted);
    assert.equal(masterKey, 'file');
    assert.match(notice ?? '', /no available keychain.*master\.key/);
    assert.equal(await keystore.masterKeyPlace(), 'file');
    rmSync(join(folder.path, 'master.key'));
    await assert.rejects(open(folder.path).get('openai'), { code: 'master-key-missing' });
  });

  it('makes files that only the user can read, in a folder that only the user can enter', async function () {
    if (process.platform === 'win32') this.skip();
    using folder = testFolder();
    chmodSync(folder.path, 0o755);
    await open(folder.path).set('openai', planted);
    const modeOf = (path: string) => statSync(path).mode & 0o777;
    assert.equal(modeOf(folder.path), 0o700);
    assert.deepEqual(readdirSync(folder.path).sort(), ['keys.json', 'master.key']);
    for (const name of readdirSync(folder.path)) assert.equal(modeOf(join(folder.path, name)), 0o600);
  });

  it('leaves no key in clear in any file, in any spelling', async () => {
    using folder = testFolder();
    const keystore = open(folder.path);
    const keys = Array.from({ length: 50 }, (_, i) => `${planted}-${i}`);
    for (const [i, key] of keys.entries()) await keystore.set(`provider-${i}`, key);
    for (const name of readdirSync(folder.path)) {
      const content = readFileSync(join(folder.path, name), 'latin1');
      for (const key of keys) {
        for (const spelling of ['utf8', 'base64', 'hex'] as const) {
          const [needle = ''] = Buffer.from(key).toString(spelling).split('=');
          assert.equal(content.includes(needle.slice(0, -2)), false, `${name} holds ${spelling}`);
        }
      }
    }
  });

  it('encrypts the same key differently each time', async () => {
    using folder = testFolder();
    const keystore = open(folder.path);
    const stored = async () => {
      await keystore.set('openai', planted);
      return (JSON.parse(readFileSync(join(folder.path, 'keys.json'), 'utf8')) as { entries: { key: string }[] })
        .entries[0]?.key;
    };
    assert.notEqual(await stored(), await stored());
  });

  it('tells the redactor every key that is set or read', async () => {
    using folder = testFolder();
    for (const use of [
      (keystore: Keystore) => keystore.set('openai', planted),
      (keystore: Keystore) => keystore.get('openai'),
    ]) {
      const redactor = new Redactor();
      await use(createKeystore({ dataDir: folder.path, redactor, log: silentLog, keychain: noKeychain }));
      assert.equal(redactor.redact(`key=${planted}.`), 'key=[key].');
      const masterKey = readFileSync(join(folder.path, 'master.key'), 'utf8').trim();
      assert.equal(redactor.redact(masterKey), '[key]');
    }
  });

  it('refuses its file after a change of any byte that means something', async () => {
    using folder = testFolder();
    const file = join(folder.path, 'keys.json');
    await open(folder.path).set('openai', planted);
    await open(folder.path).set('anthropic', 'another planted key');
    const whole = readFileSync(file);
    const meant = JSON.stringify(JSON.parse(whole.toString()));
    const keystore = open(folder.path);
    for (let offset = 0; offset < whole.length; offset++) {
      const changed = Buffer.from(whole);
      changed.writeUInt8(changed.readUInt8(offset) ^ 1, offset);
      writeFileSync(file, changed);
      if (means(changed.toString(), meant)) continue;
      await assert.rejects(
        keystore.get('openai'),
        refusal,
        `offset ${offset}: ${changed.toString().slice(Math.max(0, offset - 20), offset + 20)}`,
      );
    }
    writeFileSync(file, whole);
    assert.equal(await keystore.get('openai'), planted, 'and works again once the file is put back');
  });

  it('refuses entries that were taken away, moved, copied or made elsewhere', async () => {
    using folder = testFolder();
    using other = testFolder();
    const file = join(folder.path, 'keys.json');
    const keystore = open(folder.path);
    await keystore.set('openai', planted);
    await keystore.set('evil-proxy', 'a key of no worth');
    await open(other.path).set('evil-proxy', 'made elsewhere');
    const whole = readFileSync(file, 'utf8');
    const foreign = (JSON.parse(readFileSync(join(other.path, 'keys.json'), 'utf8')) as StoredFile).entries[0];
    const changes: Record<string, (stored: StoredFile) => unknown> = {
      'taken away': (stored) => stored.entries.pop(),
      'moved to another provider': (stored) => Object.assign(stored.entries[1] ?? {}, { key: stored.entries[0]?.key }),
      'in another scope': (stored) => Object.assign(stored.entries[0] ?? {}, { scope: 'file:///work' }),
      'made elsewhere': (stored) => stored.entries.splice(1, 1, ...(foreign ? [foreign] : [])),
      'in another order': (stored) => stored.entries.reverse(),
    };
    for (const [name, change] of Object.entries(changes)) {
      const stored = JSON.parse(whole) as StoredFile;
      change(stored);
      writeFileSync(file, JSON.stringify(stored));
      await assert.rejects(open(folder.path).get('openai'), refusal, name);
      await assert.rejects(
        open(folder.path).set('openai', 'a new key'),
        refusal,
        `${name}: setting would make it good`,
      );
      await assert.rejects(open(folder.path).delete('openai'), refusal, name);
    }
  });

  it('refuses a file that is cut short, empty or of another kind, in lists too', async () => {
    using folder = testFolder();
    const file = join(folder.path, 'keys.json');
    await open(folder.path).set('openai', planted);
    const whole = readFileSync(file, 'utf8');
    for (const text of [
      '',
      whole.slice(0, whole.length / 2),
      '{}',
      '[]',
      whole.replace('"version": 1', '"version": 2'),
    ]) {
      writeFileSync(file, text);
      await assert.rejects(open(folder.path).get('openai'), refusal);
      await assert.rejects(open(folder.path).list(), refusal);
      await assert.rejects(open(folder.path).has('openai'), refusal);
    }
  });

  it('refuses everything under a wrong master key, and works again under the right one', async () => {
    using folder = testFolder();
    const masterKeyFile = join(folder.path, 'master.key');
    await open(folder.path).set('openai', planted);
    const right = readFileSync(masterKeyFile, 'utf8');
    const keystore = open(folder.path);
    for (const wrong of [Buffer.alloc(32, 7).toString('base64'), right.slice(0, 20), '']) {
      writeFileSync(masterKeyFile, wrong);
      await assert.rejects(keystore.get('openai'), refusal);
      await assert.rejects(keystore.set('openai', 'a new key'), refusal);
    }
    writeFileSync(masterKeyFile, right);
    assert.equal(await keystore.get('openai'), planted);
  });
});

interface StoredFile {
  entries: { key: string }[];
}

function open(dataDir: string, keychain = noKeychain): Keystore {
  return createKeystore({ dataDir, redactor: new Redactor(), log: silentLog, keychain });
}

function testFolder(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), 'switchyard-keys-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Whether a text is JSON for the same content: a space may become a tab, and nothing was changed. */
function means(text: string, content: string): boolean {
  try {
    return JSON.stringify(JSON.parse(text)) === content;
  } catch {
    return false;
  }
}
