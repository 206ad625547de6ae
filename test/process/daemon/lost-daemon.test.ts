// The daemon is killed in the middle of everything: each client is told, and goes on with a new daemon and all that was acknowledged.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { describe, it } from 'mocha';
import { ChatList, ChatMessages, type ChatPart, ChatSend } from '../../../shared/protocol/chat.ts';
import { CodeAction } from '../../../shared/protocol/code.ts';
import { DaemonStatus } from '../../../shared/protocol/daemon.ts';
import { ReviewRun } from '../../../shared/protocol/review.ts';
import { scriptedJson, writeRandomModel, writeScriptedModel } from '../../fakes/gguf.ts';
import { startOpenAiServer } from '../../fakes/provider-servers/openai.ts';
import { Home, isRunning, until } from '../home.ts';
import { assertSentence, failureOf, type Inbox, openEditor } from '../lsp-client.ts';

type Editor = Awaited<ReturnType<typeof openEditor>>;
interface Diagnostics {
  uri: string;
  version: number;
  diagnostics: { range: { start: { line: number } } }[];
}

const wrongCode = 'const total = ;\n';

describe('kill -9 of the daemon', () => {
  it('while three clients stream: each gets an error that says what to do, and all go on with one new daemon and what was acknowledged', async () => {
    await using home = new Home();
    const models = ['first', 'second', 'third'].map((name, seed) => {
      const path = home.file('models', `${name}.gguf`);
      writeRandomModel(path, { seed, contextTokens: 32_768 }); // babbles for much longer than this test takes
      return path;
    });
    home.configure({ localModels: models });
    const editors = await Promise.all(models.map(() => openEditor(home)));
    const daemon = editors[0]?.daemon ?? 0;
    const streams = await Promise.all(
      editors.map((editor, i) => beginAnswer(editor, `local/${['first', 'second', 'third'][i]}`)),
    );

    process.kill(daemon, 'SIGKILL');

    for (const { asked } of streams) {
      const { code, message, data } = await failureOf(asked.result);
      assert.deepEqual([code, data], [-32803, { code: 'daemon-lost', retryable: true }]);
      assertSentence(message);
    }
    const statuses = await Promise.all(editors.map((editor) => editor.call(DaemonStatus, {})));
    assert.deepEqual(
      statuses.map(({ pid }) => pid),
      statuses.map(() => home.daemonPid()),
      'all share one new daemon',
    );
    assert.notEqual(home.daemonPid(), daemon);
    const after = await editors[0]?.call(DaemonStatus, {}); // now that every one has joined
    assert.equal(after?.clients.length, editors.length);
    assert.ok(
      editors.every(({ child }) => child.exitCode === null),
      'the same forwarders serve on',
    );
    for (const [i, editor] of editors.entries()) await assertKept(editor, streams[i] as Stream);
  });

  it('leaves open documents known as they are now, edits while disconnected included, with their diagnostics', async () => {
    await using home = new Home();
    const model = home.file('quiet.gguf');
    writeScriptedModel(model, scriptedJson({ findings: [] }));
    home.configure({ localModels: [model] });
    const file = home.file('work', 'total.js');
    writeFileSync(file, wrongCode);
    const uri = pathToFileURL(file).href;
    const editor = await openEditor(home, { switchyard: { workspaceTrusted: true } });
    editor.open(uri, wrongCode, 'javascript');
    const { findings } = await editor.call(ReviewRun, { textDocument: { uri } });
    assert.ok(findings.length > 0, 'the analyser sees the syntax error');
    editor.change(uri, 2, lineAt(0, '// one'));
    await editor.notified<Diagnostics>('textDocument/publishDiagnostics', ({ version }) => version === 2);

    process.kill(editor.daemon, 'SIGKILL');
    await editor.notified<{ state: string }>('$/switchyard/connection', ({ state }) => state === 'reconnecting');
    editor.change(uri, 3, lineAt(0, '// two'));
    const meanwhile = editor.call(ChatList, {}); // asked of nobody: it waits for the new daemon

    const shown = await editor.notified<Diagnostics>('textDocument/publishDiagnostics', ({ version }) => version === 3);
    assert.deepEqual(linesOf(shown), [2], 'the findings moved down with their code');
    assert.deepEqual((await meanwhile).chats, []);
    await editor.notified<{ state: string; pid: number }>(
      '$/switchyard/connection',
      ({ state, pid }) => state === 'connected' && pid === home.daemonPid(),
    );
    editor.change(uri, 4, lineAt(0, '// three'));
    const later = await editor.notified<Diagnostics>('textDocument/publishDiagnostics', ({ version }) => version === 4);
    assert.deepEqual(linesOf(later), [3]);
  });

  it('again and again ends in one sentence instead of an endless loop', async () => {
    await using home = new Home();
    const editor = await openEditor(home);
    let state = 'connected';
    for (let pid = editor.daemon; state !== 'lost'; ) {
      const old = pid;
      process.kill(old, 'SIGKILL');
      ({ state, pid } = await editor.notified<{ state: string; pid: number }>(
        '$/switchyard/connection',
        (told) => told.state === 'lost' || (told.state === 'connected' && told.pid !== old && isRunning(told.pid)),
      ));
    }
    const said = editor.notifications.items
      .filter(({ method }) => method === 'window/logMessage')
      .map(({ params }) => (params as { message: string }).message);
    assertSentence(said.at(-1) ?? '');
    assert.match(said.at(-1) ?? '', /stopped 6 times within a minute/);
    await until('the end of the last daemon', () => home.daemonPid() === undefined);
  });
});

