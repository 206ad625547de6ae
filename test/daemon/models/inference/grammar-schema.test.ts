// Which JSON schemas become grammars, and which are refused rather than bent.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { z } from 'zod';
import { toGrammarSchema } from '../../../../daemon/models/inference/grammar-schema.ts';

describe('a JSON schema for a grammar', () => {
  it('keeps what zod writes of objects, lists, enumerations and numbers', () => {
    const schema = z.toJSONSchema(
      z.object({ level: z.enum(['low', 'high']), lines: z.array(z.int()).max(3), why: z.string().max(200) }),
    );
    const converted = toGrammarSchema(schema) as { properties: Record<string, unknown>; additionalProperties: unknown };
    assert.deepEqual(Object.keys(converted.properties), ['level', 'lines', 'why']);
    assert.deepEqual(converted.properties['lines'], { type: 'array', maxItems: 3, items: { type: 'integer' } });
    assert.equal(converted.additionalProperties, false);
  });

  it('turns alternatives of every spelling into oneOf', () => {
    const alternatives = { oneOf: [{ type: 'string' }, { type: 'null' }] };
    assert.deepEqual(toGrammarSchema({ anyOf: [{ type: 'string' }, { type: 'null' }] }), alternatives);
    const listed = toGrammarSchema({ type: ['array', 'null'], items: { type: 'string' } }) as {
      oneOf: { type: string }[];
    };
    assert.deepEqual(
      listed.oneOf.map(({ type }) => type),
      ['array', 'null'],
    );
  });

  for (const schema of [
    {},
    true,
    { allOf: [{ type: 'string' }] },
    { type: 'object', properties: { any: {} } },
    { type: 'array', items: { not: {} } },
  ]) {
    it(`refuses ${JSON.stringify(schema)}`, () => assert.throws(() => toGrammarSchema(schema)));
  }
});
