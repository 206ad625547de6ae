// Suggestions that are kept for the next keys: who types what was suggested, or accepts it, is answered without a model.
import { LRUCache } from 'lru-cache';
import { candidatesOf } from './answer/fit.ts';

export interface KeptSuggestion {
  id: string;
  model: string;
  text: string;
  latencyMs: number;
  tokensPerSecond?: number;
}

interface KeptPlace {
  uri: string;
  offset: number;
  /** What stood around the cursor. */
  before: string;
  after: string;
  suggestion: KeptSuggestion;
  isAhead: boolean;
}

export interface FoundSuggestion extends KeptSuggestion {
  from: 'typed' | 'ahead';
}

interface Spot {
  uri: string;
  text: string;
  offset: number;
}

const maxKept = 64;
const aroundChars = 2000;
const closersAlone = /^[\])}'"`>]{1,3}/;

/** Lives as long as a session. */
export class KeptSuggestions {
  readonly #kept = new LRUCache<number, KeptPlace>({ max: maxKept });
  readonly #shown = new LRUCache<string, true>({ max: maxKept });
  #next = 0;

  add(spot: Spot, suggestion: KeptSuggestion, { isAhead = false } = {}): void {
    const { uri, text, offset } = spot;
    const [before, after] = [text.slice(Math.max(0, offset - aroundChars), offset), afterOf(spot)];
    this.#kept.set(this.#next++, { uri, offset, before, after, suggestion, isAhead });
  }

  /** The newest whose beginning has been typed, and nothing else. */
  find(spot: Spot): FoundSuggestion | undefined {
    return this.findAll(spot).at(-1);
  }

  /** All such, the newest last; of those with the same text the newest alone. */
  findAll(spot: Spot): FoundSuggestion[] {
    const byText = new Map<string, FoundSuggestion>();
    for (const place of this.#kept.values()) {
      const text = restOf(place, spot);
      if (text === undefined || byText.has(text)) continue;
      const from = place.isAhead && text === place.suggestion.text ? 'ahead' : 'typed';
      byText.set(text, { ...place.suggestion, text, from });
    }
    return [...byText.values()].reverse();
  }

  /** Those that were shown, and that a change of their document has inserted whole where they stood. */
  takenBy({ uri, text: now }: Pick<Spot, 'uri' | 'text'>, changes: readonly { text: string }[]): string[] {
    const texts = changes.flatMap(({ text }) => (text.length > 1 ? [text] : [])); // a key tells nothing
    if (texts.length === 0) return [];
    const inserted = ({ suggestion: { id, text }, ...place }: KeptPlace): boolean =>
      place.uri === uri &&
      this.has(id) &&
      now.startsWith(text, place.offset) &&
      texts.some((each) => each.endsWith(text));
    return [...this.#kept.values()].flatMap((place) => (inserted(place) ? [place.suggestion.id] : []));
  }

  has(id: string): boolean {
    return this.#shown.has(id);
  }

  /** Whether it is shown for the first time. */
  show(id: string): boolean {
    if (this.#shown.has(id)) return false;
    this.#shown.set(id, true);
    return true;
  }
}

/** What is left of a suggestion at a spot; undefined where something else was typed, or nothing is left. */
function restOf({ uri, offset, before, after, suggestion }: KeptPlace, spot: Spot): string | undefined {
  const typedChars = spot.offset - offset;
  if (uri !== spot.uri || typedChars < 0 || typedChars >= suggestion.text.length) return undefined;
  if (!suggestion.text.startsWith(spot.text.slice(offset, spot.offset))) return undefined;
  if (spot.text.slice(Math.max(0, offset - before.length), offset) !== before) return undefined;
  const rest = suggestion.text.slice(typedChars);
  const now = afterOf(spot);
  if (now === after) return rest;
  // Editors close brackets by themselves: what they have closed is not suggested again.
  const [closed] = closersAlone.exec(now) ?? [];
  const isOnlyClosed = closed !== undefined && [1, 2, 3].some((n) => n <= closed.length && isSame(now.slice(n), after));
  return isOnlyClosed ? candidatesOf(rest, spot)[0] : undefined;
}

/** The end of what is compared may have been cut. */
function isSame(now: string, after: string): boolean {
  return now === after || (after.length === aroundChars && after.startsWith(now));
}

function afterOf({ text, offset }: Spot): string {
  return text.slice(offset, offset + aroundChars);
}
