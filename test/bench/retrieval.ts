// How well a search finds code: each query is a function's documentation comment, and the answer is the function, from whose text
// in the index the comment is gone. Over any folder of code; packages under node_modules when none is named. One half of the queries
// is for choosing the weights of fusion, the other for the figures, which are taken while none, some and all of the functions have a
// vector. One JSON document goes to stdout.
//   retrieval [--corpus DIR] [--most N]
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';
import * as sqliteVec from 'sqlite-vec';
import { minSimilarity } from '../../daemon/features/search/search.ts';
import type { Embedder } from '../../daemon/models/embedding/embedder.ts';
import type { FusionWeights } from '../../daemon/storage/search.ts';
import { migrate } from '../../daemon/storage/sqlite/migrate.ts';
import { SqliteSearch } from '../../daemon/storage/sqlite/search/search.ts';
import { type DocumentedFunction, readCorpus } from './retrieval/corpus.ts';
import { loadEmbedder } from './retrieval/embedder.ts';
import { figuresOf, type SearchQuality } from './retrieval/figures.ts';
import { rerankedFigures } from './retrieval/reranker.ts';

/** Percent of the functions that have a vector, the newest first as in the product. */
const shares = [0, 1, 3, 10, 25, 50, 75, 100];
const defaultMax = 2000; // functions; more only take longer
const defaultCorpus = new URL('../../node_modules', import.meta.url).pathname;

