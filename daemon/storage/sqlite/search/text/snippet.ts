// The part of a text that answers a query, with the places of the words that were asked for. Never markup: a view makes its own.
import type { SearchSnippet } from '../../../search.ts';
import { lower } from './fold.ts';
import type { Clause } from './query.ts';
import { termsOf } from './tokens.ts';

const length = 160;
const before = 40; // characters of context that stand before the first word found
const maxScannedCharacters = 20_000;
const maxWholes = 50;
const word =
  /(?:(?<![\p{L}\p{N}])\.(?=\p{L}))?[\p{L}\p{N}\p{M}\p{Co}\u00AD\u200B-\u200D]+(?:\+\+|#(?![\p{L}\p{N}_]))?|\p{Regional_Indicator}{2}|\p{Extended_Pictographic}/gu;
/** What is found as a whole though it is several words: versions, paths. */
const compound = /[.\-/:_]/;

interface TermSpan {
  start: number;
  end: number;
  term: string;
}

export function snippetOf(text: string, clauses: readonly Clause[]): SearchSnippet {
  const places = placesOf(text.slice(0, maxScannedCharacters), clauses);
  const start = startOf(text, bestWindow(places));
  const end = endOf(text, start + length);
  const prefix = start > 0 ? '…' : '';
  const shown = text.slice(start, end).replace(/[\r\n\t]/g, ' '); // one character for one, so that places stay
  const highlights = places
    .filter((place) => place.start >= start && place.end <= end)
    .map((place): [number, number] => [place.start - start + prefix.length, place.end - start + prefix.length]);
  return { text: `${prefix}${shown}${end < text.length ? '…' : ''}`, highlights };
}

function placesOf(text: string, clauses: readonly Clause[]): TermSpan[] {
  const words = new Set(
    clauses.flatMap((clause) =>
      clause.is === 'word' ? [clause.term, ...clause.parts] : clause.is === 'phrase' ? clause.words : [],
    ),
  );
  const prefixes = clauses.flatMap((clause) => (clause.is === 'prefix' ? [clause.term] : []));
  const places: TermSpan[] = [];
  for (const match of text.matchAll(word)) {
    const { words: own, extra } = termsOf(match[0]);
    const forms = [...own, ...extra];
    const term =
      forms.find((form) => words.has(form)) ?? prefixes.find((prefix) => forms.some((form) => form.startsWith(prefix)));
    if (term !== undefined) places.push({ start: match.index, end: match.index + match[0].length, term });
  }
  for (const whole of words) if (compound.test(whole)) places.push(...wholePlaces(text, whole));
  return withoutOverlaps(places);
}

function wholePlaces(text: string, whole: string): TermSpan[] {
  const plain = lower(text);
  if (plain.length !== text.length) return []; // offsets would not be those of the text
  const places: TermSpan[] = [];
  for (
    let at = plain.indexOf(whole);
    at >= 0 && places.length < maxWholes;
    at = plain.indexOf(whole, at + whole.length)
  )
    places.push({ start: at, end: at + whole.length, term: whole });
  return places;
}

/** In order; of two that overlap the earlier, and of these the longer. */
function withoutOverlaps(places: readonly TermSpan[]): TermSpan[] {
  let end = 0;
  return places
    .toSorted((one, other) => one.start - other.start || other.end - one.end)
    .filter((place) => {
      if (place.start < end) return false;
      end = place.end;
      return true;
    });
}

/** Where to begin so that the most different words are seen, and of equals the earliest. */
function bestWindow(places: readonly TermSpan[]): number {
  let best = { start: places[0]?.start ?? 0, different: 0 };
  for (const [index, { start }] of places.entries()) {
    const seen = new Set<string>();
    for (let i = index; i < places.length && (places[i]?.end ?? 0) <= start + length - before; i++)
      seen.add(places[i]?.term ?? '');
    if (seen.size > best.different) best = { start, different: seen.size };
  }
  return best.start;
}

function startOf(text: string, first: number): number {
  if (first <= before) return 0;
  const from = first - before;
  const space = text.slice(from, first).search(/\s/);
  return space < 0 ? wholeCharacter(text, from) : from + space + 1;
}

function endOf(text: string, end: number): number {
  if (end >= text.length) return text.length;
  const space = text.slice(end - 30, end).search(/\s\S*$/);
  return space < 0 ? wholeCharacter(text, end) : end - 30 + space;
}

function wholeCharacter(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}
