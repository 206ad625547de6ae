// A new master key: every step of making one fails in turn, as if the process had ended there, and the keystore must still open.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { Redactor } from '../../../daemon/base/log.ts';
import type { Keychain } from '../../../daemon/keys/keychain.ts';
import { createKeystore, type Keystore } from '../../../daemon/keys/keystore.ts';

const peer = fileURLToPath(new URL('peers/rotate.ts', import.meta.url));
const silentLog = { debug() {}, info() {}, warn() {}, error() {} };
const keys: readonly [provider: string, key: string, scope?: string][] = [
  ['openai', 'sk-planted-of-everywhere'],
  ['openai', 'sk-planted-of-one-place', 'file:///work'],
  ['lab', 'kéy with ünusual "characters"\\ ✓'],
];

/** A keychain in memory. `failAt` counts down its calls; the one that meets zero, and all after it, fail. */
class MemoryKeychain implements Keychain {
  readonly kept = new Map<string, string>();
  failAt = Number.POSITIVE_INFINITY;
  /** Whether a call that fails has taken effect before. */
  failsLate = false;

  read = async (account: string): Promise<string | undefined> => this.kept.get(account);
  write = (account: string, secret: string): Promise<void> => this.#step(() => this.kept.set(account, secret));
  remove = (account: string): Promise<void> => this.#step(() => this.kept.delete(account));

  async #step(work: () => unknown): Promise<void> {
    const fails = --this.failAt < 0;
    if (!fails || this.failsLate) work();
    if (fails) throw new Error('the keychain has gone');
  }
}

const noKeychain: Keychain = {
  read: () => Promise.reject(new Error('no keychain here')),
  write: () => Promise.reject(new Error('no keychain here')),
  remove: () => Promise.reject(new Error('no keychain here')),
};

describe('a new master key', () => {
  let root: string;
  let folder: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'switchyard-rotate-'));
    folder = join(root, 'data');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const open = (keychain: Keychain = noKeychain, redactor = new Redactor()): Keystore =>
    createKeystore({ dataDir: folder, redactor, log: silentLog, keychain });
  const fill = async (keychain?: Keychain): Promise<Keystore> => {
    const keystore = open(keychain);
    for (const [provider, key, scope] of keys) await keystore.set(provider, key, scope);
    return keystore;
  };
  const assertWhole = async (keystore: Keystore, what: string): Promise<void> => {
    for (const [provider, key, scope] of keys) assert.equal(await keystore.get(provider, scope), key, what);
    assert.equal((await keystore.list()).length, keys.length);
  };
  const file = (name: string): string => join(folder, name);

  it("opens every key in a file's place, and the old one opens nothing any more", async () => {
    const keystore = await fill();
    const before = readFileSync(file('master.key'), 'utf8');
    const stored = readFileSync(file('keys.json'), 'utf8');
    const { keys: count, masterKey, notice } = await keystore.rotate();
    assert.deepEqual([count, masterKey], [3, 'file']);
    const [name = ''] = readdirSync(folder).filter((each) => each.startsWith('master'));
    assert.deepEqual(readdirSync(folder).sort(), ['keys.json', name].sort());
    assert.ok(notice?.includes(name), 'the notice says where it is now');
    assert.notEqual(readFileSync(file(name), 'utf8'), before);
    if (process.platform !== 'win32') assert.equal(statSync(file(name)).mode & 0o777, 0o600);
    await assertWhole(keystore, 'the same process');
    await assertWhole(open(), 'another process');

    writeFileSync(file('keys.json'), stored); // an older copy, from a backup or a thief
    await assert.rejects(open().get('openai'), { code: 'master-key-missing' });
  });

  it('cannot tell an older copy of the keys from the newest until there is a new master key', async () => {
    const keystore = await fill();
    const older = readFileSync(file('keys.json'), 'utf8');
    await keystore.delete('lab');
    writeFileSync(file('keys.json'), older);
    assert.equal((await open().list()).length, keys.length, 'nothing outside the file says which is the newest');
    await open().rotate();
    writeFileSync(file('keys.json'), older);
    await assert.rejects(
      open()
        .list()
        .then(() => open().get('openai')),
      { code: 'master-key-missing' },
    );
  });

  it('stays in the keychain: where that is locked nothing changes, rather than a file taking its place', async () => {
    const keychain = new MemoryKeychain();
    const keystore = await fill(keychain);
    const [account] = keychain.kept.keys();
    assert.deepEqual(await keystore.rotate(), { keys: 3, masterKey: 'keychain' });
    assert.equal(keychain.kept.size, 1);
    assert.ok(!keychain.kept.has(account ?? ''));
    await assertWhole(open(keychain), 'in the keychain');

    keychain.failAt = 0;
    await assert.rejects(keystore.rotate(), { code: 'keychain-unavailable', retryable: true });
    assert.deepEqual(readdirSync(folder), ['keys.json']);
    await assertWhole(open(keychain), 'after the refusal');
  });

  it('leaves a keystore that opens, whichever call of the keychain is the last', async () => {
    for (const failsLate of [false, true]) {
      for (let failAt = 0; failAt < 3; failAt++) {
        rmSync(folder, { recursive: true, force: true });
        const keychain = new MemoryKeychain();
        const keystore = await fill(keychain);
        Object.assign(keychain, { failAt, failsLate });
        await keystore.rotate().catch(() => {});
        keychain.failAt = Number.POSITIVE_INFINITY;
        await assertWhole(keystore, `call ${failAt} failed, the same process`);
        await assertWhole(open(keychain), `call ${failAt} failed, another process`);
      }
    }
  });

  it('leaves a keystore that opens, whichever step on the disk fails', async function () {
    if (process.platform === 'win32') this.skip(); // files that are open cannot be watched in this way there
    await fill();
    cpSync(folder, join(root, 'whole'), { recursive: true });
    let outcomes = '';
    for (let failAt = 0; ; failAt++) {
      rmSync(folder, { recursive: true, force: true });
      cpSync(join(root, 'whole'), folder, { recursive: true });
      const before = readFileSync(file('keys.json'), 'utf8');
      const disk = await FailingDisk.after(failAt, root);
      await open()
        .rotate()
        .catch(() => {});
      disk.mend();
      await assertWhole(open(), `step ${failAt} failed`);
      outcomes += readFileSync(file('keys.json'), 'utf8') === before ? 'o' : 'n';
      await open().rotate();
      assert.equal(readdirSync(folder).length, 2, `what step ${failAt} left is swept away by the next one`);
      if (!disk.hasFailed) break;
    }
    assert.match(outcomes, /^o{2,}n{2,}$/, 'the old keys up to one step, and the new ones from there on');
  });

  it('leaves a keystore that opens, at whichever step on the disk the process is killed', async function () {
    if (process.platform === 'win32') this.skip();
    await fill();
    cpSync(folder, join(root, 'whole'), { recursive: true });
    const before = readFileSync(file('keys.json'), 'utf8');
    let outcomes = '';
    for (let step = 0, isDone = false; !isDone; step++) {
      rmSync(folder, { recursive: true, force: true });
      cpSync(join(root, 'whole'), folder, { recursive: true });
      isDone = spawnSync(process.execPath, [peer, folder, String(step)], { encoding: 'utf8' }).stdout === 'done';
      await assertWhole(open(), `killed at step ${step}`);
      outcomes += readFileSync(file('keys.json'), 'utf8') === before ? 'o' : 'n';
      await open().rotate();
      assert.equal(readdirSync(folder).length, 2, `what step ${step} left is swept away by the next one`);
    }
    assert.match(outcomes, /^o{2,}n{2,}$/, 'the old keys up to one step, and the new ones from there on');
  });

  it('moves into a keychain that appears later, once a key is set, and the user is told', async () => {
    await fill();
    const keychain = new MemoryKeychain();
    const { masterKey, notice } = await open(keychain).set('anthropic', 'sk-another');
    assert.equal(masterKey, 'keychain');
    assert.match(notice ?? '', /keychain is now available.*moved/);
    assert.deepEqual(readdirSync(folder), ['keys.json']);
    assert.equal(await open(keychain).get('anthropic'), 'sk-another');
    assert.equal(await open(keychain).get('openai', 'file:///work'), 'sk-planted-of-one-place');
  });

  it('is asked for in vain where there are no keys', async () => {
    assert.deepEqual(await open().rotate(), { keys: 0 });
  });

  it('is known to the redactor', async () => {
    await fill();
    const redactor = new Redactor();
    await open(noKeychain, redactor).rotate();
    const [name = ''] = readdirSync(folder).filter((each) => each.startsWith('master'));
    assert.equal(redactor.redact(readFileSync(file(name), 'utf8').trim()), '[key]');
  });
});

