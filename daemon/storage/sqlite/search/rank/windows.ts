// The best documents of several lists of postings, exactly, without reading what cannot be among them. It goes through the documents
// in windows from the newest on, so that of equals the first that comes is the one to keep. Of each window the lists tell beforehand
// how high they can score in it: where that is too little it is passed over, and so are blocks and documents within it.
// (Block-max indexes: Ding and Suel, "Faster top-k document retrieval using block-max indexes", SIGIR 2011. What cannot bring a
// document by itself only raises others: MaxScore, Turtle and Flood 1995.)
import type { Blocks } from '../inverted-index/blocks.ts';
import { Candidates, View, windowSize } from './candidates.ts';
import { gatherPhrase } from './phrase.ts';
import { type RankedDocument, Top } from './top.ts';

export interface PostingList {
  blocks: Blocks;
  /** Brings no document by itself where only some words are asked for. */
  onlyRaises?: boolean;
}

export interface WindowQuery {
  /** The rarest first; those of a phrase in its order. */
  lists: readonly PostingList[];
  unwanted: readonly Blocks[];
  /** Whether a document must have all of them, any, or all of them one after another. */
  has: 'all' | 'some' | 'phrase';
  most: number;
  /** One more than the highest number of a document. */
  size: number;
  admits(document: number): boolean;
}

const windowsPerTurn = 16;
const gather = { all: gatherAll, some: gatherSome, phrase: gatherPhrase };
const slack = 1 + 1e-9; // sums in another order may differ in their last digits

/** Best first. Gives way between pieces of work. */
export function* bestOf({ lists, unwanted, has, most, size, admits }: WindowQuery): Generator<void, RankedDocument[]> {
  const top = new Top(most);
  if (lists.length === 0 || most === 0 || (has !== 'some' && lists.some(({ blocks }) => blocks.count === 0))) return [];
  const views = lists.map(({ blocks, onlyRaises = false }) => new View(blocks, onlyRaises));
  const forbidden = unwanted.map((blocks) => new View(blocks, true));
  const found = new Candidates();
  let turn = 0;
  for (let from = size - 1 - ((size - 1) % windowSize); from >= 0; from -= windowSize) {
    if (++turn % windowsPerTurn === 0) yield;
    for (const view of views) view.move(from);
    found.begin(from);
    gather[has](found, views, top.least);
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
  for (const [index, view] of raising.entries())
    found.join(view, { least, rest: sumOf(raising.slice(index + 1)), isNeeded: false });
}

function sumOf(views: readonly View[]): number {
  let sum = 0;
  for (const { bound } of views) sum += bound;
  return sum * slack;
}
