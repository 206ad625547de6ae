// Nearest neighbours among vectors of 384 dimensions. Reference: sqlite-vec's own scan of float32 vectors (a vec0 table) in the same
// database. Clustered vectors are as those of an embedding model are: a thousand directions, and vectors at about 45 degrees around
// them. Random ones have no structure at all, which no model makes, and are the hardest.
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { DocValues } from '../../../daemon/storage/sqlite/search/inverted-index/doc-values.ts';
import { bytesOf, Vectors } from '../../../daemon/storage/sqlite/search/vectors/vectors.ts';
import { createRandom, type Random, unitVector } from '../../daemon/storage/sqlite/search/random.ts';
import { type RoundOptions, takeTurns } from '../kit/measure.ts';
import { known, type Result, type Row } from '../kit/report.ts';
import { openDatabase, runToEnd, sizeOf } from './database.ts';

const dimensions = 384;
const clusters = 1000;
const queriesPerRound = 5;
const recallQueries = 20;
const found = 10;

interface Collection {
  vectors: Vectors;
  docValues: DocValues;
  all: Float32Array;
  query(): Float32Array;
}

export async function measureNeighbours({ rounds, scale }: RoundOptions, folder: string): Promise<Result> {
  const count = sizeOf(scale);
  const rows: Row[] = [];
  for (const kind of ['clustered', 'random'] as const) {
    const database = openDatabase(join(folder, `${kind}.db`));
    const collection = fill(database, { count, kind, random: createRandom(21) });
    const reference = database.prepare(`select rowid from reference where vector match ? and k = ${found}`);
    const measured = await takeTurns(
      {
        theirs: async () => times(1, () => reference.all(bytesOf(collection.query()))),
        ours: async () => times(queriesPerRound, () => nearest(collection, collection.query())),
      },
      { rounds },
    );
    const goal = count > 500_000 ? ({ of: 'value', atMost: 20 } as const) : ({ of: 'ratio', atMost: 0.06 } as const);
    rows.push(
      {
        what: `nearest of ${kind} vectors`,
        unit: 'ms',
        rounds: measured.ours,
        against: { what: 'sqlite-vec', rounds: measured.theirs },
        goal,
      },
      {
        what: 'recall of the ten nearest',
        unit: '',
        rounds: known(recallOf(collection)),
        goal: { of: 'value', atLeast: count > 500_000 ? 0.98 : 0.99 },
      },
    );
    database.close();
  }
  return { rows, notes: [`Neighbours: ${count.toLocaleString('en')} vectors of ${dimensions} dimensions.`] };
}

function fill(
  database: Database.Database,
  { count, kind, random }: { count: number; kind: 'clustered' | 'random'; random: Random },
): Collection {
  const centres = kind === 'random' ? [] : Array.from({ length: clusters }, () => unitVector(random, dimensions));
  const query = (): Float32Array => unitVector(random, dimensions, centres[random.below(clusters)]);
  const all = new Float32Array(count * dimensions);
  const docValues = new DocValues(database);
  const vectors = new Vectors(database, docValues);
  vectors.choose({ name: 'benchmark', dimensions });
  database.exec(`create virtual table reference using vec0 (vector float[${dimensions}] distance_metric=cosine)`);
  const insert = database.prepare(
    "insert into search_document (profile_id, kind, reference, title, created_at, words, digest) values ('default', 'code', ?, '', 1, 1, 1)",
  );
  const insertReference = database.prepare('insert into reference (rowid, vector) values (?, ?)');
  const add = database.transaction((from: number) => {
    for (let i = from; i < Math.min(count, from + 1000); i++) {
      const vector = query();
      all.set(vector, i * dimensions);
      insert.run(String(i));
      vectors.store([{ document: i + 1, vector }]);
      insertReference.run(BigInt(i + 1), bytesOf(vector));
    }
  });
  for (let from = 0; from < count; from += 1000) add(from);
  while (!docValues.loaded) docValues.load();
  while (vectors.load());
  return { vectors, docValues, all, query };
}

function nearest({ vectors, docValues }: Collection, query: Float32Array): number[] {
  const visible = docValues.visible('default', ['code']);
  return runToEnd(vectors.nearest(query, found, { visible, admits: () => true })).map(({ document }) => document);
}

function times(count: number, work: () => unknown): number[] {
  return Array.from({ length: count }, () => {
    const startedAt = performance.now();
    work();
    return performance.now() - startedAt;
  });
}

/** Against an exact scan of the very vectors, here. */
function recallOf(collection: Collection): number {
  let recalled = 0;
  for (let round = 0; round < recallQueries; round++) {
    const query = collection.query();
    const exact = new Set(exactNearest(collection.all, query));
    recalled += nearest(collection, query).filter((document) => exact.has(document)).length;
  }
  return recalled / (recallQueries * found);
}

function exactNearest(all: Float32Array, query: Float32Array): number[] {
  const scores = new Float32Array(all.length / dimensions);
  for (let i = 0, at = 0; i < scores.length; i++) {
    let sum = 0;
    for (let j = 0; j < dimensions; j++) sum += (all[at++] as number) * (query[j] as number);
    scores[i] = sum;
  }
  const least = Float32Array.from(scores).sort().at(-found) ?? 0;
  return [...scores.keys()].filter((place) => (scores[place] ?? 0) >= least).map((place) => place + 1);
}
