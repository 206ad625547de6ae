// The grammar of a schema, asked by llama.cpp itself which texts it takes; and what a grammar can't say.
import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { loadNative, type Native } from '../../../../../daemon/models/inference/native.ts';
import { toJsonGrammar } from '../../../../../daemon/models/inference/schema/grammar.ts';
import { schemas } from './schemas.ts';

/** Texts that it takes, and texts that it refuses. */
const rows: readonly [schema: unknown, taken: readonly string[], refused: readonly string[]][] = [
  [{ type: 'string', pattern: '^[a-z]{3}$' }, ['"abc"'], ['"ab"', '"abcd"', '"aBc"']],
  [{ type: 'string', pattern: 'foo' }, ['"foo"', '"xfoo\\n\\""'], ['"fo"']],
  [{ type: 'string', pattern: '^a|b$' }, ['"axx"', '"xxb"'], ['"xax"']],
  [{ type: 'string', pattern: '^(?=.*\\d)[a-z0-9]{2,4}$' }, ['"a1"'], ['"ab"']],
  [{ type: 'string', pattern: '^(?!foo$)[a-z]+$' }, ['"foob"', '"fo"'], ['"foo"']],
  [{ type: 'string', pattern: '^\\p{Lu}\\p{L}*$' }, ['"Élan"'], ['"élan"']],
  [{ type: 'string', format: 'date' }, ['"2022-01-31"'], ['"2022-02-30"', '"2022-1-1"']],
  [{ type: 'string', format: 'date-time' }, ['"2022-01-31T01:02:03Z"'], ['"2022-01-31"']],
  [{ type: 'string', format: 'email' }, ['"a.b@example.com"'], ['"a"', '"a@b"']],
  [{ type: 'string', format: 'uri' }, ['"https://example.com/a?b=c#d"'], ['"a b"']],
  [{ type: 'string', maxLength: 2 }, ['"😀é"', '"\\u00e9x"'], ['"abc"']],
  [{ type: ['string', 'null'], maxLength: 3 }, ['null', '"abc"'], ['"abcd"']],
  [{ type: 'string', nullable: true, enum: ['a'] }, ['null', '"a"'], ['"b"']],
  [{ type: 'string', not: { enum: ['a', 'b'] } }, ['"c"', '"aa"', '""'], ['"a"']],
  [{ type: 'string', not: { pattern: 'x' } }, ['"c"'], ['"axa"']],
  [{ not: { type: 'string' } }, ['1', 'null', '[]'], ['"x"']],
  [{ type: 'integer', minimum: 0, maximum: 9 }, ['0', '9'], ['10', '-1', '-0', '1.0', '00']],
  [{ type: 'integer', minimum: -17, maximum: 1234 }, ['-17', '0', '1234', '999'], ['-18', '1235', '2000', '-20']],
  [{ type: 'integer', minimum: 10, multipleOf: 5, exclusiveMaximum: 30 }, ['10', '25'], ['5', '30', '12']],
  [{ type: 'integer', minimum: 1e16 }, ['10000000000000000'], ['9999999999999999']],
  [{ type: 'number', minimum: 0, maximum: 1 }, ['0', '1', '0.5', '1.0'], ['1.1', '-0.1', '2']],
  [{ type: 'number', exclusiveMinimum: -1.5, exclusiveMaximum: 2.25 }, ['-1.49', '2.2', '-1'], ['-1.5', '2.25', '-2']],
  [{ type: 'number', exclusiveMinimum: 0 }, ['0.1', '5'], ['0', '-1', '0.0']],
  [{ type: 'number', multipleOf: 0.25 }, ['0.25', '1.50'], ['0.26']],
  [{ type: 'number', not: { const: 1 } }, ['2', '1.5'], ['1', '1.0']],
  [{}, ['1', '{"a":[null,{"b":""}]}', '"x"'], ['x', '{"a"}', '01']],
  [{ enum: ['a', 1, { k: [1, 2] }] }, ['"a"', '{"k":[1,2]}', '{\n  "k": [1, 2]\n}'], ['"b"']],
  [{ type: 'array', items: { enum: ['a', 3] }, uniqueItems: true }, ['[]', '[3,"a"]'], ['["a","a"]']],
  [{ type: 'array', prefixItems: [{ type: 'integer' }, true], items: false }, ['[1,"a"]'], ['[1]', '[1,2,3]']],
  [{ type: 'array', items: [{ type: 'integer' }], additionalItems: { const: 2 } }, ['[1,2,2]'], ['[1,3]']],
  [{ properties: { a: {} }, required: ['a'] }, ['{"a":1}', '{ "a" : {"x": []} }'], ['{}', '{"b":1}']],
  [{ type: 'object', required: ['b'] }, ['{"b":[1]}'], ['{}']],
  [{ additionalProperties: { type: 'integer' }, maxProperties: 1 }, ['{"a":1}', '{}'], ['{"a":1,"b":2}', '{"a":""}']],
  [
    { properties: { a: { type: 'integer' } }, additionalProperties: { type: 'string' } },
    ['{"a":1,"b":"x"}', '{}'],
    ['{"b":"x","a":"y"}'],
  ],
  [{ patternProperties: { '^x': { type: 'integer' } }, additionalProperties: false }, ['{"x1":1}', '{}'], ['{"y":1}']],
  [{ properties: { a: {}, b: {} }, dependentRequired: { a: ['b'] } }, ['{}', '{"b":1}', '{"a":1,"b":2}'], ['{"a":1}']],
  [
    { allOf: [{ properties: { a: { minimum: 2 } } }, { properties: { a: { type: 'integer' } }, required: ['a'] }] },
    ['{"a":2}'],
    ['{"a":1}', '{}', '{"a":2.5}'],
  ],
  [
    { $ref: '#/$defs/n', $defs: { n: { properties: { n: { anyOf: [{ $ref: '#/$defs/n' }, { type: 'null' }] } } } } },
    ['{"n":{"n":null}}', '{}'],
    ['{"n":1}'],
  ],
];

