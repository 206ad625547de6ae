// JSON Schema as our callers write it, in the part of it that node-llama-cpp turns into a grammar. Pure.
import type { GbnfJsonSchema } from 'node-llama-cpp';

type JsonSchema = Record<string, unknown>;

/** Throws with a reason for what a grammar cannot say: forcing something else than was asked for would be worse than not forcing. */
export function toGrammarSchema(schema: unknown): GbnfJsonSchema {
  return convert(schema) as GbnfJsonSchema;
}

const keptKeys = [
  'type',
  'enum',
  'const',
  'required',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  '$ref',
];

function convert(schema: unknown): JsonSchema {
  if (!isSchema(schema)) throw new Error('the schema leaves a value open');
  if ('allOf' in schema || 'not' in schema || 'patternProperties' in schema)
    throw new Error('allOf, not and patternProperties have no grammar');
  const alternatives = schema['anyOf'] ?? schema['oneOf'] ?? alternativesOfTypes(schema['type'], schema);
  const definitions = isSchema(schema['$defs']) ? { $defs: convertEach(schema['$defs']) } : {};
  if (Array.isArray(alternatives)) return { oneOf: alternatives.map(convert), ...definitions };
  if (!['type', 'enum', 'const', '$ref'].some((key) => key in schema))
    throw new Error('the schema leaves a value open');
  const kept = Object.fromEntries(keptKeys.filter((key) => key in schema).map((key) => [key, schema[key]]));
  return {
    ...kept,
    ...definitions,
    ...(isSchema(schema['properties']) && { properties: convertEach(schema['properties']) }),
    ...(isSchema(schema['items']) && { items: convert(schema['items']) }),
    ...(Array.isArray(schema['prefixItems']) && { prefixItems: schema['prefixItems'].map(convert) }),
    ...('additionalProperties' in schema && {
      additionalProperties: convertAdditional(schema['additionalProperties']),
    }),
  };
}

/** `type: ['object', 'null']` as alternatives: a grammar takes lists of plain types only. */
function alternativesOfTypes(types: unknown, schema: JsonSchema): JsonSchema[] | undefined {
  if (!Array.isArray(types) || !types.some((type) => type === 'object' || type === 'array')) return undefined;
  return types.map((type) => ({ ...schema, $defs: undefined, type }));
}

function convertEach(schemas: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, convert(schema)]));
}

function convertAdditional(schema: unknown): unknown {
  if (typeof schema === 'boolean') return schema;
  return isSchema(schema) && Object.keys(schema).length === 0 ? true : convert(schema);
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
