// Documents of a window that may be among the best, and what each list of postings holds there. The loops run once for each posting.
import type { Blocks } from '../index/blocks.ts';

export const windowSize = 1024; // documents

/** What of a list lies in the window. Lives as long as a search. */
export class View {
  readonly blocks: Blocks;
  readonly onlyRaises: boolean;
  /** How much it can add to a score in the window; 0 when it has no document there. */
  bound = 0;
  /** Its blocks there, from–to. */
  low = 0;
  high: number;
  #block = 0;
  #at = 0;
  #sought = Infinity;

  constructor(blocks: Blocks, onlyRaises: boolean) {
    this.blocks = blocks;
    this.onlyRaises = onlyRaises;
    this.high = blocks.size - 1;
  }

  /** Where a document stands in the block that is read then, or -1. Within a window documents come in ascending order. */
  seek(document: number): number {
    const { firsts, lasts } = this.blocks;
    if (document < this.#sought) [this.#block, this.#at] = [this.low, 0];
    this.#sought = document;
    while (this.#block <= this.high && (lasts[this.#block] as number) < document) [this.#block, this.#at] = [this.#block + 1, 0];
    if (this.#block > this.high || (firsts[this.#block] as number) > document) return -1;
    this.blocks.read(this.#block);
    const { documents, held } = this.blocks;
    while (this.#at < held && (documents[this.#at] as number) < document) this.#at++;
    return this.#at < held && documents[this.#at] === document ? this.#at : -1;
  }

  /** Windows come from the newest documents on. */
  move(from: number): void {
    const { firsts, lasts, highest } = this.blocks;
    while (this.high >= 0 && (firsts[this.high] as number) >= from + windowSize) this.high--;
    this.bound = 0;
    let low = this.high;
    for (; low >= 0 && (lasts[low] as number) >= from; low--) if ((highest[low] ?? 0) > this.bound) this.bound = highest[low] as number;
    this.low = low + 1;
    this.#sought = Infinity;
  }
}

interface Joining {
  /** What a document must exceed to be among the best, and what later lists can still add. */
  least: number;
  rest: number;
  isNeeded: boolean;
}

/** In ascending order. Lives as long as a search. */
export class Candidates {
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
  join({ blocks, low, high }: View, { least, rest, isNeeded }: Joining): void {
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
  drop(view: View): void {
    this.keep((document) => view.seek(document) < 0);
  }

  /** Leaves in those that also this list has, with the lower of both scores. */
  lower(view: View, least: number): void {
    const { blocks } = view;
    const { factor, base, slope, lengths } = blocks.formula;
    this.keep((document, score) => {
      const at = view.seek(document);
      if (at < 0) return false;
      const frequency = blocks.frequencies[at] as number;
      return Math.min(score, (factor * frequency) / (frequency + base + slope * (lengths[document] as number)));
    }, least);
  }

  /** The function says whether to leave a document in, or gives it another score, which must be above the least. */
  keep(decide: (document: number, score: number) => boolean | number, least = -Infinity): void {
    let count = 0;
    for (let i = 0; i < this.count; i++) {
      const document = this.documents[i] as number;
      const decided = decide(document, this.scores[i] as number);
      if (decided === false || (decided !== true && decided <= least)) continue;
      this.documents[count] = document;
      this.scores[count++] = decided === true ? (this.scores[i] as number) : decided;
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
