// Full-text rank: BM25 as FTS5 computes it (k1 = 1.2, b = 0.75, and its idf), exactly, over every document that matches.
// Documents with all the words come first. Where they are too few, those with some follow, and common words then only raise
// what rarer ones have found. What is required is in all of them.
import type { Blocks } from '../inverted-index/blocks.ts';
import type { DocValues } from '../inverted-index/doc-values.ts';
import type { TermDictionary } from '../inverted-index/term-dictionary.ts';
import type { Clause } from '../text/query.ts';
import { phraseOf } from './phrase.ts';
import type { RankedDocument } from './top.ts';
import { bestOf, type PostingList } from './windows.ts';

const k1 = 1.2;
const b = 0.75;
const minIdf = 1e-6; // FTS5's, for words that are in more than half of the documents
const commonShare = 0.1; // a word in more documents than this finds nothing by itself where another word does, …
const fewDocuments = 2000; // … but where these are so few, its rarity alone says what it is worth
const blocksPerTurn = 256;
const partsWeight = 0.5; // of a camelCase word's parts, against the word itself

export interface RankSearch {
  wanted: readonly Clause[];
  unwanted: readonly Clause[];
  /** How many are asked for, at most. */
  most: number;
  /** With so many that have all the words, those with only some are not looked for. */
  enough: number;
  /** From how many words on a document need not have all of them. */
  sentence: number;
  isVisible(document: number): boolean;
}

/** Best first. */
export interface RankedText {
  documents: RankedDocument[];
  /** How many of the first have all the words. */
  complete: number;
}

/** Lives as long as an open database. */
export class Ranker {
  readonly #docValues: DocValues;
  readonly #termDictionary: TermDictionary;

  constructor(docValues: DocValues, termDictionary: TermDictionary) {
    this.#docValues = docValues;
    this.#termDictionary = termDictionary;
  }

  /** Gives way between pieces of work. */
  *rank({ wanted, unwanted, most, enough, sentence, isVisible }: RankSearch): Generator<void, RankedText> {
    const forbidden = yield* this.#listsOf(unwanted, 1);
    const [first] = wanted;
    if (wanted.length === 1 && first?.is === 'phrase')
      return allOf(yield* this.#phraseAlone(first.words, { unwanted: forbidden, most, isVisible }));
    const lists = yield* this.#listsOf(wanted, 1);
    const isSentence = wanted.length >= sentence;
    const asked = { unwanted: forbidden, size: this.#docValues.size };
    const needed = lists.filter((_, place) => wanted[place]?.isRequired);
    const all = yield* bestOf({
      ...asked,
      lists: lists.toSorted(byCount).map((blocks) => ({ blocks })),
      has: 'all',
      most,
      admits: isVisible,
    });
    const hasOthers = wanted.length > 1 || partsOf(wanted).length > 0;
    if (all.length >= (isSentence ? most : enough) || needed.length === wanted.length || !hasOthers) return allOf(all);
    const parts = yield* this.#listsOf(partsOf(wanted), partsWeight);
    const seen = new Set(all.map(({ document }) => document));
    const marks: Uint8Array[] = [];
    for (const blocks of needed) marks.push(yield* this.#marked(blocks));
    const admits = (document: number): boolean =>
      isVisible(document) && !seen.has(document) && marks.every((mark) => mark[document] === 1);
    const some = yield* bestOf({
      ...asked,
      lists: this.#finding([...lists, ...parts]),
      has: 'some',
      most: (isSentence ? most : enough) - all.length,
      admits,
    });
    return { documents: [...all, ...some], complete: all.length };
  }

  /** Which documents have any of these; undefined where nothing is asked. Gives way between pieces of work. */
  *having(clauses: readonly Clause[]): Generator<void, Uint8Array | undefined> {
    if (clauses.length === 0) return undefined;
    const having = new Uint8Array(this.#docValues.size);
    for (const blocks of yield* this.#listsOf(clauses, 1)) yield* this.#marked(blocks, having);
    return having;
  }

  /** 1 for each document of a list. */
  *#marked(blocks: Blocks, marks = new Uint8Array(this.#docValues.size)): Generator<void, Uint8Array> {
    for (let block = 0; block < blocks.size; block++) {
      if (block % blocksPerTurn === 0) yield;
      blocks.read(block);
      for (let i = 0; i < blocks.held; i++) marks[blocks.documents[i] as number] = 1;
    }
    return marks;
  }

  *#listsOf(clauses: readonly Clause[], weight: number): Generator<void, Blocks[]> {
    const lists: Blocks[] = [];
    for (const clause of clauses) {
      const blocks = yield* this.#listOf(clause);
      blocks.weigh(this.#formula(blocks.count, weight));
      lists.push(blocks);
      yield;
    }
    return lists;
  }

  *#listOf(clause: Clause): Generator<void, Blocks> {
    if (clause.is === 'word') return yield* this.#termDictionary.word(clause.term);
    if (clause.is === 'prefix') return yield* this.#termDictionary.prefix(clause.term, this.#docValues.size);
    return yield* phraseOf(yield* this.#inOrder(clause.words), this.#docValues.size);
  }

  /** In how many documents the phrase is need not be known where nothing else is asked for: it changes no order. */
  *#phraseAlone(
    words: readonly string[],
    { unwanted, most, isVisible }: Pick<RankSearch, 'most' | 'isVisible'> & { unwanted: Blocks[] },
  ): Generator<void, RankedDocument[]> {
    const lists = (yield* this.#inOrder(words)).map((blocks) => ({ blocks }));
    return yield* bestOf({ lists, unwanted, has: 'phrase', most, size: this.#docValues.size, admits: isVisible });
  }

  /** The words of a phrase with their places. */
  *#inOrder(words: readonly string[]): Generator<void, Blocks[]> {
    const known = new Map<string, Blocks>();
    const formula = this.#formula(0, 1);
    for (const word of new Set(words)) {
      const blocks = yield* this.#termDictionary.word(word, { withPlaces: true });
      blocks.weigh(formula);
      known.set(word, blocks);
    }
    return words.map((word) => known.get(word) as Blocks);
  }

  /** What is common only raises, where something rarer finds. */
  #finding(lists: readonly Blocks[]): PostingList[] {
    const common = Math.max(fewDocuments, this.#docValues.count * commonShare);
    const rarest = Math.min(...lists.map(({ count }) => count || Infinity));
    return lists.map((blocks) => ({ blocks, onlyRaises: blocks.count > common && blocks.count > rarest }));
  }

  /** What a document's occurrences of a term add to its score. */
  #formula(documents: number, weight: number): Blocks['formula'] {
    const { lengths, count, words } = this.#docValues;
    const average = Math.max(1, words / Math.max(1, count));
    return { factor: this.#idf(documents) * weight * (k1 + 1), base: k1 * (1 - b), slope: (k1 * b) / average, lengths };
  }

  #idf(count: number): number {
    return Math.max(minIdf, Math.log((this.#docValues.count - count + 0.5) / (count + 0.5)) || 0);
  }
}

function byCount(one: Blocks, other: Blocks): number {
  return one.count - other.count;
}

function allOf(documents: RankedDocument[]): RankedText {
  return { documents, complete: documents.length };
}

/** Parts of the words asked for, as words of their own. */
function partsOf(clauses: readonly Clause[]): Clause[] {
  const terms = clauses.flatMap((clause) => (clause.is === 'word' && !clause.isRequired ? clause.parts : []));
  return [...new Set(terms)].map((term) => ({ is: 'word', term, parts: [] }));
}
