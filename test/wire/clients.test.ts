// Clients as they are: what they leave out, write in other forms, refuse, or never answer.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { ChatMessages } from '../../shared/protocol/chat.ts';
import { CodeAction } from '../../shared/protocol/code.ts';
import { IndexRefresh } from '../../shared/protocol/code-index.ts';
import { ContextSuggest } from '../../shared/protocol/context.ts';
import { DaemonStatus } from '../../shared/protocol/daemon.ts';
import { CodeActions, ExecuteCommand } from '../../shared/protocol/lsp.ts';
import { ReviewRun } from '../../shared/protocol/review.ts';
import { scriptedJson, writeRandomModel, writeScriptedModel } from '../fakes/gguf.ts';
import { Home, program } from '../process/home.ts';
import { failureOf, LspClient, startEditor } from '../process/lsp-client.ts';
import { type LoneDaemon, startAlone } from './alone.ts';

const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } };

describe('a handshake as clients write it', () => {
  const handshakes: Record<string, object> = {
    'a folder without a name': { capabilities: {}, workspaceFolders: [{ uri: 'file:///tmp' }] },
    'a folder that is none': { capabilities: {}, workspaceFolders: [null, {}, { uri: 'file:///tmp', name: null }] },
    'empty tables as lists': { capabilities: { workspace: [], textDocument: [], window: [] }, rootUri: null },
    'no capabilities': { capabilities: null },
    'capabilities as a list': { capabilities: [], clientInfo: [], workspaceFolders: {} },
    'a client without a name': { capabilities: {}, clientInfo: { version: '1' } },
    'capabilities of another form': { capabilities: { workspace: { applyEdit: {} }, window: { showDocument: true } } },
    'options of null': { capabilities: {}, initializationOptions: { switchyard: { profile: null, noProxy: [] } } },
    'options as a list': { capabilities: {}, initializationOptions: [] },
  };
  for (const [form, params] of Object.entries(handshakes)) {
    it(`takes ${form}`, async () => {
      await using alone = startAlone();
      const { capabilities } = await alone.client.connection.sendRequest<{ capabilities: object }>(
        'initialize',
        params,
      );
      assert.ok(capabilities);
    });
  }
});

