// Every step of the index is a transaction: whatever ends the process, what is opened again goes on to the same index.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { describe, it } from 'mocha';
import { migrate } from '../../../../../daemon/storage/sqlite/migrate.ts';
import { SqliteSearch } from '../../../../../daemon/storage/sqlite/search/search.ts';
import { createRandom, type Random, zipfText } from './random.ts';

const small = { documentsPerSegment: 16 }; // many segments, and merges of merges

function open(): Database.Database {
  const database = new Database(':memory:');
  migrate(database);
  database.pragma('foreign_keys = ON');
  return database;
}

async function ids(search: SqliteSearch, query: string): Promise<string[]> {
  return (await search.in('default').find({ query, limit: 100 }, 1)).hits.map(({ id }) => id).sort();
}

/** What a search must find, by looking at every text. */
function expected(texts: ReadonlyMap<string, string>, word: string): string[] {
  return [...texts]
    .filter(([, text]) => text.split(' ').includes(word))
    .map(([reference]) => reference)
    .sort();
}

/** Puts, replaces and removes some memories at random, and remembers what should be there. */
function change(search: SqliteSearch, texts: Map<string, string>, random: Random): void {
  const reference = String(random.below(300));
  if (random.below(4) === 0) {
    search.in('default').remove({ kind: 'memory', references: [reference] });
    texts.delete(reference);
    return;
  }
  texts.set(reference, `unique${reference} ${zipfText(random)}`);
  search.in('default').put([{ kind: 'memory', reference, title: '', text: texts.get(reference) ?? '' }]);
}

describe('an index that is interrupted', () => {
  for (const seed of [1, 2]) {
    it(`finds all and only what is stored, however often its process ends (seed ${seed})`, async () => {
      const random = createRandom(seed);
      const database = open();
      const texts = new Map<string, string>();
      let search = new SqliteSearch(database, small);
      for (let round = 0; round < 200; round++) {
        for (let i = 0; i < 5; i++) change(search, texts, random);
        if (round === 100) search.rebuild();
        for (let steps = random.below(6); steps > 0; steps--) search.step();
        if (random.below(3) === 0) {
          search = new SqliteSearch(database, small); // what was in memory is gone, as after a crash
          search.recover();
        }
      }
      while (search.step());
      for (const word of [
        'w300',
        'w411',
        'w997',
        'w2024',
        ...[...texts.keys()].slice(0, 20).map((reference) => `unique${reference}`),
      ]) {
        assert.deepEqual(await ids(search, word), expected(texts, word), word);
      }
      assert.equal(search.status().documents, texts.size);
      assert.equal(database.prepare("select count(*) from search_segment where state <> 'whole'").pluck().get(), 0);
      assert.equal(
        database
          .prepare('select count(*) from search_posting where segment not in (select id from search_segment)')
          .pluck()
          .get(),
        0,
      );
    });
  }

  it('a step that fails changes nothing, and the next goes on from what is stored', async () => {
    const database = open();
    const search = new SqliteSearch(database, small);
    const random = createRandom(4);
    const texts = new Map<string, string>();
    for (let i = 0; i < 100; i++) change(search, texts, random);
    search.step();
    database.exec(
      "create temp trigger full before insert on main.search_document begin select raise(abort, 'the disk is full'); end",
    );
    assert.throws(() => {
      while (search.step());
    }, /disk is full/);
    database.exec('drop trigger full');
    while (search.step());
    const word = 'w3';
    assert.deepEqual(await ids(search, word), expected(texts, word));
    assert.equal(search.status().documents, texts.size);
  });

  it('a search gives way, is cancelled between its pieces, and others go on', async () => {
    const database = open();
    const search = new SqliteSearch(database, small);
    for (let i = 0; i < 3000; i++)
      search.in('default').put([{ kind: 'memory', reference: String(i), title: '', text: `common ${i}` }]);
    while (search.step());
    const again = new SqliteSearch(database, small); // has everything to read before its first search
    const cancelled = again.in('default').find({ query: 'common' }, 1);
    again.cancel(1);
    const other = again.in('default').find({ query: 'common' }, 2);
    await assert.rejects(cancelled, { name: 'CancelledError' });
    assert.equal((await other).hits.length, 20);
  });
});
