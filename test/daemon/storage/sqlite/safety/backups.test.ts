// Backups through the real worker: made while others write, checked, listed, pruned, and gone back to.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'mocha';
import type { Backup } from '../../../../../daemon/storage/backups.ts';
import { SqliteEngine } from '../../../../../daemon/storage/sqlite/engine.ts';
import { migrate, migrations } from '../../../../../daemon/storage/sqlite/migrate.ts';
import { isAtLeast, lowestSqlite, openDatabase } from '../../../../../daemon/storage/sqlite/native.ts';
import { backupFolder, keptDaily, listBackups, prune } from '../../../../../daemon/storage/sqlite/safety/copies.ts';
import { openTestStorage, testFolder } from '../../open-storage.ts';
import { callsOf } from './filled.ts';

const dayMs = 24 * 60 * 60 * 1000;

describe('backups', () => {
  it('are made while others write, are whole, and only the user can read them', async () => {
    using folder = testFolder();
    await using storage = openTestStorage(folder.database);
    const { chats, backups } = storage;
    const chat = await chats.createChat({ title: 'before' });
    for (let i = 0; i < 30; i++) await chats.addUserMessage(chat.id, { text: 'words '.repeat(5000) });
    const made = backups.create();
    const during = await Promise.all(
      Array.from({ length: 20 }, (_, i) => chats.addUserMessage(chat.id, { text: `during ${i}` })),
    );
    const backup = await made;
    assert.equal(during.length, 20);
    assert.equal(backup.kind, 'manual');
    const verified = await backups.verify(backup.file);
    assert.deepEqual([verified.ok, verified.problems, verified.schema], [true, [], migrations.at(-1)?.name]);
    assert.ok((verified.counts['message'] ?? 0) >= 30);
    assert.deepEqual(readdirSync(backupFolder(folder.database)).length, 1, 'one file, without a log beside it');
    assert.deepEqual(await backups.list(), [backup]);
    if (process.platform !== 'win32')
      assert.deepEqual(
        [statSync(backup.file).mode & 0o777, statSync(dirname(backup.file)).mode & 0o777],
        [0o600, 0o700],
      );
  });

  it('what is no file is no backup: a folder, a pipe, a name that nothing can have', async () => {
    using folder = testFolder();
    await using storage = openTestStorage(folder.database);
    await storage.chats.createChat({ title: 'now' });
    const pipe = join(folder.path, 'pipe');
    if (process.platform !== 'win32') execFileSync('mkfifo', [pipe]);
    for (const name of ['', '..', folder.path, 'a\u0000b', 'x'.repeat(100_000), join(folder.database, 'below'), pipe]) {
      const isNoFile = (error: { code?: string; message: string }) =>
        error.code === 'no-such-file' && error.message.length < 1000;
      if (name !== '') await assert.rejects(storage.backups.verify(name), isNoFile, name.slice(0, 50));
      await assert.rejects(storage.backups.restore(name), isNoFile, name.slice(0, 50));
    }
    assert.equal((await storage.chats.listChats({})).items.length, 1);
  });

  it('a restore brings back what was there, keeps what is there now, and other calls go on', async () => {
    using folder = testFolder();
    await using storage = openTestStorage(folder.database);
    const { chats, backups } = storage;
    const kept = await chats.createChat({ title: 'kept' });
    const { file } = await backups.create();
    await chats.deleteChat(kept.id);
    const later = await chats.createChat({ title: 'later' });
    const [restored, ...calls] = await Promise.all([
      backups.restore(file.split('/').at(-1) ?? ''),
      ...Array.from({ length: 30 }, () => chats.listChats({})),
    ]);
    assert.equal(calls.length, 30);
    assert.equal((await chats.chat(kept.id)).title, 'kept');
    await assert.rejects(chats.chat(later.id), { code: 'chat-not-found' });
    assert.equal(restored.backup?.kind, 'before-restore');
    await backups.restore(restored.backup?.file ?? '');
    assert.equal((await chats.chat(later.id)).title, 'later');
    await chats.createChat({ title: 'and so on' });
    assert.deepEqual((await backups.verify()).problems, []);
  });

  it('an older schema is restored and migrated; a newer one, a damaged file and no file are refused, and nothing changes', async () => {
    using folder = testFolder();
    await using storage = openTestStorage(folder.database);
    const now = await storage.chats.createChat({ title: 'now' });
    const file = (name: string): string => join(folder.path, name);
    createFile(file('newer.db'), (database) =>
      migrate(database, [...migrations, { name: '9000-tomorrow', sql: 'create table tomorrow (x)' }]),
    );
    createFile(file('other.db'), (database) => database.exec('create table recipe (x)'));
    writeFileSync(file('text.db'), 'no database at all '.repeat(500));
    writeFileSync(file('cut.db'), readFileSync((await storage.backups.create()).file).subarray(0, 20_000));
    for (const [name, code] of [
      ['newer.db', 'database-newer'],
      ['other.db', 'backup-damaged'],
      ['text.db', 'backup-damaged'],
      ['cut.db', 'backup-damaged'],
      ['none.db', 'no-such-file'],
    ] as const) {
      await assert.rejects(storage.backups.restore(file(name)), { name: 'UserError', code }, name);
      assert.equal((await storage.chats.chat(now.id)).title, 'now');
    }
    assert.deepEqual(
      readdirSync(dirname(folder.database)).filter((name) => name.includes('restoring')),
      [],
    );
    createFile(file('older.db'), (database) => {
      migrate(database, migrations.slice(0, 1));
      database.exec("insert into chat (id, title, created_at, updated_at) values ('c1', 'old', 1, 2)");
    });
    assert.equal((await storage.backups.restore(file('older.db'))).schema, migrations[0]?.name);
    assert.equal((await storage.chats.chat('c1')).title, 'old');
    assert.deepEqual((await storage.backups.verify()).schema, migrations.at(-1)?.name);
  });

  it('one a day when there were changes, seven of them kept', async () => {
    using folder = testFolder();
    const file = folder.database;
    const used = (): Promise<void> => use(file, (call) => call('createChat', {}));
    await used();
    assert.deepEqual(listBackups(file), [], 'a new database has nothing to lose for a day');
    age(file, dayMs + 1000);
    await used();
    assert.deepEqual(
      listBackups(file).map(({ kind }) => kind),
      ['daily'],
    );
    await used();
    assert.equal(listBackups(file).length, 1, 'one a day');
    const [first] = listBackups(file);
    for (let day = 1; day <= keptDaily + 2; day++) {
      const stamp = new Date(Date.now() - day * dayMs).toISOString().replaceAll(':', '-');
      for (const kind of ['daily', 'manual'])
        writeFileSync(join(backupFolder(file), `switchyard-${stamp}-${kind}.db`), readFileSync(first?.file ?? ''));
    }
    prune(file);
    const kinds = listBackups(file).map(({ kind }) => kind);
    assert.equal(kinds.filter((kind) => kind === 'daily').length, keptDaily);
    assert.equal(
      kinds.filter((kind) => kind === 'manual').length,
      keptDaily + 2,
      "what the user made is the user's to remove",
    );
    assert.equal(listBackups(file)[0]?.file, first?.file);
  });

  for (const [name, years] of [
    ['was ahead while they were made', 1],
    ['was far ahead', 40],
  ] as const)
    it(`go on, and keep their good ones, where the clock ${name}`, async () => {
      using folder = testFolder();
      const file = folder.database;
      const used = (): Promise<void> => use(file, (call) => call('createChat', {}));
      await used();
      const past = await filledWithBackups(file, -1);
      const ahead = await filledWithBackups(file, years * 365);
      await used();
      const daily = listBackups(file).filter(({ kind }) => kind === 'daily');
      const [made] = daily;
      assert.ok(
        made && !past.includes(made.file) && !ahead.includes(made.file),
        'a new one was made, and is the newest',
      );
      for (const old of ahead) assert.ok(existsSync(old), 'none is lost to a clock');
      await used();
      assert.equal(listBackups(file).filter(({ kind }) => kind === 'daily').length, daily.length, 'one a day');
    });

  it('go on where the clock goes back while the daemon runs, or was ahead when the database was made', async () => {
    using folder = testFolder();
    const file = folder.database;
    await use(file, (call) => call('listChats', {}));
    age(file, -400 * dayMs);
    const storage = new SqliteEngine(file);
    const used = async (): Promise<void> => {
      callsOf(storage)('chats', 'createChat', {});
      await callsOf(storage)('backups', 'verify'); // in turn: after a backup that has begun
    };
    const realNow = Date.now;
    try {
      await used();
      const [first] = listBackups(file);
      assert.ok(first, 'a database that seems to be of tomorrow has its first backup today');
      Date.now = () => realNow() - 400 * dayMs;
      await used();
      assert.equal(listBackups(file).length, 2);
      assert.ok(existsSync(first.file));
    } finally {
      Date.now = realNow;
      storage.close();
    }
  });

  it('a copy that was interrupted is no backup, and is cleared away', async () => {
    using folder = testFolder();
    await using storage = openTestStorage(folder.database);
    const { file }: Backup = await storage.backups.create();
    writeFileSync(`${file}.unfinished`, 'half');
    assert.equal((await storage.backups.list()).length, 1);
    await storage.backups.create();
    assert.equal(existsSync(`${file}.unfinished`), false);
  });

  it('there is one SQLite, and it keeps databases with a log whole', () => {
    const database = openDatabase(':memory:');
    const version = database.prepare('select sqlite_version()').pluck().get() as string;
    database.close();
    assert.ok(isAtLeast(version, lowestSqlite), version);
    assert.deepEqual(
      [
        isAtLeast('3.9.9', lowestSqlite),
        isAtLeast('3.51.2', lowestSqlite),
        isAtLeast('3.51.3', lowestSqlite),
        isAtLeast('4.0.0', lowestSqlite),
      ],
      [false, false, true, true],
    );
  });
});

function createFile(file: string, fill: (database: ReturnType<typeof openDatabase>) => void): void {
  const database = openDatabase(file);
  fill(database);
  database.close();
}

/** Makes one call to a storage, and waits for what that begins. */
async function use(
  file: string,
  work: (call: (name: string, ...args: unknown[]) => unknown) => unknown,
): Promise<void> {
  const storage = new SqliteEngine(file);
  work((name, ...args) => callsOf(storage)('chats', name, ...args));
  await callsOf(storage)('backups', 'verify'); // in turn: after a backup that has begun
  storage.close();
}

/** Puts as many daily backups as are kept there, one a day, the last of them so many days from now. */
async function filledWithBackups(file: string, lastInDays: number): Promise<string[]> {
  mkdirSync(backupFolder(file), { recursive: true });
  return Array.from({ length: keptDaily }, (_, day) => {
    const stamp = new Date(Date.now() + (lastInDays - day) * dayMs).toISOString().replaceAll(':', '-');
    const copy = join(backupFolder(file), `switchyard-${stamp}-daily.db`);
    copyFileSync(file, copy);
    return copy;
  });
}

function age(file: string, ms: number): void {
  createFile(file, (database) => database.prepare('update migration set applied_at = applied_at - ?').run(ms));
}
