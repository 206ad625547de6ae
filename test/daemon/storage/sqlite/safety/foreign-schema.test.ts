// A file whose schema holds more than our migrations make: `verify` names it, `restore` refuses it, and a database that is opened goes on
// without it. What stands in such a schema never runs.
import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, it } from 'mocha';
import { openStorage } from '../../../../../daemon/storage/sqlite/client.ts';
import { normalized } from '../../../../../daemon/storage/sqlite/safety/tables.ts';
import { openTestStorage, silentLog, testFolder, withDefault, workerPath } from '../../open-storage.ts';

interface ForeignSchema {
  title: string;
  /** Changes a database that is ours. */
  sql: string;
  /** What `verify` says of it. */
  says: RegExp;
}

const endless = 'with recursive n(x) as (select 1 union all select x + 1 from n)';

const members: ForeignSchema[] = [
  {
    title: 'a trigger that deletes what is stored',
    sql: 'create trigger evil after insert on message begin delete from message where id = new.id; end',
    says: /a trigger "evil" that Switchyard didn't create/,
  },
  {
    title: 'a trigger that never ends',
    sql: `create trigger evil after insert on message begin insert into evil_log ${endless} select x from n; end; create table evil_log (x)`,
    says: /a trigger "evil"/,
  },
  { title: 'a view', sql: 'create view evil as select * from message', says: /a view "evil"/ },
  { title: 'a table', sql: 'create table evil (x)', says: /a table "evil"/ },
  { title: 'an index', sql: 'create index evil on message (text)', says: /an index "evil"/ },
  {
    title: 'an index with an expression',
    sql: "create index evil on message (replace(text, 'a', 'b'))",
    says: /an index "evil"/,
  },
  {
    title: 'a virtual table',
    sql: 'create virtual table evil using fts5 (x)',
    says: /a virtual table "evil"/,
  },
  {
    title: 'a generated column',
    sql: "alter table message add column evil text as (replace(text, 'a', 'b'))",
    says: /definition of message differs/,
  },
  {
    title: 'a changed body of a trigger',
    sql: 'drop trigger memory_deleted; create trigger memory_deleted after delete on memory begin delete from message; end',
    says: /definition of memory_deleted differs/,
  },
  {
    title: 'a condition that differs in the case of a literal alone',
    sql: changed('search_message_added', "'streaming'", "'STREAMING'"),
    says: /definition of search_message_added differs/,
  },
  {
    title: 'a second object under one name',
    sql: unchecked(
      "insert into sqlite_schema select 'trigger', 'summary_pinned', 'message', 0, 'create trigger summary_pinned after insert on message begin delete from message; end'",
    ),
    says: /summary_pinned.*exists/,
  },
  { title: 'a missing trigger', sql: 'drop trigger summary_pinned', says: /definition of summary_pinned differs/ },
  {
    title: 'a name that would steer a terminal',
    sql: 'create view "e\u001b[2Jvil\u202e" as select 1',
    says: /a view "e\?\?2Jvil\?"/,
  },
];

describe("a schema that is not our migrations' alone", () => {
  for (const { title, sql, says } of members) {
    it(`${title}: is named, and is not restored`, async () => {
      using folder = testFolder();
      await using storage = openTestStorage(folder.database);
      const chat = await storage.chats.createChat({ title: 'now' });
      await storage.chats.addUserMessage(chat.id, { text: 'kept' });
      const file = join(folder.path, 'stranger.db');
      copyFileSync((await storage.backups.create()).file, file);
      change(file, sql);
      const verified = await storage.backups.verify(file);
      assert.equal(verified.ok, false);
      assert.match(verified.problems.join(' '), says);
      await assert.rejects(
        storage.backups.restore(file),
        ({ code, message }: Error & { code?: string }) => code === 'backup-damaged' && says.test(message),
      );
      assert.equal((await storage.chats.messages(chat.id, {})).items.length, 1);
    });

    it(`${title}: a database that has it is opened without it, with all that is stored`, async () => {
      using folder = testFolder();
      const { id } = await fill(folder.database);
      change(folder.database, sql);
      const notices: string[] = [];
      await using storage = withDefault(
        openStorage({
          database: folder.database,
          workerPath,
          log: silentLog,
          onNotice: (notice) => notices.push(notice),
        }),
      );
      await storage.chats.addUserMessage(id, { text: 'and another' });
      assert.deepEqual(
        (await storage.chats.messages(id, {})).items.map(({ text }) => text),
        ['kept', 'and another'],
      );
      assert.deepEqual((await storage.backups.verify()).problems, []);
      assert.equal(notices.length, 1);
    });
  }

  it('a view in the place of the list of migrations is never read', async () => {
    using folder = testFolder();
    await using storage = openTestStorage(folder.database);
    await storage.chats.createChat({ title: 'now' });
    const file = join(folder.path, 'stranger.db');
    copyFileSync((await storage.backups.create()).file, file);
    change(
      file,
      `drop table migration; create view migration as ${endless} select 'a' as name, x as applied_at from n;
       ${unchecked("update sqlite_schema set type = 'table' where name = 'migration'")}`,
    );
    assert.equal((await storage.backups.verify(file)).ok, false);
    await assert.rejects(storage.backups.restore(file), { code: 'backup-damaged' });
  });

  it('layout, comments and the case of keywords are no difference; what is quoted is', () => {
    const ours = "create table a (b text check (b <> 'x  --y')) strict";
    assert.equal(normalized("CREATE TABLE a (b TEXT -- what it is\n  check (b <> 'x  --y')) strict"), normalized(ours));
    for (const other of ["'x --y'", "'X  --y'", "'x  --\ny'", "'x\u00a0 --y'"])
      assert.notEqual(normalized(ours.replace("'x  --y'", other)), normalized(ours), other);
  });
});

async function fill(database: string): Promise<{ id: string }> {
  await using storage = openTestStorage(database);
  const chat = await storage.chats.createChat({ title: 'Chat' });
  await storage.chats.addUserMessage(chat.id, { text: 'kept' });
  return chat;
}

/** As another program could. */
function change(file: string, sql: string): void {
  const database = new Database(file);
  try {
    database.pragma('journal_mode = delete');
    database.unsafeMode(true); // lets `writable_schema` through
    for (const statement of sql.split('\u0000')) database.exec(statement);
  } finally {
    database.close();
  }
}

function unchecked(sql: string): string {
  return `\u0000pragma writable_schema = on\u0000${sql}\u0000pragma writable_schema = reset`;
}

function changed(name: string, from: string, to: string): string {
  const quote = (text: string) => `'${text.replaceAll("'", "''")}'`;
  return unchecked(
    `update sqlite_schema set sql = replace(sql, ${quote(from)}, ${quote(to)}) where name = ${quote(name)}`,
  );
}
