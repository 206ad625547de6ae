// Commands for plain LSP clients: edits leave as workspace/applyEdit, texts as window/showDocument, progress as work-done progress.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { after, before, describe, it } from 'mocha';
import { ResponseError } from 'vscode-jsonrpc';
import { ChatList, ChatMessages, ChatStop } from '../../shared/protocol/chat.ts';
import { DaemonStatus } from '../../shared/protocol/daemon.ts';
import { ExecuteCommand } from '../../shared/protocol/lsp.ts';
import { ProjectList } from '../../shared/protocol/profiles.ts';
import { scriptedJson, writeRandomModel, writeScriptedModel } from '../fakes/gguf.ts';
import { Home, until } from '../process/home.ts';
import { failureOf, type LspClient, startEditor } from '../process/lsp-client.ts';

const text = 'one\nlet last = items[items.length];\n';
const quote = 'items[items.length]';
const replacement = 'items[items.length - 1]';
const range = { start: { line: 1, character: 11 }, end: { line: 1, character: 30 } };
/** What each model says to whatever it is asked. */
const scripts = {
  flawed: scriptedJson({
    findings: [
      {
        line: 2,
        quote,
        severity: 'error',
        category: 'correctness',
        message: 'Reads one past the end.',
        replacement,
        confidence: 0.9,
      },
    ],
  }),
  explaining: 'It reads **one** past the end.',
  writing: '```js\nlet last = items.at(-1);\n```',
  breaking: '```js\nlet last = items[;\n```',
};

/** A request of the daemon to its client. */
interface PeerRequest {
  method: string;
  params: unknown;
}

interface PlainEditor extends AsyncDisposable {
  client: LspClient;
  /** Its own document: what is found in another editor's is not for it. */
  uri: string;
  asked: PeerRequest[];
}

async function reviewFirst({ client, uri }: PlainEditor): Promise<string> {
  await client.call(ExecuteCommand, { command: 'switchyard.review', arguments: [{ uri }] });
  const { diagnostics } = await client.notified<{ uri: string; diagnostics: { data: { findingId: string } }[] }>(
    'textDocument/publishDiagnostics',
    (published) => published.uri === uri && published.diagnostics.length > 0,
  );
  return diagnostics[0]?.data.findingId ?? '';
}