/** Returns the exit code: 2 for wrong words, 3 for a folder that cannot be used. */
export async function main(args: string[]): Promise<number> {
  try {
    const { values } = parseArgs({
      args,
      options: { corpus: { type: 'string' }, most: { type: 'string' }, json: { type: 'boolean' } },
    });
    const corpus = values.corpus ?? defaultCorpus;
    if (!existsSync(corpus)) throw new Error(`there is no folder ${corpus}`);
    const functions = readCorpus(corpus, Number(values.most ?? defaultMax));
    if (functions.length < 20)
      throw new Error(`${corpus} has only ${functions.length} functions with comments; name another folder`);
    process.stdout.write(`${JSON.stringify(await measure(corpus, functions), null, 2)}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`retrieval: ${(error as Error).message}\n`);
    return (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') ? 2 : 3;
  }
}

async function measure(corpus: string, functions: readonly DocumentedFunction[]): Promise<object> {
  const loaded = await loadEmbedder();
  try {
    return { corpus, functions: functions.length, ...(await compare(functions, loaded)) };
  } finally {
    if ('embedder' in loaded) await loaded[Symbol.asyncDispose]();
  }
}

async function compare(
  functions: readonly DocumentedFunction[],
  loaded: Awaited<ReturnType<typeof loadEmbedder>>,
): Promise<object> {
  const search = open(functions);
  const embedder = 'embedder' in loaded ? loaded.embedder : undefined;
  const embedding = embedder && (await embedAll(search, embedder));
  const half = (parity: number): DocumentedFunction[] => functions.filter((_, place) => place % 2 === parity);
  const [tuned, judged] = [half(0), half(1)];
  const text = await figuresOf(judged, (query) => find(search, query));
  const about = { queries: judged.length };
  if (!embedder || !embedding) return { ...about, note: 'note' in loaded ? loaded.note : '', text };
  const vectors = await vectorsOf(embedder, functions);
  const vector = await figuresOf(judged, (query) =>
    find(search, query, { vector: vectors.get(query), weights: { text: 0, vector: 1 } }),
  );
  const weights = await chooseWeights(tuned, (query, candidate) =>
    find(search, query, { vector: vectors.get(query), weights: candidate }),
  );
  const fused = await figuresOf(judged, (query) => find(search, query, { vector: vectors.get(query), weights }));
  const usual = await figuresOf(judged, (query) => find(search, query, { vector: vectors.get(query) }));
  const reranked = await rerankedFigures(functions, judged, (query, limit) =>
    find(search, query, { vector: vectors.get(query), limit }),
  );
  const byShare = await figuresByShare({ functions, judged, embedder, vectors, documents: embedding.documents });
  return {
    ...about,
    model: embedder.model,
    text,
    vector,
    fused: usual,
    ...(reranked && { reranked }),
    fusedAsTuned: { weights, ...fused },
    fusedWhileEmbedded: byShare,
    piecesASecond: embedding.piecesASecond,
    met: {
      fusedWins: usual.mrr10 > Math.max(text.mrr10, vector.mrr10),
      neverBelowText: Object.values(byShare).every(({ mrr10 }) => mrr10 >= text.mrr10),
    },
  };
}

function open(functions: readonly DocumentedFunction[]): SqliteSearch {
  const database = new Database(':memory:');
  sqliteVec.load(database);
  migrate(database);
  const search = new SqliteSearch(database);
  search
    .in('default')
    .put(functions.map(({ reference, title, language, text }) => ({ kind: 'code', reference, title, language, text })));
  while (search.step());
  return search;
}

let searches = 0;

async function find(
  search: SqliteSearch,
  query: string,
  { vector, weights, limit = 10 }: { vector?: Float32Array | undefined; weights?: FusionWeights; limit?: number } = {},
): Promise<string[]> {
  const { hits } = await search
    .in('default')
    .find({ query, limit, ...(vector && { vector, minSimilarity }), ...(weights && { weights }) }, ++searches);
  return hits.map(({ id }) => id);
}

interface ShareContext {
  functions: readonly DocumentedFunction[];
  judged: readonly DocumentedFunction[];
  embedder: Embedder;
  /** Of the queries. */
  vectors: ReadonlyMap<string, Float32Array>;
  /** Of the functions, by the numbers of their documents. */
  documents: ReadonlyMap<number, Float32Array>;
}

/** By percent. */
async function figuresByShare({
  functions,
  judged,
  embedder,
  vectors,
  documents,
}: ShareContext): Promise<Record<string, SearchQuality>> {
  const figures: Record<string, SearchQuality> = {};
  for (const share of shares) {
    const search = open(functions);
    search.useModel({ name: embedder.model, dimensions: embedder.dimensions });
    const some = search.pending(Math.round((functions.length * share) / 100));
    search.store(
      some.map(({ document }) => ({
        document,
        vector: documents.get(document) ?? new Float32Array(embedder.dimensions),
      })),
    );
    figures[share] = await figuresOf(judged, (query) => find(search, query, { vector: vectors.get(query) }));
  }
  return figures;
}

async function embedAll(
  search: SqliteSearch,
  embedder: Embedder,
): Promise<{ documents: Map<number, Float32Array>; piecesASecond: number }> {
  const { signal } = new AbortController();
  await embedder.embed(['ready'], { signal });
  const startedAt = performance.now();
  const documents = new Map<number, Float32Array>();
  search.useModel({ name: embedder.model, dimensions: embedder.dimensions });
  for (let pending = search.pending(64); pending.length > 0; pending = search.pending(64)) {
    const vectors = await embedder.embed(
      pending.map(({ text }) => text),
      { signal, priority: 'background' },
    );
    for (const [place, { document }] of pending.entries())
      documents.set(document, vectors[place] ?? new Float32Array(embedder.dimensions));
    search.store(
      pending.map(({ document }, place) => ({
        document,
        vector: vectors[place] ?? new Float32Array(embedder.dimensions),
      })),
    );
  }
  return { documents, piecesASecond: Math.round((documents.size / (performance.now() - startedAt)) * 10_000) / 10 };
}

async function vectorsOf(
  embedder: Embedder,
  functions: readonly DocumentedFunction[],
): Promise<Map<string, Float32Array>> {
  const queries = functions.map(({ comment }) => comment);
  const { signal } = new AbortController();
  const vectors = new Map<string, Float32Array>();
  for (let from = 0; from < queries.length; from += 64) {
    const some = queries.slice(from, from + 64);
    for (const [place, vector] of (await embedder.embed(some, { signal, priority: 'background' })).entries())
      vectors.set(some[place] ?? '', vector);
  }
  return vectors;
}

async function chooseWeights(
  functions: readonly DocumentedFunction[],
  search: (query: string, weights: FusionWeights) => Promise<string[]>,
): Promise<FusionWeights> {
  let best: { weights: FusionWeights; figures: SearchQuality } | undefined;
  for (const vector of [0.25, 0.5, 0.75, 1, 1.5, 2, 3]) {
    const weights = { text: 1, vector };
    const figures = await figuresOf(functions, (query) => search(query, weights));
    if (!best || figures.mrr10 > best.figures.mrr10) best = { weights, figures };
  }
  return best?.weights ?? { text: 1, vector: 1 };
}
