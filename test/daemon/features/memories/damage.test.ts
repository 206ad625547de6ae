// Memories in a database that was damaged: their rows and what search has of them restore each other.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { openDatabase } from '../../../../daemon/storage/sqlite/native.ts';
import { indexed } from '../../storage/indexed.ts';
import { openTestStorage, testFolder } from '../../storage/open-storage.ts';

const words = 'many of them, so that there are leaves to be damaged '.repeat(4);

describe('memories, after damage on the disk', () => {
  for (const [table, enabled] of [
    ['search_source', 1],
    ['memory', 0],
  ] as const) {
    it(`to the table ${table} are there and are found${enabled === 0 ? ', switched off' : ''}`, async () => {
      using folder = testFolder();
      {
        await using memory = openTestStorage(folder.database);
        for (let i = 0; i < 60; i++)
          await memory.memories.add({ text: `The ${i}th wombat, ${words}`, state: 'accepted' });
        await indexed(memory);
      }
      wipe(folder.database, table);
      await using memory = openTestStorage(folder.database);
      const kept = await memory.memories.list();
      assert.deepEqual([kept.length, kept.filter((one) => one.enabled).length], [60, 60 * enabled]);
      await indexed(memory);
      assert.equal((await memory.search.find({ query: 'wombat', kinds: ['memory'], limit: 100 })).hits.length, 60);
      assert.deepEqual((await memory.backups.verify()).problems, []);
    });
  }
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
  for (const page of pages) bytes.fill(0x5a, (page - 1) * 4096, page * 4096);
  writeFileSync(file, bytes);
}
