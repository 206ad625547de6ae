// Code as one types, for clients as they are: what they leave out of the handshake and of the request, or write in other forms.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'mocha';
import { DaemonStatus } from '../../shared/protocol/daemon.ts';
import { writeScriptedModel } from '../fakes/gguf.ts';
import { Home } from '../process/home.ts';
import { failureOf, type LspClient, startEditor } from '../process/lsp-client.ts';
import { type LoneDaemon, startAlone } from './alone.ts';

const suggestion = 'a + b);';
const uri = 'untitled:calls.js';
const opened = { uri, languageId: 'javascript', version: 1, text: 'call(' };
const place = { textDocument: { uri }, position: { line: 0, character: 5 } };
const requests = ['textDocument/inlineCompletion', 'textDocument/completion'];

function writeCoder(home: Home): void {
  writeScriptedModel(home.file('data', 'models', 'coder.gguf'), suggestion, { fimAfter: '(' });
}

function startCoder(): LoneDaemon {
  const alone = startAlone();
  writeCoder(alone.home);
  return alone;
}

/** What is suggested, whatever asks for it. */
async function suggested({ connection }: LspClient, method: string, params: object): Promise<string[]> {
  const { items } = await connection.sendRequest<{ items: { insertText?: string; textEdit?: { newText: string } }[] }>(
    method,
    params,
  );
  return items.map(({ insertText, textEdit }) => insertText ?? textEdit?.newText ?? '');
}

describe('code as one types, after a handshake', () => {
  const handshakes: Record<string, object> = {
    'with empty capabilities': { processId: null, rootUri: null, capabilities: {} },
    'with capabilities of null': { processId: null, rootUri: null, capabilities: null, workspaceFolders: null },
    'without capabilities': { processId: 1 },
    'of nothing': {},
    'with capabilities of text documents that are empty lists': {
      capabilities: { textDocument: { completion: [], inlineCompletion: [], synchronization: [] } },
    },
    'with options of null': { capabilities: {}, initializationOptions: null },
    'with options of another server': {
      capabilities: {},
      initializationOptions: { settings: { a: [1] }, switchyard: {} },
    },
    'with completion of null': { capabilities: {}, initializationOptions: { switchyard: { completion: null } } },
    'with completion that is an empty list': {
      capabilities: {},
      initializationOptions: { switchyard: { completion: [] } },
    },
  };
  let home: Home;

  before(() => {
    home = new Home();
    writeCoder(home);
  });
  after(() => home[Symbol.asyncDispose]());

  for (const [form, params] of Object.entries(handshakes))
    it(`${form} is suggested in both ways`, async () => {
      const client = startEditor(home);
      await client.connection.sendRequest('initialize', params); // nor does it say that it is initialized
      client.notify('textDocument/didOpen', { textDocument: opened });
      for (const method of requests) assert.deepEqual(await suggested(client, method, place), [suggestion], method);
      await client.leave();
    });
});

describe('code as one types, asked for', () => {
  let alone: LoneDaemon;
  let client: LspClient;

  before(async () => {
    alone = startCoder();
    client = alone.client;
    await client.initialize({ capabilities: {} });
    client.notify('textDocument/didOpen', { textDocument: opened });
  });
  after(() => alone[Symbol.asyncDispose]());

  const asked: Record<string, [params: object, suggested: string[]]> = {
    'without a context': [place, [suggestion]],
    'with a context of null': [{ ...place, context: null }, [suggestion]],
    'with an empty context': [{ ...place, context: {} }, [suggestion]],
    'after a trigger character': [{ ...place, context: { triggerKind: 2, triggerCharacter: '(' } }, [suggestion]],
    'for a list that is not complete': [
      { ...place, context: { triggerKind: 3, triggerCharacter: null } },
      [suggestion],
    ],
    'with nothing selected': [{ ...place, context: { triggerKind: 2, selectedCompletionInfo: null } }, [suggestion]],
    'with tokens of null': [{ ...place, workDoneToken: null, partialResultToken: null }, [suggestion]],
    'with a version of null': [{ ...place, textDocument: { uri, version: null } }, [suggestion]],
    'behind the end of the line': [{ ...place, position: { line: 0, character: 2 ** 31 - 1 } }, [suggestion]],
    'behind the last line': [{ ...place, position: { line: 40, character: 0 } }, [suggestion]],
    'in a document that is not open': [{ ...place, textDocument: { uri: 'untitled:other.js' } }, []],
  };
  for (const [how, [params, expected]] of Object.entries(asked))
    for (const method of requests)
      it(`${how}, by ${method}`, async () => assert.deepEqual(await suggested(client, method, params), expected));

  const wrong: Record<string, [params: object, field: RegExp]> = {
    'without a document': [{ position: place.position }, /textDocument/],
    'without a place': [{ textDocument: { uri } }, /position/],
    'before the first line': [{ ...place, position: { line: -1, character: 0 } }, /line/],
    'with nothing': [{}, /textDocument/],
  };
  for (const [how, [params, field]] of Object.entries(wrong))
    for (const method of requests)
      it(`${how}, by ${method}, is an error that names the field`, async () => {
        const { code, message } = await failureOf(client.connection.sendRequest(method, params));
        assert.equal(code, -32_602);
        assert.match(message, field);
      });
});

describe('a client that is done', () => {
  for (const [how, requestsBefore] of Object.entries({ 'shuts down': ['shutdown'], 'says nothing': [] }))
    it(`${how} and closes its end, without an exit: nothing of it stays`, async () => {
      await using alone = startCoder();
      const { client } = alone;
      await client.initialize({ capabilities: {} });
      assert.ok(await client.call(DaemonStatus, {}));
      for (const method of requestsBefore) await client.connection.sendRequest(method);
      const ended = once(client.child, 'exit');
      client.child.stdin?.end();
      await ended;
    });
});
