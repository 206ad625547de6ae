// A text as the terms by which it is found. Words are what FTS5's unicode61 makes of it, so that ranks can be compared, but that they
// end where a script without spaces begins. Besides them, parts of camelCase, identifiers and paths as wholes, names that end or begin
// with signs (`C++`, `.NET`), versions, pictures, and pairs of characters where a script writes no spaces.
import { folded, lower } from './fold.ts';

export interface Terms {
  /** In order; their number is the text's length. */
  words: string[];
  /** Further terms, which count for nothing in the length. */
  extra: string[];
}

const maxTextLength = 200_000; // characters; what comes after them is not indexed
const maxTermLength = 64;

/** A run of words, with the signs that are a part of its name; or a picture. */
const run =
  /(?:(?<![\p{L}\p{N}\p{Co}_)\]])\.(?=\p{L}))?[\p{L}\p{N}\p{Co}_]+(?:[.\-/\\:]+[\p{L}\p{N}\p{Co}_]+)*(?:\+\+|#(?![\p{L}\p{N}_]))?|\p{Regional_Indicator}{2}|\p{Extended_Pictographic}/gu;
const border = /[^\p{L}\p{N}\p{Co}]+/u;
const plain = /^[a-z0-9]+$/;
const humps = /\p{Lu}+(?=\p{Lu}\p{Ll})\p{N}*|\p{Lu}?\p{Ll}+\p{N}*|\p{Lu}+\p{N}*|\p{N}+/gu;
const scripts =
  '\\p{scx=Han}\\p{scx=Hiragana}\\p{scx=Katakana}\\p{scx=Hangul}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}\\p{sc=Tibetan}';
const spaceless = new RegExp(`[${scripts}]+`, 'gu');
const scriptRuns = new RegExp(`[${scripts}]+|[^${scripts}]+`, 'gu');
const version = /^v?(\d+(?:\.\d+)+)$/;
const numbered = /^(?:v(?=\d)|0x(?=[\da-f]{3}))([\da-f]+)$/;

export function termsOf(text: string): Terms {
  const terms: Terms = { words: [], extra: [] };
  for (const [found] of folded(text.slice(0, maxTextLength)).matchAll(run)) {
    if (plain.test(found)) addPlain(found, terms);
    else addRun(found, terms);
  }
  return terms;
}

/** The runs of a text, each of which is one or more terms. */
export function runsOf(text: string): string[] {
  return folded(text).match(run) ?? [];
}

function addPlain(found: string, { words, extra }: Terms): void {
  words.push(cut(found));
  extra.push(...numberIn(found));
}

/** `v22` and `0xdeadbeef` without what says that they are numbers. */
export function numberIn(word: string): string[] {
  const number = numbered.exec(word)?.[1];
  return number === undefined ? [] : [cut(number)];
}

/** Whether a word is of a script that puts no spaces between words. */
export function isSpaceless(word: string): boolean {
  return word.search(spaceless) >= 0;
}

function addRun(found: string, { words, extra }: Terms): void {
  const parts = found.split(border).flatMap(scriptsOf);
  if (parts.length === 0) return void extra.push(found); // a picture
  for (const part of parts) {
    const word = lower(part);
    words.push(cut(word));
    extra.push(...numberIn(word));
    extra.push(...humpsOf(part), ...pairsOf(part));
  }
  const signed = signedName(found);
  if (signed !== undefined) extra.push(signed);
  if (parts.length > 1) extra.push(...wholes(found), ...versionsOf(found));
}

/** A part of a run where it changes between scripts with and without spaces. */
function scriptsOf(part: string): string[] {
  return part.match(scriptRuns) ?? [];
}

/** `c++`, `c#`, `.net`: the last name of a run with the sign that it ends with, or the first with its point. */
export function signedName(found: string): string | undefined {
  const name = /^\.[\p{L}\p{N}_-]+|[\p{L}\p{N}_]+(?:\+\+|#)$/u.exec(found)?.[0];
  return name === undefined ? undefined : cut(lower(name));
}

/** `v22.12.0` as 22.12.0 and 22.12. */
function versionsOf(found: string): string[] {
  return found.split(/[^\p{L}\p{N}.]+/u).flatMap((part) => {
    const numbers = versionIn(part)?.split('.') ?? [];
    return numbers.slice(1).map((_, index) => cut(numbers.slice(0, index + 2).join('.')));
  });
}

/** The numbers of a version, without the letter before them. */
export function versionIn(text: string): string | undefined {
  return version.exec(lower(text))?.[1];
}

/** `getUserName` and `HTTPServer2` in their parts, in lower case; none for a word of one part. */
export function humpsOf(word: string): string[] {
  if (!/\p{Lu}/u.test(word.slice(1))) return [];
  const parts = word.match(humps) ?? [];
  return parts.length > 1 ? parts.map((part) => cut(lower(part))) : [];
}

/** Neighbouring characters of scripts without spaces, and the last by itself: a single one is looked for as the beginning of pairs. */
export function pairsOf(word: string): string[] {
  return (word.match(spaceless) ?? []).flatMap((match) => {
    const characters = [...match];
    if (characters.length < 2) return [];
    return [
      ...characters.slice(1).map((character, index) => `${characters[index]}${character}`),
      characters.at(-1) ?? '',
    ];
  });
}

/** A path, and each of its names that has parts itself: `src/a-b.ts` is found by itself and by `a-b.ts`. */
function wholes(found: string): string[] {
  const whole = lower(found)
    .replaceAll('\\', '/')
    .replace(/^\.|\+\+$|#$/g, '');
  const names = whole.split(/[/:]+/);
  return [...new Set([whole, ...names.filter((name) => /[._-]/.test(name.slice(1)))])].map(cut);
}

function cut(term: string): string {
  return term.length > maxTermLength ? term.slice(0, maxTermLength).toWellFormed() : term;
}
