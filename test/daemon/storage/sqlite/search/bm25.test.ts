// The ranks of words, phrases and beginnings against a plain BM25 that looks at every text: the same documents in the same order with
// the same scores, however the postings lie in segments, and whatever may be passed over.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { before, describe, it } from 'mocha';
import { migrate } from '../../../../../daemon/storage/sqlite/migrate.ts';
import { DocValues } from '../../../../../daemon/storage/sqlite/search/inverted-index/doc-values.ts';
import { Indexer } from '../../../../../daemon/storage/sqlite/search/inverted-index/indexer.ts';
import { Memtable } from '../../../../../daemon/storage/sqlite/search/inverted-index/memtable.ts';
import { Segments } from '../../../../../daemon/storage/sqlite/search/inverted-index/segments.ts';
import { TermDictionary } from '../../../../../daemon/storage/sqlite/search/inverted-index/term-dictionary.ts';
import { Ranker } from '../../../../../daemon/storage/sqlite/search/rank/bm25.ts';
import type { RankedDocument } from '../../../../../daemon/storage/sqlite/search/rank/top.ts';
import { type Clause, parseQuery } from '../../../../../daemon/storage/sqlite/search/text/query.ts';
import { createRandom, type Random, zipfText } from './random.ts';

const sentence = 4;
const few = 2000;

/** A text by its words, and how often a clause is in it. */
const frequencyOf = (clause: Clause, words: readonly string[]): number => {
  if (clause.is === 'word') return words.filter((word) => word === clause.term).length;
  if (clause.is === 'prefix') return words.filter((word) => word.startsWith(clause.term)).length;
  return words.filter((_, start) => clause.words.every((word, place) => words[start + place] === word)).length;
};

interface Corpus {
  texts: readonly (readonly string[])[];
  ranker: Ranker;
  isVisible(document: number): boolean;
}

/** The texts become documents 1, 2, … in segments of so many. */
function corpusOf(texts: readonly string[], documentsPerSegment: number): Corpus {
  const database = new Database(':memory:');
  migrate(database);
  const put = database.prepare(
    "insert into search_source (profile_id, kind, reference, title, text, created_at) values ('default', 'memory', ?, '', ?, 1)",
  );
  database.transaction(() => {
    for (const [index, text] of texts.entries()) put.run(String(index), text);
  })();
  const [docValues, segments, memtable] = [new DocValues(database), new Segments(database), new Memtable()];
  const indexer = new Indexer({ database, docValues, segments, memtable, documentsPerSegment });
  while (indexer.step());
  return {
    texts: texts.map((text) => text.split(' ')),
    ranker: new Ranker(docValues, new TermDictionary(segments, memtable)),
    isVisible: (document) => document % 7 !== 3,
  };
}

function plain(
  { texts, isVisible }: Corpus,
  { query, most, enough }: { query: string; most: number; enough: number },
): RankedDocument[] {
  const { wanted, unwanted } = parseQuery(query);
  const average = texts.reduce((sum, words) => sum + words.length, 0) / texts.length;
  const lists = wanted.map((clause) => {
    const frequencies = texts.map((words) => frequencyOf(clause, words));
    const count = frequencies.filter((frequency) => frequency > 0).length;
    const idf = Math.max(1e-6, Math.log((texts.length - count + 0.5) / (count + 0.5)));
    return {
      frequencies,
      count,
      score: (index: number, frequency: number) =>
        (idf * 2.2 * frequency) / (frequency + 1.2 * (0.25 + (0.75 * (texts[index]?.length ?? 0)) / average)),
    };
  });
  const rarest = Math.min(...lists.map(({ count }) => count || Infinity));
  const all: RankedDocument[] = [];
  const some: RankedDocument[] = [];
  for (const [index, words] of texts.entries()) {
    const present = lists.filter(({ frequencies }) => (frequencies[index] ?? 0) > 0);
    if (present.length === 0 || !isVisible(index + 1) || unwanted.some((clause) => frequencyOf(clause, words) > 0))
      continue;
    const ranked = {
      document: index + 1,
      score: present.reduce((sum, { frequencies, score }) => sum + score(index, frequencies[index] ?? 0), 0),
    };
    if (present.length === lists.length) all.push(ranked);
    else if (present.some(({ count }) => count <= Math.max(few, texts.length / 10) || count === rarest))
      some.push(ranked);
  }
  const required = wanted.filter(({ isRequired }) => isRequired);
  const hasRequired = ({ document }: RankedDocument): boolean =>
    required.every((clause) => frequencyOf(clause, texts[document - 1] ?? []) > 0);
  const best = (ranked: RankedDocument[], count: number): RankedDocument[] =>
    ranked.sort((a, b) => b.score - a.score || b.document - a.document).slice(0, count);
  const first = best(all, most);
  if (first.length >= (wanted.length < sentence ? enough : most) || wanted.length < 2) return first;
  return [...first, ...best(some.filter(hasRequired), (wanted.length < sentence ? enough : most) - first.length)];
}

