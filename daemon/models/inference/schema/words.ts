// The words of a JSON schema: references are followed, `allOf` is merged, and what else restricts a value becomes a choice among
// schemas. Pure.
import { isDeepStrictEqual } from 'node:util';
import { isFoundIn } from './pattern.ts';
import { greatestCommonDivisor } from './values.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** A schema without references, and the choices that it leaves: a value is of one schema of each. */
export interface FlatSchema {
  words: JsonSchema;
  choices: readonly Choice[];
}

interface Choice {
  schemas: readonly unknown[];
  /** Whether a value may be of one of them alone. */
  isExclusive: boolean;
}

/** Called with a word that isn't forced. */
export type OnUnforced = (word: string) => void;

/** Words of our own: values that are not wanted, and patterns that must not match. */
export const excludedWord = '#excluded';
export const notPatternWord = '#notPattern';

const annotations = new Set([
  ...['title', 'description', 'default', 'example', 'examples', 'deprecated', 'readOnly', 'writeOnly', 'discriminator'],
  ...['$schema', '$id', 'id', '$anchor', '$comment', '$defs', 'definitions', '$vocabulary', 'xml', 'externalDocs'],
  ...['contentEncoding', 'contentMediaType', 'contentSchema', 'markdownDescription', 'enumDescriptions', 'nullable'],
  ...['then', 'else', 'minContains', 'maxContains'],
]);
const typeNames = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'];

export function isObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Undefined where no value is valid. */
export function flatten(
  schema: unknown,
  root: unknown,
  onUnforced: OnUnforced,
  seen: readonly string[] = [],
): FlatSchema | undefined {
  if (schema === false) return undefined;
  if (!isObject(schema)) return { words: {}, choices: [] };
  const own = { words: {}, choices: [] as Choice[] };
  const parts: (FlatSchema | undefined)[] = [own];
  for (const [word, value] of Object.entries(schema)) {
    if (annotations.has(word) || word.startsWith('x-')) continue;
    if (word === '$ref') {
      const reference = String(value);
      if (seen.includes(reference)) return undefined;
      parts.push(flatten(resolve(root, reference), root, onUnforced, [...seen, reference]));
    } else if (word === 'allOf' && Array.isArray(value)) {
      parts.push(...value.map((part) => flatten(part, root, onUnforced, seen)));
    } else {
      const said = translate(word, value, schema, root);
      if (!said) onUnforced(word);
      else if (!addWords(own.words, said.words)) return undefined;
      own.choices.push(...(said?.choices ?? []));
    }
  }
  return parts.reduce((merged, part) => merged && part && mergeFlat(merged, part));
}

/** False where no value is valid for both. */
function addWords(to: Record<string, unknown>, words: JsonSchema): boolean {
  for (const [word, value] of Object.entries(words)) {
    to[word] = word in to ? mergeWord(word, to[word], value) : value;
    if (to[word] === undefined) return false;
  }
  return true;
}

/** What one word says; undefined for what is not known. */
function translate(word: string, value: unknown, schema: JsonSchema, root: unknown): FlatSchema | undefined {
  const choose = (...choices: (readonly unknown[])[]): FlatSchema => ({
    words: {},
    choices: choices.map((schemas) => ({ schemas, isExclusive: word === 'oneOf' })),
  });
  switch (word) {
    case 'anyOf':
    case 'oneOf':
      return Array.isArray(value) ? choose(value) : undefined;
    case 'const':
      return { words: { enum: [value] }, choices: [] };
    case 'type': {
      const types = [value].flat();
      return { words: { type: schema['nullable'] === true ? [...types, 'null'] : types }, choices: [] };
    }
    case 'enum': {
      const values = [value].flat(1);
      return { words: { enum: schema['nullable'] === true ? [...values, null] : values }, choices: [] };
    }
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      // before draft 6 it was a flag of the other word
      if (typeof value !== 'boolean') return known(word, value);
      return value ? known(word, schema[word === 'exclusiveMinimum' ? 'minimum' : 'maximum']) : choose();
    case 'unevaluatedProperties':
      return 'additionalProperties' in schema ? choose() : known('additionalProperties', value);
    case 'unevaluatedItems':
      return 'items' in schema ? choose() : known('items', value);
    case 'additionalItems':
      return Array.isArray(schema['items']) ? known('items', value) : choose();
    case 'items':
      return known(Array.isArray(value) ? 'prefixItems' : 'items', value);
    case 'not': {
      const alternatives = negate(value, root);
      return alternatives && choose(alternatives);
    }
    case 'if': {
      const negation = negate(value, root);
      if (!('then' in schema || 'else' in schema)) return choose();
      return negation && choose([both(value, schema['then']), ...negation.map((part) => both(part, schema['else']))]);
    }
    case 'dependentRequired':
    case 'dependentSchemas':
    case 'dependencies':
      return isObject(value)
        ? choose(...Object.entries(value).map(([name, then]) => dependency(name, then)))
        : undefined;
    default:
      return knownWords.has(word) ? known(word, value) : undefined;
  }
}

