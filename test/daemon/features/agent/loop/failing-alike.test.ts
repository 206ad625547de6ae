// A model whose answers are forced, while what it changes leaves a program failing: it makes no change again, and its run comes to an end.
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import type { AgentBench } from '../bench.ts';
import { alternatives, forcedBench, said } from './forced.ts';

const files = { 'a.mjs': 'one();\ntwo();\n', 'b.mjs': 'three();\n', 'test.mjs': "throw new Error('wrong');\n" };
const config = { modes: { own: { prompt: 'Do it.', tools: ['read', 'run', 'edit'] } } };
const test = { tool: 'run', argv: ['node', 'test.mjs'] };
const change = (old: string, now: string) => ({ tool: 'edit', path: 'a.mjs', old, new: now });
let at: AgentBench | undefined;

describe('a program that fails after each change', () => {
  afterEach(async () => {
    await at?.close();
    at = undefined;
  });

  it('has neither the change nor what stood there before made again', async () => {
    const script = said({ tool: 'read', path: 'a.mjs' }, change('one();', '1;'), test);
    at = forcedBench({ files, config, script });
    await at.run({ mode: 'own', allow: ['edit', 'run'] });
    const line = alternatives(at.model.requests[3]).find(({ properties }) => properties['old']?.enum?.[0] === '1;');
    assert.deepEqual(line?.properties['new']?.not?.enum, ['1;', '1;\n', 'one();', 'one();\n']);
  });

  it('ends the run once it has failed alike four times, and says so', async () => {
    const changes = ['1;', '2;', '3;', '4;'].flatMap((now, i) => [change(i === 0 ? 'one();' : `${i};`, now), test]);
    at = forcedBench({ files, config, script: said({ tool: 'read', path: 'a.mjs' }, ...changes) });
    const { outcome, why } = await at.run({ mode: 'own', allow: ['edit', 'run'] });
    assert.deepEqual(
      at.model.requests.map((request) => alternatives(request).length > 1),
      [...Array.from({ length: 9 }, () => true), false],
    );
    assert.equal(outcome, 'limit');
    assert.match(String(why), /same failure came after each change/);
  });

  it('goes on while it fails in other ways', async () => {
    const failing = (now: string) => change(now === '1' ? 'one();' : `fail(${Number(now) - 1});`, `fail(${now});`);
    const own = { tool: 'run', argv: ['node', 'a.mjs'] };
    const changes = ['1', '2', '3', '4', '5'].flatMap((now) => [failing(now), own]);
    at = forcedBench({ files, config, script: said({ tool: 'read', path: 'a.mjs' }, ...changes) });
    assert.equal((await at.run({ mode: 'own', allow: ['edit', 'run'] })).outcome, 'done');
  });
});