/** What can't be forced, and how it is named. */
const unforcedRows: readonly [schema: unknown, unforced: readonly string[]][] = [
  [{ type: 'string', pattern: '(a)\\1' }, ['pattern']],
  [{ type: 'string', pattern: '\\bword\\b' }, ['pattern']],
  [{ type: 'string', format: 'regex' }, ['format']],
  [{ type: 'string', maxLength: 100_000 }, ['maxLength']],
  [{ type: 'array', items: { type: 'string' }, uniqueItems: true }, ['uniqueItems']],
  [{ type: 'array', contains: { const: 1 } }, ['contains']],
  [{ properties: { tags: { items: { properties: { at: { format: 'regex' } } } } } }, ['format at tags[].at']],
  [{ oneOf: [{ type: 'integer' }, { type: 'number' }] }, ['oneOf']],
  [{ allOf: [{ oneOf: [{ minLength: 1 }, { maxLength: 3 }] }] }, ['oneOf']],
  [{ type: 'object', not: { minProperties: 2 } }, ['not']],
  [{ type: 'string', someWordOfTheFuture: 1 }, ['someWordOfTheFuture']],
];

/** Expressions whose automata would take minutes: counts within counts, names that go back and forth, many at once. */
const heavy: Record<string, { schema: unknown; taken: readonly string[]; refused: readonly string[] }> = {
  'a count of groups': {
    schema: { type: 'string', pattern: '^([a-z]{1,40} ?){1,40}$' },
    taken: ['"ab cd"'],
    refused: ['""', '"A"', '" a"'],
  },
  'counts of counts': {
    schema: { type: 'string', pattern: '^(((a{0,40}b?){0,40}c?){0,40}d?){1,40}$' },
    taken: ['"abcd"'],
    refused: ['"x"'],
  },
  'groups that may be left out': {
    schema: { type: 'string', pattern: '^(a?b?c?d?e?f?g?){1,40}$' },
    taken: ['"gfa"'],
    refused: ['"h"'],
  },
  'a count that looks ahead': {
    schema: { type: 'string', pattern: '^(?=(.{1,40}x){1,40}$)([a-z]{1,30}-?){1,40}$' },
    taken: ['"ab-cx"'],
    refused: ['"AX"'],
  },
  'a count with a length': {
    schema: { type: 'string', pattern: '^(\\w{1,30}\\.){1,40}\\w{1,30}$', maxLength: 200 },
    taken: ['"a.b"'],
    refused: ['"a"', '".a"'],
  },
  'many of them': {
    schema: {
      type: 'object',
      properties: Object.fromEntries(
        Array.from({ length: 60 }, (_, i) => [`p${i}`, { type: 'string', pattern: `^([a-z]{1,40}${i}?){1,40}$` }]),
      ),
    },
    taken: ['{"p0":"a"}'],
    refused: ['{"p0":1}'],
  },
  'a name that an expression would go back and forth over': {
    schema: {
      type: 'object',
      properties: { [`${'a'.repeat(40)}!`]: { type: 'integer' } },
      patternProperties: { '^(a+)+$': { type: 'string' } },
    },
    taken: [`{"${'a'.repeat(40)}!":1}`],
    refused: [`{"${'a'.repeat(40)}!":""}`],
  },
};

