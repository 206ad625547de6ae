// Memories over the wire, from the words of a user to the prompt of a later question, against a real daemon and its terminal.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, describe, it } from 'mocha';
import {
  ChatList,
  ChatMessages,
  type ChatPart,
  ChatSend,
  MemoriesAccept,
  MemoriesAdd,
  MemoriesDelete,
  MemoriesDismiss,
  MemoriesList,
  MemoriesUpdate,
  Search,
} from '../../shared/protocol/index.ts';
import { startOpenAiServer } from '../fakes/provider-servers/openai.ts';
import type { ScriptedServer } from '../fakes/provider-servers/scripted-server.ts';
import { Home, until } from '../process/home.ts';
import { type LspClient, openEditor } from '../process/lsp-client.ts';

describe('memories, over the wire', () => {
  let home: Home;
  let server: ScriptedServer;
  let editor: LspClient;

  before(async () => {
    server = await startOpenAiServer({ reply: { text: 'Always use spaces.', usage: { input: 10, output: 2 } } });
    home = new Home({ providers: { lab: { type: 'openai-compatible', baseUrl: server.url, models: ['scripted'] } } });
    const folder = dirname(home.file('shop', 'a'));
    mkdirSync(folder, { recursive: true });
    editor = await openEditor(home, { folder: pathToFileURL(folder).href });
  });
  after(async () => {
    await home[Symbol.asyncDispose]();
    await server.close();
  });

  async function ask(text: string): Promise<{ chatId: string; parts: ChatPart[]; answer: unknown }> {
    const { result, parts } = editor.ask(ChatSend, { text });
    const { chatId } = await result;
    const { messages } = await editor.call(ChatMessages, { chatId });
    return { chatId, parts: parts.items, answer: messages[1] };
  }
  const prompt = (): string => JSON.stringify(server.requests.at(-1)?.body);

  it('a proposal stands under the answer until it is accepted, and goes along in its project from then on', async () => {
    const { parts, chatId } = await ask('Why does the linter complain? We use tabs here.');
    const proposed = parts.flatMap((part) => (part.kind === 'memory' ? [part.memory] : []));
    assert.deepEqual(
      proposed.map(({ text, state, scope, project, source }) => [text, state, scope, project?.name, source?.chatId]),
      [['We use tabs here', 'proposed', 'project', 'shop', chatId]],
    );
    const { messages } = await editor.call(ChatMessages, { chatId });
    assert.deepEqual(
      messages.map(({ proposal }) => proposal?.id),
      [undefined, proposed[0]?.id],
    );
    const memoryId = proposed[0]?.id ?? '';
    await editor.call(MemoriesAccept, { memoryId, text: 'We indent with tabs' });
    assert.equal((await editor.call(ChatMessages, { chatId })).messages[1]?.proposal, undefined);
    const used = await ask('How is this indented?');
    assert.match(prompt(), /own words.*- We indent with tabs/s);
    assert.deepEqual(
      used.parts.filter(({ kind }) => kind === 'memories'),
      [{ kind: 'memories', used: [memoryId] }],
    );
    assert.deepEqual((used.answer as { context?: { memories?: string[] } }).context?.memories, [memoryId]);
    await until('the use to be counted', async () => (await editor.call(MemoriesList, {})).memories[0]?.uses === 1);
    const found = await until(
      'the index',
      async () => (await editor.call(Search, { query: 'indent', in: ['memories'] })).hits[0],
    );
    assert.deepEqual([found.kind, found.id], ['memory', memoryId]);
    const elsewhere = await openEditor(home);
    await elsewhere.call(ChatSend, { text: 'And elsewhere?' });
    assert.doesNotMatch(prompt(), /indent with tabs/);
  });

  it('one that is switched off or deleted goes along no more, and one that was dismissed is not proposed again', async () => {
    const { memory } = await editor.call(MemoriesAdd, { text: 'Greet me as Ada' });
    await ask('One');
    assert.match(prompt(), /Greet me as Ada/);
    await editor.call(MemoriesUpdate, { memoryId: memory.id, enabled: false, scope: 'project' });
    await ask('One');
    assert.doesNotMatch(prompt(), /Greet me as Ada/);
    await editor.call(MemoriesDelete, { memoryId: memory.id });
    assert.ok(!(await editor.call(MemoriesList, {})).memories.some(({ id }) => id === memory.id));
    const proposed = (await ask('Never use var.')).parts.flatMap((part) =>
      part.kind === 'memory' ? [part.memory.id] : [],
    );
    await editor.call(MemoriesDismiss, { memoryId: proposed[0] ?? '' });
    assert.deepEqual(
      (await ask('Please never use var!')).parts.filter(({ kind }) => kind === 'memory'),
      [],
    );
    assert.ok((await editor.call(ChatList, {})).chats.length > 3);
  });

  it('the terminal lists, adds, edits, switches and deletes them', async () => {
    const run = async (...args: string[]) => {
      const { code, stdout, stderr } = await home.switchyard(['memories', ...args]);
      assert.equal(code, 0, stderr);
      return stdout;
    };
    const { memory } = JSON.parse(await run('add', 'Prefer', 'small functions', '--json')) as {
      memory: { id: string };
    };
    assert.match(await run(), new RegExp(`${memory.id}  Prefer small functions  \\(on, everywhere, used 0 times\\)`));
    assert.match(await run('off', memory.id), /Turned off/);
    assert.match(await run('edit', memory.id, 'Prefer tiny functions'), /Changed/);
    assert.match(await run(), /Prefer tiny functions {2}\(off, everywhere/);
    assert.match(await run('delete', memory.id), /Deleted/);
    const again = await home.switchyard(['memories', 'on', memory.id]);
    assert.deepEqual(
      [again.code, again.stderr],
      [
        3,
        'error: That memory no longer exists. It may have been deleted in another window. To list memories, run `switchyard memories`.\n',
      ],
    );
    for (const args of [['on'], ['add'], ['edit', 'x'], ['no'], ['list', 'x']])
      assert.equal((await home.switchyard(['memories', ...args])).code, 2, args.join(' '));
    const secret = await home.switchyard(['memories', 'add', 'The key is AKIAQ6JD7RTPWZ4XN2LM']);
    assert.match(secret.stderr, /contains a secret/);
  });
});
