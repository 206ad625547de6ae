// What is learned of suggestions, as the terminal shows and deletes it.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { after, before, describe, it } from 'mocha';
import { CompletionFilter, InlineCompletion } from '../../../shared/protocol/completion.ts';
import { writeScriptedModel } from '../../fakes/gguf.ts';
import { Home } from '../home.ts';
import { openEditor } from '../lsp-client.ts';

describe('completion why and forget', () => {
  let home: Home;
  before(() => {
    home = new Home();
    writeScriptedModel(home.file('data', 'models', 'coder.gguf'), 'a + b;', { fimAfter: '=' });
  });
  after(() => home[Symbol.asyncDispose]());

  it('count what was shown, and delete it', async () => {
    const folder = pathToFileURL(home.project('work')).href;
    const editor = await openEditor(home, { folder, switchyard: { workspaceTrusted: true } });
    const uri = `${folder}/a.js`;
    writeFileSync(home.project('work', 'a.js'), 'let x =');
    editor.open(uri, 'let x =', 'javascript');
    const { items } = await editor.call(InlineCompletion, {
      textDocument: { uri },
      position: { line: 0, character: 7 },
    });
    assert.equal(items.length, 1);
    const { rows, kept, minRows, filter } = await editor.call(CompletionFilter, {});
    assert.deepEqual([rows, kept, minRows, filter], [1, 0, 200, undefined]);
    const shown = await home.switchyard(['completion', 'why']);
    assert.match(shown.stdout, /kept 0 of the last 1 code suggestions.*\n.*until there are 200/);
    assert.match((await home.switchyard(['completion', 'forget'])).stdout, /^Deleted /);
    assert.equal((await editor.call(CompletionFilter, {})).rows, 0);
  });

  it('say which subcommands there are', async () => {
    const { code, stderr } = await home.switchyard(['completion', 'forgt']);
    assert.equal(code, 2);
    assert.match(stderr, /forget/);
  });
});
