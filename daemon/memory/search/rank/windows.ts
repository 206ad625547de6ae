// The best documents of several lists of postings, exactly, without reading what cannot be among them. It goes through the documents
// in windows from the newest on, so that of equals the first that comes is the one to keep. Of each window the lists tell beforehand
// how high they can score in it: where that is too little it is passed over, and so are blocks and documents within it.
// (Block-max indexes: Ding and Suel, "Faster top-k document retrieval using block-max indexes", SIGIR 2011. What cannot bring a
// document by itself only raises others: MaxScore, Turtle and Flood 1995.)
import type { Blocks } from '../index/blocks.ts';
import { type Ranked, Top } from './top.ts';

export interface List {
  blocks: Blocks;
  /** Brings no document by itself where only some words are asked for. */
  onlyRaises?: boolean;
}

export interface Asked {
  /** With all of them: the rarest first. */
  lists: readonly List[];
  unwanted: readonly Blocks[];
  /** Whether a document must have all of them, or any. */
  needsAll: boolean;
  most: number;
  /** One more than the highest number of a document. */
  size: number;
  admits(document: number): boolean;
}

const windowSize = 1024; // documents
const windowsPerTurn = 16;
const slack = 1 + 1e-9; // sums in another order may differ in their last digits

/** Best first. Gives way between pieces of work. */
export function* bestOf({ lists, unwanted, needsAll, most, size, admits }: Asked): Generator<void, Ranked[]> {
  const top = new Top(most);
  if (lists.length === 0 || most === 0 || (needsAll && lists.some(({ blocks }) => blocks.count === 0))) return [];
  const views = lists.map(({ blocks, onlyRaises = false }) => new View(blocks, onlyRaises));
  const forbidden = unwanted.map((blocks) => new View(blocks, true));
  const found = new Candidates();
  let turn = 0;
  for (let from = size - 1 - ((size - 1) % windowSize); from >= 0; from -= windowSize) {
    if (++turn % windowsPerTurn === 0) yield;
    for (const view of views) view.move(from);
    found.begin(from);
    if (needsAll) gatherAll(found, views, top.least);
    else gatherSome(found, views, top.least);
    if (found.count === 0) continue;
    for (const view of forbidden) {
      view.move(from);
      found.drop(view);
    }
    for (let i = found.count - 1; i >= 0; i--) {
      const score = found.scores[i] as number;
      const document = found.documents[i] as number;
      if (score > top.least && admits(document)) top.offer(document, score);
    }
  }
  return top.ranked();
}

function gatherAll(found: Candidates, views: readonly View[], least: number): void {
  const [first, ...others] = views;
  if (!first || views.some(({ bound }) => bound === 0)) return;
  let rest = sumOf(others);
  if (first.bound + rest <= least) return;
  found.fill(first, least, rest);
  for (const [index, view] of others.entries()) {
    if (found.count === 0) return;
    rest = sumOf(others.slice(index + 1));
    found.join(view, { least, rest, isNeeded: true });
  }
}

function gatherSome(found: Candidates, views: readonly View[], least: number): void {
  const present = views.filter(({ bound }) => bound > 0).sort((one, other) => other.bound - one.bound);
  if (!present.some(({ onlyRaises }) => !onlyRaises) || sumOf(present) <= least) return;
  let finders = present.length; // those behind can bring no document by themselves any more
  while (finders > 0 && sumOf(present.slice(finders - 1)) <= least) finders--;
  const finding = present.filter(({ onlyRaises }, place) => place < finders && !onlyRaises);
  const raising = present.filter((view) => !finding.includes(view));
  const rest = sumOf(raising);
  const [only] = finding;
  if (finding.length === 1 && only) found.fill(only, least, rest);
  else found.add(finding, least, rest);
  for (const [index, view] of raising.entries()) found.join(view, { least, rest: sumOf(raising.slice(index + 1)), isNeeded: false });
}

function sumOf(views: readonly View[]): number {
  let sum = 0;
  for (const { bound } of views) sum += bound;
  return sum * slack;
}

/** What of a list lies in the window. Lives as long as a search. */
class View {
  readonly blocks: Blocks;
  readonly onlyRaises: boolean;
  /** How much it can add to a score in the window; 0 when it has no document there. */
  bound = 0;
  /** Its blocks there, from–to. */
  low = 0;
  high: number;

  constructor(blocks: Blocks, onlyRaises: boolean) {
    this.blocks = blocks;
    this.onlyRaises = onlyRaises;
    this.high = blocks.size - 1;
  }

