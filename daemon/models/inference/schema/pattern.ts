// Regular expressions as JSON schemas use them (ECMA-262 with the flag `u`), turned into sets of texts. Pure.
import {
  anyText,
  both,
  type CodeRanges,
  either,
  empty,
  matches,
  not,
  oneOf,
  repeat,
  sequence,
  type TextSet,
} from './automaton.ts';

const lastCode = 0x10ffff;
const digits: CodeRanges = [[0x30, 0x39]];
const wordCharacters: CodeRanges = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];
const spaces: CodeRanges = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];
const lineEnds: CodeRanges = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
];
const namedClasses: Readonly<Record<string, CodeRanges>> = { d: digits, w: wordCharacters, s: spaces };
const controls: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, 0: 0 };

/** The texts in which the expression is found. Throws for what no automaton can tell: references back, and borders of words. */
export function patternSet(pattern: string): TextSet {
  new RegExp(pattern, 'u'); // throws where it isn't one
  return new PatternReader(pattern).read();
}

/** Without going back and forth, where it can: some expressions would never end. */
export function isFoundIn(pattern: string, text: string): boolean {
  try {
    return matches(patternSet(pattern), text);
  } catch {
    return new RegExp(pattern, 'u').test(text);
  }
}

type Depth = 'outermost' | 'group' | 'lookahead';

/** Lives as long as one reading. */
class PatternReader {
  readonly #text: readonly string[];
  #at = 0;

  constructor(pattern: string) {
    this.#text = [...pattern];
  }

  read(): TextSet {
    return this.#alternatives('outermost');
  }

  #alternatives(depth: Depth): TextSet {
    const sets = [];
    do sets.push(this.#alternative(depth));
    while (this.#skip('|'));
    return either(...sets);
  }

  #alternative(depth: Depth): TextSet {
    const isAnchored = depth !== 'outermost' || this.#skip('^');
    const rest = this.#sequence(depth);
    return isAnchored ? rest : sequence(anyText, rest);
  }

  /** Up to the end of the alternative; outside of groups together with whatever text may follow it. */
  #sequence(depth: Depth): TextSet {
    const sets: TextSet[] = [];
    for (;;) {
      const next = this.#text[this.#at];
      if (next === undefined || next === '|' || next === ')') {
        return sequence(...sets, depth === 'group' ? empty : anyText);
      }
      if (depth !== 'group' && this.#isEnd()) {
        this.#at++;
        return sequence(...sets);
      }
      const isAhead = this.#skip('(?=');
      if (isAhead || this.#skip('(?!')) {
        if (depth !== 'outermost') throw new Error('a group looks ahead');
        const ahead = this.#closed(this.#alternatives('lookahead'));
        return sequence(...sets, both(isAhead ? ahead : not(ahead), this.#sequence(depth)));
      }
      sets.push(this.#quantified(this.#atom()));
    }
  }

  #isEnd(): boolean {
    const after = this.#text[this.#at + 1];
    return this.#text[this.#at] === '$' && (after === undefined || after === '|' || after === ')');
  }

  #quantified(set: TextSet): TextSet {
    const [min, max] = this.#quantifier();
    this.#skip('?'); // a lazy one matches the same texts
    return repeat(set, min, max);
  }

