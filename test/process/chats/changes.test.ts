// The changes of an answer on the built daemon: over the wire for an editor, and from a terminal.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, describe, it } from 'mocha';
import { ChatChanges, ChatSend } from '../../../shared/protocol/index.ts';
import { startOpenAiServer } from '../../fakes/provider-servers/openai.ts';
import type { ScriptedServer } from '../../fakes/provider-servers/scripted-server.ts';
import { Home } from '../home.ts';
import { type LspClient, openEditor } from '../lsp-client.ts';

const saved = 'const one = 1;\nconst two = 2;\n';
const unsaved = `// mine\n${saved}`;
const reply = [
  'As you wish.',
  '```js sum.js',
  '<<<<<<< SEARCH\nconst two = 2;\n=======\nconst two = 3;\n>>>>>>> REPLACE',
  '```',
  '```sh ../outside.sh\necho x\n```',
].join('\n');

describe('the changes of an answer', () => {
  let server: ScriptedServer;
  let home: Home;
  let editor: LspClient;
  let folder: string;

  before(async () => {
    server = await startOpenAiServer({ reply });
    home = new Home({
      providers: { lab: { type: 'openai-compatible', baseUrl: server.url, local: true, models: ['tiny'] } },
    });
    folder = dirname(home.project('sum.js'));
    writeFileSync(home.project('sum.js'), saved);
    editor = await openEditor(home, { folder: pathToFileURL(folder).href });
  });
  after(async () => {
    await home[Symbol.asyncDispose]();
    await server.close();
  });

  it('are of the text that the editor has, and leave the file alone', async () => {
    const uri = pathToFileURL(home.project('sum.js')).href;
    editor.open(uri, unsaved, 'javascript');
    const { chatId, messageId, decision } = await editor.call(ChatSend, { text: 'Make two three in sum.js' });
    const { files, refused, decisionId } = await editor.call(ChatChanges, { chatId, messageId });
    assert.deepEqual(files, [
      {
        uri,
        path: 'sum.js',
        version: 1,
        isNew: false,
        hunks: [
          {
            range: { start: { line: 2, character: 0 }, end: { line: 3, character: 0 } },
            oldText: 'const two = 2;\n',
            newText: 'const two = 3;\n',
          },
        ],
      },
    ]);
    assert.deepEqual(refused, [{ path: '../outside.sh', why: 'The edit leads outside the folder.' }]);
    assert.equal(decisionId, decision.id);
    assert.equal(readFileSync(home.project('sum.js'), 'utf8'), saved);
  });

  it('are asked for in a form that can be applied', () => {
    const asked = server.requests
      .map(({ body }) => JSON.stringify(body ?? ''))
      .find((body) => body.includes('Make two three'));
    assert.match(asked ?? '', /<<<<<<< SEARCH/);
  });

  it('are shown in a terminal, and not written where nobody can say yes', async () => {
    const { code, stdout, stderr } = await home.switchyard(['chat', '--apply', 'Make two three in sum.js'], '', folder);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /\nsum\.js\n@@ line 2 @@\n-const two = 2;\n\+const two = 3;\n$/);
    assert.match(stderr, /\.\.\/outside\.sh: The edit leads outside the folder\./);
    assert.match(stderr, /hint: To write these changes/);
    assert.equal(readFileSync(home.project('sum.js'), 'utf8'), saved);
  });
});
