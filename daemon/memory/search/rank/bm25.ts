// Full-text rank: BM25 as FTS5 computes it (k1 = 1.2, b = 0.75, and its idf), exactly, over every document that matches.
// FTS5 takes its time to look up each match's length in the database; here lengths lie in an array and a posting costs nanoseconds.
// Documents with all the words come first. Where they are too few, those with some follow, and common words then only raise
// what rarer ones have found as soon as they can no longer bring a better document by themselves (MaxScore: Turtle and Flood 1995).
import type { Directory } from '../index/directory.ts';
import { type Lexicon, union } from '../index/lexicon.ts';
import { entriesPerPart, type Postings } from '../index/postings.ts';
import type { Clause } from '../text/query.ts';
import { accumulate, bestOf, type Formula, intersect, type Scored, scored } from './loops.ts';
import type { Ranked } from './top.ts';

const k1 = 1.2;
const b = 0.75;
const leastIdf = 1e-6; // FTS5's, for words that are in more than half of the documents
const commonShare = 0.1; // a word in more documents than this finds nothing by itself where another word does, …
const fewDocuments = 2000; // … but where these are so few, reading them all costs nothing, and its rarity alone says what it is worth
const partsWeight = 0.5; // of a camelCase word's parts, against the word itself

export interface Search {
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

interface List {
  count: number;
  weight: number;
  /** Of a single word: its postings in these documents alone. */
  probe?(documents: readonly number[]): Postings;
  read(): Generator<void, Postings>;
}

/** Lives as long as an open database. One search at a time may run: `rank` uses scratch arrays of the size of the index. */
export class Ranker {
  readonly #directory: Directory;
  readonly #lexicon: Lexicon;

  constructor(directory: Directory, lexicon: Lexicon) {
    this.#directory = directory;
    this.#lexicon = lexicon;
  }