describe('a folder as clients write it', () => {
  let folder: string;

  before(() => {
    folder = realpathSync.native(mkdtempSync(join(tmpdir(), 'sy-(folder)@-')));
    writeFileSync(join(folder, 'wombat.ts'), 'export function wombat(): number {\n  return 1;\n}\n');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const forms: Record<string, () => [given: object, root: string]> = {
    'as a folder': () => [{ workspaceFolders: [{ uri: pathToFileURL(folder).href, name: '' }] }, uriOf()],
    'percent-encoded': () => [{ workspaceFolders: [{ uri: encodedUri(), name: '' }] }, encodedUri()],
    'with a slash behind it': () => [{ workspaceFolders: [{ uri: `${uriOf()}/`, name: '' }] }, `${uriOf()}/`],
    'as `rootUri`': () => [{ rootUri: encodedUri() }, uriOf()],
    'as `rootPath`': () => [{ rootPath: folder, rootUri: null }, encodedUri()],
    'with a host of this machine': () => [{ rootUri: uriOf().replace('file:///', 'file://localhost/') }, uriOf()],
  };
  const uriOf = (): string => pathToFileURL(folder).href;
  const encodedUri = (): string =>
    uriOf()
      .replace(/[()@]/g, (letter) => `%${letter.charCodeAt(0).toString(16)}`)
      .replace(/\/([A-Z]):/, '/$1%3A');

  for (const [form, given] of Object.entries(forms)) {
    it(`is indexed, and its files are found, ${form}`, async () => {
      await using alone = startAlone();
      const [folders, root] = given();
      await alone.client.connection.sendRequest('initialize', { capabilities: { textDocument: {} }, ...folders });
      const { files } = await alone.client.call(IndexRefresh, { root });
      const { items } = await alone.client.call(ContextSuggest, { query: 'womb' });
      assert.equal(files, 1);
      assert.deepEqual([...new Set(items.map(({ uri }) => uri))], [`${uriOf()}/wombat.ts`]);
    });
  }

  it('is left by another spelling of its name', async () => {
    await using alone = startAlone();
    const { client } = alone;
    await client.initialize({ capabilities: {}, folder: uriOf() });
    const event = { added: [], removed: [{ uri: encodedUri(), name: '' }] };
    client.notify('workspace/didChangeWorkspaceFolders', { event });
    assert.equal((await failureOf(client.call(IndexRefresh, { root: uriOf() }))).data?.code, 'not-your-folder');
  });
});

describe('documents as clients write them', () => {
  let alone: LoneDaemon;
  let client: LspClient;

  beforeEach(async () => {
    alone = startAlone(scriptedJson({ findings: [] }));
    client = alone.client;
    await client.initialize({ capabilities: {} });
  });
  afterEach(() => alone[Symbol.asyncDispose]());

  /** How many lines of the document a review read, or the code of its refusal. */
  async function linesOf(uri: string): Promise<string> {
    const asked = client.call(ReviewRun, { textDocument: { uri } });
    return asked.then(
      ({ summary }) => /in (\d+) lines?/.exec(summary)?.[1] ?? summary,
      async () => (await failureOf(asked)).data?.code ?? 'failed',
    );
  }

  const opened: Record<string, object> = {
    'without a language': { uri: 'untitled:a', version: 1, text: 'one\n\nthree' },
    'with nulls': { uri: 'untitled:a', languageId: null, version: null, text: 'one\n\nthree' },
    'with an empty language': { uri: 'untitled:a', languageId: '', version: 1, text: 'one\n\nthree' },
    'as a cell of a notebook': {
      uri: 'vscode-notebook-cell:/tmp/n.ipynb#W0sZmlsZQ',
      version: 1,
      text: 'one\n\nthree',
    },
  };
  for (const [form, textDocument] of Object.entries(opened)) {
    it(`a document is open ${form}`, async () => {
      client.notify('textDocument/didOpen', { textDocument });
      assert.equal(await linesOf((textDocument as { uri: string }).uri), '3');
    });
  }

  const readable: Record<string, object> = {
    'a null range': {
      textDocument: { uri: 'untitled:a', version: 2 },
      contentChanges: [{ range: null, text: 'x\n\n' }],
    },
    'an empty list as range': {
      textDocument: { uri: 'untitled:a', version: 2 },
      contentChanges: [{ range: [], text: 'x\n\n' }],
    },
    'no version': { textDocument: { uri: 'untitled:a', version: null }, contentChanges: [{ text: 'x\n\n' }] },
  };
  for (const [form, params] of Object.entries(readable)) {
    it(`a change with ${form} is made`, async () => {
      client.open('untitled:a', 'one\n');
      client.notify('textDocument/didChange', params);
      assert.equal(await linesOf('untitled:a'), '3');
    });
  }

  const unreadable: Record<string, object> = {
    'without changes': { textDocument: { uri: 'untitled:a', version: 2 } },
    'without a text': { textDocument: { uri: 'untitled:a', version: 2 }, contentChanges: [{ range }] },
    'of which one is null': { textDocument: { uri: 'untitled:a', version: 2 }, contentChanges: [null, { text: 'x' }] },
    'before the first line': {
      textDocument: { uri: 'untitled:a', version: 2 },
      contentChanges: [{ range: { start: { line: -1, character: 0 }, end: range.end }, text: 'x' }],
    },
    'of a document that it does not name': { contentChanges: [{ text: 'x' }] },
  };
  for (const [form, params] of Object.entries(unreadable)) {
    it(`a change ${form} closes the document, and the user is told`, async () => {
      client.open('untitled:a', 'one\n');
      client.notify('textDocument/didChange', params);
      assert.equal(await linesOf('untitled:a'), 'document-not-open');
      const { message } = await client.notified<{ message: string }>('window/showMessage');
      assert.match(message, /untitled:a .*close it and open it again/);
      client.open('untitled:a', 'one\n\n');
      assert.equal(await linesOf('untitled:a'), '3');
    });
  }

  it('a document that is too large costs that document alone', async () => {
    client.open('untitled:small', 'x\n');
    client.open('untitled:huge', 'y\n');
    client.change('untitled:huge', 2, { text: 'y'.repeat(68 * 1024 * 1024) });
    assert.equal(await linesOf('untitled:huge'), 'document-not-open');
    assert.equal(await linesOf('untitled:small'), '2');
    const { message } = await client.notified<{ message: string }>('window/showMessage');
    assert.match(message, /untitled:huge is too large/);
  });

  it('a request that is too large is answered with an error', async () => {
    const refused = await failureOf(client.call(ReviewRun, { diff: 'y'.repeat(68 * 1024 * 1024) }));
    assert.match(refused.message, /too large/);
    assert.ok(await client.call(DaemonStatus, {}));
  });

  for (const only of [[''], [], undefined, null]) {
    it(`only ${JSON.stringify(only)} asks for every action`, async () => {
      client.open('untitled:a', 'one\n');
      const ask = { textDocument: { uri: 'untitled:a' }, range, context: { diagnostics: [], only } };
      const all = await client.call(CodeActions, { ...ask, context: { diagnostics: [] } });
      assert.deepEqual(await client.call(CodeActions, ask), all);
      assert.ok((all as unknown[]).length > 0);
    });
  }

  it('a token, a range and a diagnostic of null were left out', async () => {
    client.open('untitled:a', 'one\n');
    const params = {
      command: 'switchyard.review',
      arguments: [{ uri: 'untitled:a', range: null }],
      workDoneToken: null,
    };
    assert.ok(await client.connection.sendRequest('workspace/executeCommand', params));
    const action = { kind: 'explain', textDocument: { uri: 'untitled:a', version: null }, range };
    assert.ok(
      await client.connection.sendRequest('switchyard/code/action', { ...action, diagnostic: null, model: null }),
    );
  });
});

describe('a file under several names', () => {
  let home: Home;
  let folder: string;

  before(() => {
    home = new Home();
    const finding = {
      line: 1,
      quote: 'a == None',
      severity: 'error',
      category: 'bug',
      message: 'Compares with None by value.',
      replacement: 'a is None',
      confidence: 0.9,
    };
    writeScriptedModel(home.file('tiny.gguf'), scriptedJson({ findings: [finding] }));
    home.configure({ localModels: [home.file('tiny.gguf')] });
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'sy-names-')));
    mkdirSync(join(folder, 'real'));
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await home[Symbol.asyncDispose]();
  });

  const names: Record<string, (path: string) => [string, string]> = {
    'percent-encoded': (path) => [encoded(pathToFileURL(path).href), pathToFileURL(path).href],
    'percent-encoded in small letters': (path) => [
      encoded(pathToFileURL(path).href).toLowerCase().replace(folder.toLowerCase(), folder),
      pathToFileURL(path).href,
    ],
    'with a letter encoded': (path) => [pathToFileURL(path).href.replace('.py', '.%70y'), pathToFileURL(path).href],
    'with a host of this machine': (path) => [
      pathToFileURL(path).href.replace('file:///', 'file://localhost/'),
      pathToFileURL(path).href,
    ],
    'through a link': (path) => {
      symlinkSync(join(folder, 'real'), join(folder, 'link'), 'junction');
      return [pathToFileURL(path.replace('real', 'link')).href, pathToFileURL(path).href];
    },
  };
  for (const [form, namesOf] of Object.entries(names)) {
    it(`has the findings of one ${form}, each told its own name`, async () => {
      const path = join(folder, 'real', `(a)@${Object.keys(names).indexOf(form)}+.py`);
      writeFileSync(path, 'a == None\n');
      const [other, plain] = namesOf(path);
      const [a, b] = [startEditor(home), startEditor(home)];
      for (const client of [a, b]) await client.initialize({ capabilities: {} });
      a.open(other, 'a == None\n', 'python');
      b.open(plain, 'a == None\n', 'python');
      await a.call(ReviewRun, { textDocument: { uri: other } });
      for (const [client, uri] of [
        [a, other],
        [b, plain],
      ] as const) {
        const shown = await client.notified<{ uri: string; diagnostics: unknown[] }>(
          'textDocument/publishDiagnostics',
          ({ diagnostics }) => diagnostics.length > 0,
        );
        assert.equal(shown.uri, uri);
      }
      await Promise.all([a.leave(), b.leave()]);
    });
  }

  function encoded(uri: string): string {
    return uri.replace(/[()@+]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
  }
});

