// Whose key a request is made with: the one of the workspace it comes from, else the one for everywhere, and never another's.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, it } from 'mocha';
import { ChatSend } from '../../../shared/protocol/chat.ts';
import { CodeAction } from '../../../shared/protocol/code.ts';
import { KeysDelete, KeysList, KeysSet } from '../../../shared/protocol/keys.ts';
import { ModelsList, ModelsSetup } from '../../../shared/protocol/models.ts';
import { ReviewRun } from '../../../shared/protocol/review.ts';
import { startOpenAiServer } from '../../fakes/provider-servers/openai.ts';
import type { ScriptedServer } from '../../fakes/provider-servers/scripted-server.ts';
import { Home } from '../home.ts';
import { failureOf, openEditor } from '../lsp-client.ts';

type Editor = Awaited<ReturnType<typeof openEditor>>;

const global = 'sk-key-of-everywhere-1';
const ofA = 'sk-key-of-workspace-a';
const ofB = 'sk-key-of-workspace-b';

describe('a key of a workspace', () => {
  it('is used for whatever is asked in that workspace, and nowhere else', async () => {
    await using server = await startOpenAiServer();
    await using home = homeFor(server);
    const [a, b, elsewhere, nowhere] = [
      await editorIn(home, 'a'),
      await editorIn(home, 'b'),
      await editorIn(home, 'c'),
      await openEditor(home),
    ];
    await elsewhere.call(KeysSet, { provider: 'lab', key: global });
    await a.call(KeysSet, { provider: 'lab', key: ofA, scope: 'workspace' });
    await b.call(KeysSet, { provider: 'lab', key: ofB, scope: 'workspace' });

    for (const [editor, key] of [
      [a, ofA],
      [b, ofB],
      [elsewhere, global],
      [nowhere, global],
    ] as const) {
      assert.deepEqual(await keysUsed(server, () => ask(editor)), [key], 'a chat');
      assert.deepEqual(
        await keysUsed(server, () => editor.call(ModelsList, { refresh: true })),
        [key],
        'the list of models',
      );
      editor.open('untitled:some.ts', 'export const x = 1;\n', 'typescript');
      const textDocument = { uri: 'untitled:some.ts' };
      assert.deepEqual(await keysUsed(server, () => editor.call(ReviewRun, { textDocument })), [key], 'a review');
      const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 19 } };
      assert.deepEqual(
        await keysUsed(server, () => editor.call(CodeAction, { kind: 'explain', textDocument, range })),
        [key],
        'an action',
      );
    }

    // All at once: whose request it is does not depend on who else is asking.
    server.requests.length = 0;
    await Promise.all(
      Array.from({ length: 5 }, (_, i) =>
        [a, b, elsewhere].map((editor, of) => ask(editor, `of ${of}, number ${i}`)),
      ).flat(),
    );
    for (const { headers, body } of server.chats) {
      const said = /of (\d), number/.exec(JSON.stringify(body))?.[1];
      assert.equal(headers.authorization, `Bearer ${[ofA, ofB, global][Number(said)]}`);
    }

    await assert.rejects(
      nowhere.call(KeysSet, { provider: 'lab', key: 'sk-of-nowhere', scope: 'workspace' }),
      /No folder is open for this API key/,
    );
    assert.equal(
      (
        await failureOf(
          b.call(KeysSet, {
            provider: 'lab',
            key: 'sk-forged',
            scope: (await a.call(KeysList, {})).workspace as never,
          }),
        )
      ).code,
      -32602,
      'no client names the workspace of another',
    );
    assert.deepEqual(await a.call(KeysDelete, { provider: 'lab', scope: 'workspace' }), { deleted: true });
    assert.deepEqual(await keysUsed(server, () => ask(a)), [global], 'the one for everywhere stands in');
    assert.deepEqual(await keysUsed(server, () => ask(b)), [ofB]);
  });

  it('is the only way to its provider where there is no key for everywhere', async () => {
    await using home = new Home({ localOnly: true });
    const [a, b] = [await editorIn(home, 'a'), await editorIn(home, 'b')];
    await a.call(KeysSet, { provider: 'groq', key: ofA, scope: 'workspace' });
    const has = async (editor: Editor): Promise<boolean | undefined> =>
      (await editor.call(ModelsSetup, {})).keys.find(({ provider }) => provider === 'groq')?.hasKey;
    assert.deepEqual([await has(a), await has(b)], [true, false]);
  });

  it('has troubles of its own: what one key is refused, another may do', async () => {
    await using server = await startOpenAiServer();
    await using home = homeFor(server);
    const [a, b, sameAsA] = [await editorIn(home, 'a'), await editorIn(home, 'b'), await editorIn(home, 'c')];
    await a.call(KeysSet, { provider: 'lab', key: ofA, scope: 'workspace' });
    await b.call(KeysSet, { provider: 'lab', key: ofB, scope: 'workspace' });
    await sameAsA.call(KeysSet, { provider: 'lab', key: ofA, scope: 'workspace' });
    server.reply = ({ headers }) =>
      headers.authorization === `Bearer ${ofA}`
        ? { status: 429, headers: { 'retry-after': '3000' }, body: { error: { message: 'slow down' } } }
        : 'Hello.';
    const limited = await failureOf(ask(a));
    assert.match(limited.message, /rate limited until (\d{4}-\d\d-\d\d )?\d\d:\d\d/);
    assert.deepEqual(limited.data, { code: 'rate-limited', retryable: true });
    server.requests.length = 0;
    assert.match((await failureOf(ask(sameAsA))).message, /rate limited until/);
    assert.equal(server.chats.length, 0, 'the same key is left alone wherever it is used');
    assert.deepEqual(await keysUsed(server, () => ask(b)), [ofB]);
    const healthOf = async (editor: Editor) =>
      (await editor.call(ModelsList, {})).models.find(({ id }) => id === 'lab/scripted')?.health.state;
    assert.deepEqual([await healthOf(a), await healthOf(b)], ['down', 'ok']);

    // A new key begins anew, at once; so does the same one, set again.
    server.reply = 'Hello.';
    await a.call(KeysSet, { provider: 'lab', key: 'sk-key-of-a-anew', scope: 'workspace' });
    assert.deepEqual(await keysUsed(server, () => ask(a)), ['sk-key-of-a-anew']);
    await sameAsA.call(KeysSet, { provider: 'lab', key: ofA, scope: 'workspace' });
    assert.deepEqual(await keysUsed(server, () => ask(sameAsA)), [ofA]);
  });

  it('is replaced without a word to the answer that is under way', async () => {
    await using server = await startOpenAiServer();
    await using home = homeFor(server);
    const editor = await editorIn(home, 'a');
    await editor.call(KeysSet, { provider: 'lab', key: global });
    const { promise: until, resolve } = Promise.withResolvers<void>();
    server.reply = { text: ['One ', 'two ', 'three.'], hold: { after: 1, until } };
    const asked = editor.ask(ChatSend, { text: 'Count', model: 'lab/scripted' });
    await asked.parts.find('the first piece', ({ kind }) => kind === 'text');
    await editor.call(KeysSet, { provider: 'lab', key: 'sk-the-next-key' });
    resolve();
    assert.equal((await asked.result).text, 'One two three.');
    server.reply = 'Hello.';
    assert.deepEqual(await keysUsed(server, () => ask(editor)), ['sk-the-next-key']);
  });

  it('is set, listed, used, encrypted anew and deleted in a terminal', async () => {
    await using server = await startOpenAiServer();
    await using home = homeFor(server);
    const folder = join(home.folder, 'work');
    mkdirSync(folder);
    const say = async (args: string[], input = ''): Promise<string> => {
      const { code, stdout, stderr } = await home.switchyard(args, input);
      assert.equal(code, 0, stderr);
      return stdout;
    };
    assert.match(
      await say(['keys', 'set', 'lab', '--workspace', folder], `${ofA}\n`),
      /is saved for that workspace and encrypted\./,
    );
    await say(['keys', 'set', 'lab'], `${global}\n`);
    const listed = await say(['keys']);
    assert.ok(listed.startsWith(`lab  …ce-a  in ${folder} `), listed);
    assert.match(listed, /\nlab {2}…re-1 {2}everywhere /);
    assert.match(await say(['keys', 'rotate']), /API keys \(2\) are now encrypted with a new master key/);
    const editor = await openEditor(home, { folder: `${pathToFileURL(folder).href}/` });
    assert.deepEqual(await keysUsed(server, () => ask(editor)), [ofA], 'with a slash at the end it is the same folder');
    assert.deepEqual(await keysUsed(server, () => say(['chat', 'Hi', '--model', 'lab/scripted'])), [global]);
    assert.match(await say(['keys', 'delete', 'lab', '--workspace', folder]), /for that workspace was deleted/);
    assert.deepEqual(await keysUsed(server, () => ask(editor)), [global]);
    const wrong = await home.switchyard(['keys', 'set', 'lab', '--workspace', join(home.folder, 'missing')], 'x');
    assert.deepEqual([wrong.code, /Couldn't find the folder/.test(wrong.stderr)], [2, true]);
  });
});