function ranked(
  { ranker, isVisible }: Corpus,
  { query, most, enough }: { query: string; most: number; enough: number },
): RankedDocument[] {
  const { wanted, unwanted } = parseQuery(query);
  const running = ranker.rank({ wanted, unwanted, most, enough, sentence, isVisible });
  for (;;) {
    const { done, value } = running.next();
    if (done) return value.documents;
  }
}

/** What a phrase alone is worth is the same for all its documents, and is not asked. */
function withoutWorth(ranked: readonly RankedDocument[]): RankedDocument[] {
  return ranked.map(({ document, score }) => ({ document, score: score / (ranked[0]?.score ?? 1) }));
}

/** Sums in another order differ in their last digits, which may change places among equals. */
function assertSame(corpus: Corpus, asked: { query: string; most: number; enough: number }): void {
  const { query } = asked;
  const of = /^"[^"]*"$/.test(query) ? withoutWorth : (all: RankedDocument[]) => all;
  const [found, expected] = [of(ranked(corpus, asked)), of(plain(corpus, asked))];
  const rounded = (all: readonly RankedDocument[]): string[] =>
    all.map(({ document, score }) => `${score.toPrecision(9)} ${document}`).sort();
  const last = expected.at(-1)?.score.toPrecision(9);
  const above = (all: readonly RankedDocument[]): RankedDocument[] =>
    all.filter(({ score }) => score.toPrecision(9) !== last);
  assert.deepEqual(
    found.map(({ score }) => score.toPrecision(9)),
    expected.map(({ score }) => score.toPrecision(9)),
    query,
  );
  assert.deepEqual(rounded(above(found)), rounded(above(expected)), query);
}

const someQueries = (random: Random): string[] => {
  const word = (): string => `w${Math.floor(3000 ** random.next()) - 1}`;
  const beginning = (): number => 200 + random.below(300); // of eleven words
  return [
    word(),
    `${word()} ${word()}`,
    `${word()} ${word()} ${word()}`,
    `${word()} -${word()}`,
    `${word()} ${word()} ${word()} ${word()}`,
    `${word()} ${word()} ${word()} ${word()} ${word()} -${word()}`,
    `"w${random.below(4)} w${random.below(4)}"`,
    `"w${random.below(3)} w${random.below(3)} w${random.below(3)}"`,
    `"w${random.below(9)} w${random.below(9)}" ${word()}`,
    `w${beginning()}*`,
    `${word()} w${beginning()}*`,
  ];
};

describe('full text is ranked as by a BM25 that looks at every text', () => {
  for (const [documents, documentsPerSegment, seed] of [
    [9000, 300, 1],
    [3000, 1100, 2],
    [500, 1000, 3],
  ] as const) {
    describe(`${documents} texts, ${documentsPerSegment} a segment`, () => {
      const random = createRandom(seed);
      let corpus: Corpus;
      before(() => {
        corpus = corpusOf(
          Array.from({ length: documents }, () => zipfText(random, 1, 40)),
          documentsPerSegment,
        );
      });

      for (const query of [
        'w0',
        'w1',
        'w0 w1',
        'w2 w5',
        'w1 w3 w8',
        'w300',
        'w5 w900',
        'w0 w1 w2 w3',
        'w0 w4 w9 w300 w77',
        '"w0 w1"',
        '"w1 w1"',
        '"w0 w1 w0"',
        'w200*',
        'w0 w300*',
        'w3 -w0',
        'nothing',
        'w0 nothing',
        'w0 w1 w2 nothing',
      ]) {
        it(`"${query}"`, () => {
          for (const asked of [
            { query, most: 100, enough: 10 },
            { query, most: 7, enough: 7 },
          ])
            assertSame(corpus, asked);
        });
      }

      it('whatever else is asked', () => {
        for (const query of Array.from({ length: 8 }, () => someQueries(random)).flat()) {
          const asked = { query, most: 10 + random.below(150), enough: 10 };
          assertSame(corpus, asked);
        }
      });

      it('of equals the newest come first', () => {
        const found = ranked(corpus, { query: 'w0', most: 200, enough: 200 });
        assert.deepEqual(
          found,
          [...found].sort((a, b) => b.score - a.score || b.document - a.document),
        );
        const least = found.at(-1);
        const better = plain(corpus, { query: 'w0', most: documents, enough: documents }).filter(
          ({ score, document }) => score.toPrecision(9) === least?.score.toPrecision(9) && document > least.document,
        );
        assert.deepEqual(
          better.filter(({ document }) => !found.some((one) => one.document === document)),
          [],
        );
      });
    });
  }
});
