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

const run = /[\p{L}\p{N}\p{Co}_]+(?:[.\-/\\:]+[\p{L}\p{N}\p{Co}_]+)*/gu;
const picture = /\p{Regional_Indicator}{2}|\p{Extended_Pictographic}/gu;
const ascii = /^[\0-\x7f]*$/;
const [hash, plus, point] = [0x23, 0x2b, 0x2e];
const beforePoint = /[\p{L}\p{N}\p{Co}_)\]]/u;
const afterHash = /[\p{L}\p{N}_]/u;
const border = /[^\p{L}\p{N}\p{Co}]+/u;
const outerBorder = /^[.\-/\\:]+(?!\p{L})|^[-/\\:]+|[.\-/\\:]+$/gu;
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
  for (const found of runsOf(text.slice(0, maxTextLength))) {
    if (plain.test(found)) addPlain(found, terms);
    else addRun(found, terms);
  }
  return terms;
}

/** Runs of words, with the signs that are a part of a name, and then pictures. */
export function runsOf(text: string): string[] {
  const plainText = folded(text);
  const runs: string[] = [];
  run.lastIndex = 0;
  for (let match = run.exec(plainText); match; match = run.exec(plainText)) {
    const [found] = match;
    const [before, after] = [plainText.charCodeAt(match.index - 1), plainText.charCodeAt(match.index + found.length)];
    const isNamed = before === point || after === plus || after === hash;
    runs.push(...scriptsOf(isNamed ? withSigns(found, match.index, plainText) : found));
  }
  if (!ascii.test(plainText)) runs.push(...(plainText.match(picture) ?? []));
  return runs;
}

/** The point of `.net`, and what ends `c++` and `c#`. */
function withSigns(found: string, index: number, text: string): string {
  const end = index + found.length;
  let named = found;
  if (text[end] === '+' && text[end + 1] === '+') named = `${named}++`;
  else if (text[end] === '#' && !afterHash.test(text[end + 1] ?? '')) named = `${named}#`;
  if (text[index - 1] === '.' && /^\p{L}/u.test(found) && !beforePoint.test(text[index - 2] ?? '')) named = `.${named}`;
  return named;
}

function addPlain(found: string, { words, extra }: Terms): void {
  words.push(cut(found));
  if (mayBeNumbered(found)) extra.push(...numberIn(found));
}

/** Spares most words a pattern. */
function mayBeNumbered(word: string): boolean {
  const first = word.charCodeAt(0);
  return (first === 0x76 || first === 0x30) && word.length > 1; // v, 0
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
  const parts = found.split(border).filter((part) => part !== '');
  if (parts.length === 0) return void extra.push(found); // a picture
  for (const part of parts) {
    const word = lower(part);
    words.push(cut(word));
    if (mayBeNumbered(word)) extra.push(...numberIn(word));
    extra.push(...humpsOf(part), ...pairsOf(part));
  }
  const signed = signedName(found);
  if (signed !== undefined) extra.push(signed);
  if (parts.length > 1) extra.push(...wholes(found), ...versionsOf(found));
}

/** A run where it changes between scripts with and without spaces. */
function scriptsOf(found: string): string[] {
  if (ascii.test(found) || !isSpaceless(found)) return [found];
  const parts = found.match(scriptRuns) ?? [];
  return parts.map((part) => part.replace(outerBorder, '')).filter((part) => part !== '');
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