const knownWords = new Set([
  ...['properties', 'required', 'additionalProperties', 'patternProperties', 'propertyNames', 'minProperties'],
  ...['maxProperties', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems', 'pattern', 'format', 'minLength'],
  ...['maxLength', 'minimum', 'maximum', 'multipleOf', excludedWord, notPatternWord],
]);

/** Words that can be said twice are lists. */
const listWords = new Set(['pattern', 'format', 'propertyNames', notPatternWord]);

function known(word: string, value: unknown): FlatSchema {
  return { words: { [word]: listWords.has(word) ? [value].flat() : value }, choices: [] };
}

function both(one: unknown, other: unknown): unknown {
  return other === undefined ? one : { allOf: [one, other] };
}

function dependency(name: string, then: unknown): unknown[] {
  const rest = Array.isArray(then) ? { required: then } : then;
  return [both({ type: 'object', required: [name] }, rest), { properties: { [name]: false } }];
}

function resolve(root: unknown, reference: string): unknown {
  if (!reference.startsWith('#')) throw new Error(`it refers to ${reference}`);
  let target = root;
  for (const part of decodeURIComponent(reference).split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    target = isObject(target) || Array.isArray(target) ? (target as JsonSchema)[name] : undefined;
  }
  if (target === undefined || (reference !== '#' && !reference.startsWith('#/')))
    throw new Error(`it refers to ${reference}, which isn't there`);
  return target;
}

/** Schemas of which a value has one exactly if it has not this one; undefined where that can't be said. */
function negate(schema: unknown, root: unknown): unknown[] | undefined {
  if (schema === false) return [true];
  if (!isObject(schema)) return [];
  const words = Object.entries(schema).filter(([word]) => !annotations.has(word));
  const negations = words.map(([word, value]) => negateWord(word, value, root));
  return negations.every((negation) => negation !== undefined) ? negations.flat() : undefined;
}

function negateWord(word: string, value: unknown, root: unknown): unknown[] | undefined {
  const list = [value].flat();
  switch (word) {
    case 'const':
      return [{ [excludedWord]: [value] }];
    case 'enum':
      return [{ [excludedWord]: value }];
    case 'type':
      return [
        { type: typeNames.filter((type) => !list.includes(type) && !(type === 'integer' && list.includes('number'))) },
      ];
    case 'required':
      return list.map((name) => ({ type: 'object', properties: { [String(name)]: false } }));
    case 'properties':
      return Object.entries(value as JsonSchema).map(([name, part]) => ({
        type: 'object',
        required: [name],
        properties: { [name]: { not: part } },
      }));
    case 'pattern':
      return [{ type: 'string', [notPatternWord]: value }];
    case 'anyOf':
      return [{ allOf: list.map((part) => ({ not: part })) }];
    case 'allOf':
      return list.map((part) => ({ not: part }));
    case 'not':
      return [value];
    case '$ref':
      return [{ not: resolve(root, String(value)) }];
    default:
      return negateBound(word, value);
  }
}

function negateBound(word: string, value: unknown): unknown[] | undefined {
  const opposites: Readonly<Record<string, JsonSchema>> = {
    minimum: { type: 'number', exclusiveMaximum: value },
    maximum: { type: 'number', exclusiveMinimum: value },
    exclusiveMinimum: { type: 'number', maximum: value },
    exclusiveMaximum: { type: 'number', minimum: value },
    minLength: { type: 'string', maxLength: Number(value) - 1 },
    maxLength: { type: 'string', minLength: Number(value) + 1 },
    minItems: { type: 'array', maxItems: Number(value) - 1 },
    maxItems: { type: 'array', minItems: Number(value) + 1 },
  };
  const opposite = opposites[word];
  return opposite && [opposite];
}

/** Undefined where no value is valid for both. */
export function mergeFlat(a: FlatSchema, b: FlatSchema): FlatSchema | undefined {
  const merged: Record<string, unknown> = { ...a.words };
  if (!addWords(merged, b.words)) return undefined;
  const properties = mergeProperties(a.words, b.words);
  if (properties) merged['properties'] = properties;
  const items = mergeItems(a.words, b.words);
  if (items) merged['prefixItems'] = items;
  return { words: merged, choices: [...a.choices, ...b.choices] };
}

function mergeWord(word: string, a: unknown, b: unknown): unknown {
  const [one, other] = [a, b] as [number, number];
  if (word === 'type') return sameTypes(a as string[], b as string[]);
  if (word === 'enum') return nonEmpty((a as unknown[]).filter((value) => hasEqual(b as unknown[], value)));
  if (word === 'required' || word === excludedWord || listWords.has(word))
    return [...new Set([...(a as unknown[]), ...(b as unknown[])])];
  if (/^(min|exclusiveMin)/.test(word)) return Math.max(one, other);
  if (/^(max|exclusiveMax)/.test(word)) return Math.min(one, other);
  if (word === 'multipleOf') return leastCommonMultiple(one, other);
  if (word === 'uniqueItems') return a === true || b === true;
  if (word === 'patternProperties') {
    const patterns = { ...(a as JsonSchema) };
    for (const [pattern, schema] of Object.entries(b as JsonSchema))
      patterns[pattern as keyof typeof patterns] = pattern in patterns ? both(patterns[pattern], schema) : schema;
    return patterns;
  }
  if (a === false || b === false) return false;
  return isDeepStrictEqual(a, b) ? a : both(a, b);
}

function sameTypes(a: readonly string[], b: readonly string[]): string[] | undefined {
  const isIn = (types: readonly string[], type: string): boolean =>
    types.includes(type) || (type === 'integer' && types.includes('number'));
  return nonEmpty([...new Set([...a.filter((type) => isIn(b, type)), ...b.filter((type) => isIn(a, type))])]);
}

function nonEmpty<Value>(values: Value[]): Value[] | undefined {
  return values.length > 0 ? values : undefined;
}

export function hasEqual(values: readonly unknown[], value: unknown): boolean {
  return values.some((other) => isDeepStrictEqual(other, value));
}

/** Throws where a step isn't an integer: no such two are known that differ. */
function leastCommonMultiple(a: number, b: number): number {
  if (a === b) return a;
  if (!Number.isInteger(a) || !Number.isInteger(b)) throw new Error('two words multipleOf differ');
  return (a * b) / greatestCommonDivisor(a, b);
}

/** A property that only one of both names is for the other an additional one. */
function mergeProperties(a: JsonSchema, b: JsonSchema): JsonSchema | undefined {
  const [ours, theirs] = [a['properties'] as JsonSchema | undefined, b['properties'] as JsonSchema | undefined];
  if (!ours && !theirs) return undefined;
  const names = [...Object.keys(ours ?? {}), ...Object.keys(theirs ?? {})];
  return Object.fromEntries(
    [...new Set(names)].map((name) => {
      const parts = [propertyOf(a, name), propertyOf(b, name)].filter((part) => part !== undefined);
      return [name, parts.length > 1 && !isDeepStrictEqual(parts[0], parts[1]) ? { allOf: parts } : parts[0]];
    }),
  );
}

/** Undefined where all is allowed. */
function propertyOf(words: JsonSchema, name: string): unknown {
  const properties = words['properties'];
  if (isObject(properties) && Object.hasOwn(properties, name)) return properties[name];
  const patterns = Object.keys((words['patternProperties'] as JsonSchema | undefined) ?? {});
  return patterns.some((pattern) => isFoundIn(pattern, name)) ? undefined : words['additionalProperties'];
}

function mergeItems(a: JsonSchema, b: JsonSchema): unknown[] | undefined {
  const [ours, theirs] = [a['prefixItems'], b['prefixItems']].map((items) => (Array.isArray(items) ? items : []));
  if (!ours?.length && !theirs?.length) return undefined;
  const length = Math.max(ours?.length ?? 0, theirs?.length ?? 0);
  return Array.from({ length }, (_, i) => {
    const parts = [ours?.[i] ?? a['items'] ?? true, theirs?.[i] ?? b['items'] ?? true].filter((part) => part !== true);
    return parts.length > 1 && !isDeepStrictEqual(parts[0], parts[1]) ? { allOf: parts } : (parts[0] ?? true);
  });
}
