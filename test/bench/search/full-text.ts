// Full-text search over messages: rare words, common ones, and both together. Reference: FTS5's own BM25 over the same table, which
// is also what the ten best are compared with. Equal scores may stand in any order, so that a hit counts when FTS5 gives it the
// score of its tenth or more.
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { SqliteSearch } from '../../../daemon/memory/search/search.ts';
import { createRandom, type Random, zipfText } from '../../daemon/memory/search/random.ts';
import { type RoundOptions, takeTurns } from '../kit/measure.ts';
import { known, type Result } from '../kit/report.ts';
import { openDatabase, sizeOf } from './database.ts';

const messagesPerChat = 1000;
const asked = {
  common: ['w0', 'w1', 'w3', 'w0 w1', 'w2 w5', 'w1 w3 w8'],
  rare: ['w4000', 'w9000', 'w15000', 'w700 w1', 'w3000 w0', 'w900 w12'],
} as const;

export async function measureFullText({ rounds, scale }: RoundOptions, folder: string): Promise<Result> {
  const database = openDatabase(join(folder, 'full-text.db'));
  const messages = sizeOf(scale);
  addMessages(database, messages, createRandom(11));
  const search = new SqliteSearch(database);
  const indexing = indexAll(search);
  let searches = 0;
  const ours = (queries: readonly string[]) => inTurn(queries, (query) => search.in('default').find({ query, limit: 10 }, ++searches));
  const ranked = database.prepare('select rowid from search_text where search_text match ? order by rank limit 10');
  const theirs = (queries: readonly string[]) => inTurn(queries, async (query) => ranked.all(query));
  const measured = await takeTurns(
    { theirCommon: () => theirs(asked.common), common: () => ours(asked.common), theirRare: () => theirs(asked.rare), rare: () => ours(asked.rare) },
    { rounds },
  );
  const overlap = await overlapOf(database, search, [...asked.common, ...asked.rare]);
  database.close();
  return {
    rows: [
      { what: 'full text, common words, p95', unit: 'ms', rounds: measured.common, share: 0.95, against: { what: 'FTS5', rounds: measured.theirCommon }, goal: { of: 'value', atMost: 20 } },
      { what: 'full text, rare words, p95', unit: 'ms', rounds: measured.rare, share: 0.95, against: { what: 'FTS5', rounds: measured.theirRare }, goal: { of: 'value', atMost: 20 } },
      { what: "ten best, shared with FTS5's", unit: '', rounds: known(overlap), goal: { of: 'value', atLeast: 0.9 } },
      { what: 'indexing, in idle moments', unit: '/s', rounds: known(messages / (indexing.totalMs / 1000)) },
      { what: 'a step of indexing, p99', unit: 'ms', rounds: [indexing.steps], share: 0.99, goal: { of: 'value', atMost: 5 } },
    ],
    notes: [`Full text: ${messages.toLocaleString('en')} messages of 4 to 23 words out of 20,000, as frequent as words are (Zipf); w0 is in most of them.`],
  };
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

function addMessages(database: Database.Database, count: number, random: Random): void {
  const chat = database.prepare("insert into chat (id, title, created_at, updated_at) values (?, 'Chat', 1, 1)");
  const message = database.prepare("insert into message (id, chat_id, seq, role, status, text, created_at, finished_at) values (?, ?, ?, 'user', 'complete', ?, 1, 1)");
  const add = database.transaction((from: number) => {
    chat.run(`c${from}`);
    for (let i = from; i < Math.min(count, from + messagesPerChat); i++) message.run(`m${i}`, `c${from}`, i, zipfText(random));
  });
  for (let from = 0; from < count; from += messagesPerChat) add(from);
}

function indexAll(search: SqliteSearch): { totalMs: number; steps: number[] } {
  const startedAt = performance.now();
  const steps: number[] = [];
  for (let more = true; more; ) {
    const stepAt = performance.now();
    more = search.step();
    steps.push(performance.now() - stepAt);
  }
  return { totalMs: performance.now() - startedAt, steps };
}

async function overlapOf(database: Database.Database, search: SqliteSearch, queries: readonly string[]): Promise<number> {
  const all = database.prepare('select reference, -rank as score from search_text join search_document on id = search_text.rowid where search_text match ? order by rank');
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