describe('commands for plain editors', () => {
  let home: Home;
  let opened = 0;

  before(() => {
    home = new Home();
    const localModels = Object.entries(scripts).map(([name, script]) => {
      const file = home.file(`${name}.gguf`);
      writeScriptedModel(file, script);
      return file;
    });
    writeRandomModel(home.file('endless.gguf'), { contextTokens: 32_768 });
    home.configure({ localModels: [...localModels, home.file('endless.gguf')] });
  });
  after(() => home[Symbol.asyncDispose]());

  /** An editor with a document open; what the daemon asks of it is noted, and answered by `answers`. */
  async function openPlainEditor(
    model: keyof typeof scripts,
    options: { capabilities: object; answers?: Record<string, () => unknown> },
  ): Promise<PlainEditor> {
    const client = startEditor(home);
    const asked: PeerRequest[] = [];
    client.connection.onRequest((method, params) => {
      asked.push({ method, params });
      return options.answers?.[method]?.() ?? null;
    });
    await client.initialize({ capabilities: options.capabilities, switchyard: { model: `local/${model}` } });
    const uri = `untitled:sum-${++opened}.js`;
    client.open(uri, text, 'javascript');
    return { client, uri, asked, [Symbol.asyncDispose]: () => client.leave() };
  }

  it('switchyard.review publishes findings, says what came of it, and shows its progress from begin to end', async () => {
    await using editor = await openPlainEditor('flawed', { capabilities: { window: { workDoneProgress: true } } });
    const result = (await editor.client.call(ExecuteCommand, {
      command: 'switchyard.review',
      arguments: [{ uri: editor.uri }],
    })) as { findings: number; summary: string };
    assert.equal(result.findings, 1);
    const { message } = await editor.client.notified<{ message: string }>('window/showMessage');
    assert.equal(message, `Switchyard: ${result.summary}`);
    const [created] = editor.asked;
    assert.equal(created?.method, 'window/workDoneProgress/create');
    const { token } = created.params as { token: string };
    await editor.client.notified<{ token: string; value: { kind: string } }>(
      '$/progress',
      (progress) => progress.token === token && progress.value.kind === 'end',
    );
    const kinds = editor.client.notifications.items
      .filter(({ method }) => method === '$/progress')
      .map(({ params }) => (params as { token: string; value: { kind: string } }).value.kind);
    assert.deepEqual([kinds[0], kinds.at(-1)], ['begin', 'end']);
    assert.ok(kinds.slice(1, -1).every((kind) => kind === 'report') && kinds.length > 2);
  });

  it("switchyard.review reports under the client's own token where it gave one", async () => {
    await using editor = await openPlainEditor('flawed', { capabilities: { window: { workDoneProgress: true } } });
    await editor.client.call(ExecuteCommand, {
      command: 'switchyard.review',
      arguments: [{ uri: editor.uri }],
      workDoneToken: 'mine',
    });
    await editor.client.notified<{ token: string; value: { kind: string } }>(
      '$/progress',
      ({ token, value }) => token === 'mine' && value.kind === 'end',
    );
    assert.deepEqual(editor.asked, []);
  });

  it('switchyard.review takes changes of a repository: what is staged, a commit, or all since a base', async () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sy-changes-')));
    const git = (...args: string[]) => {
      const who = ['-c', 'user.name=A', '-c', 'user.email=a@example.test', '-c', 'commit.gpgsign=false'];
      execFileSync('git', [...who, ...args], { cwd: folder });
    };
    git('init', '--quiet', '--initial-branch', 'main');
    git('commit', '--quiet', '--allow-empty', '-m', 'Begin');
    git('checkout', '--quiet', '-b', 'feature');
    writeFileSync(join(folder, 'last.txt'), text);
    git('add', '.');
    git('commit', '--quiet', '-m', 'Add last');
    writeFileSync(join(folder, 'again.txt'), text);
    git('add', '.');
    await using editor = await openPlainEditor('flawed', { capabilities: {} });
    const root = pathToFileURL(folder).href;
    for (const [changes, findings] of [
      [{ diff: 'staged' }, 1],
      [{ commit: 'HEAD' }, 1],
      [{ base: 'main' }, 2],
    ] as const) {
      const argument = { ...changes, root };
      const answer = editor.client.call(ExecuteCommand, { command: 'switchyard.review', arguments: [argument] });
      assert.equal(((await answer) as { findings: number }).findings, findings, JSON.stringify(changes));
    }
    rmSync(folder, { recursive: true });
  });

  it('switchyard.fix leaves as an edit of the version it was made for', async () => {
    await using editor = await openPlainEditor('flawed', {
      capabilities: { workspace: { applyEdit: true, workspaceEdit: { documentChanges: true } } },
      answers: { 'workspace/applyEdit': () => ({ applied: true }) },
    });
    const findingId = await reviewFirst(editor);
    assert.deepEqual(
      await editor.client.call(ExecuteCommand, { command: 'switchyard.fix', arguments: [{ findingId }] }),
      { applied: true },
    );
    assert.deepEqual(editor.asked, [
      {
        method: 'workspace/applyEdit',
        params: {
          label: 'Switchyard',
          edit: {
            documentChanges: [
              { textDocument: { uri: editor.uri, version: 1 }, edits: [{ range, newText: replacement }] },
            ],
          },
        },
      },
    ]);
  });

  it('switchyard.fix leaves as `changes` for an editor that does not know documentChanges', async () => {
    await using editor = await openPlainEditor('flawed', {
      capabilities: { workspace: { applyEdit: true } },
      answers: { 'workspace/applyEdit': () => ({ applied: true }) },
    });
    const findingId = await reviewFirst(editor);
    await editor.client.call(ExecuteCommand, { command: 'switchyard.fix', arguments: [{ findingId }] });
    assert.deepEqual(editor.asked[0]?.params, {
      label: 'Switchyard',
      edit: { changes: { [editor.uri]: [{ range, newText: replacement }] } },
    });
  });

  const line = { start: { line: 1, character: 0 }, end: { line: 1, character: 31 } };
  const write = (editor: PlainEditor, over: object = {}) =>
    editor.client.call(ExecuteCommand, {
      command: 'switchyard.write',
      arguments: [{ instruction: 'Use at()', uri: editor.uri, range, ...over }],
    });

  it('switchyard.write leaves as an edit of the lines that were selected, and says what speaks against it', async () => {
    await using editor = await openPlainEditor('writing', {
      capabilities: { workspace: { applyEdit: true, workspaceEdit: { documentChanges: true } } },
      answers: { 'workspace/applyEdit': () => ({ applied: true }) },
    });
    assert.deepEqual(await write(editor), { applied: true });
    assert.deepEqual(editor.asked[0]?.params, {
      label: 'Switchyard',
      edit: {
        documentChanges: [
          {
            textDocument: { uri: editor.uri, version: 1 },
            edits: [{ range: line, newText: 'let last = items.at(-1);' }],
          },
        ],
      },
    });
    const { message } = await editor.client.notified<{ message: string }>('window/showMessage');
    assert.match(message, /^Switchyard: Not approved: local\/writing .*best candidate by the checks/);
  });

  for (const [what, model] of [
    ['fails the checks', 'breaking'],
    ['is no code', 'explaining'],
  ] as const)
    it(`what switchyard.write gets that ${what} is a text to read, and no edit`, async () => {
      await using editor = await openPlainEditor(model, {
        capabilities: { workspace: { applyEdit: true }, window: { showDocument: { support: true } } },
        answers: { 'window/showDocument': () => ({ success: true }) },
      });
      const { uri } = (await write(editor)) as { uri: string };
      assert.deepEqual(
        editor.asked.map(({ method }) => method),
        ['window/showDocument'],
      );
      assert.match(scripts[model], new RegExp(readFileSync(fileURLToPath(uri), 'utf8').trim().replace(/\W/g, '.')));
    });

  for (const [what, over] of [
    ['no words', { instruction: '' }],
    ['no document', { uri: undefined }],
    ['tests that are no commands', { tests: ['npm test'] }],
  ] as const)
    it(`switchyard.write with ${what} is a sentence`, async () => {
      await using editor = await openPlainEditor('writing', { capabilities: { workspace: { applyEdit: true } } });
      assert.equal((await failureOf(write(editor, over))).data?.code, 'wrong-argument');
    });

  const refusals: Record<string, [answer: unknown, reason: string]> = {
    'a reason': [{ applied: false, failureReason: 'it moved' }, 'it moved'],
    'no reason': [{ applied: false }, 'the document may have changed'],
    'a reason of null': [{ applied: false, failureReason: null }, 'the document may have changed'],
    'an empty reason': [{ applied: false, failureReason: '' }, 'the document may have changed'],
    'an error': [new ResponseError(-32_803, 'The buffer is read-only.'), 'The buffer is read-only'],
  };
  for (const [form, [answer, reason]] of Object.entries(refusals)) {
    it(`an edit that the editor refuses with ${form} is a sentence`, async () => {
      await using editor = await openPlainEditor('flawed', {
        capabilities: { workspace: { applyEdit: true } },
        answers: { 'workspace/applyEdit': () => answer },
      });
      const { data, message } = await failureOf(
        editor.client.call(ExecuteCommand, {
          command: 'switchyard.fix',
          arguments: [{ findingId: await reviewFirst(editor) }],
        }),
      );
      assert.deepEqual(data, { code: 'edit-refused', retryable: true });
      assert.equal(message, `The editor didn't apply the edit: ${reason}. Try again.`);
    });
  }

  it('an edit that the editor never answers for can be cancelled', async () => {
    await using editor = await openPlainEditor('flawed', {
      capabilities: { workspace: { applyEdit: true } },
      answers: { 'workspace/applyEdit': () => new Promise(() => {}) },
    });
    const { result, cancel } = editor.client.ask(ExecuteCommand, {
      command: 'switchyard.fix',
      arguments: [{ findingId: await reviewFirst(editor) }],
    });
    await until('the edit', () => editor.asked.some(({ method }) => method === 'workspace/applyEdit'));
    cancel();
    assert.equal((await failureOf(result)).code, -32_800);
  });

  it('a text is answered though the editor never says whether it shows it', async () => {
    await using editor = await openPlainEditor('explaining', {
      capabilities: { window: { showDocument: { support: true } } },
      answers: { 'window/showDocument': () => new Promise(() => {}) },
    });
    const said = await editor.client.call(ExecuteCommand, {
      command: 'switchyard.chat',
      arguments: [{ text: 'Why?' }],
    });
    assert.equal((said as { text: string }).text, scripts.explaining);
  });

  it('an edit for an editor that cannot take one is a sentence', async () => {
    await using unable = await openPlainEditor('flawed', { capabilities: {} });
    const cannot = await failureOf(
      unable.client.call(ExecuteCommand, {
        command: 'switchyard.fix',
        arguments: [{ findingId: await reviewFirst(unable) }],
      }),
    );
    assert.equal(cannot.data?.code, 'cannot-apply');
  });

  it('switchyard.dismiss takes the finding away', async () => {
    await using editor = await openPlainEditor('flawed', { capabilities: {} });
    const findingId = await reviewFirst(editor);
    await editor.client.call(ExecuteCommand, { command: 'switchyard.dismiss', arguments: [{ findingId }] });
    await editor.client.notified<{ uri: string; diagnostics: unknown[] }>(
      'textDocument/publishDiagnostics',
      ({ uri, diagnostics }) => uri === editor.uri && diagnostics.length === 0,
    );
  });

  it('switchyard.chat and explanations open as documents of the data folder, for this user alone', async () => {
    const said = scripts.explaining;
    await using editor = await openPlainEditor('explaining', {
      capabilities: { window: { showDocument: { support: true } } },
      answers: { 'window/showDocument': () => ({ success: true }) },
    });
    for (const [command, argument] of [
      ['switchyard.chat', { text: 'why?' }],
      ['switchyard.action', { kind: 'explain', uri: editor.uri, range }],
    ] as const) {
      const result = (await editor.client.call(ExecuteCommand, { command, arguments: [argument] })) as {
        text: string;
        uri: string;
      };
      assert.equal(result.text, said);
      const shown = editor.asked.pop();
      assert.deepEqual(shown, { method: 'window/showDocument', params: { uri: result.uri, takeFocus: false } });
      const file = fileURLToPath(result.uri);
      assert.ok(file.startsWith(home.paths.data));
      assert.equal(readFileSync(file, 'utf8'), said);
      if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o077, 0);
    }
  });

  it('an editor without showDocument is told where the text is', async () => {
    await using editor = await openPlainEditor('explaining', { capabilities: {} });
    await editor.client.call(ExecuteCommand, { command: 'switchyard.chat', arguments: [{ text: 'why?' }] });
    const { message } = await editor.client.notified<{ message: string }>('window/showMessage');
    assert.match(message, /wrote the text to .+\.md$/);
  });

  describe('switchyard.chat takes the route of a chat that is sent', () => {
    let work: string;

    before(() => {
      work = realpathSync(mkdtempSync(join(tmpdir(), 'sy-work-')));
      writeFileSync(join(work, 'cart.ts'), 'export const total = 41 + 1;\n');
      writeFileSync(join(work, '.switchyardignore'), 'secret.ts\n');
      writeFileSync(join(work, 'secret.ts'), 'export const pin = 1234;\n');
    });
    after(() => rmSync(work, { recursive: true, force: true }));

    /** An editor that works in the folder; its model talks on and on where it is `endless`. */
    async function openInFolder(model: 'endless' | 'explaining'): Promise<LspClient> {
      const client = startEditor(home);
      const folder = pathToFileURL(work).href;
      await client.initialize({ capabilities: {}, folder, switchyard: { model: `local/${model}` } });
      return client;
    }

    async function questionOf(client: LspClient, text: string) {
      await client.call(ExecuteCommand, { command: 'switchyard.chat', arguments: [{ text }] });
      const { chats } = await client.call(ChatList, {});
      const chat = chats.find(({ title }) => title === text);
      const { messages } = await client.call(ChatMessages, { chatId: chat?.id ?? '' });
      return { chat, question: messages[0], answer: messages[1] };
    }

    it('mentions are looked up and attached', async () => {
      const client = await openInFolder('explaining');
      const { question } = await questionOf(client, 'What does @file:cart.ts say');
      assert.deepEqual(
        question?.attachments?.map(({ kind, text }) => [kind, text]),
        [['file', 'export const total = 41 + 1;\n']],
      );
      await client.leave();
    });

    it('what is kept from models is not attached, and the answer says so', async () => {
      const client = await openInFolder('explaining');
      const { question, answer } = await questionOf(client, 'What does @file:secret.ts say');
      assert.deepEqual(question?.attachments, []);
      assert.match(answer?.notes?.join() ?? '', /secret\.ts/);
      await client.leave();
    });

    it('a new chat belongs to the project of the folder', async () => {
      const client = await openInFolder('explaining');
      const { chat } = await questionOf(client, 'Which project is this?');
      const { current } = await client.call(ProjectList, {});
      assert.ok(current);
      assert.equal(chat?.projectId, current);
      await client.leave();
    });

    it('the answer is listed while it comes, and chat/stop ends it', async () => {
      const client = await openInFolder('endless');
      const asked = client.ask(ExecuteCommand, { command: 'switchyard.chat', arguments: [{ text: 'Talk on.' }] });
      const ended = failureOf(asked.result);
      let chatId: string | undefined;
      while (chatId === undefined) chatId = (await client.call(DaemonStatus, {})).answering[0]?.chatId;
      assert.deepEqual(await client.call(ChatStop, { chatId }), { stopped: true });
      assert.equal((await ended).code, -32_800);
      assert.deepEqual((await client.call(DaemonStatus, {})).answering, []);
      await client.leave();
    });
  });
});
