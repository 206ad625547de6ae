// An older copy of the key store that is put back whole: it was sealed by us, and opens, and is not used unless the user says so.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { Redactor } from '../../../daemon/base/log.ts';
import type { GenerationWitness } from '../../../daemon/keys/generations.ts';
import type { Keychain } from '../../../daemon/keys/keychain.ts';
import { createKeystore, type Keystore } from '../../../daemon/keys/keystore.ts';
import { seal } from '../../../daemon/keys/seal.ts';
import { openTestStorage, silentLog, type TestFolder, type TestStorage, testFolder } from '../storage/open-storage.ts';

const fails = (): Promise<never> => Promise.reject(new Error('not here'));
const noKeychain: Keychain = { read: fails, write: fails, remove: fails };
const older = { name: 'UserError', code: 'keystore-older' };

describe('an older copy of the key store', () => {
  let folder: TestFolder;
  let memory: TestStorage;
  beforeEach(() => {
    folder = testFolder();
    memory = openTestStorage(folder.database);
  });
  afterEach(async () => {
    await memory[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  const file = (): string => join(folder.path, 'keys.json');
  const open = (witness: GenerationWitness = memory.keyFile): Keystore =>
    createKeystore({ dataDir: folder.path, redactor: new Redactor(), log: silentLog, keychain: noKeychain, witness });
  /** A store whose key was deleted, and a copy of it from before. */
  const deleted = async (): Promise<Keystore> => {
    const keystore = open();
    await keystore.set('openai', 'sk-withdrawn-4f9a8b7c');
    cpSync(file(), `${file()}.old`);
    await keystore.delete('openai');
    return keystore;
  };
  const putBack = (): void => writeFileSync(file(), readFileSync(`${file()}.old`));

  it('is not used, by the daemon that runs nor by a later one, and the sentence says how it can be', async () => {
    const running = await deleted();
    putBack();
    for (const keystore of [running, open()]) {
      await assert.rejects(keystore.get('openai'), older);
      await assert.rejects(keystore.set('lab', 'sk-another-key-0123'), older);
      await assert.rejects(keystore.delete('openai'), older);
    }
    await assert.rejects(
      open().get('openai'),
      /keys\.json is number 1, but number 2 was already used.*switchyard keys rotate.*delete the file/s,
    );
  });

  it('is in use once the user has taken it over, and the one before it is older then', async () => {
    await deleted();
    const newer = readFileSync(file());
    putBack();
    assert.equal((await open().rotate()).keys, 1);
    assert.equal(await open().get('openai'), 'sk-withdrawn-4f9a8b7c');
    writeFileSync(file(), newer);
    await assert.rejects(open().get('openai'), { code: 'master-key-missing' });
  });

  it('is not made newer by another number in it', async () => {
    await deleted();
    const { generation: _, ...rest } = JSON.parse(readFileSync(`${file()}.old`, 'utf8')) as { generation: number };
    writeFileSync(file(), JSON.stringify(rest));
    await assert.rejects(open().get('openai'), { code: 'keystore-tampered' });
    writeFileSync(file(), JSON.stringify({ ...rest, generation: 99 }));
    await assert.rejects(open().get('openai'), { code: 'keystore-tampered' });
  });

  it('may be from before states were counted: in use where no other was seen, else older', async () => {
    const key = randomBytes(32);
    writeFileSync(join(folder.path, 'master.key'), key.toString('base64'), { mode: 0o600 });
    const bound = JSON.stringify(['switchyard keys', 1, ['file'], []]); // as it was sealed then
    const uncounted = JSON.stringify({
      version: 1,
      masterKey: { place: 'file' },
      entries: [],
      seal: seal(key, '', bound),
    });
    writeFileSync(file(), uncounted, { mode: 0o600 });
    await open().set('openai', 'sk-first-4f9a8b7c6d5e');
    assert.equal(await open().get('openai'), 'sk-first-4f9a8b7c6d5e');
    writeFileSync(file(), uncounted);
    await assert.rejects(open().get('openai'), older);
  });

  it('gives way to a new store when its file is deleted', async () => {
    await deleted();
    putBack();
    rmSync(file());
    await open().set('lab', 'sk-another-key-0123');
    assert.equal(await open().get('lab'), 'sk-another-key-0123');
  });

  it('a state that could not be noted is newer than what was seen, and is used', async () => {
    const deaf: GenerationWitness = { latest: () => memory.keyFile.latest(), note: fails };
    await open().set('openai', 'sk-first-4f9a8b7c6d5e');
    await open(deaf).set('lab', 'sk-another-key-0123');
    assert.equal(await open().get('lab'), 'sk-another-key-0123');
    assert.equal(await memory.keyFile.latest(), 2);
  });

  it('keys are there while the database is not, and what is written meanwhile is the newest afterwards', async () => {
    const absent: GenerationWitness = { latest: fails, note: fails };
    for (let time = 0; time < 3; time++) await open().set('openai', `sk-number-${time}-4f9a8b7c`);
    await open(absent).set('openai', 'sk-meanwhile-4f9a8b7c');
    assert.equal(await open(absent).get('openai'), 'sk-meanwhile-4f9a8b7c');
    assert.equal(await open().get('openai'), 'sk-meanwhile-4f9a8b7c');
  });
});
