// A model that failed rests, until the user has done what the failure told them.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { InlineCompletion } from '../../../shared/protocol/completion.ts';
import { DaemonStatus } from '../../../shared/protocol/daemon.ts';
import { KeysSet } from '../../../shared/protocol/keys.ts';
import { startOpenAiServer } from '../../fakes/provider-servers/openai.ts';
import type { ScriptedServer } from '../../fakes/provider-servers/scripted-server.ts';
import { Home, until } from '../home.ts';
import { openEditor } from '../lsp-client.ts';

type Editor = Awaited<ReturnType<typeof openEditor>>;

describe('a model for ghost text that refused', () => {
  let home: Home;
  let server: ScriptedServer;
  let editor: Editor;
  let documents = 0;

  before(async () => {
    server = await startOpenAiServer({ reply: '1;' });
    home = new Home();
    configure();
    editor = await openEditor(home);
  });
  after(async () => {
    await home[Symbol.asyncDispose]();
    await server.close();
  });

  function configure(headers: Record<string, string> = {}): void {
    const lab = { type: 'openai-compatible', baseUrl: server.url, completionApi: 'completions', headers };
    home.configure({ providers: { lab }, completion: { model: 'lab/scripted' } });
  }
  async function suggested(): Promise<string[]> {
    const uri = `untitled:${documents++}.js`;
    editor.open(uri, 'let a = ', 'javascript');
    const params = { textDocument: { uri }, position: { line: 0, character: 8 } };
    return (await editor.call(InlineCompletion, params)).items.map(({ insertText }) => insertText);
  }
  const stateOf = async () => (await editor.call(DaemonStatus, {})).completion?.state;

  const remedies: Record<string, () => unknown> = {
    'its key was set': () => editor.call(KeysSet, { provider: 'lab', key: 'another-key' }),
    'config.json has changed': () => configure({ 'x-lab': 'another' }),
  };
  for (const [what, remedy] of Object.entries(remedies))
    it(`is asked again as soon as ${what}`, async () => {
      server.reply = { status: 401, body: { error: { message: 'No such key.' } } };
      assert.deepEqual(await suggested(), []);
      assert.equal(await stateOf(), 'off');
      server.reply = '1;';
      await remedy();
      await until('completion to be on', async () => (await stateOf()) === 'on');
      assert.deepEqual(await suggested(), ['1;']);
    });
});
