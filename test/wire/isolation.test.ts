// No profile sees another's: every method of the table is asked, over the wire and from a session of its own, for what belongs to
// another profile. It must end as if that had never been, and nothing of it may be in what comes back.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, describe, it } from 'mocha';
import * as z from 'zod';
import { requests } from '../../daemon/server.ts';
import {
  ChatCreate,
  ChatList,
  ChatMessages,
  ChatPin,
  ChatSend,
  CodeAction,
  CodeWrite,
  MemoriesAdd,
  ProfileCreate,
  ProfileList,
  ProjectList,
  ReviewRun,
} from '../../shared/protocol/index.ts';
import { scriptedJson, writeScriptedModel } from '../fakes/gguf.ts';
import { Home, until } from '../process/home.ts';
import { type LspClient, openEditor } from '../process/lsp-client.ts';
import { type ForeignIds, type OwnThings, type Probe, probes } from './foreign.ts';

const text = 'one\nlet last = items[items.length];\n';
const script = scriptedJson({
  findings: [
    {
      line: 2,
      quote: 'items[items.length]',
      severity: 'error',
      category: 'correctness',
      message: 'Reads one past the end.',
      replacement: 'items.at(-1)',
      confidence: 0.9,
    },
  ],
});

/** Words that only the other profile ever says. */
const secrets = ['Zanzibar', 'frobnicate', 'quixotic'];
const nothing: ForeignIds = {
  chatId: 'never',
  questionId: 'never',
  answerId: 'never',
  decisionId: 'never',
  findingId: 'never',
  runId: 'never',
  jobId: 'never',
  projectId: 'never',
  memoryId: 'never',
  profileId: 'never',
};

interface Scene {
  home: Home;
  ours: LspClient;
  theirs: LspClient;
  /** Its process. */
  daemon: number | undefined;
  own: OwnThings;
  ids: ForeignIds;
  /** How each plain request ended before the other profile had anything. */
  before: Map<string, string>;
}

