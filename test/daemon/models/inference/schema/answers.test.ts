// A model that only babbles answers by each schema: what it writes is valid, because it can write nothing else.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { writeRandomModel } from '../../../../fakes/gguf.ts';
import { ask, collect, finishOf, never, openWorkbench, textOf, type Workbench } from '../workbench.ts';
import { schemas } from './schemas.ts';
import { violations } from './validator.ts';

describe('an answer by a JSON schema', () => {
  let bench: Workbench;
  let random: string;

  before(() => {
    bench = openWorkbench();
    random = bench.file('random.gguf');
    writeRandomModel(random, { contextTokens: 8192 });
  });
  after(() => bench[Symbol.asyncDispose]());

  for (const [name, jsonSchema] of Object.entries(schemas)) {
    it(`is valid for ${name}`, async () => {
      const asked = ask(random, 'hi', { jsonSchema, temperature: 1, maxOutputTokens: 8000 });
      const parts = await collect(bench.inference.chat(asked, never));
      assert.deepEqual(
        parts.filter(({ kind }) => kind === 'warning'),
        [],
      );
      assert.equal(finishOf(parts).reason, 'stop', textOf(parts).slice(0, 500));
      assert.deepEqual(violations(jsonSchema, JSON.parse(textOf(parts))), []);
    });
  }
});
