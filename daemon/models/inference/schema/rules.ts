// Rules of a grammar in llama.cpp's notation (GBNF), each with a name of its own. Pure.
import { type AutomatonState, type CodeRanges, newWork } from './automaton.ts';
import type { JsonSchema } from './words.ts';

const maxRules = 6000;

/** JSON's own parts, and where white space may stand: on one line or indented, but never an empty line. */
const fixedRules = [
  'ws ::= | " " | "\\n" [ \\t]{0,24}',
  'sep ::= ws "," ws',
  'hex ::= [0-9a-fA-F]',
  // halves of a pair are no characters by themselves
  'char ::= [^"\\\\\\x7F\\x00-\\x1F] | "\\\\" (["\\\\/bfnrt] | "u" ([0-9a-cA-CefEF] hex hex hex | [dD] [0-7] hex hex))',
  'string ::= "\\"" char* "\\""',
  'integer ::= "0" | "-"? [1-9] [0-9]{0,14}',
  'number ::= "-"? ("0" | [1-9] [0-9]{0,14}) ("." [0-9]{1,16})? ([eE] [-+]? [0-9]{1,2})?',
  'boolean ::= "true" | "false"',
  'entries ::= string ws ":" ws value',
  'object ::= "{" (ws entries (sep entries)*)? ws "}"',
  'array ::= "[" (ws value (sep value)*)? ws "]"',
  'value ::= object | array | string | number | boolean | "null"',
];

/** Turns the schemas within a schema into rules. */
export interface SchemaWriter {
  readonly rules: Rules;
  /** The rule of all values that are valid; undefined where there are none. */
  ruleOf(schema: unknown, place: string): string | undefined;
  /** The schema as alternatives without choices. */
  alternativesOf(schema: unknown, place: string): JsonSchema[];
  /** Names a word that isn't forced. */
  report(word: string, place: string): void;
}

/** Lives as long as one grammar is written. */
export class Rules {
  readonly #bodies: string[] = [];
  /** What is left of it for its automata. */
  readonly work = newWork();

  /** A rule to be filled later: others may refer to it at once. */
  reserve(): string {
    if (this.#bodies.length >= maxRules) throw new Error('it is too large');
    return `r${this.#bodies.push('') - 1}`;
  }

  fill(name: string, alternatives: readonly string[]): string {
    this.#bodies[Number(name.slice(1))] = alternatives.join(' | ');
    return name;
  }

  add(...alternatives: string[]): string {
    return this.fill(this.reserve(), alternatives);
  }

  /** The texts of an automaton: as they stand, or as they are written inside of a JSON string, with its end. */
  addAutomaton(states: readonly AutomatonState[], form: 'plain' | 'string'): string {
    const names = states.map(() => this.reserve());
    for (const [id, { isEnd, edges }] of states.entries()) {
      const steps = edges.flatMap(({ ranges, target }) => {
        const characters = form === 'plain' ? [classOf(ranges)] : stringCharacters(ranges);
        return characters.map((character) => `${character} ${names[target]}`);
      });
      const end = form === 'plain' ? '""' : '"\\""';
      this.fill(names[id] ?? '', [...steps, ...(isEnd ? [end] : [])]);
    }
    const [start = ''] = names;
    return form === 'plain' ? start : this.add(`"\\"" ${start}`);
  }

  /** The whole grammar. Models that don't end their turn end it by an empty line. */
  toText(root: string): string {
    const rules = this.#bodies.map((body, i) => `r${i} ::= ${body}`);
    return [`root ::= ${root} "\\n\\n"?`, ...rules, ...fixedRules].join('\n');
  }
}

/** A text as it stands. */
export function literal(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}"`;
}

const escapes: Readonly<Record<number, string>> = {
  8: 'b',
  9: 't',
  10: 'n',
  12: 'f',
  13: 'r',
  34: '"',
  92: '\\',
};

function stringCharacters(ranges: CodeRanges): string[] {
  const escaped = Object.keys(escapes).map(Number);
  const plain = ranges.flatMap((range) => without(range, escaped)).filter(([first]) => first >= 0x20);
  const written = escaped.filter((code) => ranges.some(([first, last]) => first <= code && code <= last));
  return [...(plain.length > 0 ? [classOf(plain)] : []), ...written.map((code) => literal(`\\${escapes[code]}`))];
}

function without([first, last]: readonly [number, number], codes: readonly number[]): [number, number][] {
  const cuts = codes.filter((code) => first <= code && code <= last);
  const starts = [first, ...cuts.map((code) => code + 1)];
  const ends = [...cuts.map((code) => code - 1), last];
  return starts.map((start, i): [number, number] => [start, ends[i] ?? last]).filter(([start, end]) => start <= end);
}

function classOf(ranges: CodeRanges): string {
  return `[${ranges
    .map(([first, last]) => (first === last ? codeText(first) : `${codeText(first)}-${codeText(last)}`))
    .join('')}]`;
}

function codeText(code: number): string {
  const character = String.fromCodePoint(code);
  if (/[0-9A-Za-z]/.test(character)) return character;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
