// Full-text search over messages: rare words, common ones, and both together; sentences, phrases and beginnings of words. Reference:
// the BM25 of an FTS5 table with the same texts, which is also what the ten best are compared with. Equal scores may stand in any
// order, so that a hit counts when FTS5 gives it the score of its tenth or more.
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { Checkpoints } from '../../../daemon/storage/sqlite/checkpoints.ts';
import { SqliteSearch } from '../../../daemon/storage/sqlite/search/search.ts';
import { type RoundOptions, takeTurns } from '../kit/measure.ts';
import { known, type Result } from '../kit/report.ts';
import { sizeOf } from './database.ts';
import { openMessages } from './messages.ts';

const asked = {
  common: ['w0', 'w1', 'w3', 'w0 w1', 'w2 w5', 'w1 w3 w8'],
  rare: ['w4000', 'w9000', 'w15000', 'w700 w1', 'w3000 w0', 'w900 w12'],
} as const;
const others = {
  sentences: ['w0 w1 w2 w3', 'w5 w9000 w30 w77', 'w12 w40 w3 w0 w650'],
  phrases: ['"w0 w1"', '"w3 w2"', '"w0 w1 w2"'],
  beginnings: ['w39*', 'w1*', 'w20 w77*'],
} as const;
const processorRounds = 10;

export async function measureFullText({ rounds, scale }: RoundOptions, folder: string): Promise<Result> {
  const messages = sizeOf(scale);
  const file = join(folder, 'full-text.db');
  const database = openMessages(file, messages);
  const search = new SqliteSearch(database);
  const indexing = await indexAll(search, database, file);
  database.exec("create virtual table fts using fts5 (text, content = '', tokenize = 'unicode61 remove_diacritics 0')");
  database.exec(
    'insert into fts (rowid, text) select document.id, message.text from search_document as document join message on message.id = document.reference',
  );
  let searches = 0;
  const ours = (queries: readonly string[]) =>
    inTurn(queries, (query) => search.in('default').find({ query, limit: 10 }, ++searches));
  const ranked = database.prepare('select rowid from fts where fts match ? order by rank limit 10');
  const theirs = (queries: readonly string[]) => inTurn(queries, async (query) => ranked.all(query));
  const measured = await takeTurns(
    {
      theirCommon: () => theirs(asked.common),
      common: () => ours(asked.common),
      theirRare: () => theirs(asked.rare),
      rare: () => ours(asked.rare),
      sentences: () => ours(others.sentences),
      theirPhrases: () => theirs(others.phrases),
      phrases: () => ours(others.phrases),
      beginnings: () => ours(others.beginnings),
    },
    { rounds },
  );
  const overlap = await overlapOf(database, search, [...asked.common, ...asked.rare]);
  const processor = await processorOf(
    () => ours([...asked.common, ...asked.rare]),
    asked.common.length + asked.rare.length,
  );
  database.close();
  return {
    rows: [
      {
        what: 'full text, common words, p95',
        unit: 'ms',
        rounds: measured.common,
        share: 0.95,
        against: { what: 'FTS5', rounds: measured.theirCommon },
        goal: { of: 'value', atMost: 20 },
      },
      {
        what: 'full text, rare words, p95',
        unit: 'ms',
        rounds: measured.rare,
        share: 0.95,
        against: { what: 'FTS5', rounds: measured.theirRare },
        goal: { of: 'value', atMost: 20 },
      },
      { what: 'full text, processor time of one', unit: 'ms', rounds: known(processor) },
      { what: 'full text, sentences of common words', unit: 'ms', rounds: measured.sentences },
      {
        what: 'full text, phrases',
        unit: 'ms',
        rounds: measured.phrases,
        against: { what: 'FTS5', rounds: measured.theirPhrases },
      },
      { what: 'full text, beginnings of words', unit: 'ms', rounds: measured.beginnings },
      { what: "ten best, shared with FTS5's", unit: '', rounds: known(overlap), goal: { of: 'value', atLeast: 0.9 } },
      { what: 'indexing, in idle moments', unit: '/s', rounds: known(messages / (indexing.totalMs / 1000)) },
      {
        what: 'a step of indexing, p99',
        unit: 'ms',
        rounds: [indexing.steps],
        share: 0.99,
        goal: { of: 'value', atMost: 5 },
      },
    ],
    notes: [
      `Full text: ${messages.toLocaleString('en')} messages of 4 to 23 words out of 20,000, as frequent as words are (Zipf); w0 is in most of them.`,
    ],
  };
}

/** Milliseconds of processor time that each of so many took. */
async function processorOf(work: () => Promise<unknown>, count: number): Promise<number> {
  const before = process.cpuUsage();
  for (let round = 0; round < processorRounds; round++) await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / (count * processorRounds);
}

async function inTurn(queries: readonly string[], find: (query: string) => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (const query of queries) {
    const startedAt = performance.now();
    await find(query);
    times.push(performance.now() - startedAt);
  }
  return times;
}

/** In steps as the storage worker makes them, with checkpoints beside them. */
async function indexAll(
  search: SqliteSearch,
  database: Database.Database,
  file: string,
): Promise<{ totalMs: number; steps: number[] }> {
  let ended = Promise.withResolvers<void>();
  const checkpoints = new Checkpoints({
    program: new URL('../../../dist/daemon/storage-worker.js', import.meta.url),
    file,
    onDone: () => ended.resolve(),
  });
  database.pragma('wal_autocheckpoint = 0');
  const startedAt = performance.now();
  const steps: number[] = [];
  for (let more = true; more; ) {
    ended = Promise.withResolvers();
    if (checkpoints.look(database)) await ended.promise;
    const stepAt = performance.now();
    more = search.step();
    steps.push(performance.now() - stepAt);
  }
  checkpoints.settle();
  return { totalMs: performance.now() - startedAt, steps };
}

async function overlapOf(
  database: Database.Database,
  search: SqliteSearch,
  queries: readonly string[],
): Promise<number> {
  const all = database.prepare(
    'select reference, -rank as score from fts join search_document on id = fts.rowid where fts match ? order by rank',
  );
  let shared = 0;
  let possible = 0;
  for (const query of queries) {
    const rows = all.all(query) as { reference: string; score: number }[];
    const best = Math.min(10, rows.length);
    const least = (rows[best - 1]?.score ?? 0) - 1e-4;
    const scores = new Map(rows.map(({ reference, score }) => [reference, score]));
    const { hits } = await search.in('default').find({ query, limit: 10 }, -1);
    shared += hits.slice(0, best).filter(({ id }) => (scores.get(id) ?? -Infinity) >= least).length;
    possible += best;
  }
  return shared / possible;
}
