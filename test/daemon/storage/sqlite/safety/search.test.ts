// What becomes of search when the database under it is replaced: memories are kept, code is forgotten so that it is indexed again,
// and all else of the index is made anew.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'mocha';
import { openDatabase } from '../../../../../daemon/storage/sqlite/native.ts';
import { verifyFile } from '../../../../../daemon/storage/sqlite/safety/verify.ts';
import { indexed, vectorOf } from '../../indexed.ts';
import { openTestStorage, type TestStorage, testFolder } from '../../open-storage.ts';

const root = 'file:///shop';

async function fill(storage: TestStorage): Promise<string> {
  const { id: chat } = await storage.chats.createChat({});
  for (let i = 0; i < 60; i++)
    await storage.chats.addUserMessage(chat, { text: `a possum, the ${i}th ${'with words '.repeat(i)}` });
  await storage.search.put([{ kind: 'memory', reference: 'm', title: '', text: 'remember the possum' }]);
  await storage.code.put(root, {
    path: 'a.ts',
    stamp: '1',
    hash: '1',
    language: 'typescript',
    chunks: [{ symbol: 'possum', startLine: 0, endLine: 1, text: 'possum()' }],
  });
  await storage.searchIndex.useModel({ name: 'test', dimensions: 64 });
  await indexed(storage);
  await storage.searchIndex.store(
    (await storage.searchIndex.pending(100)).map(({ document, text }) => ({ document, vector: vectorOf(text) })),
  );
  return chat;
}

async function foundIn(storage: TestStorage): Promise<string[]> {
  await indexed(storage);
  return (await storage.search.find({ query: 'possum', kinds: ['message', 'memory', 'code'], limit: 100 })).hits
    .flatMap(({ kind, places = [] }) => [kind, ...places.map(() => kind)])
    .sort();
}

describe('search in a database that was replaced', () => {
  for (const table of ['message', 'search_document', 'search_source', 'search_vector']) {
    it(`whose table ${table} was damaged finds what is kept`, async () => {
      using folder = testFolder();
      {
        await using storage = openTestStorage(folder.database);
        await fill(storage);
      }
      wipe(folder.database, table);
      await using storage = openTestStorage(folder.database);
      const found = await foundIn(storage);
      assert.equal(found.includes('memory'), table !== 'search_source');
      assert.ok(found.includes('message'));
      assert.ok(!found.includes('code'));
      assert.deepEqual(await storage.code.files(root), [], 'to be indexed again');
      const { vectors, pending, documents } = await storage.searchIndex.status();
      assert.deepEqual([vectors, pending], [0, 0], 'no model yet');
      await storage.searchIndex.useModel({ name: 'test', dimensions: 64 });
      assert.equal((await storage.searchIndex.status()).pending, documents);
      assert.ok(existsSync(join(dirname(folder.database), 'damaged')));
      assert.deepEqual((await storage.backups.verify()).problems, []);
    });
  }

  it('by a backup goes on with what that held, also for searches under way', async () => {
    using folder = testFolder();
    await using storage = openTestStorage(folder.database);
    const chat = await fill(storage);
    const { file } = await storage.backups.create();
    assert.deepEqual(verifyFile(file).problems, []);
    await storage.chats.deleteChat(chat);
    assert.deepEqual(await foundIn(storage), ['code', 'memory']);
    const searches = Array.from({ length: 20 }, () => storage.search.find({ query: 'possum' }));
    const [, ...results] = await Promise.all([storage.backups.restore(file), ...searches]);
    assert.ok(results.every(({ hits }) => hits.length > 0));
    assert.deepEqual(await foundIn(storage), ['code', 'memory', ...Array<string>(6).fill('message')]);
    const { vectors, documents } = await storage.searchIndex.status();
    assert.equal(vectors, documents);
  });
});

/** Overwrites the leaves of a table. */
function wipe(file: string, table: string): void {
  const database = openDatabase(file, { readonly: true });
  const pages = database
    .prepare("select pageno from dbstat where name = ? and pagetype = 'leaf'")
    .pluck()
    .all(table) as number[];
  database.close();
  const bytes = readFileSync(file);
  for (const page of table === 'message' ? pages.slice(0, 1) : pages) bytes.fill(0x5a, (page - 1) * 4096, page * 4096);
  writeFileSync(file, bytes);
}