  /** Windows come from the newest documents on. */
  move(from: number): void {
    const { firsts, lasts, highest } = this.blocks;
    while (this.high >= 0 && (firsts[this.high] as number) >= from + windowSize) this.high--;
    this.bound = 0;
    let low = this.high;
    for (; low >= 0 && (lasts[low] as number) >= from; low--) if ((highest[low] ?? 0) > this.bound) this.bound = highest[low] as number;
    this.low = low + 1;
  }
}

/** Documents of the window that may be among the best, in ascending order. Lives as long as a search. */
class Candidates {
  readonly documents = new Uint32Array(windowSize);
  readonly scores = new Float64Array(windowSize);
  count = 0;
  readonly #sums = new Float64Array(windowSize);
  #from = 0;

  begin(from: number): void {
    this.#from = from;
    this.count = 0;
  }

  /** Takes the documents of one list. */
  fill({ blocks, low, high }: View, least: number, rest: number): void {
    const [from, to] = [this.#from, this.#from + windowSize];
    const { factor, base, slope, lengths } = blocks.formula;
    let count = 0;
    for (let block = low; block <= high; block++) {
      if ((blocks.highest[block] as number) + rest <= least) continue;
      blocks.read(block);
      const { documents, frequencies, held } = blocks;
      for (let i = 0; i < held; i++) {
        const document = documents[i] as number;
        if (document < from) continue;
        if (document >= to) break;
        const frequency = frequencies[i] as number;
        const score = (factor * frequency) / (frequency + base + slope * (lengths[document] as number));
        if (score + rest <= least) continue;
        this.documents[count] = document;
        this.scores[count++] = score;
      }
    }
    this.count = count;
  }

  /** Takes the documents of several lists. */
  add(views: readonly View[], least: number, rest: number): void {
    const sums = this.#sums;
    for (const { blocks, low, high } of views) {
      for (let block = low; block <= high; block++) {
        blocks.read(block);
        addScores(blocks, this.#from, sums);
      }
    }
    let count = 0;
    for (let place = 0; place < windowSize; place++) {
      const score = sums[place] as number;
      if (score === 0) continue;
      sums[place] = 0;
      if (score + rest <= least) continue;
      this.documents[count] = this.#from + place;
      this.scores[count++] = score;
    }
    this.count = count;
  }

  /** Adds what a list gives them; leaves out those that miss it where it is needed, and those that cannot be among the best any more. */
  join({ blocks, low, high }: View, { least, rest, isNeeded }: { least: number; rest: number; isNeeded: boolean }): void {
    const { firsts, lasts, highest, formula: { factor, base, slope, lengths } } = blocks;
    let [block, at, count] = [low, 0, 0];
    for (let i = 0; i < this.count; i++) {
      const document = this.documents[i] as number;
      let score = this.scores[i] as number;
      while (block <= high && (lasts[block] as number) < document) {
        block++;
        at = 0;
      }
      let isIn = false;
      if (block <= high && (firsts[block] as number) <= document && score + (highest[block] as number) + rest > least) {
        blocks.read(block);
        const { documents, frequencies, held } = blocks;
        while (at < held && (documents[at] as number) < document) at++;
        isIn = at < held && documents[at] === document;
        const frequency = frequencies[at] as number;
        if (isIn) score += (factor * frequency) / (frequency + base + slope * (lengths[document] as number));
      }
      if ((isNeeded && !isIn) || score + rest <= least) continue;
      this.documents[count] = document;
      this.scores[count++] = score;
    }
    this.count = count;
  }

  /** Leaves out those that a list has. */
  drop({ blocks, low, high }: View): void {
    let [block, at, count] = [low, 0, 0];
    for (let i = 0; i < this.count; i++) {
      const document = this.documents[i] as number;
      while (block <= high && (blocks.lasts[block] as number) < document) {
        block++;
        at = 0;
      }
      if (block <= high && (blocks.firsts[block] as number) <= document) {
        blocks.read(block);
        while (at < blocks.held && (blocks.documents[at] as number) < document) at++;
        if (at < blocks.held && blocks.documents[at] === document) continue;
      }
      this.documents[count] = document;
      this.scores[count++] = this.scores[i] as number;
    }
    this.count = count;
  }
}

function addScores({ documents, frequencies, held, formula: { factor, base, slope, lengths } }: Blocks, from: number, sums: Float64Array): void {
  for (let i = 0; i < held; i++) {
    const document = documents[i] as number;
    if (document < from) continue;
    const place = document - from;
    if (place >= windowSize) break;
    const frequency = frequencies[i] as number;
    sums[place] = (sums[place] as number) + (factor * frequency) / (frequency + base + slope * (lengths[document] as number));
  }
}
