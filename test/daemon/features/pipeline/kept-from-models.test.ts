// What a project keeps from models, by every way on which code leaves for one: reviews, diffs, fixes and inline actions.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, describe, it } from 'mocha';
import { createActions } from '../../../../daemon/features/code-actions/perform.ts';
import type { Analysers } from '../../../../daemon/features/pipeline/analysers/analysers.ts';
import { createModelGate } from '../../../../daemon/ignore/gate.ts';
import { createIgnore } from '../../../../daemon/ignore/ignore.ts';
import {
  answerWith,
  benchWith,
  editFormsWith,
  editGate,
  modelsOf,
  routerTo,
  ScriptedProvider,
  snippetOf,
  strictLog,
} from './parts.ts';

const text = 'const a = planted;\n';
const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 5 } };
const isRefused = { code: 'ignored-file', message: /wasn't sent to a model: .* keeps it from models\./ };
const ignore = createIgnore({ ownFolders: [], ignoresCase: false });
const gate = createModelGate(ignore);

describe('what is kept from models', () => {
  let folder = '';
  let root = '';
  const uri = (path: string): string => `${pathToFileURL(root).href}/${path}`;

  before(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'switchyard-')));
    root = join(folder, 'shop');
    mkdirSync(join(root, 'src'), { recursive: true });
    mkdirSync(join(folder, '.ssh'));
    for (const path of ['.env', 'src/own.ts', 'src/open.ts', '../.ssh/id_rsa', '../.ssh/config', '../elsewhere.ts'])
      writeFileSync(join(root, path), text);
    writeFileSync(join(root, '.switchyardignore'), 'src/own.ts\n');
    symlinkSync(join(folder, '.ssh', 'id_rsa'), join(root, 'src/keys.ts'));
    symlinkSync(join(folder, 'elsewhere.ts'), join(root, 'src/out.ts'));
    symlinkSync(join(root, '.env'), join(root, 'src/env.ts'));
    symlinkSync(root, join(folder, 'alias'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const kept: readonly [what: string, uri: () => string][] = [
    ['a denied name', () => uri('.env')],
    ['an ignored file', () => uri('src/own.ts')],
    ['an ignored file by percent signs', () => uri('src/%6Fwn.ts')],
    ['an ignored file by dots', () => uri('src/../src/./own.ts')],
    ['an ignored file by a scheme in capitals', () => uri('src/own.ts').replace('file:', 'FILE:')],
    ['an ignored file by the host of this machine', () => uri('src/own.ts').replace('file://', 'file://localhost')],
    ['an ignored file by another path to its folder', () => uri('src/own.ts').replace('/shop/', '/alias/')],
    ['an ignored file as git names its versions', () => uri('src/own.ts').replace('file://', 'git:')],
    ['a cell of an ignored notebook', () => `${uri('src/own.ts').replace('file://', 'vscode-notebook-cell:')}#W0`],
    ['a link to a key', () => uri('src/keys.ts')],
    ['a link that leads out of the folder', () => uri('src/out.ts')],
    ['a link to a denied name', () => uri('src/env.ts')],
    ['a file in a denied folder that is not open', () => pathToFileURL(join(folder, '.ssh/config')).href],
    ['a denied name that was never saved', () => 'untitled:.env'],
    ['a path that nothing can follow', () => uri('src/%00own.ts')],
  ];

  for (const [what, uriOf] of kept) {
    it(`${what}: a review asks no model and says so`, async () => {
      const looked: string[] = [];
      const analysers: Analysers = {
        begin: () => ({
          analyse: async ({ snippet }) => ({ looks: [{ by: snippet.uri, state: 'read' }], missing: [], notes: [] }),
        }),
      };
      const bench = benchWith({ provider: new ScriptedProvider([answerWith()]), gate, analysers });
      const result = await bench.run(snippetOf(text, { uri: uriOf() }), {
        roots: [uri('').slice(0, -1)],
        onStage: (_, detail) => looked.push(detail),
      });
      assert.equal(bench.provider?.requests.length, 0);
      assert.match(result.notes.join(), isRefused.message);
      assert.match(result.summary, /Kept from models/);
      assert.ok(looked.includes(`ran ${uriOf()}`), 'analysers still look at it');
    });

    it(`${what}: an inline action and a fix are refused`, async () => {
      const provider = new ScriptedProvider(['changed']);
      const models = modelsOf(routerTo(provider));
      const options = { roots: [uri('').slice(0, -1)], signal: new AbortController().signal };
      const snippet = snippetOf(text, { uri: uriOf() });
      for (const kind of ['fix', 'explain', 'tests', 'document', 'improve'] as const) {
        const request = { profile: 'default', kind, snippet, range };
        await assert.rejects(
          createActions({ models, gate, ignore, edits: editGate, forms: editFormsWith(), log: strictLog }).perform(
            request,
            options,
          ),
          isRefused,
        );
      }
      const first = benchWith({ provider: new ScriptedProvider([answerWith({ quote: 'const a = planted;' })]) });
      const { findings } = await first.run(snippet);
      const { review } = benchWith({ provider, gate, findings: first.findings });
      await assert.rejects(review.fix(findings[0]?.id ?? '', snippet, { profile: 'default', ...options }), isRefused);
      assert.equal(provider.requests.length, 0);
    });
  }

  it('of a diff only the files that no rule keeps are sent, whatever they were called before', async () => {
    const change = (from: string, to: string, added: string): string =>
      `--- a/${from}\n+++ b/${to}\n@@ -0,0 +1 @@\n+${added}\n`;
    const diff = [
      change('.env.local', '.env.local', 'X=one'),
      change('src/own.ts', 'src/own.ts', 'X=2planted'),
      change('.env', 'settings.txt', 'X=three'),
      change('src/open.ts', 'src/open.ts', 'const four = 4;'),
    ].join('');
    const bench = benchWith({ provider: new ScriptedProvider([answerWith()]), gate });
    const { notes, summary } = await bench.runDiff(diff, { root });
    const sent = JSON.stringify(bench.provider?.requests.map(({ messages }) => messages));
    assert.deepEqual(
      ['X=one', 'X=2planted', 'X=three', 'const four'].filter((planted) => sent.includes(planted)),
      ['const four'],
    );
    assert.equal(notes.filter((note) => isRefused.message.test(note)).length, 3);
    assert.match(summary, /Checked by lab\/tiny/);
  });

  it('a file that no rule keeps is sent, in a folder that is open or not', async () => {
    for (const path of [join(root, 'src/open.ts'), join(folder, 'elsewhere.ts')]) {
      const bench = benchWith({ provider: new ScriptedProvider([answerWith()]), gate });
      await bench.run(snippetOf(text, { uri: pathToFileURL(path).href }), { roots: [uri('').slice(0, -1)] });
      assert.equal(bench.provider?.requests.length, 1, path);
    }
  });
});