describe('files that others could read', () => {
  it('are closed to them, and the user is told', async function () {
    if (process.platform === 'win32') this.skip(); // it has no modes of files
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-modes-'));
    try {
      const open = (): Keystore =>
        createKeystore({ dataDir: folder, redactor: new Redactor(), log: silentLog, keychain: noKeychain });
      await open().set('openai', 'sk-planted-key');
      for (const [name, mode] of [
        ['keys.json', 0o644],
        ['master.key', 0o640],
        ['keys.json', 0o602],
      ] as const) {
        chmodSync(join(folder, name), mode);
        const keystore = open();
        assert.equal(await keystore.get('openai'), 'sk-planted-key');
        assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600);
        const [notice = '', ...more] = keystore.notices;
        assert.match(notice, new RegExp(`Other users .*${name}. Now only you can\\..*keys rotate`));
        assert.deepEqual(more, []);
        await keystore.rotate();
        assert.deepEqual(keystore.notices, [], 'a new master key is the answer');
        rmSync(folder, { recursive: true });
        await open().set('openai', 'sk-planted-key');
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

type DiskSteps = Record<'writeFile' | 'sync', (...args: unknown[]) => Promise<unknown>>;

/** Lets so many writes and flushes of files through, and fails all that follow, as a disk that fills up or a process that ends. */
class FailingDisk {
  hasFailed = false;
  readonly #mend: () => void;

  private constructor(left: number, prototype: DiskSteps) {
    const { writeFile, sync } = prototype;
    let remaining = left;
    const failing = (work: (...args: unknown[]) => Promise<unknown>) => {
      const disk = this;
      return async function (this: unknown, ...args: unknown[]): Promise<unknown> {
        if (remaining-- > 0) return work.apply(this, args);
        disk.hasFailed = true;
        throw Object.assign(new Error('the disk has gone'), { code: 'EIO' });
      };
    };
    Object.assign(prototype, { writeFile: failing(writeFile), sync: failing(sync) });
    this.#mend = () => Object.assign(prototype, { writeFile, sync });
  }

  static async after(left: number, folder: string): Promise<FailingDisk> {
    const handle = await openFile(folder, 'r');
    const prototype = Object.getPrototypeOf(handle) as DiskSteps;
    await handle.close();
    return new FailingDisk(left, prototype);
  }

  mend(): void {
    this.#mend();
  }
}
