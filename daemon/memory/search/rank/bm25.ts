// Full-text rank: BM25 as FTS5 computes it (k1 = 1.2, b = 0.75, and its idf), exactly, over every document that matches.
// FTS5 takes its time to look up each match's length in the database; here lengths lie in an array and a posting costs nanoseconds.
// Documents with all the words come first. Where they are too few, those with some follow, and common words then only raise
// what rarer ones have found as soon as they can no longer bring a better document by themselves (MaxScore: Turtle and Flood 1995).
import type { Directory } from '../index/directory.ts';
import { type Lexicon, union } from '../index/lexicon.ts';
import { entriesPerPart, type Postings } from '../index/postings.ts';
import type { Clause } from '../text/query.ts';
import { type Ranked, Top } from './top.ts';

const k1 = 1.2;
const b = 0.75;
const leastIdf = 1e-6; // FTS5's, for words that are in more than half of the documents
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
    let found: { documents: Uint32Array; scores: Float32Array; count: number } | undefined;
    for (const list of lists) {
      const few = found && isWorthProbing(found.count, list) ? [...found.documents.subarray(0, found.count)] : undefined;
      const postings = few && list.probe ? list.probe(few) : yield* list.read();
      const score = this.#scorer(list);
      const kept = { documents: new Uint32Array(Math.min(postings.count, found?.count ?? Infinity)), scores: new Float32Array(Math.min(postings.count, found?.count ?? Infinity)), count: 0 };
      for (let i = 0, j = 0; i < postings.count; i++) {
        const document = postings.documents[i] ?? 0;
        let before = 0;
        if (found) {
          while (j < found.count && (found.documents[j] ?? 0) < document) j++;
          if (j >= found.count) break;
          if (found.documents[j] !== document) continue;
          before = found.scores[j] ?? 0;
        }
        kept.documents[kept.count] = document;
        kept.scores[kept.count++] = before + score(document, postings.frequencies[i] ?? 1);
      }
      found = kept;
      yield;
    }
    const top = new Top(most);
    for (let i = 0; i < (found?.count ?? 0); i++) {
      const score = found?.scores[i] ?? 0;
      const document = found?.documents[i] ?? 0;
      if (score >= top.least && admits(document)) top.offer(document, score);
    }
    return top.ranked();
  }

  *#withSome(lists: readonly List[], most: number, admits: (document: number) => boolean): Generator<void, Ranked[]> {
    const scores = new Float32Array(this.#directory.size);
    let remaining = lists.reduce((sum, list) => sum + this.#highest(list), 0);
    let found: number[] | undefined; // once no more documents can come in
    const touched: number[] = [];
    for (const list of lists) {
      found ??= leastOf(scores, touched, most, admits) > remaining ? touched.sort((one, other) => one - other) : undefined;
      const postings = found && isWorthProbing(found.length, list) && list.probe ? list.probe(found) : yield* list.read();
      const score = this.#scorer(list);
      for (let i = 0; i < postings.count; i++) {
        const document = postings.documents[i] ?? 0;
        const before = scores[document] ?? 0;
        if (before === 0) {
          if (found) continue;
          touched.push(document);
        }
        scores[document] = before + score(document, postings.frequencies[i] ?? 1);
      }
      remaining -= this.#highest(list);
      yield;
    }
    return best(scores, touched, most, admits).ranked();
  }

  /** What a document's occurrences of a term add to its score. */
  #scorer(list: List): (document: number, frequency: number) => number {
    const { lengths, count, words } = this.#directory;
    const average = words / Math.max(1, count);
    const factor = this.#idf(list.count) * list.weight * (k1 + 1);
    const base = k1 * (1 - b);
    const slope = (k1 * b) / Math.max(1, average);
    return (document, frequency) => (factor * frequency) / (frequency + base + slope * (lengths[document] ?? 0));
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
  return postings;
}

/** Looking documents up one by one reads a part for each, where the whole list has so many parts. */
function isWorthProbing(documents: number, { count }: List): boolean {
  return documents < count / entriesPerPart;
}

function best(scores: Float32Array, documents: readonly number[], most: number, admits: (document: number) => boolean): Top {
  const top = new Top(most);
  for (const document of documents) {
    const score = scores[document] ?? 0;
    if (score >= top.least && admits(document)) top.offer(document, score);
  }
  return top;
}

/** The score that a newcomer has to beat; none as long as there are too few. */
function leastOf(scores: Float32Array, documents: readonly number[], most: number, admits: (document: number) => boolean): number {
  return documents.length < most ? -Infinity : best(scores, documents, most, admits).least;
}

function hasParts(clauses: readonly Clause[]): boolean {
  return clauses.some((clause) => clause.is === 'word' && clause.parts.length > 0);
}

/** Parts of the words asked for, and the words of phrases, as words of their own. */
function partsOf(clauses: readonly Clause[]): Clause[] {
  const terms = clauses.flatMap((clause) => (clause.is === 'word' ? clause.parts : []));
  return [...new Set(terms)].map((term) => ({ is: 'word', term, parts: [] }));
}

