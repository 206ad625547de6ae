// What a model whose answers are forced can call: what is there, and what it has not just done. A model that only babbles finds its way by it.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, it } from 'mocha';
import { toJsonGrammar } from '../../../../../daemon/models/inference/schema/grammar.ts';
import { createRandom } from '../../../../../daemon/models/router/learn/random.ts';
import type { AgentBench, BenchOptions } from '../bench.ts';
import { alternatives, choices, forcedBench, runnable, said } from './forced.ts';

const long = `${Array.from({ length: 260 }, (_, i) => `line ${i + 1}`).join('\n')}\n`;
const files = {
  'README.md': '# Shop\n\nThe code is in src.\n',
  'src/price.mjs': 'export function price(n) {\n  return n * 2;\n}\n\nexport const tax = 19;\n',
  'src/twice.mjs': 'start();\nstart();\nend();\n',
  'crlf.txt': 'one\r\ntwo\r\n',
  'long.txt': long,
  'keys.mjs': "export const key = 'ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8';\nexport const port = 1;\n",
};
const modes = { own: { prompt: 'Do it.', tools: ['read', 'list', 'search', 'edit'] } };
let open: AgentBench | undefined;

function bench(options: Partial<BenchOptions> & Pick<BenchOptions, 'script'>): AgentBench {
  open = forcedBench({ files, config: { modes }, ...options });
  return open;
}

