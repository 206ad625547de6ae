// A text as the terms by which it is found. Words are what FTS5's unicode61 makes of it, so that ranks can be compared; besides
// them, parts of camelCase, identifiers and paths as wholes, and pairs of characters where a script writes no spaces.

export interface Terms {
  /** In order; their number is the text's length. */
  words: string[];
  /** Further terms, which count for nothing in the length. */
  extra: string[];
}

const maxTextLength = 200_000; // characters; what comes after them is not indexed
const maxTermLength = 64;

const run = /[\p{L}\p{N}\p{Co}_]+(?:[.\-/\\:]+[\p{L}\p{N}\p{Co}_]+)*/gu;
const border = /[^\p{L}\p{N}\p{Co}]+/u;
const plain = /^[a-z0-9]+$/;
const humps = /\p{Lu}+(?=\p{Lu}\p{Ll})\p{N}*|\p{Lu}?\p{Ll}+\p{N}*|\p{Lu}+\p{N}*|\p{N}+/gu;
const spaceless = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]{2,}/gu;

export function termsOf(text: string): Terms {
  const terms: Terms = { words: [], extra: [] };
  for (const [found] of withoutMarks(text.slice(0, maxTextLength)).matchAll(run)) {
    if (plain.test(found)) terms.words.push(cut(found));
    else addRun(found, terms);
  }
  return terms;
}

/** The same characters without accents; case is kept, since it divides camelCase. */
export function withoutMarks(text: string): string {
  return /^[\0-\x7f]*$/.test(text) ? text : text.normalize('NFD').replace(/\p{M}+/gu, '');
}

function addRun(found: string, { words, extra }: Terms): void {
  const parts = found.split(border).filter((part) => part !== '');
  for (const part of parts) {
    words.push(cut(part.toLowerCase()));
    extra.push(...humpsOf(part), ...pairsOf(part));
  }
  if (parts.length > 1) extra.push(...wholes(found));
}

/** `getUserName` and `HTTPServer2` in their parts, in lower case; none for a word of one part. */
export function humpsOf(word: string): string[] {
  if (!/\p{Lu}/u.test(word.slice(1))) return [];
  const parts = word.match(humps) ?? [];
  return parts.length > 1 ? parts.map((part) => cut(part.toLowerCase())) : [];
}

/** Neighbouring characters of Chinese, Japanese and Korean. */
export function pairsOf(word: string): string[] {
  return (word.match(spaceless) ?? []).flatMap((match) => {
    const characters = [...match];
    return characters.slice(1).map((character, index) => `${characters[index]}${character}`);
  });
}

/** A path, and each of its names that has parts itself: `src/a-b.ts` is found by itself and by `a-b.ts`. */
function wholes(found: string): string[] {
  const whole = found.toLowerCase().replaceAll('\\', '/');
  const names = whole.split(/[/:]+/);
  return [...new Set([whole, ...names.filter((name) => /[._-]/.test(name.slice(1)))])].map(cut);
}

function cut(term: string): string {
  return term.length > maxTermLength ? term.slice(0, maxTermLength).toWellFormed() : term;
}
