// A project's rules for reviews: which hold for a file, and when they are read.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createModelGate, type ModelGate } from '../../../../../daemon/ignore/gate.ts';
import { createIgnore } from '../../../../../daemon/ignore/ignore.ts';
import { answerWith, benchWith, FindingsInMemory, ScriptedProvider, snippetOf } from '../parts.ts';

let root = '';
const write = (name: string, text: string): void => {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), text);
};

async function review(
  file: string,
  {
    trusted = true,
    gate = createModelGate(createIgnore({ ownFolders: [] })) as ModelGate,
    findings = new FindingsInMemory(),
  } = {},
) {
  const provider = new ScriptedProvider([answerWith()]);
  const uri = pathToFileURL(join(root, file)).href;
  const { runId, rules, notes } = await benchWith({ provider, gate, findings }).run(snippetOf('one();\n', { uri }), {
    root,
    trusts: async () => trusted,
  });
  const [system = '', user = ''] = (provider.requests[0]?.messages ?? []).map(({ content }) => content);
  return {
    rules: rules.map(({ name }) => name),
    isCut: rules.some(({ isCut }) => isCut),
    notes,
    system,
    user,
    asked: provider.requests.length,
    stored: findings.listed.get(runId)?.aside?.rules,
  };
}

describe('rules of a project', () => {
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'switchyard-rules-')));
    write('.switchyard/review.md', 'Do not flag missing tests.');
    write('AGENTS.md', 'Money is in cents.');
    write('.github/copilot-instructions.md', 'Prefer early returns.');
    write('web/.switchyard/review.md', 'Flag inline styles.');
    write('api/AGENTS.md', 'Every route checks access.');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('are kept with the review, and so is that there were none', async () => {
    const { stored } = await review('api/route.ts');
    assert.deepEqual(
      stored?.map(({ name, isCut }) => [name, isCut]),
      [
        ['.github/copilot-instructions.md', false],
        ['AGENTS.md', false],
        ['.switchyard/review.md', false],
        ['api/AGENTS.md', false],
      ],
    );
    assert.deepEqual((await review('api/route.ts', { trusted: false })).stored, []);
  });

  it('hold for the files below them, the innermost last, and the user is told which were applied', async () => {
    const { rules, notes, user } = await review('web/page/view.ts');
    const expected = [
      '.github/copilot-instructions.md',
      'AGENTS.md',
      '.switchyard/review.md',
      'web/.switchyard/review.md',
    ];
    assert.deepEqual(rules, expected);
    assert.ok(notes.includes(`Rules applied: ${expected.join(', ')}.`), notes.join('\n'));
    const places = ['Prefer early returns.', 'Money is in cents.', 'Do not flag missing tests.', 'Flag inline styles.'];
    const order = places.map((text) => user.indexOf(text));
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
    );
    assert.ok((order[0] ?? -1) > 0);
    assert.doesNotMatch(user, /Every route/);
  });

  it('stand in the prompt between markers, apart from the code and from our own instructions', async () => {
    const { user, system } = await review('api/route.ts');
    const [, marker = ''] = /form of the answer:\n(=+\w+=+)\n/.exec(user) ?? [];
    const [, rules, , code] = user.split(marker);
    assert.match(rules ?? '', /Every route checks access\./);
    assert.match(code ?? '', /one\(\);/);
    assert.doesNotMatch(system, /Every route/);
  });

  it('are not read in a folder that is not trusted, and the user is told', async () => {
    const { rules, notes, user } = await review('web/view.ts', { trusted: false });
    assert.deepEqual(rules, []);
    assert.doesNotMatch(user, /cents|early returns|inline styles|missing tests/);
    assert.ok(notes.some((note) => note.startsWith("AGENTS.md wasn't applied. Trust the folder")));
  });

  it('are cut where they are long, and told as such', async () => {
    write('AGENTS.md', `start ${'x '.repeat(20_000)}end`);
    const { isCut, user, notes } = await review('a.ts');
    assert.ok(isCut);
    assert.ok(user.includes('start x') && !user.includes('end'));
    assert.ok(notes.some((note) => note.includes('AGENTS.md (its beginning)')));
  });

  it('are not taken from outside of the folder, nor from what is kept from models', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'switchyard-outside-'));
    writeFileSync(join(outside, 'rules.md'), 'From outside.');
    rmSync(join(root, 'AGENTS.md'));
    symlinkSync(join(outside, 'rules.md'), join(root, 'AGENTS.md'));
    write('.switchyardignore', 'copilot-instructions.md\n');
    const { user, rules } = await review('a.ts');
    rmSync(outside, { recursive: true });
    assert.deepEqual(rules, ['.switchyard/review.md']);
    assert.doesNotMatch(user, /From outside|early returns/);
  });

  it('that have changed make a file be read again', async () => {
    const findings = new FindingsInMemory();
    assert.equal((await review('a.ts', { findings })).asked, 1);
    assert.equal((await review('a.ts', { findings })).asked, 0);
    write('AGENTS.md', 'Money is in euros.');
    assert.equal((await review('a.ts', { findings })).asked, 1);
  });
});