describe('the grammar of a JSON schema', () => {
  let native: Native;

  before(async () => {
    native = await loadNative();
  });

  for (const [schema, taken, refused] of rows) {
    it(`takes what is valid, and nothing else, for ${JSON.stringify(schema)}`, async () => {
      const { text, unforced } = toJsonGrammar(schema);
      const grammar = await native.llama.createGrammar({ grammar: text });
      const takes = (answer: string): boolean => (grammar as unknown as TextTester)._testText(answer);
      assert.deepEqual(unforced, []);
      assert.deepEqual(
        taken.filter((answer) => !takes(answer)),
        [],
      );
      assert.deepEqual(refused.filter(takes), []);
    });
  }

  for (const [name, { schema, taken, refused }] of Object.entries(heavy)) {
    it(`is soon there, and as narrow as it can be, for ${name}`, async () => {
      const grammar = await native.llama.createGrammar({ grammar: toJsonGrammar(schema).text });
      const takes = (answer: string): boolean => (grammar as unknown as TextTester)._testText(answer);
      assert.deepEqual([taken.map(takes), refused.map(takes)], [taken.map(() => true), refused.map(() => false)]);
    });
  }

  for (const [schema, unforced] of unforcedRows) {
    it(`names what it can't force of ${JSON.stringify(schema)}`, () =>
      assert.deepEqual(toJsonGrammar(schema).unforced, unforced));
  }

  for (const schema of [
    false,
    { allOf: [{ type: 'string' }, { type: 'integer' }] },
    { type: 'integer', minimum: 2, maximum: 1 },
    { type: 'object', properties: { a: false }, required: ['a'] },
    { $ref: '#' },
    { $ref: 'https://example.com/schema.json' },
  ]) {
    it(`is none for ${JSON.stringify(schema)}`, () => assert.throws(() => toJsonGrammar(schema)));
  }

  it('is of a bounded size', () => {
    for (const [name, schema] of Object.entries(schemas)) assert.ok(toJsonGrammar(schema).text.length < 300_000, name);
    const wide = { anyOf: Array.from({ length: 20 }, (_, i) => ({ type: 'string', maxLength: i })) };
    assert.throws(() => toJsonGrammar({ allOf: [wide, wide, wide] }), /too many/);
  });
});

/** A method of node-llama-cpp's own tests. */
interface TextTester {
  _testText(text: string): boolean;
}
