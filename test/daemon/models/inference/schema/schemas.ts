// Schemas as public suites, functions for models, and files of settings have them. Strings and lists are short, so that answers end.
import { z } from 'zod';
import { findingsSchema } from '../../../../../daemon/features/pipeline/review-prompt.ts';

const object = (properties: Record<string, unknown>, others: Record<string, unknown> = {}) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...others,
});
const text = { type: 'string', maxLength: 20 };
const integer = { type: 'integer' };

export const schemas: Readonly<Record<string, Record<string, unknown>>> = {
  'a pattern': { type: 'string', pattern: '^[a-z]{3}$' },
  'a pattern found anywhere': { type: 'string', pattern: 'needle', maxLength: 40 },
  'a pattern of alternatives': { type: 'string', pattern: '^(feat|fix|docs)(\\([a-z]{1,8}\\))?: .{1,20}$' },
  'a pattern with counted groups': { type: 'string', pattern: '^(\\d{1,3}\\.){2}\\d{1,3}$' },
  'a pattern that looks ahead': { type: 'string', pattern: '^(?=.*\\d)(?=.*[A-Z])[A-Za-z0-9]{4,8}$' },
  'a pattern that refuses': { type: 'string', pattern: '^(?!admin$)[a-z]{1,8}$' },
  'a pattern with classes and escapes': {
    type: 'string',
    pattern: '^[\\w.-]+\\s\\u00e9[^\\x20-\\x40]$',
    maxLength: 30,
  },
  'a pattern of quotes and backslashes': { type: 'string', pattern: '^["\\\\\\n]{1,5}$' },
  'a pattern of letters of all scripts': { type: 'string', pattern: '^\\p{Lu}\\p{Ll}{0,5}$' },
  'a pattern with a length': { type: 'string', pattern: '^a*b*$', minLength: 5, maxLength: 9 },
  'two patterns': { allOf: [{ type: 'string', pattern: '^[a-f]+$' }, { pattern: 'cafe' }], maxLength: 12 },
  'a length': { type: 'string', minLength: 3, maxLength: 6 },
  'an exact length': { type: 'string', minLength: 8, maxLength: 8 },
  'a date': { type: 'string', format: 'date' },
  'a time': { type: 'string', format: 'time' },
  'a date and time': { type: 'string', format: 'date-time' },
  'a UUID': { type: 'string', format: 'uuid' },
  'an email address': { type: 'string', format: 'email' },
  'an address of the web': { type: 'string', format: 'uri', maxLength: 60 },
  'an IPv4 address': { type: 'string', format: 'ipv4' },
  'an IPv6 address': { type: 'string', format: 'ipv6' },
  'a host name': { type: 'string', format: 'hostname' },
  'a duration': { type: 'string', format: 'duration' },
  'a digit': { type: 'integer', minimum: 0, maximum: 9 },
  'a range across zero': { type: 'integer', minimum: -17, maximum: 1234 },
  'exclusive bounds': { type: 'integer', exclusiveMinimum: 99, exclusiveMaximum: 101 },
  'exclusive bounds of draft 4': { type: 'integer', minimum: 1, exclusiveMinimum: true, maximum: 3 },
  'an integer from somewhere on': { type: 'integer', minimum: 65_536 },
  'a negative integer': { type: 'integer', maximum: -1 },
  'a multiple': { type: 'integer', multipleOf: 7 },
  'a multiple in a range': { type: 'integer', minimum: 100, maximum: 900, multipleOf: 25 },
  'a share': { type: 'number', minimum: 0, maximum: 1 },
  'a temperature': { type: 'number', exclusiveMinimum: -273.15, exclusiveMaximum: 99.5 },
  'a price': { type: 'number', minimum: 0, multipleOf: 0.01 },
  'a number without bounds': { type: 'number' },
  'any value': object({ any: {} }, { properties: { any: true, level: { enum: [1, 2] } } }),
  'a value of several types': { type: ['string', 'null', 'boolean'], maxLength: 5 },
  'named values of all types': { enum: ['a', 1, -2.5, true, null, { deep: [1, { er: 'x' }] }, []] },
  'named values that other words restrict': {
    enum: ['a', 'abc', 5, 50],
    type: ['string', 'integer'],
    minLength: 2,
    maximum: 9,
  },
  'one object': { const: { version: 2, tags: ['a"b', 'c\\d'] } },
  'merged objects': {
    allOf: [object({ a: text }, { additionalProperties: true }), { properties: { b: integer }, required: ['b'] }],
  },
  'merged bounds': { allOf: [{ type: 'integer', minimum: 3 }, { maximum: 8 }, { multipleOf: 2 }] },
  'a reference beside words': {
    $ref: '#/definitions/name',
    minLength: 2,
    definitions: { name: { type: 'string', maxLength: 4 } },
  },
  'a list of few different values': { type: 'array', items: { enum: ['r', 'w', 'x'] }, uniqueItems: true, minItems: 2 },
  'a list with bounds': { type: 'array', items: { type: 'boolean' }, minItems: 2, maxItems: 4 },
  'a tuple': { type: 'array', prefixItems: [integer, text, { type: 'null' }], items: false },
  'a tuple with more': {
    type: 'array',
    prefixItems: [{ const: 'x' }],
    items: { enum: [0, 1] },
    minItems: 3,
    maxItems: 5,
  },
  'a list of lists': {
    type: 'array',
    items: { type: 'array', items: { type: 'integer', minimum: 0, maximum: 1 }, maxItems: 3 },
    maxItems: 3,
  },
  'what a value is not': { type: 'string', maxLength: 3, not: { enum: ['a', 'ab', 'abc'] } },
  'which type a value is not': { not: { type: ['object', 'array', 'string'] } },
  'properties by pattern': {
    type: 'object',
    patternProperties: { '^x-[a-z]{1,4}$': integer, '^y': { type: 'boolean' } },
    propertyNames: { maxLength: 6 },
    additionalProperties: false,
    maxProperties: 3,
  },
  'additional properties of a type': {
    type: 'object',
    properties: { a: integer },
    additionalProperties: { enum: ['x'] },
    maxProperties: 4,
  },
  'counted properties': {
    type: 'object',
    properties: { a: integer, b: integer, c: integer, d: integer },
    minProperties: 2,
    maxProperties: 3,
  },
  'a condition': {
    ...object({ kind: { enum: ['circle', 'square'] } }),
    properties: { kind: { enum: ['circle', 'square'] }, radius: integer, side: integer },
    if: { properties: { kind: { const: 'circle' } } },
    // biome-ignore lint/suspicious/noThenProperty: it is a word of JSON schemas
    then: { required: ['radius'] },
    else: { required: ['side'], properties: { radius: false } },
  },
  'properties that need others': {
    type: 'object',
    properties: { card: integer, address: text, name: text },
    dependentRequired: { card: ['address'], address: ['name'] },
  },
  'alternatives told apart by a property': {
    oneOf: [object({ type: { const: 'text' }, text }), object({ type: { const: 'image' }, width: integer })],
  },
  'alternatives beside properties': {
    ...object({ a: integer }),
    additionalProperties: true,
    anyOf: [
      { properties: { b: { const: 1 } }, required: ['b'] },
      { properties: { c: { const: 2 } }, required: ['c'] },
    ],
  },
  'a tree': {
    $ref: '#/$defs/node',
    $defs: {
      node: object({
        value: { enum: [1, 2] },
        children: { type: 'array', items: { $ref: '#/$defs/leaf' }, maxItems: 2 },
      }),
      leaf: { anyOf: [{ type: 'null' }, { $ref: '#/$defs/node' }] },
    },
  },
  'a function of the weather': object({
    location: { type: 'string', description: 'City and state', maxLength: 20 },
    unit: { type: 'string', enum: ['celsius', 'fahrenheit'], default: 'celsius' },
    days: { type: 'integer', minimum: 1, maximum: 14 },
  }),
  'a setting of a formatter': {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    properties: {
      tabWidth: { type: 'integer', minimum: 0, maximum: 16 },
      endOfLine: { oneOf: [{ enum: ['lf'], description: 'Line feed' }, { enum: ['crlf'] }, { enum: ['auto'] }] },
      plugins: { type: 'array', items: { type: 'string', pattern: '^@?[a-z/-]{1,12}$' }, maxItems: 2 },
    },
  },
  'a package': object({
    name: { type: 'string', pattern: '^(?:@[a-z0-9-]{1,8}/)?[a-z0-9-]{1,12}$' },
    version: { type: 'string', pattern: '^(0|[1-9]\\d{0,3})\\.(0|[1-9]\\d{0,3})\\.(0|[1-9]\\d{0,3})$' },
    private: { type: 'boolean' },
  }),
  'an invoice by zod': z.toJSONSchema(
    z.object({
      id: z.uuid(),
      at: z.iso.datetime(),
      lines: z
        .array(z.object({ sku: z.string().regex(/^[A-Z]{2}\d{4}$/), count: z.int().positive().max(99) }))
        .min(1)
        .max(3),
      note: z.string().max(20).nullable(),
    }),
  ),
  'a review': findingsSchema.schema,
};