describe('`switchyard stop --force` while the daemon works', () => {
  it('fails what it was doing as a lost daemon does, and says no other reason', async () => {
    await using home = new Home();
    const path = home.file('models', 'first.gguf');
    writeRandomModel(path, { seed: 1, contextTokens: 32_768 });
    await using server = await startOpenAiServer({
      reply: { text: 'one two three four', hold: { after: 2, until: new Promise(() => {}) } },
    });
    home.configure({
      localModels: [path],
      providers: { lab: { type: 'openai-compatible', baseUrl: server.url, models: ['scripted'] } },
    });
    const editor = await openEditor(home);
    const { asked } = await beginAnswer(editor, 'local/first');
    const uri = 'untitled:total';
    editor.open(uri, 'const total = 1;\n', 'javascript');
    const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 16 } };
    const action = editor.ask(CodeAction, { kind: 'explain', textDocument: { uri }, range, model: 'lab/scripted' });
    await until('both requests', async () => (await editor.call(DaemonStatus, {})).running.length === 2);

    assert.equal((await home.switchyard(['stop', '--force'])).code, 0);

    for (const failed of [asked, action]) {
      const { code, message, data } = await failureOf(failed.result);
      assert.deepEqual([code, data], [-32803, { code: 'daemon-lost', retryable: true }]);
      assertSentence(message);
    }
  });
});

interface Stream {
  asked: { result: Promise<unknown>; parts: Inbox<ChatPart> };
  chatId: string;
  /** The text of the answer that the daemon said is stored. */
  acknowledged: string;
}

async function beginAnswer(editor: Editor, model: string): Promise<Stream> {
  const asked = editor.ask(ChatSend, { text: `a question for ${model}`, model });
  const began = await asked.parts.find('the decision', ({ kind }) => kind === 'decision');
  assert.ok(began.kind === 'decision');
  await asked.parts.find('twenty pieces of text', () => textsOf(asked.parts).length >= 20);
  const { messages } = await editor.call(ChatMessages, { chatId: began.chatId });
  assert.equal(messages[1]?.status, 'streaming');
  const acknowledged = messages[1]?.text ?? '';
  assert.ok(acknowledged.length > 0);
  return { asked, chatId: began.chatId, acknowledged };
}

/** The rule: all that a page of the chat had shown is there, and what is there is how the answer began: no gap, nothing else. */
async function assertKept(editor: Editor, { asked, chatId, acknowledged }: Stream): Promise<void> {
  const { messages } = await editor.call(ChatMessages, { chatId });
  const [question, answer] = messages;
  assert.deepEqual([question?.status, question?.text], ['complete', `a question for ${answer?.decision?.model}`]);
  assert.equal(answer?.status, 'partial');
  const received = textsOf(asked.parts).join('');
  assert.ok(answer.text.startsWith(acknowledged), 'nothing acknowledged is missing');
  assert.ok(
    received.startsWith(answer.text) || answer.text.startsWith(received),
    'what is stored is how the answer began',
  );
}

function textsOf(parts: Inbox<ChatPart>): string[] {
  return parts.items.flatMap((part) => (part.kind === 'text' ? [part.text] : []));
}

/** More than one analyser may see the error. */
function linesOf({ diagnostics }: Diagnostics): number[] {
  return [...new Set(diagnostics.map(({ range }) => range.start.line))];
}

function lineAt(line: number, text: string): object {
  const start = { line, character: 0 };
  return { range: { start, end: start }, text: `${text}\n` };
}
