// A JSON schema as a grammar of llama.cpp: what it forces is valid JSON of the schema. Where the schema leaves more open than people
// mean, the grammar is narrower: properties come in the order of the schema, and only those are written that it names.
import { arrayRule } from './arrays.ts';
import { objectRule } from './objects.ts';
import { Rules, type SchemaWriter } from './rules.ts';
import { isAllowed, namedValue, numberRule, stringRule } from './scalars.ts';
import { excludedWord, type FlatSchema, flatten, type JsonSchema, mergeFlat } from './words.ts';

export interface JsonGrammar {
  /** In llama.cpp's notation. */
  text: string;
  /** Words of the schema that it doesn't force, each with the place in the answer. */
  unforced: readonly string[];
}

/** Throws with a reason for a schema that no value is valid for, or that is too large. */
export function toJsonGrammar(schema: unknown): JsonGrammar {
  const writer = new GrammarWriter(schema);
  const root = writer.ruleOf(schema, '');
  if (root === undefined) throw new Error('no value is valid for it');
  return { text: writer.rules.toText(root), unforced: [...writer.unforced] };
}

const maxAlternatives = 200;
const types = ['object', 'array', 'string', 'number', 'boolean', 'null'];
/** Which type a schema without one is about. */
const typesOfWords: Readonly<Record<string, readonly string[]>> = {
  object: [
    'properties',
    'required',
    'additionalProperties',
    'patternProperties',
    'propertyNames',
    'minProperties',
    'maxProperties',
  ],
  array: ['items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems'],
  string: ['pattern', 'format', 'minLength', 'maxLength'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
};

/** Lives as long as one schema is turned into a grammar. */
class GrammarWriter implements SchemaWriter {
  readonly rules = new Rules();
  readonly unforced = new Set<string>();
  readonly #root: unknown;
  /** By the schema's text, so that a schema within itself finds its own rule. */
  readonly #known = new Map<string, string | undefined>();

  constructor(root: unknown) {
    this.#root = root;
  }

  ruleOf(schema: unknown, place: string): string | undefined {
    const key = JSON.stringify(schema);
    if (this.#known.has(key)) return this.#known.get(key);
    const name = this.rules.reserve();
    this.#known.set(key, name);
    const alternatives = this.alternativesOf(schema, place);
    const rules = [...new Set(alternatives.flatMap((words) => this.#valuesOf(words, place)))];
    if (rules.length > 0) return this.rules.fill(name, rules);
    this.rules.fill(name, ['[]']);
    this.#known.set(key, undefined);
    return undefined;
  }

  alternativesOf(schema: unknown, place: string): JsonSchema[] {
    const flat = this.#flatten(schema, place);
    return flat ? this.#expand(flat, place) : [];
  }

  #flatten(schema: unknown, place: string): FlatSchema | undefined {
    const flat = flatten(schema, this.#root, (word) => this.report(word, place));
    for (const { schemas, isExclusive } of flat?.choices ?? [])
      if (isExclusive && !areDisjoint(schemas.map((part) => this.#quiet(part)))) this.report('oneOf', place);
    return flat;
  }

  /** Flat, without a report. */
  #quiet(schema: unknown): FlatSchema | undefined {
    return flatten(schema, this.#root, () => {});
  }

  #expand({ words, choices: [first, ...others] }: FlatSchema, place: string): JsonSchema[] {
    if (!first) return [words];
    const expanded = first.schemas.flatMap((part) => {
      const flat = this.#flatten(part, place);
      const merged = flat && mergeFlat({ words, choices: others }, flat);
      return merged ? this.#expand(merged, place) : [];
    });
    if (expanded.length > maxAlternatives) throw new Error('it has too many alternatives');
    return expanded;
  }

  report(word: string, place: string): void {
    this.unforced.add(place === '' ? word : `${word} at ${place}`);
  }

  #valuesOf(words: JsonSchema, place: string): string[] {
    const named = words['enum'] as unknown[] | undefined;
    if (named) return named.filter((value) => isAllowed(value, words)).map(namedValue);
    const wanted = (words['type'] as string[] | undefined) ?? impliedTypes(words);
    return wanted.flatMap((type) => this.#ofType(type, words, place) ?? []);
  }

  #ofType(type: string, words: JsonSchema, place: string): string | undefined {
    const onUnforced = (word: string): void => this.report(word, place);
    const excluded = (words[excludedWord] ?? []) as unknown[];
    switch (type) {
      case 'object':
      case 'array':
        if (excluded.some((value) => typeof value === 'object' && value !== null)) onUnforced('not');
        return type === 'object' ? objectRule(words, place, this) : arrayRule(words, place, this);
      case 'string':
        return stringRule(words, this.rules, onUnforced);
      case 'number':
      case 'integer':
        return numberRule(words, type === 'integer', this.rules, onUnforced);
      case 'boolean':
        return (
          ['true', 'false']
            .filter((text) => !excluded.includes(text === 'true'))
            .map((text) => `"${text}"`)
            .join(' | ') || undefined
        );
      case 'null':
        return excluded.includes(null) ? undefined : '"null"';
      default:
        throw new Error(`${type} is no type`);
    }
  }
}

function impliedTypes(words: JsonSchema): readonly string[] {
  const implied = Object.entries(typesOfWords).filter(([, names]) => names.some((name) => name in words));
  return implied.length > 0 ? implied.map(([type]) => type) : types;
}

function areDisjoint(flats: readonly (FlatSchema | undefined)[]): boolean {
  return flats.every((a, i) => flats.slice(i + 1).every((b) => !a || !b || isApart(a.words, b.words)));
}

/** Whether surely no value is valid for both. */
function isApart(a: JsonSchema, b: JsonSchema): boolean {
  if (!mergeFlat({ words: pick(a), choices: [] }, { words: pick(b), choices: [] })) return true;
  const [ours, theirs] = [a['properties'], b['properties']] as (JsonSchema | undefined)[];
  const required = [a, b].map((words) => (words['required'] ?? []) as string[]);
  const isMissed = (
    names: readonly string[] | undefined,
    properties: JsonSchema | undefined,
    words: JsonSchema,
  ): boolean => words['additionalProperties'] === false && !!names?.some((name) => !(name in (properties ?? {})));
  if (isMissed(required[0], theirs, b) || isMissed(required[1], ours, a)) return true;
  return required.flat().some((name) => {
    const flats = [ours?.[name], theirs?.[name]].map((part) => flatten(part, undefined, () => {}));
    return !!flats[0] && !!flats[1] && isApart(flats[0].words, flats[1].words);
  });
}

/** Types and named values: no two of them merge where they differ. A named value is of its type. */
function pick({ type, enum: named }: JsonSchema): JsonSchema {
  const types = type ?? (Array.isArray(named) ? [...new Set(named.map(typeOf))] : undefined);
  return { ...(types !== undefined && { type: types }), ...(named !== undefined && { enum: named }) };
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
