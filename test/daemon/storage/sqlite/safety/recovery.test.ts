// What becomes of a damaged database: it is kept, the user is told once, and what it lost comes from the newest good backup.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'mocha';
import type { StoredChat } from '../../../../../daemon/storage/chats.ts';
import type { StoredMessage } from '../../../../../daemon/storage/messages.ts';
import { defaultProfile } from '../../../../../daemon/storage/profiles.ts';
import { openStorage } from '../../../../../daemon/storage/sqlite/client.ts';
import { SqliteEngine } from '../../../../../daemon/storage/sqlite/engine.ts';
import { openDatabase } from '../../../../../daemon/storage/sqlite/native.ts';
import { folderInMemory, silentLog, testFolder, workerPath } from '../../open-storage.ts';
import { type Call, callsOf, fillDatabase } from './filled.ts';

describe('a damaged database', () => {
  it('is moved aside byte for byte, also when it is no database at all, and a new one takes its place', () => {
    using folder = testFolder();
    fillDatabase(folder.database, { chats: 2, messagesPerChat: 4 });
    for (const damage of [
      (bytes: Buffer) => bytes.fill('nonsense ', 0, 4096),
      (bytes: Buffer) => bytes.fill(0xff, 100, 4096),
    ]) {
      const damaged = damage(readFileSync(folder.database));
      writeFileSync(folder.database, damaged);
      const { notices } = inStorage(folder.database, (call) =>
        assert.equal(call<{ items: unknown[] }>('chats', 'listChats', {}).items.length, 2),
      );
      assert.equal(notices.length, 1);
      assert.match(notices[0] ?? '', /was damaged.*rebuilt: \d+ entries were read.*is kept in .*damaged/);
      const kept = join(dirname(folder.database), 'damaged');
      assert.deepEqual(readFileSync(join(kept, readdirSync(kept).sort().at(-1) ?? '', 'switchyard.db')), damaged);
      assert.deepEqual(inStorage(folder.database, (call) => call('chats', 'listChats', {})).notices, [], 'told once');
    }
  });

  it('gets what it lost from the newest good backup', async () => {
    using folder = testFolder();
    fillDatabase(folder.database, { chats: 8, messagesPerChat: 8 });
    const engine = new SqliteEngine(folder.database);
    const call = callsOf(engine);
    const ids = idsOf(call);
    await call('backups', 'create');
    const { file } = await call<Promise<{ file: string }>>('backups', 'create');
    writeFileSync(file, 'a backup that is not good'); // the one before it is taken
    const after = call<StoredChat>('chats', 'createChat', { title: 'after the backup' });
    engine.close();
    wipe(folder.database, pagesOf(folder.database, 'message').slice(1, 4));
    const { notices } = inStorage(folder.database, (call) => {
      assert.equal(call<StoredChat>('chats', 'chat', after.id).title, 'after the backup');
      for (const id of ids) assert.equal(call<StoredMessage>('chats', 'message', id).notes, undefined);
    });
    assert.match(notices[0] ?? '', /and \d+ from the backup of \d{4}-/);
  });

  it('keeps the messages of a chat whose own entry is lost', () => {
    using folder = testFolder();
    fillDatabase(folder.database, { chats: 3, messagesPerChat: 4 });
    wipe(folder.database, pagesOf(folder.database, 'chat'));
    inStorage(folder.database, (call) => {
      const { items } = call<{ items: StoredChat[] }>('chats', 'listChats', {});
      assert.deepEqual(
        items.map(({ title, messageCount }) => [title, messageCount]),
        Array.from({ length: 3 }, () => ['Recovered chat', 4]),
      );
    });
  });

  it('lets go of what belonged to a deleted chat whose own entry is lost', () => {
    using folder = testFolder();
    fillDatabase(folder.database, { chats: 3, messagesPerChat: 4 });
    inStorage(folder.database, (call) => {
      const [first] = call<{ items: StoredChat[] }>('chats', 'listChats', {}).items;
      call('chats', 'deleteChat', first?.id);
    });
    wipe(folder.database, pagesOf(folder.database, 'deleted_chat'));
    const { notices } = inStorage(folder.database, (call) => {
      assert.deepEqual(
        [call<{ items: unknown[] }>('chats', 'listChats', {}).items.length, call('trash', 'list')],
        [2, []],
      );
    });
    assert.equal(notices.length, 1);
  });

  it('a letter that changed in a message is noticed: the backup has the right one, else a note says so', async () => {
    for (const withBackup of [true, false]) {
      using folder = testFolder();
      const engine = new SqliteEngine(folder.database);
      const call = callsOf(engine);
      const chat = call<StoredChat>('chats', 'createChat', { title: 'Money' });
      const { id } = call<StoredMessage>('chats', 'addUserMessage', chat.id, { text: 'pay 100 to Alice' });
      if (withBackup) await call('backups', 'create');
      engine.close();
      const bytes = readFileSync(folder.database);
      bytes[bytes.lastIndexOf('pay 100 to Alice') + 4] = '9'.charCodeAt(0);
      writeFileSync(folder.database, bytes);
      const { notices } = inStorage(folder.database, (again) => {
        const { text, notes } = again<StoredMessage>('chats', 'message', id);
        if (withBackup) assert.deepEqual([text, notes], ['pay 100 to Alice', undefined]);
        else
          assert.deepEqual(
            [text, notes],
            ['pay 900 to Alice', ['This message was damaged on the disk, and parts of it may be wrong.']],
          );
      });
      assert.equal(notices.length, 1);
    }
  });

  it('met by one of several calls made together is rebuilt for all of them', async () => {
    using folder = folderInMemory();
    const engine = new SqliteEngine(folder.database);
    const chat = callsOf(engine)<StoredChat>('chats', 'createChat', { title: 'Money' });
    const { id } = callsOf(engine)<StoredMessage>('chats', 'addUserMessage', chat.id, {
      text: 'pay 100 to Alice',
    });
    engine.close();
    const bytes = readFileSync(folder.database);
    bytes[bytes.lastIndexOf('pay 100 to Alice') + 4] = '9'.charCodeAt(0);
    writeFileSync(folder.database, bytes);
    const notices: string[] = [];
    await using storage = openStorage({
      database: folder.database,
      workerPath,
      log: silentLog,
      onNotice: (notice) => notices.push(notice),
    });
    const { chats } = storage.in(defaultProfile);
    const [before, met, lost, behind] = await Promise.allSettled([
      chats.addUserMessage(chat.id, { text: 'before' }),
      chats.message(id),
      chats.message('not-there'),
      chats.addUserMessage(chat.id, { text: 'behind' }),
    ]);
    assert.deepEqual([before.status, lost.status, behind.status], ['fulfilled', 'rejected', 'fulfilled']);
    assert.match((met as PromiseFulfilledResult<StoredMessage>).value.notes?.[0] ?? '', /damaged on the disk/);
    assert.deepEqual(
      (await chats.messages(chat.id, {})).items.slice(1).map(({ text }) => text),
      ['before', 'behind'],
    );
    assert.equal(notices.length, 1);
  });

  it('is rebuilt in the middle of its use too', async () => {
    using folder = folderInMemory();
    fillDatabase(folder.database, { chats: 6, messagesPerChat: 8 });
    const notices: string[] = [];
    const engine = new SqliteEngine(folder.database, { onNotice: (notice) => notices.push(notice) });
    const call = callsOf(engine);
    call('findings', 'dismissed', []);
    wipe(folder.database, pagesOf(folder.database, 'message').slice(-2));
    await callsOf(engine)('backups', 'verify');
    assert.equal(call<StoredChat>('chats', 'createChat', { title: 'goes on' }).title, 'goes on');
    assert.equal(notices.length, 1);
    engine.close();
  });

  it('too large to be checked before its first use is checked in the background', async () => {
    using folder = folderInMemory();
    const engine = new SqliteEngine(folder.database);
    const chat = callsOf(engine)<StoredChat>('chats', 'createChat', { title: 'large' });
    const { id } = callsOf(engine)<StoredMessage>('chats', 'addUserMessage', chat.id, {
      text: 'a long text '.repeat(3_000_000),
    });
    engine.close();
    const bytes = readFileSync(folder.database);
    bytes[20_000_000] = 'X'.charCodeAt(0);
    writeFileSync(folder.database, bytes);
    const { promise: noticed, resolve } = Promise.withResolvers<string>();
    await using storage = openStorage({ database: folder.database, workerPath, log: silentLog, onNotice: resolve });
    const { chats } = storage.in(defaultProfile);
    let notice: string | undefined;
    noticed.then((said) => (notice = said));
    while (notice === undefined) await chats.listChats({}); // the daemon keeps serving meanwhile
    assert.match(notice, /may contain wrong letters/);
    assert.match((await chats.message(id)).notes?.[0] ?? '', /damaged on the disk/);
  });

  it('a crash while it is moved aside is made good at the next start', () => {
    using folder = testFolder();
    fillDatabase(folder.database, { chats: 2, messagesPerChat: 4 });
    const rebuilt = readFileSync(folder.database);
    const folderOfDamaged = join(dirname(folder.database), 'damaged', '2026-01-01');
    for (const isMoved of [false, true]) {
      mkdirSync(folderOfDamaged, { recursive: true });
      writeFileSync(folder.database, 'damaged');
      writeFileSync(`${folder.database}.rebuilt`, rebuilt);
      if (isMoved) renameSync(folder.database, join(folderOfDamaged, 'switchyard.db'));
      inStorage(folder.database, (call) => assert.equal(idsOf(call).length, 8));
      assert.equal(readFileSync(join(folderOfDamaged, 'switchyard.db'), 'utf8'), 'damaged');
      assert.equal(existsSync(`${folder.database}.rebuilt`), false);
      rmSync(folderOfDamaged, { recursive: true });
    }
  });

  it('a log that is cut anywhere loses its end and nothing else', () => {
    using folder = folderInMemory();
    const live = new SqliteEngine(folder.database);
    const call = callsOf(live);
    const chat = call<StoredChat>('chats', 'createChat', {});
    const texts = Array.from({ length: 40 }, (_, i) => `message ${i} ${'long '.repeat((i % 5) * 300)}`);
    for (const text of texts) call('chats', 'addUserMessage', chat.id, { text });
    const [bytes, log] = [readFileSync(folder.database), readFileSync(`${folder.database}-wal`)];
    const copy = join(folder.path, 'copy', 'switchyard.db');
    for (let cut = 0; cut < 60; cut++) {
      rmSync(dirname(copy), { recursive: true, force: true });
      mkdirSync(dirname(copy));
      writeFileSync(copy, bytes);
      writeFileSync(`${copy}-wal`, log.subarray(0, Math.floor((log.length * cut * 997) / 60_000) + (cut % 7)));
      const { notices } = inStorage(copy, (again) => {
        const chats = again<{ items: StoredChat[] }>('chats', 'listChats', {}).items;
        const stored = chats.flatMap(({ id }) =>
          again<{ items: StoredMessage[] }>('chats', 'messages', id, { limit: 100 }).items.map(({ text }) => text),
        );
        assert.deepEqual(stored, texts.slice(0, stored.length));
      });
      assert.deepEqual(notices, []);
    }
    live.close();
  });
});

function inStorage(file: string, work: (call: Call) => unknown): { notices: string[] } {
  const notices: string[] = [];
  const engine = new SqliteEngine(file, { onNotice: (notice) => notices.push(notice) });
  try {
    work(callsOf(engine));
  } finally {
    engine.close();
  }
  return { notices };
}

function idsOf(call: Call): string[] {
  const { items } = call<{ items: StoredChat[] }>('chats', 'listChats', { limit: 100 });
  return items.flatMap(({ id }) =>
    call<{ items: StoredMessage[] }>('chats', 'messages', id, { limit: 100 }).items.map((message) => message.id),
  );
}

/** Numbers of a table's leaves. */
function pagesOf(file: string, table: string): number[] {
  const database = openDatabase(file, { readonly: true });
  try {
    return database
      .prepare("select pageno from dbstat where name = ? and pagetype = 'leaf'")
      .pluck()
      .all(table) as number[];
  } finally {
    database.close();
  }
}

function wipe(file: string, pages: readonly number[]): void {
  const bytes = readFileSync(file);
  for (const page of pages) bytes.fill(0x5a, (page - 1) * 4096, page * 4096);
  writeFileSync(file, bytes);
}
