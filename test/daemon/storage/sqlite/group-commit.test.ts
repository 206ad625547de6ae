// Calls that share a transaction: each as if it had been made alone, and nothing acknowledged that is not committed.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { describe, it } from 'mocha';
import { CallGroups } from '../../../../daemon/storage/sqlite/group-commit.ts';
import { SuiteStorage } from '../suite.ts';

describe('calls made together', () => {
  const stored = new SuiteStorage('for the suite');

  it('one that fails tells its own error, and the others are stored', async () => {
    const { chats } = stored.storage;
    const { id } = await chats.createChat({});
    const [first, lost, misread, last] = await Promise.allSettled([
      chats.addUserMessage(id, { text: 'first' }),
      chats.addUserMessage('not-there', { text: 'lost' }),
      chats.message('not-there'),
      chats.addUserMessage(id, { text: 'last' }),
    ]);
    assert.deepEqual([first.status, last.status], ['fulfilled', 'fulfilled']);
    assert.equal((lost as PromiseRejectedResult).reason.code, 'chat-not-found');
    assert.equal((misread as PromiseRejectedResult).reason.code, 'message-not-found');
    assert.deepEqual(
      (await chats.messages(id, {})).items.map(({ text }) => text),
      ['first', 'last'],
    );
  });

  it('a broken rule of the schema is the fault of its call alone', async () => {
    const { chats } = stored.storage;
    const { id } = await chats.createChat({});
    const { id: taken } = await chats.startAnswer(id, {});
    const [before, twice, behind] = await Promise.allSettled([
      chats.appendAnswer(taken, { text: 'one ' }),
      chats.startAnswer(id, { id: taken }),
      chats.appendAnswer(taken, { text: 'two' }),
    ]);
    assert.deepEqual([before.status, twice.status, behind.status], ['fulfilled', 'rejected', 'fulfilled']);
    assert.match(String((twice as PromiseRejectedResult).reason), /UNIQUE constraint/);
    assert.equal((await chats.message(taken)).text, 'one two');
  });

  it('each sees what those before it wrote, and nothing of those behind it', async () => {
    const { chats } = stored.storage;
    const { id } = await chats.startAnswer((await chats.createChat({})).id, {});
    const read = async (): Promise<string> => (await chats.message(id)).text;
    const numbers = Array.from({ length: 40 }, (_, i) => i);
    const seen = await Promise.all(
      numbers.map(async (number) => {
        const appended = chats.appendAnswer(id, { text: `${number},` });
        const [text] = await Promise.all([read(), appended]);
        return text;
      }),
    );
    assert.deepEqual(
      seen,
      numbers.map((number) =>
        numbers
          .slice(0, number + 1)
          .map((value) => `${value},`)
          .join(''),
      ),
    );
  });

  it('a question about storage itself may stand among them', async () => {
    const { chats } = stored.storage;
    const { id } = await chats.createChat({});
    const [, health, chat] = await Promise.all([
      chats.addUserMessage(id, { text: 'before' }),
      stored.storage.health(),
      chats.chat(id),
    ]);
    assert.deepEqual([health.ok, chat.messageCount], [true, 1]);
  });

  it('one whose arguments cannot cross to the worker fails alone', async () => {
    const { chats } = stored.storage;
    const { id } = await chats.createChat({});
    const [whole, broken] = await Promise.allSettled([
      chats.addUserMessage(id, { text: 'stored' }),
      chats.addUserMessage(id, { text: 'broken', attachments: [() => {}] }),
    ]);
    assert.equal(whole.status, 'fulfilled');
    assert.match(String((broken as PromiseRejectedResult).reason), /could not be cloned/);
    assert.equal((await chats.chat(id)).messageCount, 1);
  });
});

describe('a group of calls', () => {
  let database: Database.Database;
  let groups: CallGroups;
  let clockMs = 0;
  const add = (value: number) => (): unknown => database.prepare('insert into t values (?)').run(value);
  const stored = (): unknown[] => database.prepare('select value from t order by value').pluck().all();
  const run = (calls: (() => unknown)[]) => groups.run(calls, (call) => call());
  const failing = (code?: string) => (): never => {
    throw Object.assign(new Error('no'), code && { code });
  };

  before(() => {
    database = new Database(':memory:');
    database.exec('create table t (value integer primary key)');
    groups = new CallGroups(database, () => clockMs);
  });
  after(() => {
    database.close();
  });

  it('is one transaction', () => {
    const inside: boolean[] = [];
    const look = (): unknown => inside.push(database.inTransaction);
    assert.equal(run([look, add(1), look])?.length, 3);
    assert.deepEqual([inside, database.inTransaction, stored()], [[true, true], false, [1]]);
  });

  it('keeps nothing of a call that fails half way', () => {
    const half = (): never => {
      add(2)();
      return failing()();
    };
    const settled = run([half, add(3)]);
    assert.deepEqual(
      settled?.map((outcome) => 'error' in outcome),
      [true, false],
    );
    assert.deepEqual(stored(), [1, 3]);
  });

  it('keeps nothing at all when the database fails, so that each call can be made again by itself', () => {
    assert.equal(run([add(4), failing('SQLITE_FULL'), add(5)]), undefined);
    const rolledBack = (): never => {
      database.exec('rollback'); // as SQLite itself does on some failures
      return failing('SQLITE_IOERR_WRITE')();
    };
    assert.equal(run([add(4), rolledBack]), undefined);
    assert.deepEqual([stored(), database.inTransaction], [[1, 3], false]);
  });

  it('ends early when it takes long, and what it took is committed', () => {
    const busy = (): unknown => (clockMs += 5);
    assert.equal(run([add(6), busy, add(7)])?.length, 2);
    assert.deepEqual([stored(), database.inTransaction], [[1, 3, 6], false]);
  });
});
