// Checkpoints in a thread of their own: what is written reaches the database file without its writer, and nobody holds a file that was
// closed.
import assert from 'node:assert/strict';
import { existsSync, renameSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, it } from 'mocha';
import { Checkpoints } from '../../../../daemon/storage/sqlite/checkpoints.ts';
import { openTestStorage, testFolder, workerPath } from '../open-storage.ts';

interface Log {
  log: number;
  checkpointed: number;
}
const logOf = (database: Database.Database): Log =>
  (database.pragma('wal_checkpoint(noop)') as Log[])[0] ?? { log: 0, checkpointed: 0 };

function open(file: string): Database.Database {
  const database = new Database(file);
  database.pragma('journal_mode = WAL');
  database.pragma('wal_autocheckpoint = 0');
  database.exec('create table if not exists filled (bytes blob)');
  return database;
}

function fill(database: Database.Database, pages: number): void {
  const insert = database.prepare('insert into filled values (zeroblob(4000))');
  database.transaction(() => {
    for (let i = 0; i < pages; i++) insert.run();
  })();
}

/** Checkpoints of a file, and what resolves at the end of the next. */
function checkpointsOf(file: string): { checkpoints: Checkpoints; done: () => Promise<void> } {
  let next = Promise.withResolvers<void>();
  const checkpoints = new Checkpoints({
    program: workerPath,
    file,
    onDone: () => {
      next.resolve();
      next = Promise.withResolvers();
    },
  });
  return { checkpoints, done: () => next.promise };
}

describe('checkpoints', () => {
  it('begin when enough waits, and take all of it', async () => {
    using folder = testFolder();
    const file = `${folder.path}/x.db`;
    const database = open(file);
    const { checkpoints, done } = checkpointsOf(file);
    fill(database, 500);
    assert.equal(checkpoints.look(database), false);
    for (const round of [1, 2]) {
      fill(database, 1000);
      const ended = done();
      assert.equal(checkpoints.look(database), true);
      await ended;
      const { log, checkpointed } = logOf(database);
      assert.ok(log >= 1000 && log < 1700, `round ${round} begins at the log's start again: ${log}`);
      assert.equal(checkpointed, log);
      assert.equal(checkpoints.look(database), false);
    }
    database.close();
  });

  it('are over, or never begin, once they are settled: the closed file may be moved', async () => {
    using folder = testFolder();
    const file = `${folder.path}/x.db`;
    const { checkpoints, done } = checkpointsOf(file);
    for (const state of ['the thread is starting', 'the thread is there', 'the thread may be at work']) {
      const database = open(file);
      fill(database, 1500);
      const ended = done();
      assert.equal(checkpoints.look(database), true);
      if (state.endsWith('work')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      checkpoints.settle();
      database.close();
      assert.ok(!existsSync(`${file}-wal`), `${state}: whoever closes is the last`);
      renameSync(file, `${file}-moved`);
      await ended;
      assert.ok(!existsSync(file) && !existsSync(`${file}-wal`), state);
    }
  });

  it('are made while the storage is used, and its writes are in the file', async () => {
    using folder = testFolder();
    await using storage = openTestStorage(folder.database);
    const { id } = await storage.chats.createChat({});
    using reader = Object.assign(new Database(folder.database), { [Symbol.dispose]: () => {} });
    const text = 'x'.repeat(100_000);
    for (let i = 0; i < 60; i++) await storage.chats.addUserMessage(id, { text });
    while (logOf(reader).checkpointed === 0) await storage.health();
    reader.close();
    assert.equal((await storage.chats.messages(id, {})).items.at(-1)?.text, text);
  });
});
