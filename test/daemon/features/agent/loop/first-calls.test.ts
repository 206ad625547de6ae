// What is looked at before a model whose answers are forced is asked anything: the files that a task names, or else the names in it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { toJsonGrammar } from '../../../../../daemon/models/inference/schema/grammar.ts';
import { type AgentBench, agentBench, type BenchOptions } from '../bench.ts';
import { alternatives, choices } from './forced.ts';

const files = {
  'src/price.mjs': 'export function price(n) {\n  return n * 2;\n}\n',
  'src/one.mjs': "import { price } from './price.mjs';\nprice(1);\n",
  'src/two.mjs': "import { price } from './price.mjs';\nprice(2);\n",
  'test.mjs': "throw new Error('wrong');\n",
  '.env': 'KEY=1\n',
};
const modes = { own: { prompt: 'Do it.', tools: ['read', 'search', 'edit'] } };

function bench(options: Partial<BenchOptions> = {}): AgentBench {
  return agentBench({
    files,
    config: { modes },
    info: { capabilities: { tools: false, jsonSchema: true } },
    isLocal: true,
    script: [['{"say":"Done."}']],
    ...options,
  });
}

const calls = (at: AgentBench): string[] =>
  at.parts.flatMap((part) => (part.kind === 'call' ? [`${part.tool} ${part.input}`] : []));

/** The paths that a tool can be called with in a request. */
function paths(at: AgentBench, request: number, tool: string): unknown[] {
  const schema = at.model.requests[request]?.jsonSchema?.schema as
    | { anyOf: { properties: Record<string, { enum?: unknown[] }> }[] }
    | undefined;
  const own = (schema?.anyOf ?? []).filter(({ properties }) => properties['tool']?.enum?.[0] === tool);
  return [...new Set(own.flatMap(({ properties }) => properties['path']?.enum ?? []))];
}

describe('before a model whose answers are forced is asked', () => {
  it('the files that the task names are read, and none that is kept from models', async () => {
    const at = bench();
    await at.run({ mode: 'own', task: 'price in ./src/price.mjs is wrong: "test.mjs" fails, see .env and none.mjs.' });
    assert.deepEqual(calls(at), ['read {"path":"src/price.mjs"}', 'read {"path":"test.mjs"}']);
    const told = at.model.requests[0]?.messages.map(({ content }) => content).join('\n') ?? '';
    assert.match(told, /return n \* 2;[\s\S]*throw new Error/);
    assert.deepEqual(paths(at, 0, 'read'), ['src/one.mjs', 'src/two.mjs']);
    assert.equal(at.model.requests.length, 1);
    await at.close();
  });

  it('names of the folder are searched, where the task names no file', async () => {
    const at = bench();
    await at.run({ mode: 'own', task: 'Rename price to cost.' });
    assert.deepEqual(calls(at), ['search {"query":"price"}']);
    assert.match(String(at.model.requests[0]?.messages.at(-1)?.content), /src\/two\.mjs:2: price\(2\);/);
    await at.close();
  });

  it('the tests that the task names are run, and one that fails is no choice to change', async () => {
    const own = { prompt: 'Do it.', tools: ['read', 'edit', 'run'] };
    const at = bench({ config: { modes: { own } } });
    const task = 'price in src/price.mjs is wrong, but test.mjs fails. See src/one.mjs.';
    await at.run({ mode: 'own', allow: ['run'], task });
    assert.deepEqual(calls(at).slice(-2), ['read {"path":"src/one.mjs"}', 'run {"argv":["node","test.mjs"]}']);
    assert.deepEqual(new Set(paths(at, 0, 'edit')), new Set(['src/price.mjs', 'src/one.mjs']));
    const edits = alternatives(at.model.requests[0]).filter(
      ({ properties }) => properties['tool']?.enum?.[0] === 'edit',
    );
    assert.ok(edits.length > 0);
    for (const { properties } of edits) {
      assert.equal(properties['path']?.pattern, undefined, 'no new file');
      assert.ok(properties['old'] ?? properties['after'], 'nothing at the end of a file');
    }
    await at.close();
  });

  for (const [who, options] of Object.entries({
    'where it calls tools of its own': { info: { capabilities: { tools: true } } },
    'where it is elsewhere': { isLocal: false },
  }))
    it(`nothing is, ${who}`, async () => {
      const at = bench(options);
      await at.run({ mode: 'own', task: 'Mend src/price.mjs.' });
      assert.deepEqual(calls(at), []);
      await at.close();
    });

  it('nothing is that its mode has no tool for', async () => {
    const at = bench({ config: { modes: { own: { prompt: 'Do it.', tools: ['edit'] } } } });
    await at.run({ mode: 'own', task: 'Mend src/price.mjs.' });
    assert.deepEqual(calls(at), []);
    await at.close();
  });

  it('and in a file that the search has found, what has the name is changed, or its first line alone', async () => {
    const at = bench({ script: [['{"tool":"edit","path":"src/price.mjs"}'], ['{"say":"Done."}']] });
    await at.run({ mode: 'own', task: 'Rename price to cost.' });
    const opener = 'export function price(n) {';
    assert.deepEqual(choices(at.model.requests[1], 'edit', 'old'), [opener, files['src/price.mjs'].trimEnd()]);
    const change = alternatives(at.model.requests[1]).find(({ properties }) => properties['old']?.enum?.[0] === opener);
    assert.equal(change?.properties['new']?.pattern, '^[^\n]*\\{$');
    assert.deepEqual(toJsonGrammar({ type: 'object', ...change }).unforced, []);
    await at.close();
  });

  it('and once it has taken a name away, it can change the lines that have it, and no others, until none is left', async () => {
    const say = (...said: object[]): string[][] => said.map((each) => [JSON.stringify(each)]);
    const imported = (name: string): string => `import { ${name} } from './price.mjs';`;
    const at = bench({
      script: say(
        { tool: 'edit', path: 'src/price.mjs' },
        { tool: 'edit', path: 'src/price.mjs', old: 'export function price(n) {', new: 'export function cost(n) {' },
        { tool: 'edit', path: 'src/two.mjs', old: 'price(2);', new: 'cost(2);' },
        {
          tool: 'edit',
          path: 'src/one.mjs',
          old: `${imported('price')}\nprice(1);`,
          new: `${imported('cost')}\ncost(1);`,
        },
        { tool: 'edit', path: 'src/two.mjs', old: imported('price'), new: imported('cost') },
        { say: 'Done.' },
      ),
    });
    await at.run({ mode: 'own', allow: ['edit'], task: 'Rename price to cost.' });
    const offered = [2, 3, 4, 5].map((request) => choices(at.model.requests[request], 'edit', 'old'));
    const first = [imported('price'), 'price(1);'];
    assert.deepEqual(offered, [
      [...first, imported('price'), 'price(2);'],
      [...first, imported('price')],
      [imported('price')],
      [],
    ]);
    assert.match(readFileSync(join(at.root, 'src/two.mjs'), 'utf8'), /\{ cost \}.*\ncost\(2\)/);
    await at.close();
  });
});
