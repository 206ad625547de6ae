// A text's shape in numbers: lengths, kinds of characters, lists of choices. They carry over between subjects where words do not.

/** What is read off a text once, for all the numbers below. */
interface View {
  text: string;
  /** Of the whole text, of which `text` may be an excerpt. */
  characters: number;
  /** In lower case. */
  words: readonly string[];
  lines: readonly string[];
  /** The texts after "A.", "2)" and the like at the start of a line. */
  choices: readonly string[];
  numbers: readonly string[];
  digits: number;
  capitals: number;
  symbols: number;
}

const functionWords = new Set('the of a in to and is that for are by with as on an be which or from at it this was not'.split(' '));
const persons = new Set('i my you he she his her'.split(' '));

/** A row is one number: what it is, and how it is read off. */
const rows: readonly [name: string, read: (view: View) => number][] = [
  ['characters', ({ characters }) => characters],
  ['lines', ({ lines }) => lines.length],
  ['words', ({ words }) => words.length],
  ['digits', ({ digits }) => digits],
  ['digits, percent of the text', ({ text, digits }) => percent(digits, text.length)],
  ['capitals', ({ capitals }) => capitals],
  ['capitals, percent of the text', ({ text, capitals }) => percent(capitals, text.length)],
  ['symbols', ({ symbols }) => symbols],
  ['symbols, percent of the text', ({ text, symbols }) => percent(symbols, text.length)],
  ['mean length of a word', ({ words }) => sumOf(words, (word) => word.length) / Math.max(1, words.length)],
  ['longest word', ({ words }) => longest(words)],
  ['long words, percent', ({ words }) => percent(count(words, (word) => word.length > 8), words.length)],
  ['very long words, percent', ({ words }) => percent(count(words, (word) => word.length > 11), words.length)],
  ['function words, percent', ({ words }) => percent(count(words, (word) => functionWords.has(word)), words.length)],
  ['persons, percent', ({ words }) => percent(count(words, (word) => persons.has(word)), words.length)],
  ['names, percent', ({ text, words }) => percent(matches(text, /\b[A-Z][a-z]+/g), words.length)],
  ['different words, percent', ({ words }) => percent(new Set(words).size, words.length)],
  ['sentences', ({ text }) => sentences(text)],
  ['words in a sentence', ({ text, words }) => words.length / sentences(text)],
  ['first line', ({ lines }) => lines[0]?.length ?? 0],
  ['longest line', ({ lines }) => longest(lines)],
  ['longest choice', ({ choices }) => longest(choices)],
  ['shortest choice', ({ choices }) => (choices.length > 0 ? Math.min(...choices.map(({ length }) => length)) : 0)],
  ['all choices', ({ choices }) => sumOf(choices, ({ length }) => length)],
  ['spread of the choices', ({ choices }) => deviation(choices.map(({ length }) => length))],
  ['choices that are numbers', ({ choices }) => count(choices, (body) => /^[-$0-9.,%\s]+$/.test(body))],
  ['outside the choices', ({ text, choices }) => text.length - sumOf(choices, ({ length }) => length)],
  ['numbers', ({ numbers }) => numbers.length],
  ['longest number', ({ numbers }) => longest(numbers)],
  ['years', ({ text }) => matches(text, /\b(?:1\d{3}|20[0-2]\d)\b/g)],
  ['questions', ({ text }) => matches(text, /\?/g)],
  ['blanks', ({ text }) => matches(text, /_{2,}/g)],
  ['operators', ({ text }) => matches(text, /[=+*^\\/<>]/g)],
  ['commas', ({ text }) => matches(text, /,/g)],
  ['quotes', ({ text }) => matches(text, /"/g)],
  ['brackets', ({ text }) => matches(text, /[()]/g)],
  ['colons', ({ text }) => matches(text, /[:;]/g)],
  ['hyphens', ({ text }) => matches(text, /-/g)],
  ['beyond ASCII', ({ text }) => matches(text, /[\u0080-\uffff]/g)],
  ['a negation', ({ text }) => Number(/\b(?:not|except|least|false)\b/i.test(text))],
  ['a loud negation', ({ text }) => Number(/\bNOT\b|EXCEPT|LEAST/.test(text))],
  ['which of these', ({ text }) => Number(/which (?:one )?of the following/i.test(text))],
  ['absolutes', ({ text }) => matches(text, /\b(?:all|none|both|neither|only|always|never|must|every|any)\b/gi)],
  ['comparisons', ({ text }) => matches(text, /\b(?:more|less|most|best|increase|decrease|greater|higher|lower|than)\b/gi)],
];

/** What each number is, in the order of `shapeOf`. */
export const shapeNames: readonly string[] = rows.map(([name]) => name);

export function shapeOf(text: string, characters: number): number[] {
  const view: View = {
    text, characters,
    words: text.toLowerCase().match(/[a-z]+/g) ?? [],
    lines: text.split('\n'),
    choices: Array.from(text.matchAll(/^[ \t]*(?:[A-J]|[1-9])[.)] (.*)$/gm), ([, body = '']) => body),
    numbers: text.match(/\d[\d.,]*/g) ?? [],
    digits: matches(text, /\d/g),
    capitals: matches(text, /[A-Z]/g),
    symbols: matches(text, /[^\sA-Za-z0-9.,?']/g),
  };
  return rows.map(([, read]) => read(view));
}

function matches(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

function sentences(text: string): number {
  return matches(text, /[.!?](?:\s|$)/g) + 1;
}

function count<T>(items: readonly T[], holds: (item: T) => boolean): number {
  return sumOf(items, (item) => Number(holds(item)));
}

function sumOf<T>(items: readonly T[], value: (item: T) => number): number {
  let sum = 0;
  for (const item of items) sum += value(item);
  return sum;
}

function longest(items: readonly string[]): number {
  let most = 0;
  for (const { length } of items) if (length > most) most = length;
  return most;
}

function deviation(values: readonly number[]): number {
  const size = Math.max(1, values.length);
  const mean = sumOf(values, (value) => value) / size;
  return Math.sqrt(sumOf(values, (value) => (value - mean) ** 2) / size);
}

function percent(part: number, whole: number): number {
  return (100 * part) / Math.max(1, whole);
}
