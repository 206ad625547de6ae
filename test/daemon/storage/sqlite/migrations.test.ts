// A database of every earlier schema becomes the newest, with a backup; one from the future, or no database at all, is left alone.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, it } from 'mocha';
import { appliedMigrations, migrate, migrations } from '../../../../daemon/storage/sqlite/migrate.ts';
import type { Migration } from '../../../../daemon/storage/sqlite/migrations/migration.ts';
import { backupFolder, keptBefore } from '../../../../daemon/storage/sqlite/safety/copies.ts';
import { openTestStorage, testFolder } from '../open-storage.ts';

const names = migrations.map(({ name }) => name);

describe('migrations', () => {
  it('a blank database gets every migration, and needs no backup', async () => {
    using folder = testFolder();
    await openTestStorage(folder.database)[Symbol.asyncDispose]();
    assert.deepEqual(applied(folder.database), names);
    assert.deepEqual(backupsOf(folder.database), []);
  });

  it('an up-to-date database is opened without a backup', async () => {
    using folder = testFolder();
    await openTestStorage(folder.database)[Symbol.asyncDispose]();
    await openTestStorage(folder.database)[Symbol.asyncDispose]();
    assert.deepEqual(backupsOf(folder.database), []);
  });

  for (const [index, { name }] of migrations.slice(0, -1).entries()) {
    it(`a database as ${name} left it keeps its chats, and a copy of it is made before each step`, async () => {
      using folder = testFolder();
      using database = create(folder.database, migrations.slice(0, index + 1));
      database.exec("insert into chat (id, title, created_at, updated_at) values ('c1', 'Kept', 1, 2)");
      database.close();

      await using storage = openTestStorage(folder.database);
      assert.equal((await storage.chats.chat('c1')).title, 'Kept');
      assert.deepEqual(await storage.findings.latest('file:///a.ts'), []);
      const backups = backupsOf(folder.database);
      assert.equal(backups.length, migrations.length - index - 1);
      using backup = openFile(join(backupFolder(folder.database), backups[0] ?? ''));
      assert.deepEqual(appliedMigrations(backup), names.slice(0, index + 1));
      assert.equal(backup.prepare('select title from chat').pluck().get(), 'Kept');
      assert.equal(backup.pragma('integrity_check', { simple: true }), 'ok');
    });
  }

  it('answers that were replaced become versions, and what was stored without a profile belongs to the default one', async () => {
    using folder = testFolder();
    using database = create(folder.database, migrations.slice(0, 3));
    const message = (id: string, seq: number, role: string, by: string | null) =>
      database
        .prepare(
          "insert into message (id, chat_id, seq, role, text, status, created_at, finished_at, superseded_by) values (?, 'c1', ?, ?, ?, 'complete', 1, 1, ?)",
        )
        .run(id, seq, role, id, by);
    database.exec("insert into chat (id, title, created_at, updated_at) values ('c1', 'Kept', 1, 2)");
    message('m1', 1, 'user', null);
    message('m2', 2, 'assistant', 'm3');
    message('m3', 2, 'assistant', 'm4');
    message('m4', 2, 'assistant', null);
    message('m5', 3, 'user', null);
    database.exec("insert into decision values ('d1', 1, '', 'lab/x', 'best', '{}', null)");
    database.close();

    await using storage = openTestStorage(folder.database);
    const read = async () =>
      (await storage.chats.messages('c1', {})).items.map(({ id, version, versions }) => `${id} ${version}/${versions}`);
    assert.deepEqual(await read(), ['m1 1/1', 'm4 3/3', 'm5 1/1']);
    await storage.chats.chooseVersion('c1', 'm4', 2);
    assert.deepEqual(await read(), ['m1 1/1', 'm3 2/3']);
    await storage.chats.chooseVersion('c1', 'm3', 3);
    assert.deepEqual(await read(), ['m1 1/1', 'm4 3/3', 'm5 1/1']);
    assert.deepEqual(
      (await storage.decisions.list({})).map(({ id, profile }) => [id, profile]),
      [['d1', 'default']],
    );
  });

  it('decisions from before they named their chat go with it, and lose features that nothing is learned from', async () => {
    using folder = testFolder();
    using database = create(folder.database, migrations.slice(0, names.indexOf('0018-decisions')));
    const insertDecision = database.prepare(
      "insert into decision values (?, 1, 'default', 'lab/x', 'best', '{\"features\":{\"hashes\":[1]}}', ?)",
    );
    insertDecision.run('answered', '{"status":"complete"}');
    insertDecision.run('deleted', null);
    insertDecision.run('rated', '{"thumbs":"up"}');
    insertDecision.run('unreadable', 'no JSON');
    database.exec(`
      insert into chat (id, title, created_at, updated_at) values ('c1', 'Kept', 1, 2);
      insert into message (id, chat_id, seq, role, text, status, created_at, finished_at, decision)
        values ('m1', 'c1', 1, 'assistant', 'A', 'complete', 1, 1, '{"id":"answered"}'), ('m2', 'c1', 2, 'user', 'no JSON', 'complete', 1, 1, 'no');
      insert into deleted_chat values ('c2', 'default', 'Gone', 1, ${Date.now()}, '{"id":"c2","title":"Gone"}');
      insert into deleted_message values ('c2', 0, '${JSON.stringify({ id: 'm3', decision: JSON.stringify({ id: 'deleted' }) })}'), ('c2', 1, 'no');
    `);
    database.close();

    const storage = openTestStorage(folder.database);
    const known = await storage.decisions.list({});
    assert.deepEqual(Object.fromEntries(known.map(({ id, chat, record }) => [id, { chat, ...(record as object) }])), {
      answered: { chat: 'c1' },
      deleted: { chat: 'c2' },
      rated: { chat: undefined, features: { hashes: [1] } },
      unreadable: { chat: undefined, features: { hashes: [1] } },
    });
    await storage.trash.purge('c2');
    await storage[Symbol.asyncDispose]();
  });

  it('the names are numbered without a gap', () => {
    assert.deepEqual(
      names.map((name) => Number(name.slice(0, 4))),
      names.map((_, index) => index + 1),
    );
  });

  it('a migration that fails changes nothing and leaves no backup behind', () => {
    using folder = testFolder();
    using database = create(folder.database, migrations);
    const broken: Migration = { name: '9998-broken', sql: 'create table half (x); insert into nowhere values (1)' };
    assert.throws(() => migrate(database, [...migrations, broken]), /nowhere/);
    assert.deepEqual(appliedMigrations(database), names);
    assert.equal(database.prepare("select 1 from sqlite_schema where name = 'half'").get(), undefined);
    assert.deepEqual(backupsOf(folder.database), []);
  });

  it('the newest backups are kept, and those of one upgrade all together', () => {
    using folder = testFolder();
    using database = create(folder.database, migrations);
    const later = Array.from(
      { length: keptBefore + 2 },
      (_, i): Migration => ({ name: `900${i}-step`, sql: `create table step_${i} (x)` }),
    );
    migrate(database, [...migrations, ...later]);
    assert.equal(backupsOf(folder.database).length, keptBefore + 2);
    const last: Migration = { name: '9999-last', sql: 'create table last (x)' };
    migrate(database, [...migrations, ...later, last]);
    assert.equal(backupsOf(folder.database).length, keptBefore);
    assert.match(backupsOf(folder.database).at(-1) ?? '', /before-9999-last\.db$/);
  });

  it('a database from a newer version is refused, with both versions named, and not one byte of it changes', async () => {
    using folder = testFolder();
    create(folder.database, [...migrations, { name: '9000-tomorrow', sql: 'create table tomorrow (x)' }]).close();
    const before = fingerprint(folder.database);
    {
      await using storage = openTestStorage(folder.database);
      const refusal = {
        name: 'UserError',
        code: 'database-newer',
        retryable: false,
        message: new RegExp(`9000-tomorrow.*${names.at(-1)}`),
      };
      await assert.rejects(storage.chats.listChats({}), refusal);
      await assert.rejects(storage.chats.createChat({}), refusal);
      assert.equal((await storage.health()).ok, false);
    }
    assert.equal(fingerprint(folder.database), before);
    assert.deepEqual(readdirSync(dirname(folder.database)), ['switchyard.db']);
  });

  it('only the user can read the database and its folder', async function () {
    if (process.platform === 'win32') this.skip(); // it has no modes of files
    using folder = testFolder();
    await using storage = openTestStorage(folder.database);
    await storage.chats.createChat({});
    const modeOf = (path: string) => statSync(path).mode & 0o777;
    assert.equal(modeOf(dirname(folder.database)), 0o700);
    for (const ending of ['', '-wal', '-shm']) assert.equal(modeOf(`${folder.database}${ending}`), 0o600);
  });
});

type OpenFile = Database.Database & Disposable;

function create(file: string, list: readonly Migration[]): OpenFile {
  mkdirSync(dirname(file), { recursive: true });
  const database = openFile(file);
  migrate(database, list);
  database.pragma('journal_mode = WAL');
  return database;
}

function openFile(file: string): OpenFile {
  const database = new Database(file);
  return Object.assign(database, { [Symbol.dispose]: () => void database.close() });
}

function applied(file: string): string[] {
  using database = openFile(file);
  return appliedMigrations(database);
}

function backupsOf(file: string): string[] {
  try {
    return readdirSync(backupFolder(file)).sort();
  } catch {
    return [];
  }
}

function fingerprint(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