describe("limits of one's own", () => {
  it('hold for one workspace, and for each key of one provider, and say until when', async () => {
    await using server = await startOpenAiServer();
    const lab = { type: 'openai-compatible', baseUrl: server.url, models: ['scripted'] };
    await using home = new Home();
    const uriOfA = pathToFileURL(join(home.folder, 'a')).href;
    home.configure({
      providers: { lab, other: { ...lab, requestsPerMinute: 1 } },
      resilience: { neverSwitch: true, longestWaitMs: 0, workspaces: { [uriOfA]: 1 } },
    });
    const [a, b] = [await editorIn(home, 'a'), await editorIn(home, 'b')];
    await ask(a);
    const ofWorkspace = await failureOf(ask(a, 'once more'));
    assert.match(ofWorkspace.message, /limit of 1 requests a minute for this workspace is used up until \d\d:\d\d/);
    assert.deepEqual(ofWorkspace.data, { code: 'rate-limited', retryable: true });
    await ask(b);
    await ask(b, 'once more');
    await b.call(ChatSend, { text: 'Hi', model: 'other/scripted' });
    assert.match(
      (await failureOf(b.call(ChatSend, { text: 'Hi again', model: 'other/scripted' }))).message,
      /limit of 1 requests a minute for this key/,
    );
  });
});

function homeFor(server: ScriptedServer): Home {
  return new Home({
    providers: { lab: { type: 'openai-compatible', baseUrl: server.url, models: ['scripted'] } },
    resilience: { attempts: 1 },
  });
}

function editorIn(home: Home, name: string): Promise<Editor> {
  const folder = join(home.folder, name);
  mkdirSync(folder, { recursive: true });
  return openEditor(home, { folder: pathToFileURL(folder).href });
}

let questions = 0;

/** Never the same question twice: equal ones may be answered once for all. */
function ask(editor: Editor, text = 'Hi'): Promise<unknown> {
  return editor.call(ChatSend, { text: `${text} (${++questions})`, model: 'lab/scripted' });
}

/** The different keys in the requests that a piece of work led to. */
async function keysUsed(server: ScriptedServer, work: () => Promise<unknown>): Promise<string[]> {
  server.requests.length = 0;
  await work();
  return [...new Set(server.requests.map(({ headers }) => headers.authorization?.replace('Bearer ', '') ?? 'none'))];
}
