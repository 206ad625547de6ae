// Ranks against the BM25 of an FTS5 table with the same texts, and nearest neighbours against an exact scan, on seeded sets.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { before, describe, it } from 'mocha';
import * as sqliteVec from 'sqlite-vec';
import type { SearchRequest } from '../../../../../daemon/storage/search.ts';
import { migrate } from '../../../../../daemon/storage/sqlite/migrate.ts';
import type { DocValues } from '../../../../../daemon/storage/sqlite/search/inverted-index/doc-values.ts';
import {
  decode,
  encode,
  followed,
  type Postings,
  placesAt,
  placesStart,
  pushPlace,
  roomFor,
} from '../../../../../daemon/storage/sqlite/search/inverted-index/postings.ts';
import { fuse } from '../../../../../daemon/storage/sqlite/search/rank/fuse.ts';
import { Top } from '../../../../../daemon/storage/sqlite/search/rank/top.ts';
import { SqliteSearch } from '../../../../../daemon/storage/sqlite/search/search.ts';
import { BinaryVectors, toBinary } from '../../../../../daemon/storage/sqlite/search/vectors/binary-quantization.ts';
import { createRandom, type Random, unitVector, zipfText } from './random.ts';

function open(options: { vec?: boolean } = {}): Database.Database {
  const database = new Database(':memory:');
  if (options.vec !== false) sqliteVec.load(database);
  migrate(database);
  database.pragma('foreign_keys = ON');
  return database;
}

function indexAll(search: SqliteSearch): void {
  while (search.step());
}

let searches = 0;
const find = async (search: SqliteSearch, request: SearchRequest): Promise<string[]> =>
  (await search.in('default').find(request, ++searches)).hits.map(({ id }) => id);

describe('full-text rank', () => {
  const documents = 10_000; // makes segments, and leaves some in memory
  let database: Database.Database;
  let search: SqliteSearch;
  before(() => {
    database = open();
    search = new SqliteSearch(database);
    const random = createRandom(1);
    for (let from = 0; from < documents; from += 1000) {
      search.in('default').put(
        Array.from({ length: 1000 }, (_, i) => ({
          kind: 'memory' as const,
          reference: String(from + i),
          title: '',
          text: zipfText(random),
        })),
      );
    }
    indexAll(search);
    database.exec("create virtual table search_text using fts5 (text, tokenize = 'unicode61 remove_diacritics 0')");
    database.exec(
      'insert into search_text (rowid, text) select document.id, source.text from search_document as document join search_source as source using (kind, reference)',
    );
  });

  // Equal scores may stand in any order: what counts is that nothing better was left out.
  for (const query of ['w0', 'w1', 'w9', 'w400', 'w0 w1', 'w2 w900', 'w1 w3 w5', 'w30 w31']) {
    it(`"${query}" finds what FTS5's own BM25 finds`, async () => {
      const rows = database
        .prepare('select rowid as id, -rank as score from search_text where search_text match ? order by rank')
        .all(query) as { id: number; score: number }[];
      const scores = new Map(rows.map(({ id, score }) => [id, score]));
      const found = (await find(search, { query, limit: 10 })).map(
        (reference) =>
          database.prepare('select id from search_document where reference = ?').pluck().get(reference) as number,
      );
      const least = rows[Math.min(10, rows.length) - 1]?.score ?? 0;
      const wanted = Math.min(10, rows.length);
      const good = found.slice(0, wanted).filter((id) => (scores.get(id) ?? -1) >= least - 1e-4);
      assert.equal(good.length, wanted);
    });
  }

  it('a phrase, a prefix and an exclusion find what FTS5 finds', async () => {
    for (const [query, match] of [
      ['"w0 w1 w2"', '"w0 w1 w2"'],
      ['"w3 w2"', '"w3 w2"'],
      ['w39*', 'w39*'],
      ['w900 -w10', 'w900 NOT w10'],
    ] as const) {
      const expected = new Set(
        database
          .prepare(
            'select reference from search_text join search_document on id = search_text.rowid where search_text match ?',
          )
          .pluck()
          .all(match) as string[],
      );
      const found = await find(search, { query, limit: 100 });
      assert.equal(found.length, Math.min(100, expected.size), query);
      assert.ok(
        found.every((id) => expected.has(id)),
        query,
      );
    }
  });

  it('segments were written, and a deleted document is in none of their finds', async () => {
    const segments = database
      .prepare("select level, count(*) as count from search_segment where state = 'whole' group by level")
      .all() as { level: number; count: number }[];
    assert.ok(segments.length > 0);
    const [first = ''] = await find(search, { query: 'w1' });
    search.in('default').remove({ kind: 'memory', references: [first] });
    assert.ok(!(await find(search, { query: 'w1', limit: 100 })).includes(first));
  });

  it('an index opened again finds the same, with what no segment holds yet', async () => {
    const again = new SqliteSearch(database);
    assert.deepEqual(
      await find(again, { query: 'w0 w5', limit: 50 }),
      await find(search, { query: 'w0 w5', limit: 50 }),
    );
  });

  it('hostile queries are searches like others', async () => {
    for (const query of [
      '"',
      '* * *',
      'AND OR NOT',
      'NEAR(',
      '-"',
      'kind:',
      "'; drop table message; --",
      '\0',
      '{text}: x',
      'x'.repeat(1_000_000),
      '" OR search_text MATCH "',
      'a*b*c*',
      '-x',
    ]) {
      assert.ok(Array.isArray(await find(search, { query })), query);
    }
  });
});

