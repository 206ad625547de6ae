// Strings, numbers and named values of a schema, as texts of a grammar. Pure.
import {
  anyText,
  both,
  either,
  literalText,
  matches,
  not,
  oneOf,
  repeat,
  type TextSet,
  toAutomaton,
  withoutCounts,
} from './automaton.ts';
import { patternSet } from './pattern.ts';
import { literal, type Rules } from './rules.ts';
import { formatSet, numberSet } from './values.ts';
import { excludedWord, hasEqual, isObject, type JsonSchema, notPatternWord, type OnUnforced } from './words.ts';

/** llama.cpp takes no more repetitions. */
const maxRepetitions = 1900;
const anyCharacter = oneOf([[0, 0x10ffff]]);

/** The string's rule; undefined where none is valid. */
export function stringRule(words: JsonSchema, rules: Rules, onUnforced: OnUnforced): string | undefined {
  const set = contentSet(words, onUnforced);
  const { min, max } = lengthOf(words, onUnforced);
  if (min > max) return undefined;
  if (set.key === anyText.key) {
    if (min === 0 && max === Number.POSITIVE_INFINITY) return 'string';
    return rules.add(`"\\"" char{${min},${max === Number.POSITIVE_INFINITY ? '' : max}} "\\""`);
  }
  for (const [part, dropped] of [
    [both(set, repeat(anyCharacter, min, max)), []],
    [set, lengthWords],
    [withoutCounts(set), [...setWords, ...lengthWords]],
  ] as const) {
    try {
      const states = toAutomaton(part, rules.work);
      for (const word of dropped) if (word in words) onUnforced(word);
      return states && rules.addAutomaton(states, 'string');
    } catch {} // too large: without its length, or its counts, it may do
  }
  for (const word of [...setWords, ...lengthWords]) if (word in words) onUnforced(word);
  return 'string';
}

const lengthWords = ['minLength', 'maxLength'];
const setWords = ['pattern', 'format'];

function lengthOf(words: JsonSchema, onUnforced: OnUnforced): { min: number; max: number } {
  const bounded = (word: string, other: number): number => {
    const value = words[word];
    if (value === undefined) return other;
    if (typeof value === 'number' && value <= maxRepetitions) return value;
    onUnforced(word);
    return other;
  };
  return { min: bounded('minLength', 0), max: bounded('maxLength', Number.POSITIVE_INFINITY) };
}

/** Without the length. */
function contentSet(words: JsonSchema, onUnforced: OnUnforced): TextSet {
  const setsOf = (word: string, toSet: (value: string) => TextSet | undefined): TextSet[] =>
    ((words[word] ?? []) as string[]).map((value) => {
      try {
        const set = toSet(value);
        if (set) return set;
      } catch {} // what a pattern can't say is named below
      onUnforced(word === notPatternWord ? 'not' : word);
      return anyText;
    });
  const excluded = ((words[excludedWord] ?? []) as unknown[]).filter((value) => typeof value === 'string');
  return both(
    ...setsOf('pattern', patternSet),
    ...setsOf(notPatternWord, (value) => not(patternSet(value))),
    ...setsOf('format', formatSet),
    ...(excluded.length > 0 ? [not(either(...excluded.map(literalText)))] : []),
  );
}

/** The names that may be added to an object; undefined where it says nothing of them. */
export function nameSet(words: JsonSchema, onUnforced: OnUnforced): TextSet {
  const { min, max } = lengthOf(words, onUnforced);
  const named = words['enum'] as unknown[] | undefined;
  const lengths = min === 0 && max === Number.POSITIVE_INFINITY ? anyText : repeat(anyCharacter, min, max);
  const names = named ? either(...named.filter((name) => typeof name === 'string').map(literalText)) : anyText;
  return both(contentSet(words, onUnforced), lengths, names);
}

const numberWords = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'];

/** The number's rule; undefined where none is valid. */
export function numberRule(
  words: JsonSchema,
  isInteger: boolean,
  rules: Rules,
  onUnforced: OnUnforced,
): string | undefined {
  const bound = (word: string): number | undefined => {
    const value = words[word];
    const isWide = /min/i.test(word)
      ? Number(value) <= -Number.MAX_SAFE_INTEGER
      : Number(value) >= Number.MAX_SAFE_INTEGER;
    return typeof value === 'number' && !(isInteger && isWide) ? value : undefined; // no integer that we write is so large
  };
  const excluded = ((words[excludedWord] ?? []) as unknown[]).filter((value) => typeof value === 'number');
  const bounds = {
    isInteger,
    min: bound('minimum'),
    max: bound('maximum'),
    exclusiveMin: bound('exclusiveMinimum'),
    exclusiveMax: bound('exclusiveMaximum'),
    multipleOf: bound('multipleOf'),
    excluded,
  };
  const free = isInteger ? 'integer' : 'number';
  if (excluded.length === 0 && numberWords.every((word) => bound(word) === undefined)) return free;
  try {
    const states = toAutomaton(numberSet(bounds), rules.work);
    return states && rules.addAutomaton(states, 'plain');
  } catch {
    for (const word of [...numberWords, excludedWord])
      if (word in words) onUnforced(word === excludedWord ? 'not' : word);
    return free;
  }
}

/** A value that the schema names, in any layout. */
export function namedValue(value: unknown): string {
  if (Array.isArray(value)) return `"[" ${value.map((item) => `ws ${namedValue(item)}`).join(' ws "," ')} ws "]"`;
  if (!isObject(value)) return literal(JSON.stringify(value) ?? 'null');
  const entries = Object.entries(value).map(
    ([name, part]) => `ws ${literal(JSON.stringify(name))} ws ":" ws ${namedValue(part)}`,
  );
  return `"{" ${entries.join(' ws "," ')} ws "}"`;
}

/** Whether a value that the schema names is also valid by its other words. Of objects and lists only the type is looked at. */
export function isAllowed(value: unknown, words: JsonSchema): boolean {
  if (hasEqual((words[excludedWord] ?? []) as unknown[], value)) return false;
  if (words['type'] && !(words['type'] as string[]).some((type) => isOfType(value, type))) return false;
  if (typeof value === 'string')
    return matches(
      nameSet({ ...words, enum: [value] }, () => {}),
      value,
    );
  if (typeof value !== 'number') return true;
  const bound = (word: string, fallback: number): number => (words[word] as number | undefined) ?? fallback;
  return (
    value >= bound('minimum', value) &&
    value <= bound('maximum', value) &&
    value > bound('exclusiveMinimum', Number.NEGATIVE_INFINITY) &&
    value < bound('exclusiveMaximum', Number.POSITIVE_INFINITY) &&
    isWhole(value / bound('multipleOf', value || 1))
  );
}

function isWhole(value: number): boolean {
  return Math.abs(value - Math.round(value)) < 1e-9;
}

function isOfType(value: unknown, type: string): boolean {
  if (value === null) return type === 'null';
  if (Array.isArray(value)) return type === 'array';
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}
