// A text's shape in numbers: lengths, kinds of characters, lists of choices. They carry over between subjects where words do not.

/** What each number is, in the order of `shapeOf`. */
export const shapeNames = [
  'characters', 'lines', 'words', 'digits', 'digit share %', 'capitals', 'capital share %', 'symbols', 'symbol share %',
  'word length', 'long words %', 'function words %', 'different words %', 'longest choice', 'shortest choice', 'all choices',
  'first line', 'questions', 'blanks', 'negation', 'loud negation', 'choices in numbers', 'operators', 'commas', 'quotes',
  'names %', 'outside choices', 'persons %',
] as const;

const functionWords = new Set('the of a in to and is that for are by with as on an be which or from at it this was not'.split(' '));
const persons = new Set('i my you he she his her'.split(' '));
const choice = /^[ \t]*(?:[A-J]|[1-9])[.)] (.*)$/gm;

/** `characters` is the length of the whole text, of which `text` may be an excerpt. */
export function shapeOf(text: string, characters: number): number[] {
  const seen = countCharacters(text);
  const words = text.toLowerCase().match(/[a-z]+/g) ?? [];
  const choices = Array.from(text.matchAll(choice), ([, body = '']) => body);
  const lengths = choices.map((body) => body.length);
  const inChoices = lengths.reduce((sum, length) => sum + length, 0);
  const percentOfText = (count: number): number => (100 * count) / Math.max(1, text.length);
  const percentOfWords = (count: number): number => (100 * count) / Math.max(1, words.length);
  const letters = words.reduce((sum, word) => sum + word.length, 0);
  return [
    characters, seen.lines, words.length, seen.digits, percentOfText(seen.digits), seen.capitals, percentOfText(seen.capitals), seen.symbols, percentOfText(seen.symbols),
    letters / Math.max(1, words.length), percentOfWords(count(words, (word) => word.length > 8)), percentOfWords(count(words, (word) => functionWords.has(word))),
    percentOfWords(new Set(words).size), Math.max(0, ...lengths), lengths.length > 0 ? Math.min(...lengths) : 0, inChoices,
    firstLineLength(text), seen.questions, matches(text, /_{2,}/g), Number(/\b(?:not|except|least|false)\b/i.test(text)), Number(/\bNOT\b|EXCEPT|LEAST/.test(text)),
    count(choices, (body) => /^[-$0-9.,%\s]+$/.test(body)), seen.operators, seen.commas, seen.quotes,
    percentOfWords(matches(text, /\b[A-Z][a-z]+/g)), text.length - inChoices, percentOfWords(count(words, (word) => persons.has(word))),
  ];
}

interface Characters {
  lines: number;
  digits: number;
  capitals: number;
  symbols: number;
  questions: number;
  operators: number;
  commas: number;
  quotes: number;
}

function countCharacters(text: string): Characters {
  const seen: Characters = { lines: 1, digits: 0, capitals: 0, symbols: 0, questions: 0, operators: 0, commas: 0, quotes: 0 };
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 10) seen.lines++;
    else if (code >= 48 && code <= 57) seen.digits++;
    else if (code >= 65 && code <= 90) seen.capitals++;
    else if (code > 32 && !(code >= 97 && code <= 122)) countSymbol(seen, text[i] ?? '');
  }
  return seen;
}

function countSymbol(seen: Characters, symbol: string): void {
  if (symbol === '?') seen.questions++;
  else if (symbol === ',') seen.commas++;
  else if (symbol !== '.' && symbol !== "'") seen.symbols++;
  if (symbol === '"') seen.quotes++;
  if ('=+*^\\/<>'.includes(symbol)) seen.operators++;
}

function count<T>(items: readonly T[], holds: (item: T) => boolean): number {
  return items.reduce((sum, item) => sum + Number(holds(item)), 0);
}

function matches(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

function firstLineLength(text: string): number {
  const end = text.indexOf('\n');
  return end < 0 ? text.length : end;
}