describe('nearest neighbours', () => {
  const dimensions = 128;
  const count = 3000; // more than are looked at exactly
  for (const native of [true, false]) {
    for (const [kind, clusters] of [
      ['random', 0],
      ['clustered', 40],
    ] as const) {
      if (!native && kind === 'random') continue;
      it(`of ${kind} vectors are found by their signs${native ? '' : ', without sqlite-vec too'}`, async () => {
        const search = new SqliteSearch(open({ vec: native }));
        const random = createRandom(5);
        const vectors = store(search, { count, dimensions, clusters, random });
        assert.equal(search.status().native, native);
        let recalled = 0;
        for (let round = 0; round < 20; round++) {
          const query = unitVector(random, dimensions, vectors[random.below(count)]);
          const exact = vectors
            .map((vector, i) => [i, dot(vector, query)] as const)
            .sort((a, b) => b[1] - a[1])
            .slice(0, 10)
            .map(([i]) => String(i));
          const found = await find(search, { query: 'nothing', vector: query, limit: 10 });
          recalled += exact.filter((id) => found.includes(id)).length;
        }
        assert.ok(recalled / 200 >= 0.99, `recall ${recalled / 200}`);
      });
    }
  }
});

describe('nearest neighbours among too many for a byte a dimension', () => {
  const dimensions = 128;
  for (const [kind, clusters] of [
    ['random', 0],
    ['clustered', 3],
  ] as const) {
    it(`of ${kind} vectors are found by two bits a dimension, also when the index is opened again`, async () => {
      const database = open();
      const options = { maxInt8Bytes: 0 };
      const search = new SqliteSearch(database, options);
      const random = createRandom(6);
      const vectors = store(search, { count: 6000, dimensions, clusters, random });
      const again = new SqliteSearch(database, options);
      indexAll(again);
      database.exec('update search_bits set sizes = null where document % 3 = 0'); // as they were before there were any
      const before = new SqliteSearch(database, options);
      indexAll(before);
      let recalled = 0;
      for (let round = 0; round < 20; round++) {
        const query = unitVector(random, dimensions, vectors[random.below(vectors.length)]);
        const exact = vectors
          .map((vector, i) => [i, dot(vector, query)] as const)
          .sort((a, b) => b[1] - a[1])
          .slice(0, 10)
          .map(([i]) => String(i));
        const found = await find(search, { query: 'nothing', vector: query, limit: 10 });
        recalled += exact.filter((id) => found.includes(id)).length;
        for (const other of [again, before])
          assert.deepEqual(await find(other, { query: 'nothing', vector: query, limit: 10 }), found);
      }
      assert.ok(recalled / 200 >= 0.98, `recall ${recalled / 200}`);
    });
  }

  it('two searches at once each find their own', async () => {
    const random = createRandom(8);
    const signs = new BinaryVectors(dimensions);
    const many = 150_000; // pieces between which others get their turn
    const vectors = Array.from({ length: 300 }, () => unitVector(random, dimensions));
    const groups = new Uint16Array(many).fill(1);
    for (let document = 0; document < many; document++)
      signs.set(document, toBinary(vectors[document % 300] as Float32Array));
    const all = { docValues: { groups, size: many } as DocValues, visible: Uint8Array.of(0, 1) };
    const alone = vectors.slice(0, 2).map((vector) => runToEnd(signs.nearest(vector, 500, all)));
    const running = vectors.slice(0, 2).map((vector) => signs.nearest(vector, 500, all));
    const together: (Uint32Array | undefined)[] = [];
    while (together.filter(Boolean).length < 2) {
      for (const [index, search] of running.entries()) {
        const { done, value } = search.next();
        if (done && value) together[index] = value;
      }
    }
    assert.deepEqual(together, alone);
  });
});

