// A chat that was made elsewhere comes in slice by slice: other calls are answered between them, and whoever looks sees none of it or all.
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import type { ImportResult } from '../../../../../daemon/storage/import.ts';
import type { SearchResult } from '../../../../../daemon/storage/search.ts';
import { SqliteEngine } from '../../../../../daemon/storage/sqlite/engine.ts';
import { arranged } from '../../../../../daemon/storage/sqlite/import/arrange.ts';
import { openDatabase } from '../../../../../daemon/storage/sqlite/native.ts';
import { verifyFile } from '../../../../../daemon/storage/sqlite/safety/verify.ts';
import { importedChat, longChat } from '../../imported-chats.ts';
import { folderInMemory, openTestStorage, type TestFolder, type TestStorage } from '../../open-storage.ts';
import { callsOf } from '../safety/filled.ts';

describe('a chat that arrives', () => {
  let folder: TestFolder;
  let storage: TestStorage;
  beforeEach(() => {
    folder = folderInMemory();
    storage = openTestStorage(folder.database);
  });
  afterEach(async () => {
    await storage[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  it('leaves nothing where it is cancelled, at any slice', async () => {
    for (const slice of [1, 2, 4]) {
      const controller = new AbortController();
      let slices = 0;
      const importing = storage.chats.importChat(longChat(1000), {
        signal: controller.signal,
        onProgress: () => ++slices === slice && controller.abort(),
      });
      await assert.rejects(importing, { name: 'CancelledError' });
      assert.equal(slices, slice);
      assert.deepEqual((await storage.chats.listChats({})).items, []);
    }
    while (rows(folder.database) > 0) await storage.chats.listChats({}); // storage tidies up between calls
    assert.equal((await storage.chats.importChat(longChat(1000))).outcome, 'imported', 'it can come again');
  });

  it('goes with its profile', async () => {
    const { id } = await storage.profiles.create({ name: 'Short' });
    let deleted: Promise<void> | undefined;
    const importing = storage.in(id).chats.importChat(longChat(1000), {
      onProgress() {
        deleted ??= storage.profiles.delete(id);
      },
    });
    await assert.rejects(importing, { code: 'profile-not-found' });
    await deleted;
    assert.equal(rows(folder.database), 0);
  });

  it('whose messages make no tree is refused before anything is stored', async () => {
    await storage.health();
    await assert.rejects(storage.chats.importChat(importedChat(['q1 - A', 'a1 q1 B', 'a1 q1 C'])), {
      code: 'bad-chat',
    });
    await assert.rejects(storage.chats.importChat(importedChat(['q1 - A', 'a1 q2 B'])), { code: 'bad-chat' });
    assert.equal(rows(folder.database), 0);
  });
});

describe('a chat that was arriving when the process ended', () => {
  let folder: TestFolder;
  before(() => {
    folder = folderInMemory();
  });
  after(() => folder[Symbol.dispose]());

  it('is not there afterwards, wherever it ended, and what was stored of it goes by and by', async () => {
    const storage = new SqliteEngine(folder.database);
    const call = callsOf(storage);
    const { messages, ...head } = longChat(1500);
    const arrival = call<string>('imports', 'begin', head, { dryRun: false });
    const kept = [copyOf('begun')];
    const tree = arranged(messages);
    for (let at = 0; at < tree.length; at += 250) {
      call('imports', 'add', arrival, tree.slice(at, at + 250));
      kept.push(copyOf(`after-${at}`));
    }
    const { chatId } = call<ImportResult>('imports', 'finish', arrival);
    const whole = copyOf('whole');
    storage.close();
    for (const [slice, database] of kept.entries()) {
      assert.deepEqual(verifyFile(database).problems, [], `slice ${slice}`);
      assert.equal(rows(database), slice * 250);
      assert.deepEqual(await look(database), { chats: [], found: false, rows: 0, problems: [] }, `slice ${slice}`);
    }
    assert.deepEqual(await look(whole), { chats: [chatId], found: true, rows: 1500, problems: [] });
  });

  /** The files as they are now: what a kill at this moment leaves. */
  function copyOf(name: string): string {
    const copy = join(folder.path, name);
    cpSync(dirname(folder.database), copy, { recursive: true });
    return join(copy, 'switchyard.db');
  }

  /** After a start, and once all is done that waits. */
  async function look(
    database: string,
  ): Promise<{ chats: string[]; found: boolean; rows: number; problems: string[] }> {
    const storage = new SqliteEngine(database, { onNotice: (notice) => assert.fail(notice) });
    const call = callsOf(storage);
    const { items } = call<{ items: { id: string }[] }>('chats', 'listChats', {});
    const { hits } = await call<Promise<SearchResult>>('search', 'find', { query: 'said', limit: 5 }, 1);
    while (storage.step() === true);
    storage.close();
    return {
      chats: items.map(({ id }) => id),
      found: hits.length > 0,
      rows: rows(database),
      problems: verifyFile(database).problems,
    };
  }
});

/** How many messages are in the file, seen or not. */
function rows(file: string): number {
  const database = openDatabase(file);
  try {
    return database.prepare('select count(*) from message').pluck().get() as number;
  } finally {
    database.close();
  }
}
