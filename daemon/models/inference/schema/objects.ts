// Objects of a schema, as rules: a rule for each property and for how many came before it. Pure.
import { anyText, both, literalText, matches, not, type TextSet, toAutomaton } from './automaton.ts';
import { isFoundIn, patternSet } from './pattern.ts';
import { literal, type SchemaWriter } from './rules.ts';
import { nameSet } from './scalars.ts';
import type { JsonSchema } from './words.ts';

/** Properties are counted up to here. */
const maxCount = 50;

interface Property {
  entry: string;
  isRequired: boolean;
}

/** The object's rule; undefined where none is valid. */
export function objectRule(words: JsonSchema, place: string, writer: SchemaWriter): string | undefined {
  const { rules } = writer;
  const properties = namedProperties(words, place, writer);
  if (!properties) return undefined;
  const added = addedEntries(words, place, writer);
  const isCounted = (word: string): boolean => {
    const isCountable = Number(words[word] ?? 0) <= maxCount;
    if (!isCountable) writer.report(word, place);
    return isCountable && word in words;
  };
  const min = isCounted('minProperties') ? Number(words['minProperties']) : 0;
  const max = isCounted('maxProperties') ? Number(words['maxProperties']) : Number.POSITIVE_INFINITY;
  // an added name may be written twice, and then counts as one
  if (min > Math.max(properties.filter(({ isRequired }) => isRequired).length, 1) && added.length > 0)
    writer.report('minProperties', place);
  const cap = Math.max(1, min, Number.isFinite(max) ? max : 0);
  const known = new Map<string, string | undefined>();

  /** What follows after `count` properties, at a property; undefined where nothing valid does. */
  const rest = (index: number, count: number): string | undefined => {
    const key = `${index} ${count}`;
    if (known.has(key)) return known.get(key);
    const property = properties[index];
    const rule = property ? atProperty(property, index, count) : atEnd(count);
    known.set(key, rule);
    return rule;
  };
  const separated = (count: number, entry: string): string => `${count > 0 ? 'sep' : 'ws'} ${entry}`;
  const next = (count: number): number => Math.min(count + 1, cap);
  const atProperty = ({ entry, isRequired }: Property, index: number, count: number): string | undefined => {
    const after = count < max ? rest(index + 1, next(count)) : undefined;
    const without = isRequired ? undefined : rest(index + 1, count);
    const options = [...(after ? [`${separated(count, entry)} ${after}`] : []), ...(without ? [without] : [])];
    return options.length > 0 ? rules.add(...options) : undefined;
  };
  const atEnd = (count: number): string | undefined => {
    const isFull = count >= max;
    if (count < min && (isFull || added.length === 0)) return undefined;
    const name = rules.reserve();
    known.set(`${properties.length} ${count}`, name); // it may follow itself
    const after = isFull ? undefined : count === cap ? name : rest(properties.length, next(count));
    const more = after ? added.map((entry) => `${separated(count, entry)} ${after}`) : [];
    return rules.fill(name, [...more, ...(count >= min ? ['ws "}"'] : [])]);
  };
  const start = rest(0, 0);
  return start && rules.add(`"{" ${start}`);
}

/** In the order of the schema, and then what is only required. Undefined where a required one can't be. */
function namedProperties(words: JsonSchema, place: string, writer: SchemaWriter): Property[] | undefined {
  const schemas = (words['properties'] ?? {}) as JsonSchema;
  const required = (words['required'] ?? []) as string[];
  const patterns = Object.entries((words['patternProperties'] ?? {}) as JsonSchema);
  const properties: Property[] = [];
  for (const name of new Set([...Object.keys(schemas), ...required])) {
    const matching = patterns.filter(([pattern]) => isFoundIn(pattern, name)).map(([, schema]) => schema);
    const parts = [...(Object.hasOwn(schemas, name) ? [schemas[name]] : []), ...matching];
    const schema =
      parts.length > 1 ? { allOf: parts } : parts.length === 1 ? parts[0] : (words['additionalProperties'] ?? true);
    const isRequired = required.includes(name);
    const value = isNameAllowed(words, name, writer) ? writer.ruleOf(schema, joinPlace(place, name)) : undefined;
    if (value !== undefined)
      properties.push({ entry: `${literal(JSON.stringify(name))} ws ":" ws ${value}`, isRequired });
    else if (isRequired) return undefined;
  }
  return properties;
}

function isNameAllowed(words: JsonSchema, name: string, writer: SchemaWriter): boolean {
  return namesOf(words, '', writer).every((set) => matches(set, name));
}

/** By `propertyNames`. */
function namesOf(words: JsonSchema, place: string, writer: SchemaWriter): TextSet[] {
  return ((words['propertyNames'] ?? []) as unknown[]).map((schema) => {
    const alternatives = writer.alternativesOf(schema, place);
    const [only = {}] = alternatives;
    if (alternatives.length !== 1) writer.report('propertyNames', place);
    return nameSet(only, (word) => writer.report(`propertyNames/${word}`, place));
  });
}

/** The forms that further entries may have. Where the schema names properties and is silent on others, there are none. */
function addedEntries(words: JsonSchema, place: string, writer: SchemaWriter): string[] {
  const patterns = Object.entries((words['patternProperties'] ?? {}) as JsonSchema);
  const taken = [...Object.keys((words['properties'] ?? {}) as JsonSchema), ...((words['required'] ?? []) as string[])];
  const isSilent = !('additionalProperties' in words);
  const additional = words['additionalProperties'] ?? (patterns.length === 0 && taken.length === 0);
  if (isSilent && additional === true && !('propertyNames' in words)) return ['entries'];
  const names = [...namesOf(words, place, writer), ...taken.map((name) => not(literalText(name)))];
  const sets = patterns.map(([pattern]) => patternSetOf(pattern, place, writer));
  const forms = [
    // a name that two patterns match would have to be valid for both
    ...patterns.map(([, schema], i) => [both(...sets.map((set, j) => (i === j ? set : not(set)))), schema] as const),
    [both(...sets.map(not)), additional] as const,
  ];
  return forms.flatMap(([set, schema]) => {
    if (schema === false) return [];
    const value = writer.ruleOf(schema, joinPlace(place, '*'));
    const name = nameRule(both(set, ...names), writer);
    return value && name ? [`${name} ws ":" ws ${value}`] : [];
  });
}

function patternSetOf(pattern: string, place: string, writer: SchemaWriter): TextSet {
  try {
    return patternSet(pattern);
  } catch {
    writer.report('patternProperties', place);
    return not(anyText);
  }
}

function nameRule(set: TextSet, { rules }: SchemaWriter): string | undefined {
  if (set.key === anyText.key) return 'string';
  const states = toAutomaton(set, rules.work);
  return states && rules.addAutomaton(states, 'string');
}

function joinPlace(place: string, name: string): string {
  return place === '' ? name : `${place}.${name}`;
}