  /** Best first. Gives way between pieces of work. */
  *rank({ wanted, unwanted, most, enough, sentence, isVisible }: Search): Generator<void, Ranked[]> {
    const blocked = yield* this.#blocked(unwanted);
    const admits = (document: number): boolean => isVisible(document) && !blocked?.has(document);
    const lists = (yield* this.#listsOf(wanted)).sort((one, other) => one.count - other.count);
    const isSentence = wanted.length >= sentence;
    const all = isSentence ? [] : yield* this.#withAll(lists, most, admits);
    if (all.length >= enough || (wanted.length < 2 && !hasParts(wanted))) return all;
    const parts = yield* this.#listsOf(partsOf(wanted));
    const weighed = [...lists, ...parts.map((list) => ({ ...list, weight: partsWeight }))].sort((one, other) => one.count - other.count);
    const seen = new Set(all.map(({ document }) => document));
    const some = yield* this.#withSome(weighed, (isSentence ? most : enough) - all.length, (document) => admits(document) && !seen.has(document));
    return [...all, ...some];
  }

  *#listsOf(clauses: readonly Clause[]): Generator<void, List[]> {
    const lists: List[] = [];
    for (const clause of clauses) {
      lists.push(yield* this.#listOf(clause));
      yield;
    }
    return lists;
  }

  *#listOf(clause: Clause): Generator<void, List> {
    const lexicon = this.#lexicon;
    if (clause.is === 'word') {
      const { term } = clause;
      return { count: lexicon.count(term), weight: 1, probe: (documents) => lexicon.probe(term, documents), read: () => lexicon.read(term) };
    }
    const postings = clause.is === 'phrase' ? yield* lexicon.phrase(clause.words, this.#directory.size) : yield* this.#prefixed(clause.term);
    return { count: postings.count, weight: 1, read: () => alreadyRead(postings) };
  }

  *#prefixed(prefix: string): Generator<void, Postings> {
    const lists: Postings[] = [];
    for (const term of this.#lexicon.expand(prefix)) lists.push(yield* this.#lexicon.read(term));
    return union(lists);
  }

  *#blocked(unwanted: readonly Clause[]): Generator<void, { has(document: number): boolean } | undefined> {
    if (unwanted.length === 0) return undefined;
    const marks = new Uint8Array(this.#directory.size);
    for (const list of yield* this.#listsOf(unwanted)) {
      const { documents, count } = yield* list.read();
      for (let i = 0; i < count; i++) marks[documents[i] ?? 0] = 1;
    }
    return { has: (document) => marks[document] === 1 };
  }

  /** Intersects from the rarest on. */
  *#withAll(lists: readonly List[], most: number, admits: (document: number) => boolean): Generator<void, Ranked[]> {
    let found: Scored | undefined;
    for (const list of lists) {
      const few = found && isWorthProbing(found.count, list) ? [...found.documents.subarray(0, found.count)] : undefined;
      const postings = few && list.probe ? list.probe(few) : yield* list.read();
      found = found ? intersect(found, postings, this.#formula(list)) : scored(postings, this.#formula(list));
      yield;
    }
    return found ? bestOf(found, most, admits).ranked() : [];
  }

  *#withSome(lists: readonly List[], most: number, admits: (document: number) => boolean): Generator<void, Ranked[]> {
    const scores = new Float32Array(this.#directory.size);
    const touched: Scored = { documents: new Uint32Array(this.#directory.size), scores: new Float32Array(0), count: 0 };
    let remaining = lists.reduce((sum, list) => sum + this.#highest(list), 0);
    let isClosed = false; // once no more documents can come in
    for (const list of lists) {
      isClosed ||= touched.count > 0 && list.count > Math.max(fewDocuments, this.#directory.count * commonShare);
      isClosed ||= touched.count >= most && bestOf(collected(touched, scores), most, admits).least > remaining;
      const few = isClosed && isWorthProbing(touched.count, list) ? [...touched.documents.subarray(0, touched.count)].sort((one, other) => one - other) : undefined;
      const postings = few && list.probe ? list.probe(few) : yield* list.read();
      touched.count += accumulate(scores, postings, this.#formula(list), isClosed ? undefined : touched.documents.subarray(touched.count));
      remaining -= this.#highest(list);
      yield;
    }
    return bestOf(collected(touched, scores), most, admits).ranked();
  }

  /** What a document's occurrences of a term add to its score. */
  #formula(list: List): Formula {
    const { lengths, count, words } = this.#directory;
    const average = Math.max(1, words / Math.max(1, count));
    return { factor: this.#idf(list.count) * list.weight * (k1 + 1), base: k1 * (1 - b), slope: (k1 * b) / average, lengths };
  }

  #highest(list: List): number {
    return this.#idf(list.count) * list.weight * (k1 + 1);
  }

  #idf(count: number): number {
    return Math.max(leastIdf, Math.log((this.#directory.count - count + 0.5) / (count + 0.5)) || 0);
  }
}

function* alreadyRead(postings: Postings): Generator<void, Postings> {
  yield;
  return { ...postings, documents: postings.documents.slice() }; // intersecting changes them
}

/** Looking documents up one by one reads a part for each, where the whole list has so many parts. */
function isWorthProbing(documents: number, { count }: List): boolean {
  return documents < count / entriesPerPart;
}

/** In ascending order, with the scores of each. */
function collected({ documents, count }: Scored, scores: Float32Array): Scored {
  const sorted = documents.slice(0, count).sort();
  return { documents: sorted, scores: Float32Array.from(sorted, (document) => scores[document] ?? 0), count };
}

function hasParts(clauses: readonly Clause[]): boolean {
  return clauses.some((clause) => clause.is === 'word' && clause.parts.length > 0);
}

/** Parts of the words asked for, and the words of phrases, as words of their own. */
function partsOf(clauses: readonly Clause[]): Clause[] {
  const terms = clauses.flatMap((clause) => (clause.is === 'word' ? clause.parts : []));
  return [...new Set(terms)].map((term) => ({ is: 'word', term, parts: [] }));
}

