// A text's shape in numbers: lengths, kinds of characters, lists of choices. They carry over between subjects where
// words do not.
import { type Characters, charactersOf } from './characters.ts';

/** What is computed of a text once, for all the numbers below. */
interface TextView extends Characters {
  text: string;
  /** The length of the whole text, of which `text` may be an excerpt. */
  characters: number;
  lines: readonly string[];
  /** The texts after "A.", "2)" and the like at the start of a line. */
  choices: readonly string[];
  numbers: readonly string[];
}

/** A row is one number: its name, and how it is computed. */
const rows: readonly [name: string, read: (view: TextView) => number][] = [
  ['characters', ({ characters }) => characters],
  ['lines', ({ lines }) => lines.length],
  ['words', ({ words }) => words.count],
  ['digits', ({ digits }) => digits],
  ['digits, percent of the text', ({ text, digits }) => percent(digits, text.length)],
  ['capitals', ({ capitals }) => capitals],
  ['capitals, percent of the text', ({ text, capitals }) => percent(capitals, text.length)],
  ['symbols', ({ symbols }) => symbols],
  ['symbols, percent of the text', ({ text, symbols }) => percent(symbols, text.length)],
  ['mean length of a word', ({ words }) => words.letters / Math.max(1, words.count)],
  ['longest word', ({ words }) => words.longest],
  ['long words, percent', ({ words }) => percent(words.long, words.count)],
  ['very long words, percent', ({ words }) => percent(words.veryLong, words.count)],
  ['function words, percent', ({ words }) => percent(words.listed.function, words.count)],
  ['persons, percent', ({ words }) => percent(words.listed.person, words.count)],
  ['names, percent', ({ text, words }) => percent(matches(text, /\b[A-Z][a-z]+/g), words.count)],
  ['different words, percent', ({ words }) => percent(words.different, words.count)],
  ['sentences', ({ text }) => sentences(text)],
  ['words in a sentence', ({ text, words }) => words.count / sentences(text)],
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
  ['questions', ({ questions }) => questions],
  ['blanks', ({ blanks }) => blanks],
  ['operators', ({ operators }) => operators],
  ['commas', ({ commas }) => commas],
  ['quotes', ({ quotes }) => quotes],
  ['brackets', ({ brackets }) => brackets],
  ['colons', ({ colons }) => colons],
  ['hyphens', ({ hyphens }) => hyphens],
  ['beyond ASCII', ({ beyondAscii }) => beyondAscii],
  ['a negation', ({ words }) => Number(words.listed.negation > 0)],
  ['a loud negation', ({ text }) => Number(/\bNOT\b|EXCEPT|LEAST/.test(text))],
  ['which of these', ({ text }) => Number(/which (?:one )?of the following/i.test(text))],
  ['absolutes', ({ words }) => words.listed.absolute],
  ['comparisons', ({ words }) => words.listed.comparison],
];

/** What each number is, in the order of `shapeOf`. */
export const shapeNames: readonly string[] = rows.map(([name]) => name);

export function shapeOf(text: string, characters: number): number[] {
  const view: TextView = {
    ...charactersOf(text),
    text,
    characters,
    lines: text.split('\n'),
    choices: Array.from(text.matchAll(/^[ \t]*(?:[A-J]|[1-9])[.)] (.*)$/gm), ([, body = '']) => body),
    numbers: text.match(/\d[\d.,]*/g) ?? [],
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
  let max = 0;
  for (const { length } of items) if (length > max) max = length;
  return max;
}

function deviation(values: readonly number[]): number {
  const size = Math.max(1, values.length);
  const mean = sumOf(values, (value) => value) / size;
  return Math.sqrt(sumOf(values, (value) => (value - mean) ** 2) / size);
}

function percent(part: number, whole: number): number {
  return (100 * part) / Math.max(1, whole);
}