describe('a client that stops, refuses or leaves', () => {
  let home: Home;

  before(() => {
    home = new Home();
    writeRandomModel(home.file('endless.gguf'), { contextTokens: 32_768 });
    writeScriptedModel(home.file('brief.gguf'), 'It is a name.');
    home.configure({ localModels: [home.file('endless.gguf'), home.file('brief.gguf')] });
  });
  after(() => home[Symbol.asyncDispose]());

  async function openEditor(model: 'endless' | 'brief', capabilities: object, answer: (method: string) => unknown) {
    const client = startEditor(home);
    client.connection.onRequest((method) => answer(method));
    await client.initialize({ capabilities, switchyard: { model: `local/${model}` } });
    client.open('untitled:a', 'one\n');
    return client;
  }

  it("work is stopped by the daemon's own token of progress", async () => {
    const client = await openEditor('endless', { window: { workDoneProgress: true } }, () => null);
    const failed = failureOf(
      client.call(ExecuteCommand, { command: 'switchyard.chat', arguments: [{ text: 'Talk.' }] }),
    );
    const { token, value } = await client.notified<{ token: string; value: object }>('$/progress');
    assert.deepEqual(value, { kind: 'begin', title: 'Chat', cancellable: true });
    client.notify('window/workDoneProgress/cancel', { token });
    assert.equal((await failed).code, -32_800);
    await client.leave();
  });

  it('a client with commands of its own shows its own progress, and is asked for no other', async () => {
    const client = startEditor(home);
    const asked: string[] = [];
    client.connection.onRequest((method) => void asked.push(method));
    const capabilities = { window: { workDoneProgress: true } };
    await client.initialize({ capabilities, switchyard: { model: 'local/brief', ownCommands: true } });
    client.open('untitled:a', 'one\n');
    const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 3 } };
    await client.call(CodeAction, { kind: 'explain', textDocument: { uri: 'untitled:a' }, range });
    assert.deepEqual(asked, []);
    await client.leave();
  });

  for (const [command, argument] of Object.entries({
    'switchyard.chat': { text: 'Talk.' },
    'switchyard.review': {},
    'switchyard.action': {
      kind: 'explain',
      uri: 'untitled:a',
      range: { start: { line: 0, character: 0 }, end: { line: 0, character: 3 } },
    },
  })) {
    it(`${command} is stopped by a command, where the client shows no progress`, async () => {
      const client = await openEditor('endless', {}, () => null);
      const failed = failureOf(client.call(ExecuteCommand, { command, arguments: [argument] }));
      const stop = () => client.call(ExecuteCommand, { command: 'switchyard.stop' }) as Promise<{ stopped: number }>;
      let { stopped } = await stop();
      while (stopped === 0) ({ stopped } = await stop()); // it may not have begun yet
      assert.equal(stopped, 1);
      assert.equal((await failed).code, -32_800);
      assert.deepEqual(await stop(), { stopped: 0 });
      await client.leave();
    });
  }

  it('a review without a place is of the document that was changed last', async () => {
    const client = await openEditor('brief', {}, () => null);
    client.open('untitled:b', 'two\n');
    client.notify('textDocument/didChange', {
      textDocument: { uri: 'untitled:a', version: 2 },
      contentChanges: [{ text: 'three\nfour\nfive\n' }],
    });
    const { summary } = (await client.call(ExecuteCommand, { command: 'switchyard.review' })) as { summary: string };
    assert.match(summary, /\b4 lines/);
    for (const uri of ['untitled:a', 'untitled:b']) client.notify('textDocument/didClose', { textDocument: { uri } });
    const { message } = await failureOf(client.call(ExecuteCommand, { command: 'switchyard.review' }));
    assert.equal(message, 'No file is open here. Open one and try again.');
    await client.leave();
  });

  it('a chat of a plain editor goes on, and is found again by its id', async () => {
    const client = await openEditor('brief', {}, () => null);
    const ask = (given: object) =>
      client.call(ExecuteCommand, { command: 'switchyard.chat', arguments: [{ text: 'Why?', ...given }] }) as Promise<{
        chatId: string;
      }>;
    const { chatId } = await ask({});
    assert.equal((await ask({ chatId })).chatId, chatId);
    const { messages } = await client.call(ChatMessages, { chatId });
    assert.equal(messages.length, 4);
    await client.leave();
  });

  for (const [form, answer] of Object.entries({
    'never answers': () => new Promise(() => {}),
    refuses: () => Promise.reject(new Error('no')),
  })) {
    it(`work goes on for a client that ${form} window/workDoneProgress/create, and shows it nothing`, async () => {
      const client = await openEditor('brief', { window: { workDoneProgress: true } }, answer);
      const said = await client.call(ExecuteCommand, { command: 'switchyard.chat', arguments: [{ text: 'Why?' }] });
      assert.equal((said as { text: string }).text, 'It is a name.');
      assert.deepEqual(
        client.notifications.items.filter(({ method }) => method === '$/progress'),
        [],
      );
      await client.leave();
    });
  }

  for (const [form, answer] of Object.entries({
    'an error': () => Promise.reject(new Error('cannot open')),
    'no success': () => ({ success: false }),
  })) {
    it(`the answer is kept, and its file named, where window/showDocument comes back with ${form}`, async () => {
      const client = await openEditor('brief', { window: { showDocument: { support: true } } }, answer);
      const said = await client.call(ExecuteCommand, { command: 'switchyard.chat', arguments: [{ text: 'Why?' }] });
      assert.equal((said as { text: string }).text, 'It is a name.');
      const { message } = await client.notified<{ message: string }>('window/showMessage');
      assert.match(message, /wrote the text to .+\.md$/);
      await client.leave();
    });
  }

  for (const alone of [[], ['--alone']]) {
    for (const [before, code] of [
      [['shutdown'], 0],
      [[], 1],
    ] as const) {
      it(`exit after ${before.join() || 'nothing'} ends ${alone.join() || 'the forwarder'} with ${code}`, async () => {
        const child = home.spawn([program, '--stdio', ...alone]);
        const client = new LspClient(child);
        await client.initialize({ capabilities: {} });
        for (const method of before) {
          await client.connection.sendRequest(method);
          assert.equal((await failureOf(client.call(DaemonStatus, {}))).code, -32_600, 'nothing more is answered');
        }
        await client.connection.sendNotification('exit');
        assert.deepEqual(await once(child, 'exit'), [code, null]);
      });
    }
  }
});
