// What every editor that speaks plain LSP is promised. One run of the editor, looked at from several sides.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, it } from 'mocha';
import type { ScriptedServer } from '../../fakes/provider-servers/scripted-server.ts';
import { configFor, filePath, flawedCodeIn, invented, overrun, startModel, surcharge } from './flawed-code.ts';
import { Home } from './home.ts';
import type { ClientOptions, LspClient } from './lsp-client.ts';

export function plainEditorSuite(start: (options: ClientOptions) => LspClient): void {
  let home: Home;
  let model: ScriptedServer;
  let editor: LspClient;
  let original: string;

  before(async () => {
    model = await startModel();
    home = new Home(configFor(model));
    const workspace = home.workspace();
    original = flawedCodeIn(workspace);
    editor = start({ home, file: join(workspace, filePath), withEdit: overrun.message, withModel: surcharge.message });
    editor.turn('review');
  });

  after(async () => {
    await editor?.[Symbol.asyncDispose]();
    await home?.end();
    await model?.close();
  });

  it('joins the shared daemon', async () => {
    const { pid, wire, server } = await editor.step('attached');
    assert.deepEqual({ pid, wire, server }, { pid: (await home.status()).pid, wire: 1, server: 'switchyard' });
  });

  it('gets the findings of `switchyard.review` as diagnostics, without the one whose quote is not in the code', async () => {
    const { list } = (await editor.step('diagnostics')) as unknown as { list: { line: number; message: string }[] };
    const seen = list.map(({ line, message }) => `${line}: ${message}`).sort();
    assert.equal(seen.length, 2, seen.join('\n'));
    assert.match(seen[0] ?? '', new RegExp(`^29: .*${overrun.message}`, 's'));
    assert.match(seen[1] ?? '', new RegExp(`^40: .*${surcharge.message}`, 's'));
    assert.ok(!seen.join().includes(invented.message));
  });

  it('applies the edit that a finding brought, from its own code action menu', async () => {
    const { text } = await editor.step('action', 1);
    assert.equal(text, asShown(original.replace(overrun.quote, overrun.replacement), String(text)));
  });

  it('has a model fix a finding with "Fix with Switchyard", as an edit that the server sends', async () => {
    const { text } = await editor.step('action', 2);
    const fixed = original.replace(overrun.quote, overrun.replacement).replace(surcharge.quote, surcharge.fixed);
    assert.equal(text, asShown(fixed, String(text)));
  });

  it('leaves cleanly, and the daemon stays for others', async () => {
    const { pid } = await home.status();
    assert.equal(await editor.leave(), 0);
    assert.equal((await home.status()).pid, pid);
  });
}

/** Some editors show a buffer without its last line end. */
function asShown(expected: string, shown: string): string {
  return shown.endsWith('\n') ? expected : expected.trimEnd();
}
