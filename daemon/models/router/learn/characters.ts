// One pass over a text's characters: how many there are of each kind, and its words as lengths and hashes. This runs
// before every answer, so it builds no strings, and each kind is a bit in a table rather than a regular expression.

export interface Characters {
  digits: number;
  capitals: number;
  symbols: number;
  operators: number;
  commas: number;
  quotes: number;
  brackets: number;
  colons: number;
  hyphens: number;
  questions: number;
  beyondAscii: number;
  /** Runs of two underscores or more. */
  blanks: number;
  words: WordCounts;
}

/** Runs of the letters a to z in either case. */
interface WordCounts {
  count: number;
  /** In all words together. */
  letters: number;
  longest: number;
  /** Of more than 8 letters, and of more than 11. */
  long: number;
  veryLong: number;
  different: number;
  /** Words of each list, in the order of `listNames`. */
  listed: Record<ListName, number>;
}

type ListName = 'function' | 'person' | 'negation' | 'absolute' | 'comparison';

/** `alone`: a digit or underscore beside the letters means that it is not such a word, as in `all2` and `all_`. */
const lists: Readonly<Record<ListName, { words: string; alone: boolean }>> = {
  function: {
    words: 'the of a in to and is that for are by with as on an be which or from at it this was not',
    alone: false,
  },
  person: { words: 'i my you he she his her', alone: false },
  negation: { words: 'not except least false', alone: true },
  absolute: { words: 'all none both neither only always never must every any', alone: true },
  comparison: { words: 'more less most best increase decrease greater higher lower than', alone: true },
};
const listNames = Object.keys(lists) as ListName[];

const bits = {
  digit: 1,
  capital: 2,
  symbol: 4,
  operator: 8,
  comma: 16,
  quote: 32,
  bracket: 64,
  colon: 128,
  hyphen: 256,
  question: 512,
  letter: 1024,
  underscore: 2048,
} as const;

const firstBeyondAscii = 128;
const bitsOf = Uint16Array.from({ length: firstBeyondAscii }, (_, code) => {
  const character = String.fromCharCode(code);
  const kinds: readonly [RegExp, number][] = [
    [/\d/, bits.digit],
    [/[A-Z]/, bits.capital],
    [/[^\sA-Za-z0-9.,?']/, bits.symbol],
    [/[=+*^\\/<>]/, bits.operator],
    [/,/, bits.comma],
    [/"/, bits.quote],
    [/[()]/, bits.bracket],
    [/[:;]/, bits.colon],
    [/-/, bits.hyphen],
    [/\?/, bits.question],
    [/[A-Za-z]/, bits.letter],
    [/_/, bits.underscore],
  ];
  return kinds.reduce((sum, [pattern, bit]) => (pattern.test(character) ? sum | bit : sum), 0);
});

const hashStart = 0x811c9dc5;

/** FNV-1a, one letter in lower case. */
function hashed(hash: number, letter: number): number {
  return Math.imul(hash ^ letter, 0x01000193);
}

const listsOfWord = new Map<number, number>();
listNames.forEach((name, index) => {
  for (const word of lists[name].words.split(' ')) {
    const hash = [...word].reduce((sum, letter) => hashed(sum, letter.charCodeAt(0)), hashStart);
    listsOfWord.set(hash, (listsOfWord.get(hash) ?? 0) | (1 << index));
  }
});

export function charactersOf(text: string): Characters {
  const counts = {
    digits: 0,
    capitals: 0,
    symbols: 0,
    operators: 0,
    commas: 0,
    quotes: 0,
    brackets: 0,
    colons: 0,
    hyphens: 0,
    questions: 0,
    beyondAscii: 0,
    blanks: 0,
  };
  const words = new WordCounter();
  let hash = hashStart;
  let length = 0;
  let before = 0; // the bits of the character before the word
  let underscores = 0;
  for (let place = 0; place <= text.length; place++) {
    const code = place < text.length ? text.charCodeAt(place) : -1;
    const kind = code >= 0 && code < firstBeyondAscii ? (bitsOf[code] ?? 0) : 0;
    if (kind & bits.letter) {
      hash = hashed(hash, code | 32);
      length++;
      if (kind & bits.capital) counts.capitals++;
      underscores = 0;
      continue;
    }
    if (length > 0) {
      words.add(hash, length, ((before | kind) & (bits.digit | bits.underscore)) === 0);
      hash = hashStart;
      length = 0;
    }
    before = kind;
    underscores = kind & bits.underscore ? underscores + 1 : 0;
    if (underscores === 2) counts.blanks++;
    if (code >= firstBeyondAscii) {
      counts.beyondAscii++;
      if (!isBlankBeyondAscii(code)) counts.symbols++;
    } else if (kind !== 0) count(kind, counts);
  }
  return { ...counts, words: words.result() };
}

function count(kind: number, counts: Omit<Characters, 'words'>): void {
  if (kind & bits.digit) counts.digits++;
  if (kind & bits.symbol) counts.symbols++;
  if (kind & bits.operator) counts.operators++;
  if (kind & bits.comma) counts.commas++;
  if (kind & bits.quote) counts.quotes++;
  if (kind & bits.bracket) counts.brackets++;
  if (kind & bits.colon) counts.colons++;
  if (kind & bits.hyphen) counts.hyphens++;
  if (kind & bits.question) counts.questions++;
}

function isBlankBeyondAscii(code: number): boolean {
  return code === 0xa0 || code === 0xfeff || (code >= 0x1680 && code <= 0x3000 && /\s/.test(String.fromCharCode(code)));
}

const longFrom = 9; // letters
const veryLongFrom = 12;

/** Lives as long as one text is read. */
class WordCounter {
  readonly #seen = new Set<number>();
  readonly #listed = new Int32Array(listNames.length);
  #count = 0;
  #letters = 0;
  #longest = 0;
  #long = 0;
  #veryLong = 0;

  add(hash: number, length: number, isAlone: boolean): void {
    this.#count++;
    this.#letters += length;
    if (length > this.#longest) this.#longest = length;
    if (length >= longFrom) this.#long++;
    if (length >= veryLongFrom) this.#veryLong++;
    this.#seen.add(hash);
    const on = listsOfWord.get(hash);
    if (on === undefined) return;
    listNames.forEach((name, index) => {
      if (on & (1 << index) && (isAlone || !lists[name].alone)) this.#listed[index] = (this.#listed[index] ?? 0) + 1;
    });
  }

  result(): WordCounts {
    const listed = Object.fromEntries(listNames.map((name, index) => [name, this.#listed[index] ?? 0])) as Record<
      ListName,
      number
    >;
    return {
      count: this.#count,
      letters: this.#letters,
      longest: this.#longest,
      long: this.#long,
      veryLong: this.#veryLong,
      different: this.#seen.size,
      listed,
    };
  }
}