  #quantifier(): [number, number] {
    if (this.#skip('*')) return [0, Number.POSITIVE_INFINITY];
    if (this.#skip('+')) return [1, Number.POSITIVE_INFINITY];
    if (this.#skip('?')) return [0, 1];
    const counted = /^\{(\d+)(,?)(\d*)\}/.exec(this.#text.slice(this.#at, this.#at + 20).join(''));
    if (!counted) return [1, 1];
    this.#at += counted[0].length;
    const min = Number(counted[1]);
    if (!counted[2]) return [min, min];
    return [min, counted[3] ? Number(counted[3]) : Number.POSITIVE_INFINITY];
  }

  #atom(): TextSet {
    if (this.#skip('(?:')) return this.#closed(this.#alternatives('group'));
    if (this.#skip('(?<')) {
      if (this.#skip('=') || this.#skip('!')) throw new Error('it looks back');
      while (!this.#skip('>')) this.#at++;
      return this.#closed(this.#alternatives('group'));
    }
    if (this.#skip('(?')) throw new Error('a group has flags');
    if (this.#skip('(')) return this.#closed(this.#alternatives('group'));
    if (this.#skip('[')) return oneOf(this.#class());
    if (this.#skip('.')) return oneOf(complement(lineEnds));
    if (this.#skip('\\')) return oneOf(this.#escape());
    const literal = this.#take();
    if (literal === '^' || literal === '$') throw new Error('an anchor stands inside');
    return oneOf([codeRange(literal)]);
  }

  #class(): CodeRanges {
    const isNegated = this.#skip('^');
    const ranges: (readonly [number, number])[] = [];
    while (!this.#skip(']')) {
      const from = this.#classMember();
      const isRange = this.#text[this.#at] === '-' && this.#text[this.#at + 1] !== ']';
      if (!isRange) {
        ranges.push(...from);
        continue;
      }
      this.#at++;
      ranges.push([from[0]?.[0] ?? 0, this.#classMember()[0]?.[0] ?? 0]);
    }
    return isNegated ? complement(ranges) : joined(ranges);
  }

  #classMember(): CodeRanges {
    if (!this.#skip('\\')) return [codeRange(this.#take())];
    return this.#skip('b') ? [[8, 8]] : this.#escape();
  }

  #escape(): CodeRanges {
    const letter = this.#take();
    const named = namedClasses[letter.toLowerCase()];
    if (named) return letter === letter.toLowerCase() ? named : complement(named);
    if (letter === 'p' || letter === 'P') return this.#property(letter);
    const control = controls[letter];
    if (control !== undefined) return [[control, control]];
    if (letter === 'x') return this.#hex(2);
    if (letter === 'u' && !this.#skip('{')) return this.#hex(4);
    if (letter === 'u') {
      const end = this.#text.indexOf('}', this.#at);
      const range = this.#hex(end - this.#at);
      this.#at++;
      return range;
    }
    if (/[a-zA-Z0-9]/.test(letter)) throw new Error(`it uses \\${letter}`);
    return [codeRange(letter)];
  }

  #hex(length: number): CodeRanges {
    const code = Number.parseInt(this.#text.slice(this.#at, this.#at + length).join(''), 16);
    this.#at += length;
    return [[code, code]];
  }

  /** `\p{…}`: the engine itself is asked about each character. */
  #property(letter: string): CodeRanges {
    const end = this.#text.indexOf('}', this.#at);
    const expression = new RegExp(`\\${letter}${this.#text.slice(this.#at, end + 1).join('')}`, 'u');
    this.#at = end + 1;
    const ranges: [number, number][] = [];
    for (let code = 0; code <= lastCode; code++) {
      if (!expression.test(String.fromCodePoint(code))) continue;
      const before = ranges.at(-1);
      if (before?.[1] === code - 1) before[1] = code;
      else ranges.push([code, code]);
    }
    return ranges;
  }

  #closed(set: TextSet): TextSet {
    if (!this.#skip(')')) throw new Error('a group is not closed');
    return set;
  }

  #skip(text: string): boolean {
    const isNext = [...text].every((character, i) => this.#text[this.#at + i] === character);
    if (isNext) this.#at += text.length;
    return isNext;
  }

  #take(): string {
    return this.#text[this.#at++] ?? '';
  }
}

function codeRange(character: string): readonly [number, number] {
  const code = character.codePointAt(0) ?? 0;
  return [code, code];
}

function joined(ranges: CodeRanges): CodeRanges {
  const result: [number, number][] = [];
  for (const [first, last] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const before = result.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else result.push([first, last]);
  }
  return result;
}

function complement(ranges: CodeRanges): CodeRanges {
  const gaps: [number, number][] = [];
  let next = 0;
  for (const [first, last] of joined(ranges)) {
    if (first > next) gaps.push([next, first - 1]);
    next = last + 1;
  }
  if (next <= lastCode) gaps.push([next, lastCode]);
  return gaps;
}