describe('the choices of a model whose answers are forced', () => {
  afterEach(async () => {
    await open?.close();
    open = undefined;
  });

  it('are the files that are there, less those that it has read', async () => {
    const at = bench({ script: said({ tool: 'read', path: 'crlf.txt' }) });
    await at.run({ mode: 'own' });
    const [first, second] = at.model.requests;
    assert.deepEqual(choices(first, 'read', 'path'), Object.keys(files).toSorted());
    assert.deepEqual(
      choices(second, 'read', 'path'),
      Object.keys(files)
        .toSorted()
        .filter((path) => path !== 'crlf.txt'),
    );
  });

  it('are the rest of a file that it has read in part, and a file again that it has changed', async () => {
    const at = bench({
      script: said(
        { tool: 'read', path: 'long.txt' },
        { tool: 'read', path: 'crlf.txt' },
        { tool: 'edit', path: 'crlf.txt', old: 'two', new: 'three' },
      ),
    });
    await at.run({ mode: 'own', allow: ['edit'] });
    assert.deepEqual(choices(at.model.requests[1], 'read', 'from'), [201]);
    assert.ok(!choices(at.model.requests[2], 'read', 'path').includes('crlf.txt'));
    assert.ok(choices(at.model.requests[3], 'read', 'path').includes('crlf.txt'));
  });

  it('are pieces of a file that stand there once, once it was read, and no secrets', async () => {
    const at = bench({
      script: said({ tool: 'read', path: 'src/twice.mjs' }, { tool: 'read', path: 'keys.mjs' }),
    });
    await at.run({ mode: 'own' });
    assert.deepEqual(choices(at.model.requests[0], 'edit', 'old'), []);
    const pieces = choices(at.model.requests[1], 'edit', 'old');
    assert.ok(pieces.includes('end();') && pieces.includes('start();\nend();'), JSON.stringify(pieces));
    assert.ok(!pieces.includes('start();'));
    assert.ok(choices(at.model.requests[2], 'edit', 'old').includes('export const port = 1;'));
    assert.doesNotMatch(JSON.stringify(at.model.requests), /ghp_/);
  });

  it('have nothing of a file outside of the folder, also where an editor has that open', async () => {
    const document = () => ({ getText: () => 'outside();\n' });
    const path = '../outside.mjs';
    const at = bench({ script: said({ tool: 'edit', path }), document });
    await at.run({ mode: 'own' });
    assert.ok(!choices(at.model.requests[1], 'edit', 'old').includes('outside();'));
  });

  it('are any other file to change, which is shown first', async () => {
    const at = bench({
      script: said(
        { tool: 'edit', path: 'src/price.mjs' },
        { tool: 'edit', path: 'src/price.mjs', old: 'return n * 2;', new: 'return n;' },
      ),
    });
    await at.run({ mode: 'own', allow: ['edit'] });
    const shown = at.parts.find((part) => part.kind === 'result');
    assert.match(JSON.stringify(shown), /return n \* 2;.*Call edit again: with old and new to replace/);
    assert.ok(choices(at.model.requests[1], 'edit', 'old').includes('return n * 2;'));
    assert.match(readFileSync(join(at.root, 'src/price.mjs'), 'utf8'), /return n;/);
  });

  it('are no other file to change where the task names one, until it was read', async () => {
    const at = bench({ script: said({ tool: 'read', path: 'crlf.txt' }) });
    await at.run({ mode: 'own', task: 'The tax in src/price.mjs is wrong.' });
    const paths = at.model.requests.map((request) => [...new Set(choices(request, 'edit', 'path'))]);
    assert.deepEqual(paths, [['src/price.mjs'], ['src/price.mjs', 'crlf.txt']]);
  });

  it('are the file alone that it has asked to change, once it is shown', async () => {
    const at = bench({
      script: said(
        { tool: 'edit', path: 'src/price.mjs' },
        { tool: 'search', query: 'tax' },
        { tool: 'edit', path: 'crlf.txt' },
      ),
    });
    await at.run({ mode: 'own' });
    const files = at.model.requests.map((request) => [...new Set(choices(request, 'edit', 'path'))].length);
    assert.deepEqual([files[1], files[3]], [1, 1]);
    assert.ok((files[2] ?? 0) > 1);
  });

  it('are the programs, scripts and tests of the folder, not again before a change, and no three in a row', async () => {
    const node = (path: string) => ({ tool: 'run', argv: ['node', path] });
    const scripts = { test: 'node a.mjs', pretest: 'npm run lint', lint: 'node b.mjs', dev: 'node c.mjs' };
    const manifest = `${JSON.stringify({ scripts })}\n`;
    const at = bench({
      files: { 'a.mjs': '1;\n', 'b.mjs': '2;\n', 'c.mjs': '3;\n', 'package.json': manifest },
      config: { modes: { own: { prompt: 'Do it.', tools: ['run', 'read', 'edit'] } } },
      script: said(node('a.mjs'), { tool: 'read', path: 'b.mjs' }, node('b.mjs'), node('c.mjs')),
    });
    await at.run({ mode: 'own', allow: ['run'] });
    const programs = at.model.requests.map((request) =>
      alternatives(request)
        .filter(({ properties }) => properties['tool']?.enum?.[0] === 'run')
        .map(({ properties }) => properties['argv'] as { prefixItems: { enum: string[] }[] })
        .map(({ prefixItems }) => prefixItems.map((item) => item.enum.join('|')).join(' ')),
    );
    assert.deepEqual(programs[0], ['npm test', 'npm run lint', 'node a.mjs|b.mjs|c.mjs']);
    assert.deepEqual(programs[2], ['npm test', 'npm run lint', 'node b.mjs|c.mjs']);
    assert.deepEqual(programs[4], []);
  });

  it('are tests first, once a file was changed', async () => {
    const at = bench({
      files: { 'a.mjs': 'one();\n', 'test.mjs': '2;\n', 'test/b.test.mjs': '3;\n' },
      config: { modes: { own: { prompt: 'Do it.', tools: ['run', 'read', 'edit'] } } },
      script: said(
        { tool: 'edit', path: 'a.mjs' },
        { tool: 'edit', path: 'a.mjs', old: 'one();', new: '1;' },
        { tool: 'run', argv: ['node', 'test.mjs'] },
        { tool: 'run', argv: ['node', 'test/b.test.mjs'] },
        { tool: 'read', path: 'test.mjs' },
      ),
    });
    await at.run({ mode: 'own', allow: ['edit', 'run'] });
    const files = at.model.requests.map((request) => runnable(request));
    const all = ['a.mjs', 'test.mjs', 'test/b.test.mjs'];
    assert.deepEqual([files[0], files[2], files[3]], [all, ['test.mjs', 'test/b.test.mjs'], ['test/b.test.mjs']]);
    assert.deepEqual(files[5], ['a.mjs']);
  });

  it('are what was changed before other programs, which it has not to do with', async () => {
    const at = bench({
      files: { 'a.mjs': 'one();\n', 'b.mjs': '2;\n', 'note.txt': 'one\n' },
      config: { modes: { own: { prompt: 'Do it.', tools: ['run', 'read', 'edit'] } } },
      script: said(
        { tool: 'edit', path: 'note.txt' },
        { tool: 'edit', path: 'note.txt', old: 'one', new: 'two' },
        { tool: 'edit', path: 'a.mjs' },
        { tool: 'run', argv: ['node', 'b.mjs'] },
        { tool: 'read', path: 'note.txt' },
        { tool: 'edit', path: 'a.mjs', old: 'one();', new: '1;' },
      ),
    });
    await at.run({ mode: 'own', allow: ['edit', 'run'] });
    const programs = at.model.requests.map((request) => runnable(request));
    assert.deepEqual([programs[2], programs.at(-1)], [['a.mjs', 'b.mjs'], ['a.mjs']]);
  });

  it('are no test that failed as it was found', async () => {
    const at = bench({
      files: { 'a.mjs': 'one();\n', 'test.mjs': 'bad();\n', 'own.test.mjs': 'bad();\n' },
      config: { modes: { own: { prompt: 'Do it.', tools: ['run', 'read', 'edit'] } } },
      script: said(
        { tool: 'edit', path: 'own.test.mjs' },
        { tool: 'edit', path: 'own.test.mjs', old: 'bad();', new: 'worse();' },
        { tool: 'run', argv: ['node', 'own.test.mjs'] },
        { tool: 'run', argv: ['node', 'test.mjs'] },
        { tool: 'read', path: 'test.mjs' },
      ),
    });
    await at.run({ mode: 'own', allow: ['edit', 'run'] });
    assert.ok(choices(at.model.requests[3], 'edit', 'path').includes('test.mjs'));
    const files = [...new Set(choices(at.model.requests[5], 'edit', 'path'))];
    assert.deepEqual(files, ['own.test.mjs', 'a.mjs']);
    const created = alternatives(at.model.requests[5]).find(({ properties }) => properties['path']?.not);
    assert.ok(created?.properties['path']?.not?.enum.includes('test.mjs'));
  });

  it('are another edit after one that changed nothing but white space', async () => {
    const at = bench({
      files: { 'a.mjs': 'function a() {\n  one();\n}\n' },
      script: said(
        { tool: 'edit', path: 'a.mjs' },
        { tool: 'edit', path: 'a.mjs', old: 'function a() {\n  one();\n}', new: 'function a() { one(); }' },
      ),
    });
    await at.run({ mode: 'own', allow: ['edit'] });
    const [, , third] = at.model.requests;
    assert.match(String(third?.messages.at(-1)?.content), /1 line added, 3 removed\.\s+Only white space differs/);
    const edit = alternatives(third).find(({ properties }) => properties['old']);
    assert.deepEqual(edit?.properties['new']?.not?.enum, ['function a() { one(); }', 'function a() { one(); }\n']);
  });

  it('are another edit after one that took away what nothing else has', async () => {
    const at = bench({
      files: { 'a.mjs': 'export const one = 1;\n' },
      script: said(
        { tool: 'edit', path: 'a.mjs' },
        { tool: 'edit', path: 'a.mjs', old: 'export const one = 1;', new: 'export const two = 2;' },
      ),
    });
    await at.run({ mode: 'own', allow: ['edit'] });
    const [, , third] = at.model.requests;
    assert.match(String(third?.messages.at(-1)?.content), /It no longer defines one\./);
    assert.ok(choices(third, 'edit', 'path').includes('a.mjs'));
  });

  it('have no part done apart while the prompt shows all files', async () => {
    const many = Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`src/file${i}.ts`, 'x;\n']));
    for (const [shown, offered] of [
      [files, []],
      [many, ['research', 'review']],
    ] as const) {
      const at = bench({
        files: shown,
        config: { modes: { own: { prompt: 'Do it.', tools: ['delegate', 'read'] } } },
        script: said(),
      });
      await at.run({ mode: 'own' });
      assert.deepEqual(choices(at.model.requests[0], 'delegate', 'kind'), offered);
      await at.close();
    }
  });

  it('are no further edit after one, before it has learned more', async () => {
    const at = bench({
      files: { 'a.mjs': 'one();\ntwo();\n', 'silent.mjs': '' },
      config: { modes: { own: { prompt: 'Do it.', tools: ['run', 'read', 'edit'] } } },
      script: said(
        { tool: 'edit', path: 'a.mjs' },
        { tool: 'edit', path: 'a.mjs', old: 'one();', new: '1;' },
        { tool: 'run', argv: ['node', 'silent.mjs'] },
        { tool: 'run', argv: ['node', 'a.mjs'] },
      ),
    });
    await at.run({ mode: 'own', allow: ['edit', 'run'] });
    const edits = at.model.requests.map((request) => choices(request, 'edit', 'path').length > 0);
    assert.deepEqual(edits, [true, true, false, false, true], 'silence teaches nothing, a failure does');
    assert.ok(choices(at.model.requests[4], 'edit', 'old').includes('1;'));
  });

  for (const [task, isOffered] of [
    ['Which file defines taxOf? Answer with its path.', false],
    ['Why is this slow?', false],
    ['Can you rename foo to bar?', true],
    ['Is foo still used? If not, remove it.', true],
    ['What foo does is wrong: mend it.', true],
  ] as const)
    it(`are ${isOffered ? 'an' : 'no'} edit where it is asked: ${task}`, async () => {
      const at = bench({ files: { 'a.mjs': 'foo();\n' }, script: said() });
      await at.run({ mode: 'own', task });
      assert.equal(
        alternatives(at.model.requests[0]).some(({ properties }) => properties['tool']?.enum?.[0] === 'edit'),
        isOffered,
      );
    });

  it('are the answer alone once a question was looked into for ten turns', async () => {
    const looks = [...'abcdefghij'].map((query) => ({ tool: 'search', query }));
    const files = { 'a.mjs': 'a b c d e f g h i j\n' };
    for (const [task, isOver] of [
      ['Which file is it?', true],
      ['Look for it.', false],
    ] as const) {
      const at = bench({ files, script: said(...looks) });
      await at.run({ mode: 'own', task });
      assert.equal(alternatives(at.model.requests[10]).length === 1, isOver, task);
      await at.close();
    }
  });

  it('are no edit after a new file either, but for other new ones that the task names', async () => {
    const at = bench({
      script: said(
        { tool: 'edit', path: 'src/one.mjs', new: 'export const one = 1;\n' },
        { tool: 'edit', path: 'src/two.mjs', new: 'export const two = 2;\n' },
      ),
    });
    await at.run({ mode: 'own', allow: ['edit'], task: 'Make src/one.mjs and src/two.mjs, as in example.com.' });
    assert.deepEqual(at.model.requests.map((request) => choices(request, 'edit', 'path')).slice(1), [
      ['src/two.mjs'],
      [],
    ]);
  });

  it('are what has words of the task elsewhere, right after a change, and nothing else', async () => {
    const text = 'const name = 1;\n\nfirst();\n\nconst port = 2;\n\nlast();\n';
    const script = said(
      { tool: 'edit', path: 'a.mjs', old: 'const name = 1;', new: "const name = 'x';" },
      { tool: 'edit', path: 'a.mjs', old: 'const port = 2;', new: 'const port = 80;' },
    );
    const at = bench({ files: { 'a.mjs': text, 'b.mjs': '1;\n' }, script });
    await at.run({ mode: 'own', allow: ['edit'], task: 'In a.mjs, set name to x and port to 80.' });
    const edits = at.model.requests.map((request) =>
      alternatives(request).filter(({ properties }) => properties['tool']?.enum?.[0] === 'edit'),
    );
    const offered = edits.slice(1).map((each) => each.map(({ properties }) => properties['old']?.enum));
    assert.deepEqual(offered, [[['const port = 2;']], []]);
  });

  for (const [what, last] of Object.entries({
    'its test has passed': { tool: 'run', argv: ['node', 'test.mjs'] },
    'it was looked at': { tool: 'read', path: 'a.mjs' },
  }))
    it(`are the answer, or to run more, once a change was made and ${what}`, async () => {
      const at = bench({
        files: { 'a.mjs': 'one();\n\ntwo();\n', 'test.mjs': "console.log('1 passed');\n" },
        config: { modes: { own: { prompt: 'Do it.', tools: ['run', 'read', 'search', 'plan', 'edit'] } } },
        script: said({ tool: 'edit', path: 'a.mjs', old: 'one();', new: '1;' }, last),
      });
      await at.run({ mode: 'own', allow: ['edit', 'run'], task: 'In a.mjs, one and two fail.' });
      const offered = at.model.requests.map((request) => [
        ...new Set(alternatives(request).map(({ properties }) => properties['tool']?.enum?.[0] ?? 'say')),
      ]);
      assert.deepEqual(offered.slice(1), [
        ['read', 'search', 'edit', 'run', 'plan', 'say'],
        ['run', 'say'],
      ]);
    });

  it('are another text than the one in its place, and than the one that was refused', async () => {
    const at = bench({
      files: { 'a.mjs': 'one();\n' },
      script: said({ tool: 'edit', path: 'a.mjs' }, { tool: 'edit', path: 'a.mjs', old: 'one();', new: 'one(' }),
    });
    await at.run({ mode: 'own', allow: ['edit'] });
    const notNow = at.model.requests.map((request) =>
      alternatives(request).flatMap(({ properties }) => (properties['old'] ? [properties['new']?.not?.enum] : [])),
    );
    assert.deepEqual(notNow.slice(1), [[['one();', 'one();\n']], [['one();', 'one();\n', 'one(', 'one(\n']]]);
  });

  it('are other pieces than one that was quoted in vain, where there are others', async () => {
    const at = bench({
      files: { 'a.mjs': 'one();\ntwo();\n' },
      script: said({ tool: 'edit', path: 'a.mjs' }, { tool: 'edit', path: 'a.mjs', old: 'one();', new: 'one(' }),
    });
    await at.run({ mode: 'own', allow: ['edit'] });
    assert.deepEqual(choices(at.model.requests[2], 'edit', 'old'), ['one();\ntwo();', 'two();']);
  });

  it('are less than the lines that were changed in vain, and not more', async () => {
    const text = '{\n  "a": {\n    "b": 1,\n    "c": 2\n  }\n}\n';
    const old = '"a": {\n    "b": 1,\n    "c": 2\n  }';
    const script = said({ tool: 'read', path: 'a.json' }, { tool: 'edit', path: 'a.json', old, new: '"a": {' });
    const at = bench({ files: { 'a.json': text }, script });
    await at.run({ mode: 'own', allow: ['edit'] });
    const [, before, after] = at.model.requests.map((request) => choices(request, 'edit', 'old'));
    assert.ok(before?.includes(old) && before.includes(text.trimEnd()));
    assert.deepEqual(after, ['"b": 1,', '"b": 1,\n    "c": 2', '"c": 2']);
  });

  it('are lines to add behind a piece', async () => {
    const at = bench({
      script: said(
        { tool: 'read', path: 'src/price.mjs' },
        { tool: 'edit', path: 'src/price.mjs', add: 'export const vat = 7;', after: 'export const tax = 19;' },
      ),
    });
    await at.run({ mode: 'own', allow: ['edit'] });
    assert.ok(choices(at.model.requests[1], 'edit', 'after').includes('export const tax = 19;'));
    assert.match(readFileSync(join(at.root, 'src/price.mjs'), 'utf8'), /tax = 19;\nexport const vat = 7;\n$/);
  });

  it('are another search than before, and no list of what the prompt shows', async () => {
    const at = bench({ script: said({ tool: 'search', query: 'tax' }) });
    await at.run({ mode: 'own' });
    const [first, second] = at.model.requests;
    assert.match(String(first?.messages[0]?.content), /All files of the folder\n```\nREADME\.md\n/);
    assert.ok(!alternatives(first).some(({ properties }) => properties['tool']?.enum?.[0] === 'list'));
    const search = alternatives(second).find(({ properties }) => properties['tool']?.enum?.[0] === 'search');
    assert.deepEqual(search?.properties['query']?.not, { enum: ['tax'] });
  });

  it('are the answer alone in the last turn', async () => {
    const at = bench({ script: said({ tool: 'search', query: 'tax' }) });
    await at.run({ mode: 'own', maxRounds: 2 });
    assert.deepEqual(
      alternatives(at.model.requests[1]).map(({ required }) => required),
      [['say']],
    );
  });

  it('are all that can be done, for a model that only babbles', async () => {
    let done = 0;
    for (let seed = 1; seed <= 8; seed++) {
      const random = createRandom(seed);
      const at = bench({ script: ({ jsonSchema }) => [JSON.stringify(babble(jsonSchema?.schema as Schema, random))] });
      const { steps } = await at.run({ mode: 'own', allow: ['edit'], maxRounds: 25 });
      done += steps;
      for (const { jsonSchema } of at.model.requests) assert.deepEqual(toJsonGrammar(jsonSchema?.schema).unforced, []);
      const refused = at.parts.filter(
        (part) => part.kind === 'result' && !part.ok && !/parse|same as old|^This is what it has/m.test(part.text),
      );
      assert.deepEqual(refused, []);
      await at.close();
    }
    assert.ok(done > 20, String(done));
  });

  it('are lists of folders, where there are too many files to show', async () => {
    const many = Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`src/part${i % 4}/file${i}.ts`, 'x;\n']));
    const at = bench({ files: many, script: said({ tool: 'list', path: 'src' }) });
    await at.run({ mode: 'own' });
    const [first, second] = at.model.requests;
    assert.match(String(first?.messages[0]?.content), /In the folder\n```\nsrc\/\n```/);
    assert.deepEqual(choices(first, 'list', 'path'), ['', 'src', 'src/part0', 'src/part1', 'src/part2', 'src/part3']);
    assert.ok(!choices(second, 'list', 'path').includes('src'));
  });

  for (const [who, options] of Object.entries({
    'calls tools of its own': { info: { capabilities: { tools: true } } },
    'is elsewhere': { isLocal: false },
  }))
    it(`are left open where the model ${who}`, async () => {
      const at = bench({ ...options, script: [['{"say":"Done."}']] });
      await at.run({ mode: 'own' });
      assert.doesNotMatch(JSON.stringify(at.model.requests[0]?.jsonSchema ?? {}), /price\.mjs/);
    });

  it('leave the folder as whole as the edits that were made', async () => {
    const at = bench({
      script: said(
        { tool: 'read', path: 'src/price.mjs' },
        { tool: 'edit', path: 'src/price.mjs', old: 'return n * 2;', new: 'return n * 3;' },
        { tool: 'edit', path: 'src/new.mjs', new: 'export {};\n' },
        { tool: 'search', query: 'price' },
      ),
    });
    await at.run({ mode: 'own', allow: ['edit'] });
    assert.equal(
      readFileSync(join(at.root, 'src/price.mjs'), 'utf8'),
      files['src/price.mjs'].replace('n * 2', 'n * 3'),
    );
    assert.ok(readdirSync(join(at.root, 'src')).includes('new.mjs'));
    assert.ok(choices(at.model.requests[3], 'read', 'path').includes('src/new.mjs'));
  });
});

interface Schema {
  anyOf?: Schema[];
  enum?: unknown[];
  type?: string;
  properties?: Record<string, Schema>;
  minLength?: number;
}

/** Any value of a schema, of those that the agent has. */
function babble(schema: Schema, random: () => number): unknown {
  const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)] as Value;
  if (schema.anyOf)
    return babble(pick(schema.anyOf.slice(0, -1).length > 0 ? schema.anyOf.slice(0, -1) : schema.anyOf), random);
  if (schema.enum) return pick(schema.enum);
  if (schema.properties)
    return Object.fromEntries(Object.entries(schema.properties).map(([name, part]) => [name, babble(part, random)]));
  return `w${Math.floor(random() * 1e6)}`;
}
