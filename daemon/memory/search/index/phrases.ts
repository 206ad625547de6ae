// Documents in which words follow one another: those that have all of them, the rarest first, and then their places.
import { decode, type Part, placesOf, type Postings, roomFor } from './postings.ts';

/** A word's parts in one segment, or its postings in memory. */
export type Held = readonly Part[] | Postings;

interface Located {
  postings: Postings;
  /** How far a search through it has come. */
  at: number;
  places: number[];
}

export interface Occurrences {
  documents: number[];
  frequencies: number[];
}

/** Adds the documents of one segment to those found, with how often the phrase is in each. Gives way between words. */
export function* findPhrase(words: readonly string[], heldOf: (word: string) => Held, found: Occurrences): Generator<void, void> {
  const distinct = [...new Set(words)].map((word) => ({ word, held: heldOf(word) })).sort((one, other) => countOf(one.held) - countOf(other.held));
  if (countOf(distinct[0]?.held ?? []) === 0) return;
  let candidates: Uint32Array | undefined;
  const located = new Map<string, Located>();
  for (const { word, held } of distinct) {
    const postings = 'count' in held ? held : joined(candidates ? mattering(held, candidates) : held);
    candidates = candidates ? shared(candidates, postings.documents) : postings.documents;
    located.set(word, { postings, at: 0, places: [] });
    yield;
  }
  const ordered = words.map((word) => located.get(word) as Located);
  for (const document of candidates ?? []) {
    for (const one of located.values()) one.at = advanced(one, document);
    const frequency = occurrencesOf(ordered, located.values());
    if (frequency === 0) continue;
    found.documents.push(document);
    found.frequencies.push(Math.min(255, frequency));
  }
}

function countOf(held: Held): number {
  return 'count' in held ? held.count : held.reduce((sum, { count }) => sum + count, 0);
}

/** Parts that may hold one of the candidates. */
function mattering(parts: readonly Part[], candidates: Uint32Array): Part[] {
  let at = 0;
  return parts.filter(({ first }, index) => {
    while (at < candidates.length && (candidates[at] as number) < first) at++;
    return (candidates[at] ?? Infinity) < (parts[index + 1]?.first ?? Infinity);
  });
}

function joined(parts: readonly Part[]): Postings {
  const postings = roomFor(countOf(parts), parts.reduce((sum, { places }) => sum + places.length, 0));
  for (const part of parts) decode(part, postings);
  return postings;
}

function shared(some: Uint32Array, others: Uint32Array): Uint32Array {
  const both = new Uint32Array(Math.min(some.length, others.length));
  let count = 0;
  for (let i = 0, j = 0; i < some.length && j < others.length; ) {
    const [one, other] = [some[i] as number, others[j] as number];
    if (one === other) both[count++] = one;
    if (one <= other) i++;
    if (other <= one) j++;
  }
  return both.subarray(0, count);
}

function advanced({ postings: { documents }, at: from }: Located, document: number): number {
  let at = from;
  while ((documents[at] as number) < document) at++;
  return at;
}

/** How often each word stands at the place after the one before it. */
function occurrencesOf(ordered: readonly Located[], distinct: Iterable<Located>): number {
  for (const one of distinct) one.places.length = placesOf(one.postings, one.at, one.places);
  const [first, ...rest] = ordered;
  let starts = first?.places ?? [];
  for (const [index, { places }] of rest.entries()) {
    const following: number[] = [];
    for (let i = 0, j = 0; i < starts.length; i++) {
      const wanted = (starts[i] as number) + index + 1;
      while (j < places.length && (places[j] as number) < wanted) j++;
      if (places[j] === wanted) following.push(starts[i] as number);
    }
    if (following.length === 0) return 0;
    starts = following;
  }
  return starts.length;
}