describe('between profiles', () => {
  let scene: Scene;
  before(async () => {
    scene = await setScene();
  });
  after(() => scene.home[Symbol.asyncDispose]());

  it("every method of the table says how it is asked for what is another's, by each id that it takes", () => {
    const methods = requests.map(({ message }) => message.method);
    assert.deepEqual(
      methods.filter((method) => !probes[method]),
      [],
      'state in test/wire/foreign.ts how foreign ids are made for these',
    );
    assert.deepEqual(
      Object.keys(probes).filter((method) => !methods.includes(method)),
      [],
    );
    for (const { message } of requests) {
      const used = new Set(
        (probes[message.method]?.foreign?.(nothing, scene.own) ?? []).flatMap((params) => Object.keys(params)),
      );
      const taken =
        message.method.startsWith('switchyard/') && message.params instanceof z.ZodObject
          ? Object.keys(message.params.shape).filter((field) => /(Id|Of)$/.test(field))
          : [];
      assert.deepEqual(
        taken.filter((field) => !used.has(field)),
        [],
        `${message.method} takes these ids, and is not asked with foreign ones`,
      );
    }
  });

  it('every method that takes an id has the profile of its session, unless profiles themselves are what it is about', () => {
    const takesId = ({ method, params }: (typeof requests)[number]['message']): boolean =>
      method.startsWith('switchyard/') &&
      params instanceof z.ZodObject &&
      Object.keys(params.shape).some((field) => /(Id|Of)$/.test(field));
    const lax = requests.filter(({ message, need }) => takesId(message) && need !== 'own');
    assert.deepEqual(
      lax.filter(({ message: { method } }) => !probes[method]?.sharesProfiles).map(({ message: { method } }) => method),
      [],
    );
  });

  const rank = (method: string): number => (probes[method]?.last ? 2 : probes[method]?.varies ? 1 : 0);
  const order = requests.toSorted((a, b) => rank(a.message.method) - rank(b.message.method));
  for (const {
    message: { method },
  } of order) {
    const { foreign, plain, varies, last, sharesProfiles } = probes[method] ?? ({} as Probe);
    it(`${method} tells nothing`, async () => {
      const { ours, own, ids } = scene;
      const theirs = foreign?.(ids, own) ?? [];
      const never = foreign?.(nothing, own) ?? [];
      for (const [index, params] of theirs.entries()) {
        const [end, expected] = [await ending(ours, method, params), await ending(ours, method, never[index] ?? {})];
        if (!sharesProfiles) assert.equal(withoutIds(end, ids), withoutIds(expected, ids), JSON.stringify(params));
        assertSilent(sharesProfiles || method === 'codeAction/resolve' ? withoutIds(end, ids) : end, ids);
      }
      for (const params of plain?.(own) ?? []) {
        const end = await ending(ours, method, params);
        assertSilent(method === 'switchyard/profile/list' ? end.replaceAll(ids.profileId, '') : end, ids);
        if (!varies && !last) assert.equal(end, scene.before.get(keyOf(method, params)), JSON.stringify(params));
      }
    });
  }

  it('what is theirs is as it was, and diagnostics were shown to them alone', async () => {
    const { home, theirs, ours, ids, own } = scene;
    // The table asked the daemon to end: the forwarders join another one, each in its profile.
    await until('another daemon', () => home.daemonPid() !== undefined && home.daemonPid() !== scene.daemon);
    const { messages } = await theirs.call(ChatMessages, { chatId: ids.chatId });
    assert.deepEqual(
      messages.map(({ id, text: said, pinned, versions }) => [id, said, pinned, versions]),
      [
        [ids.questionId, 'Tell of Zanzibar', true, 1],
        [ids.answerId, script, undefined, 1],
      ],
    );
    assert.equal((await ours.call(ProfileList, {})).current, own.profileId);
    assert.equal((await theirs.call(ProfileList, {})).current, ids.profileId);
  });

  it('a line of the log is shown to its own profile alone', async () => {
    const { home, own, ids } = scene;
    const listening = (profile: string) => openEditor(home, { folder: own.folder, switchyard: { profile, log: true } });
    const [ours, theirs] = [await listening(own.profileId), await listening(ids.profileId)];
    const heard = ({ notifications }: LspClient): number =>
      notifications.items.filter(({ params }) => (params as { message?: string }).message?.includes('inline action'))
        .length;
    for (const [editor, counts] of [
      [theirs, [0, 1]],
      [ours, [1, 1]],
    ] as const) {
      editor.open(own.uri, text, 'javascript');
      await editor.call(CodeAction, {
        kind: 'explain',
        textDocument: { uri: own.uri },
        range: { start: { line: 1, character: 0 }, end: { line: 1, character: 8 } },
      });
      assert.deepEqual([heard(ours), heard(theirs)], counts);
    }
    for (const editor of [ours, theirs]) await editor.leave();
  });

  it('a prompt that the other one has asked is read anew, and one of its own is not', async () => {
    const { ours, theirs } = scene;
    const prompt = { text: `What of ${'these words '.repeat(40)}?`, model: 'local/tiny' };
    await theirs.call(ChatSend, prompt);
    const { usage: first } = await ours.call(ChatSend, prompt);
    const { usage: second } = await ours.call(ChatSend, { ...prompt, text: `${prompt.text} And more?` });
    const anew = prompt.text.length; // a token for each of its characters; what comes before it may be of an earlier chat of ours
    assert.ok(first.input >= anew && second.cacheRead >= anew, JSON.stringify([first, second]));
  });
});

