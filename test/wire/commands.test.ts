// Commands for plain LSP clients: edits leave as workspace/applyEdit, texts as window/showDocument, progress as work-done progress.
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'mocha';
import { ExecuteCommand } from '../../shared/protocol/lsp.ts';
import { scriptedJson } from '../fakes/gguf.ts';
import { failureOf } from '../process/lsp-client.ts';
import { type Alone, startAlone } from './alone.ts';

const uri = 'untitled:sum.js';
const text = 'one\nlet last = items[items.length];\n';
const quote = 'items[items.length]';
const replacement = 'items[items.length - 1]';
const range = { start: { line: 1, character: 11 }, end: { line: 1, character: 30 } };
const flawed = scriptedJson({ findings: [{ line: 2, quote, severity: 'error', category: 'correctness', message: 'Reads one past the end.', replacement, confidence: 0.9 }] });

interface Asked {
  method: string;
  params: unknown;
}

/** An editor with the document open; what the daemon asks of it is noted, and answered by `answers`. */
async function openPlainEditor(script: string, options: { capabilities: object; answers?: Record<string, unknown> }): Promise<Alone & { asked: Asked[] }> {
  const alone = startAlone(script);
  const asked: Asked[] = [];
  alone.client.connection.onRequest((method, params) => {
    asked.push({ method, params });
    return options.answers?.[method] ?? null;
  });
  await alone.client.initialize({ capabilities: options.capabilities });
  alone.client.open(uri, text, 'javascript');
  return { ...alone, asked };
}

async function reviewFirst({ client }: Alone): Promise<string> {
  await client.call(ExecuteCommand, { command: 'switchyard.review', arguments: [{ uri }] });
  const { diagnostics } = await client.notified<{ diagnostics: { data: { findingId: string } }[] }>('textDocument/publishDiagnostics', (published) => published.diagnostics.length > 0);
  return diagnostics[0]?.data.findingId ?? '';
}

