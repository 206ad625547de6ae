// Documents in which words follow one another. A phrase is at most as frequent as the rarest of its words in a document, which bounds
// its score: only where that could be among the best the places of the words are read.
import { Blocks } from '../inverted-index/blocks.ts';
import { Candidates, View, windowSize } from './candidates.ts';

const windowsPerTurn = 16;

/** All documents with a phrase, as postings. The words are in order, and have a formula. Gives way between pieces of work. */
export function* phraseOf(words: readonly Blocks[], size: number): Generator<void, Blocks> {
  const views = words.map((blocks) => new View(blocks, false));
  const found = new Candidates();
  const pairs: number[] = [];
  let turn = 0;
  for (let from = size - 1 - ((size - 1) % windowSize); from >= 0; from -= windowSize) {
    if (++turn % windowsPerTurn === 0) yield;
    for (const view of views) view.move(from);
    found.begin(from);
    gatherPhrase(found, views, -Infinity, { isCounted: true });
    for (let i = found.count - 1; i >= 0; i--) pairs.push(found.documents[i] as number, found.scores[i] as number);
  }
  const count = pairs.length / 2;
  const frequencies = Uint8Array.from({ length: count }, (_, i) => Math.min(255, pairs[pairs.length - 2 * i - 1] ?? 1));
  const phrase = new Blocks();
  phrase.addInMemory({
    documents: Uint32Array.from({ length: count }, (_, i) => pairs[pairs.length - 2 * i - 2] ?? 0),
    frequencies,
    count,
  });
  return phrase;
}

/**
 * Finds the documents of a window that have the words one after another; their score follows from how often, or
 * is how often where that is counted. All words have one formula.
 */
export function gatherPhrase(
  found: Candidates,
  views: readonly View[],
  least: number,
  { isCounted = false } = {},
): void {
  if (views.some(({ bound }) => bound <= Math.max(0, least))) return;
  const [rarest, ...others] = [...views].sort((one, other) => one.blocks.count - other.blocks.count);
  if (!rarest) return;
  found.fill(rarest, least, 0);
  for (const view of others) if (found.count > 0) found.lower(view, least);
  if (found.count === 0) return;
  const { factor, base, slope, lengths } = rarest.blocks.formula;
  const places = views.map((): number[] => []);
  found.keep((document) => {
    const frequency = Math.min(255, occurrences(document, views, places));
    if (frequency === 0) return false;
    return isCounted ? frequency : (factor * frequency) / (frequency + base + slope * (lengths[document] as number));
  }, least);
}

/** How often each word stands at the place after the one before it. */
function occurrences(document: number, views: readonly View[], places: number[][]): number {
  let starts: number[] = [];
  for (let word = 0; word < views.length; word++) {
    const { blocks } = views[word] as View;
    const own = places[word] as number[];
    own.length = blocks.placesOf((views[word] as View).seek(document), own);
    if (word === 0) {
      starts = own;
      continue;
    }
    let count = 0;
    for (let i = 0, j = 0; i < starts.length; i++) {
      const start = starts[i] as number;
      while (j < own.length && (own[j] as number) < start + word) j++;
      if (own[j] === start + word) starts[count++] = start;
    }
    starts.length = count;
    if (count === 0) return 0;
  }
  return starts.length;
}