function runToEnd<Result>(work: Generator<void, Result>): Result {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

function store(
  search: SqliteSearch,
  { count, dimensions, clusters, random }: { count: number; dimensions: number; clusters: number; random: Random },
): Float32Array[] {
  const centres = Array.from({ length: clusters }, () => unitVector(random, dimensions));
  const vectors = Array.from({ length: count }, (_, i) =>
    unitVector(random, dimensions, centres[i % Math.max(1, clusters)]),
  );
  search
    .in('default')
    .put(vectors.map((_, i) => ({ kind: 'memory' as const, reference: String(i), title: '', text: `d${i}` })));
  search.useModel({ name: 'seeded', dimensions });
  indexAll(search);
  for (let pending = search.pending(1000); pending.length > 0; pending = search.pending(1000)) {
    search.store(
      pending.map(({ document, text }) => ({
        document,
        vector: vectors[Number(/\d+/.exec(text)?.[0])] ?? new Float32Array(dimensions),
      })),
    );
  }
  indexAll(search);
  return vectors;
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}

describe('parts of ranking', () => {
  it('postings come back as they were, whatever their distances, frequencies and places', () => {
    const random = createRandom(3);
    const [postings, lengths] = [roomFor(5000, 0), new Uint16Array(0)];
    const places: number[] = [];
    const expected: number[][] = [];
    for (let i = 0, document = 0; i < 5000; i++) {
      document += 1 + random.below(i % 100 === 0 ? 800_000 : 200);
      postings.documents[i] = document;
      postings.frequencies[i] = random.below(4) === 0 ? 1 + random.below(255) : 1;
      expected.push(somePlaces(random, places));
      postings.ends[i] = places.length;
    }
    Object.assign(postings, { places: Uint8Array.from(places), count: 5000 });
    const parts = [
      [0, 3072],
      [3072, 5000],
    ].map(([from = 0, to = 0]) => encode(postings, [from, to], lengths));
    const back = roomFor(5000, places.length);
    for (const part of parts) decode(part, back);
    assert.deepEqual(back, postings);
    assert.deepEqual(
      expected.map((_, i) => [i, placesIn(back, i)]),
      expected.map((own, i) => [i, own]),
    );
  });

  it('the highest number that a document can have is kept', () => {
    const highest = {
      documents: Uint32Array.of(0xffffffff),
      frequencies: Uint8Array.of(255),
      count: 1,
      places: Uint8Array.of(0),
      ends: Uint32Array.of(1),
    };
    const back = roomFor(1, 1);
    decode(encode(highest, [0, 1], new Uint16Array(0)), back);
    assert.deepEqual(back, highest);
  });

  it('the best are the best, and of equals the newest', () => {
    const random = createRandom(9);
    const all = Array.from({ length: 2000 }, (_, document) => ({ document, score: random.below(50) }));
    const top = new Top(30);
    for (const { document, score } of all) top.offer(document, score);
    assert.deepEqual(top.ranked(), all.sort((a, b) => b.score - a.score || b.document - a.document).slice(0, 30));
  });

  it('what both rankings have stands before what one has', () => {
    const ranked = (...documents: number[]) => documents.map((document) => ({ document, score: 1 }));
    const text = (...documents: number[]) => ({ documents: ranked(...documents), complete: 0 });
    const vector = (...documents: number[]) => ({ documents: ranked(...documents), share: 1, has: () => true });
    const fused = fuse(text(1, 2, 3), vector(4, 3, 5));
    assert.equal(fused[0]?.document, 3);
    assert.deepEqual(fused[0]?.by, ['text', 'vector']);
    assert.equal(fuse(text(1), vector(1))[0]?.score, 1);
  });

  const placesOf = (
    { text, complete = 0, vector }: { text: number[]; complete?: number; vector: number[] },
    { share, having }: { share: number; having: number[] },
  ): number[] => {
    const ranked = (documents: number[]) => documents.map((document) => ({ document, score: 1 }));
    const fused = fuse(
      { documents: ranked(text), complete },
      { documents: ranked(vector), share, has: (document) => having.includes(document) },
    );
    for (const [place, { score }] of fused.entries()) assert.ok(score <= (fused[place - 1]?.score ?? 1));
    return fused.map(({ document }) => document);
  };
  const ten = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  for (const [title, asked, vectors, expected] of [
    ['no document has a vector', { text: ten, vector: [] }, { share: 0, having: [] }, ten],
    ['one of the last has one', { text: ten, vector: [9] }, { share: 0.1, having: [9] }, ten],
    ['one that no word finds has one', { text: ten, vector: [11] }, { share: 0.01, having: [11] }, [...ten, 11]],
    ['two have one', { text: ten, vector: [8, 2] }, { share: 1, having: [2, 8] }, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
    [
      'the nearer of two neighbours has the earlier place',
      { text: ten, vector: [4, 99, 98, 97, 2] },
      { share: 0.9, having: [2, 4, 97, 98, 99] },
      [1, 4, 3, 2, 5, 6, 7, 8, 9, 10, 99, 98, 97],
    ],
    [
      'all words come before meaning',
      { text: [1, 2], complete: 1, vector: [3, 2] },
      { share: 1, having: [1, 2, 3] },
      [1, 2, 3],
    ],
  ] as const) {
    it(`a document without a vector keeps its place: ${title}`, () => {
      assert.deepEqual(
        placesOf(
          { ...asked, text: [...asked.text], vector: [...asked.vector] },
          { ...vectors, having: [...vectors.having] },
        ),
        expected,
      );
    });
  }
});

/** Adds up to four places to the bytes; none for every fifth or so. */
function somePlaces(random: Random, bytes: number[]): number[] {
  const places: number[] = [];
  for (let left = random.below(5), place = -1, at = -1; left > 0; left--) {
    const distance = 1 + random.below(20_000);
    if (at >= 0) followed(bytes, at);
    at = pushPlace(bytes, distance);
    place += distance;
    places.push(place);
  }
  if (places.length === 0) pushPlace(bytes, 0);
  return places;
}

function placesIn(postings: Postings, index: number): number[] {
  const places: number[] = [];
  places.length = placesAt(postings.places, placesStart(postings, index), places);
  return places;
}