describe('commands for plain editors', () => {
  it('switchyard.review publishes findings, says what came of it, and shows its progress from begin to end', async () => {
    await using editor = await openPlainEditor(flawed, { capabilities: { window: { workDoneProgress: true } } });
    const result = (await editor.client.call(ExecuteCommand, { command: 'switchyard.review', arguments: [{ uri }] })) as { findings: number; summary: string };
    assert.equal(result.findings, 1);
    const { message } = await editor.client.notified<{ message: string }>('window/showMessage');
    assert.equal(message, `Switchyard: ${result.summary}`);
    const [created] = editor.asked;
    assert.equal(created?.method, 'window/workDoneProgress/create');
    const { token } = created.params as { token: string };
    await editor.client.notified<{ token: string; value: { kind: string } }>('$/progress', (progress) => progress.token === token && progress.value.kind === 'end');
    const kinds = editor.client.notifications.items.filter(({ method }) => method === '$/progress').map(({ params }) => (params as { token: string; value: { kind: string } }).value.kind);
    assert.deepEqual([kinds[0], kinds.at(-1)], ['begin', 'end']);
    assert.ok(kinds.slice(1, -1).every((kind) => kind === 'report') && kinds.length > 2);
  });

  it('switchyard.review reports under the client\'s own token where it gave one', async () => {
    await using editor = await openPlainEditor(flawed, { capabilities: { window: { workDoneProgress: true } } });
    await editor.client.call(ExecuteCommand, { command: 'switchyard.review', arguments: [{ uri }], workDoneToken: 'mine' });
    await editor.client.notified<{ token: string; value: { kind: string } }>('$/progress', ({ token, value }) => token === 'mine' && value.kind === 'end');
    assert.deepEqual(editor.asked, []);
  });

  it('switchyard.fix leaves as an edit of the version it was made for', async () => {
    await using editor = await openPlainEditor(flawed, {
      capabilities: { workspace: { applyEdit: true, workspaceEdit: { documentChanges: true } } },
      answers: { 'workspace/applyEdit': { applied: true } },
    });
    const findingId = await reviewFirst(editor);
    assert.deepEqual(await editor.client.call(ExecuteCommand, { command: 'switchyard.fix', arguments: [{ findingId }] }), { applied: true });
    assert.deepEqual(editor.asked, [{ method: 'workspace/applyEdit', params: { label: 'Switchyard', edit: { documentChanges: [{ textDocument: { uri, version: 1 }, edits: [{ range, newText: replacement }] }] } } }]);
  });

  it('switchyard.fix leaves as `changes` for an editor that does not know documentChanges', async () => {
    await using editor = await openPlainEditor(flawed, { capabilities: { workspace: { applyEdit: true } }, answers: { 'workspace/applyEdit': { applied: true } } });
    const findingId = await reviewFirst(editor);
    await editor.client.call(ExecuteCommand, { command: 'switchyard.fix', arguments: [{ findingId }] });
    assert.deepEqual(editor.asked[0]?.params, { label: 'Switchyard', edit: { changes: { [uri]: [{ range, newText: replacement }] } } });
  });

  it('an edit that the editor refuses, or cannot take, is a sentence', async () => {
    await using refusing = await openPlainEditor(flawed, { capabilities: { workspace: { applyEdit: true } }, answers: { 'workspace/applyEdit': { applied: false, failureReason: 'it moved' } } });
    const refused = await failureOf(refusing.client.call(ExecuteCommand, { command: 'switchyard.fix', arguments: [{ findingId: await reviewFirst(refusing) }] }));
    assert.deepEqual([refused.data, refused.message], [{ code: 'edit-refused', retryable: true }, 'The editor did not apply the edit: it moved. Try again.']);
    await using unable = await openPlainEditor(flawed, { capabilities: {} });
    const cannot = await failureOf(unable.client.call(ExecuteCommand, { command: 'switchyard.fix', arguments: [{ findingId: await reviewFirst(unable) }] }));
    assert.equal(cannot.data?.code, 'cannot-apply');
  });

  it('switchyard.dismiss takes the finding away', async () => {
    await using editor = await openPlainEditor(flawed, { capabilities: {} });
    const findingId = await reviewFirst(editor);
    await editor.client.call(ExecuteCommand, { command: 'switchyard.dismiss', arguments: [{ findingId }] });
    await editor.client.notified<{ diagnostics: unknown[] }>('textDocument/publishDiagnostics', ({ diagnostics }) => diagnostics.length === 0);
  });

  it('switchyard.chat and explanations open as documents of the data folder, for this user alone', async () => {
    const said = 'It reads **one** past the end.';
    await using editor = await openPlainEditor(said, { capabilities: { window: { showDocument: { support: true } } }, answers: { 'window/showDocument': { success: true } } });
    for (const [command, argument] of [['switchyard.chat', { text: 'why?' }], ['switchyard.action', { kind: 'explain', uri, range }]] as const) {
      const result = (await editor.client.call(ExecuteCommand, { command, arguments: [argument] })) as { text: string; uri: string };
      assert.equal(result.text, said);
      const shown = editor.asked.pop();
      assert.deepEqual(shown, { method: 'window/showDocument', params: { uri: result.uri, takeFocus: false } });
      const file = fileURLToPath(result.uri);
      assert.ok(file.startsWith(editor.home.paths.data));
      assert.equal(readFileSync(file, 'utf8'), said);
      if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o077, 0);
    }
  });

  it('an editor without showDocument is told where the text is', async () => {
    await using editor = await openPlainEditor('An answer.', { capabilities: {} });
    await editor.client.call(ExecuteCommand, { command: 'switchyard.chat', arguments: [{ text: 'why?' }] });
    const { message } = await editor.client.notified<{ message: string }>('window/showMessage');
    assert.match(message, /wrote the text to .+\.md$/);
  });
});
