// A small validator of JSON schemas (draft 2020-12 and what draft 7 has beside it), for answers alone: written from the specification,
// apart from what turns a schema into a grammar.
import { isDeepStrictEqual } from 'node:util';

type Schema = Readonly<Record<string, unknown>>;

/** The first words that the value breaks, each with its place; none where it is valid. */
export function violations(schema: unknown, value: unknown, root = schema, place = '$'): string[] {
  if (schema === true) return [];
  if (schema === false) return [`false ${place}`];
  return Object.entries(schema as Schema).flatMap(([word, argument]) => {
    const isKept = checkOf(word)?.({ argument, value, schema: schema as Schema, root });
    return isKept === false ? [`${word} ${place} ${JSON.stringify(value)?.slice(0, 200)}`] : [];
  });
}

interface Case {
  // biome-ignore lint/suspicious/noExplicitAny: each word has an argument of its own type
  argument: any;
  value: unknown;
  schema: Schema;
  root: unknown;
}

const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isValid = (schema: unknown, value: unknown, root: unknown): boolean =>
  violations(schema, value, root).length === 0;
const isType = (value: unknown, type: string): boolean => {
  if (type === 'object') return isObject(value);
  if (type === 'array') return Array.isArray(value);
  if (type === 'null') return value === null;
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
};
const formats: Readonly<Record<string, (text: string) => boolean>> = {
  date: (text) => /^\d{4}-\d\d-\d\d$/.test(text) && new Date(`${text}T00:00:00Z`).toISOString().startsWith(text),
  time: (text) => !Number.isNaN(Date.parse(`2000-01-01T${text}`)),
  'date-time': (text) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(text) && !Number.isNaN(Date.parse(text)),
  uuid: (text) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text),
  email: (text) => /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(text) && !text.includes('..'),
  uri: (text) => URL.canParse(text),
  ipv4: (text) =>
    text.split('.').length === 4 &&
    text.split('.').every((part) => String(Number(part)) === part && Number(part) < 256),
  ipv6: (text) => URL.canParse(`http://[${text}]/`),
  hostname: (text) => text.split('.').every((label) => /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(label)),
  duration: (text) => /^P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?$/.test(text),
  'json-pointer': (text) => /^(\/([^~/]|~[01])*)*$/.test(text),
};

function checkOf(word: string): ((check: Case) => boolean) | undefined {
  return anyChecks[word] ?? stringChecks[word] ?? numberChecks[word] ?? arrayChecks[word] ?? objectChecks[word];
}

const anyChecks: Readonly<Record<string, (check: Case) => boolean>> = {
  $ref: ({ argument, value, root }) => {
    const steps = (argument as string).split('/').slice(1);
    return isValid(
      steps.reduce<unknown>((at, step) => (at as Schema)[step], root),
      value,
      root,
    );
  },
  type: ({ argument, value }) => [argument].flat().some((type) => isType(value, type)),
  enum: ({ argument, value }) => argument.some((one: unknown) => isDeepStrictEqual(one, value)),
  const: ({ argument, value }) => isDeepStrictEqual(argument, value),
  allOf: ({ argument, value, root }) => argument.every((part: unknown) => isValid(part, value, root)),
  anyOf: ({ argument, value, root }) => argument.some((part: unknown) => isValid(part, value, root)),
  oneOf: ({ argument, value, root }) => argument.filter((part: unknown) => isValid(part, value, root)).length === 1,
  not: ({ argument, value, root }) => !isValid(argument, value, root),
  if: ({ argument, value, schema, root }) =>
    isValid(schema[isValid(argument, value, root) ? 'then' : 'else'] ?? true, value, root),
};

const stringChecks: Readonly<Record<string, (check: Case) => boolean>> = {
  pattern: ({ argument, value }) => typeof value !== 'string' || new RegExp(argument, 'u').test(value),
  format: ({ argument, value }) => typeof value !== 'string' || (formats[argument]?.(value) ?? true),
  minLength: ({ argument, value }) => typeof value !== 'string' || [...value].length >= argument,
  maxLength: ({ argument, value }) => typeof value !== 'string' || [...value].length <= argument,
};

const numberChecks: Readonly<Record<string, (check: Case) => boolean>> = {
  minimum: ({ argument, value }) => typeof value !== 'number' || value >= argument,
  maximum: ({ argument, value }) => typeof value !== 'number' || value <= argument,
  exclusiveMinimum: ({ argument, value }) => typeof value !== 'number' || value > argument,
  exclusiveMaximum: ({ argument, value }) => typeof value !== 'number' || value < argument,
  multipleOf: ({ argument, value }) =>
    typeof value !== 'number' || Math.abs(value / argument - Math.round(value / argument)) < 1e-6,
};

const arrayChecks: Readonly<Record<string, (check: Case) => boolean>> = {
  items: ({ argument, value, schema, root }) =>
    !Array.isArray(value) ||
    value
      .slice((schema['prefixItems'] as unknown[] | undefined)?.length ?? 0)
      .every((item) => isValid(argument, item, root)),
  prefixItems: ({ argument, value, root }) =>
    !Array.isArray(value) || value.every((item, i) => i >= argument.length || isValid(argument[i], item, root)),
  minItems: ({ argument, value }) => !Array.isArray(value) || value.length >= argument,
  maxItems: ({ argument, value }) => !Array.isArray(value) || value.length <= argument,
  uniqueItems: ({ argument, value }) =>
    !argument || !Array.isArray(value) || new Set(value.map((item) => JSON.stringify(item))).size === value.length,
};

const objectChecks: Readonly<Record<string, (check: Case) => boolean>> = {
  properties: ({ argument, value, root }) =>
    !isObject(value) ||
    Object.entries(value).every(
      ([name, part]) => !Object.hasOwn(argument, name) || isValid(argument[name], part, root),
    ),
  required: ({ argument, value }) => !isObject(value) || argument.every((name: string) => Object.hasOwn(value, name)),
  patternProperties: ({ argument, value, root }) =>
    !isObject(value) ||
    Object.entries(value).every(([name, part]) =>
      Object.entries(argument).every(
        ([pattern, schema]) => !new RegExp(pattern, 'u').test(name) || isValid(schema, part, root),
      ),
    ),
  additionalProperties: ({ argument, value, schema, root }) => {
    if (!isObject(value)) return true;
    const patterns = Object.keys((schema['patternProperties'] as Schema | undefined) ?? {});
    const isNamed = (name: string): boolean =>
      Object.hasOwn((schema['properties'] as Schema | undefined) ?? {}, name) ||
      patterns.some((pattern) => new RegExp(pattern, 'u').test(name));
    return Object.entries(value).every(([name, part]) => isNamed(name) || isValid(argument, part, root));
  },
  propertyNames: ({ argument, value, root }) =>
    !isObject(value) || Object.keys(value).every((name) => isValid(argument, name, root)),
  minProperties: ({ argument, value }) => !isObject(value) || Object.keys(value).length >= argument,
  maxProperties: ({ argument, value }) => !isObject(value) || Object.keys(value).length <= argument,
  dependentRequired: ({ argument, value }) =>
    !isObject(value) ||
    Object.entries(argument).every(
      ([name, others]) =>
        !Object.hasOwn(value, name) || (others as string[]).every((other) => Object.hasOwn(value, other)),
    ),
};
