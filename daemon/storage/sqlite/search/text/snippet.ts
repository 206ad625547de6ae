// The part of a text that answers a query, with the places of the words that were asked for. Never markup: a view makes its own.
import type { SearchSnippet } from '../../../search.ts';
import type { Clause } from './query.ts';
import { humpsOf, pairsOf, withoutMarks } from './tokens.ts';

const length = 160;
const before = 40; // characters of context that stand before the first word found
const maxScannedCharacters = 20_000;
const word = /[\p{L}\p{N}\p{M}\p{Co}]+/gu;

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
    const folded = withoutMarks(match[0]);
    const forms = [folded.toLowerCase(), ...humpsOf(folded), ...pairsOf(folded)];
    const term =
      forms.find((form) => words.has(form)) ?? prefixes.find((prefix) => forms.some((form) => form.startsWith(prefix)));
    if (term !== undefined) places.push({ start: match.index, end: match.index + match[0].length, term });
  }
  return places;
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