/** Two editors in profiles of their own on the same document; the plain requests are asked before the other one does anything. */
async function setScene(): Promise<Scene> {
  const home = new Home();
  writeScriptedModel(home.file('tiny.gguf'), script);
  home.configure({ localModels: [home.file('tiny.gguf')] });
  const folder = dirname(home.project('shop', 'a'));
  mkdirSync(folder, { recursive: true });
  const root = pathToFileURL(folder).href;
  const clerk = await openEditor(home);
  const [mine, other] = [
    (await clerk.call(ProfileCreate, { name: 'Ours' })).profile.id,
    (await clerk.call(ProfileCreate, { name: 'Others' })).profile.id,
  ];
  await clerk.leave();
  const uri = `${root}/sum.js`;
  const [ours, theirs] = [
    await openEditor(home, { folder: root, switchyard: { profile: mine } }),
    await openEditor(home, { folder: root, switchyard: { profile: 'others' } }),
  ];
  ours.open(uri, text, 'javascript');
  const { chatId } = await ours.call(ChatCreate, { title: 'Our own' });
  const own: OwnThings = { chatId, profileId: mine, uri, folder: root };
  const endings = new Map<string, string>();
  for (const {
    message: { method },
  } of requests) {
    if (probes[method]?.varies || probes[method]?.last) continue;
    for (const params of probes[method]?.plain?.(own) ?? [])
      endings.set(keyOf(method, params), await ending(ours, method, params));
  }
  return {
    home,
    ours,
    theirs,
    daemon: home.daemonPid(),
    own,
    ids: await fill(theirs, { uri, profileId: other }),
    before: endings,
  };
}

/** Everything that a profile can hold, with the words that only it knows. */
async function fill(editor: LspClient, { uri, profileId }: { uri: string; profileId: string }): Promise<ForeignIds> {
  const {
    chatId,
    messageId: answerId,
    decision,
  } = await editor.call(ChatSend, {
    text: 'Tell of Zanzibar',
    attachments: [{ kind: 'file', uri: 'file:///quixotic.ts', text: 'frobnicate()' }],
  });
  const { messages } = await editor.call(ChatMessages, { chatId });
  const questionId = messages[0]?.id ?? '';
  await editor.call(ChatPin, { messageId: questionId, pinned: true });
  editor.open(uri, text, 'javascript');
  const { runId, findings, notes } = await editor.call(ReviewRun, { textDocument: { uri } });
  assert.equal(findings.length, 1, notes.join(' '));
  await editor.notified<{ diagnostics: unknown[] }>(
    'textDocument/publishDiagnostics',
    ({ diagnostics }) => diagnostics.length === 1,
  );
  const { runId: jobId } = await editor.call(CodeWrite, { instruction: 'Tell of Zanzibar', textDocument: { uri } });
  const { memory } = await editor.call(MemoriesAdd, { text: 'We frobnicate in Zanzibar' });
  const { projects } = await editor.call(ProjectList, {});
  const { chats } = await editor.call(ChatList, {});
  assert.deepEqual([findings.length, chats.map(({ title }) => title)], [1, ['Tell of Zanzibar']]);
  return {
    chatId,
    questionId,
    answerId,
    decisionId: decision.id ?? '',
    findingId: findings[0]?.id ?? '',
    runId,
    jobId,
    projectId: projects[0]?.id ?? '',
    memoryId: memory.id,
    profileId,
  };
}

/** How a request ends, as one text: with a result or with an error. */
async function ending({ connection }: LspClient, method: string, params: object): Promise<string> {
  try {
    return JSON.stringify(await connection.sendRequest(method, params));
  } catch (error) {
    const { code, message, data } = error as { code: number; message: string; data?: object };
    assert.notEqual(code, -32_602, `${method}: ${message}`);
    assert.notEqual(code, -32_603, `${method}: ${message}`);
    return JSON.stringify({ code, message, data });
  }
}

function withoutIds(end: string, ids: ForeignIds): string {
  return [...Object.values(ids), 'never'].reduce((rest, id) => rest.replaceAll(id, '(id)'), end);
}

function assertSilent(end: string, ids: ForeignIds): void {
  for (const word of [...secrets, ...Object.values(ids)])
    assert.ok(word !== '' && !end.includes(word), `${word} in ${end.slice(0, 2000)}`);
}

function keyOf(method: string, params: object): string {
  return `${method} ${JSON.stringify(params)}`;
}
