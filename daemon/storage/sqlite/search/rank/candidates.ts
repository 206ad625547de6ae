// Documents of a window that may be among the best, and what each list of postings holds there. The loops run once for each posting.
import type { Blocks } from '../inverted-index/blocks.ts';

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
    while (this.#block <= this.high && (lasts[this.#block] as number) < document)
      [this.#block, this.#at] = [this.#block + 1, 0];
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
    for (; low >= 0 && (lasts[low] as number) >= from; low--)
      if ((highest[low] ?? 0) > this.bound) this.bound = highest[low] as number;
    this.low = low + 1;
    this.#sought = Infinity;
  }
}

interface JoinState {
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
  join({ blocks, low, high }: View, { least, rest, isNeeded }: JoinState): void {
    const given = this.count;
    this.count = 0;
    let i = 0;
    for (let block = low; block <= high && i < given; block++) {
      i = this.#pass([i, given], blocks.firsts[block] as number, isNeeded ? Infinity : least - rest);
      i = this.#joinBlock(blocks, block, [i, given], { least, rest, isNeeded });
    }
    this.#pass([i, given], Infinity, isNeeded ? Infinity : least - rest);
  }

  /** Returns the first candidate behind the block. */
  #joinBlock(
    blocks: Blocks,
    block: number,
    [from, to]: readonly [number, number],
    { least, rest, isNeeded }: JoinState,
  ): number {
    const { documents, scores } = this;
    const last = blocks.lasts[block] as number;
    const needed = least - rest - (blocks.highest[block] as number);
    let i = from;
    while (i < to && (documents[i] as number) <= last && (scores[i] as number) <= needed) i++;
    if (i === to || (documents[i] as number) > last) return i; // the block need not be read
    blocks.read(block);
    const { documents: own, frequencies, held } = blocks;
    const { factor, base, slope, lengths } = blocks.formula;
    let count = this.count;
    for (let at = 0; i < to && (documents[i] as number) <= last; i++) {
      let score = scores[i] as number;
      if (score <= needed) continue;
      const document = documents[i] as number;
      while (at < held && (own[at] as number) < document) at++;
      if (at < held && own[at] === document) {
        const frequency = frequencies[at] as number;
        score += (factor * frequency) / (frequency + base + slope * (lengths[document] as number));
      } else if (isNeeded) continue;
      if (score + rest <= least) continue;
      documents[count] = document;
      scores[count++] = score;
    }
    this.count = count;
    return i;
  }

  /** Leaves in those before a document that are above a score, without what a list might add; returns the first of the others. */
  #pass([from, to]: readonly [number, number], before: number, above: number): number {
    let i = from;
    for (; i < to && (this.documents[i] as number) < before; i++) {
      if ((this.scores[i] as number) <= above) continue;
      this.documents[this.count] = this.documents[i] as number;
      this.scores[this.count++] = this.scores[i] as number;
    }
    return i;
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

function addScores(
  { documents, frequencies, held, formula: { factor, base, slope, lengths } }: Blocks,
  from: number,
  sums: Float64Array,
): void {
  for (let i = 0; i < held; i++) {
    const document = documents[i] as number;
    if (document < from) continue;
    const place = document - from;
    if (place >= windowSize) break;
    const frequency = frequencies[i] as number;
    sums[place] =
      (sums[place] as number) + (factor * frequency) / (frequency + base + slope * (lengths[document] as number));
  }
}
