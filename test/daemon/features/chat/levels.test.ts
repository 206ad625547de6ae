// A turn inside its profile and chat: which model is meant and pinned, versions and what goes into the prompt of each, and that
// neither answers nor lessons cross from one profile to another. Real storage, the real router.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { ReplyPart, TurnRequest } from '../../../../daemon/features/chat/chat.ts';
import { createRouter } from '../../../../daemon/models/router/create.ts';
import type { Candidate, Decision } from '../../../../daemon/models/router/router.ts';
import type { DaemonShapes } from '../../../../daemon/services.ts';
import { spendingOf } from '../../../fakes/spending.ts';
import { openTestStorage, testFolder } from '../../storage/open-storage.ts';
import { type Script, ScriptedProvider } from '../pipeline/parts.ts';
import { createTestChat } from './kit.ts';

/** Two models of one provider, `lab/a` before `lab/b`, in whose words all answers are. */
function desk(...scripts: Script[]) {
  const folder = testFolder();
  const memory = openTestStorage<DaemonShapes>(folder.database);
  const provider = new ScriptedProvider(...scripts);
  const candidates = ['a', 'b'].map(
    (name): Candidate => ({
      id: `lab/${name}`,
      provider,
      info: { name, contextTokens: 4096, capabilities: { chat: true }, source: 'config' },
      health: { state: 'ok' },
    }),
  );
  const newRouter = () =>
    createRouter({
      models: async () => candidates,
      decisions: (profile) => memory.in(profile).decisions,
      onUnsaved: (error) => assert.fail(String(error)),
    });
  const router = newRouter();
  const chat = createTestChat({
    storage: memory,
    ...spendingOf(memory, Date.now),
    router,
    onOutcome() {},
    now: Date.now,
  });
  const ask = (turn: Partial<TurnRequest>, onPart: (part: ReplyPart) => void = () => {}) =>
    chat.reply(
      { profile: 'default', text: 'why?', attachments: [], ...turn },
      { signal: new AbortController().signal, onPart },
    );
  const prompt = (index: number) =>
    provider.requests
      .at(index)
      ?.messages.filter(({ role }) => role !== 'system')
      .map(({ content }) => content);
  return {
    memory,
    provider,
    router,
    newRouter,
    ask,
    prompt,
    async [Symbol.asyncDispose]() {
      await memory[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

const named = ({ decision: { model, source } }: { decision: Decision }) => [model, source];

describe('the model of a turn', () => {
  it("is the nearest level's, and the record says whose", async () => {
    await using bench = desk(['An answer.']);
    const { id: profile } = await bench.memory.profiles.create({ name: 'Work' });
    const { chatId, ...first } = await bench.ask({ profile, text: '1' });
    assert.deepEqual(named(first), ['lab/a', 'policy']);
    assert.deepEqual(named(await bench.ask({ profile, chatId, text: '2', workspaceModel: 'lab/b' })), [
      'lab/b',
      'workspace',
    ]);
    await bench.memory.profiles.update(profile, { model: 'lab/b' });
    assert.deepEqual(named(await bench.ask({ profile, chatId, text: '3', workspaceModel: 'lab/a' })), [
      'lab/b',
      'profile',
    ]);
    await bench.memory.in(profile).chats.updateChat(chatId, { model: 'lab/a' });
    assert.deepEqual(named(await bench.ask({ profile, chatId, text: '4' })), ['lab/a', 'chat']);
    const last = await bench.ask({ profile, chatId, text: '5', model: 'lab/b' });
    assert.deepEqual(named(last), ['lab/b', 'message']);
    const stored = await bench.memory.in(profile).chats.message(last.messageId);
    assert.deepEqual(stored.decision, last.decision);
    assert.deepEqual(
      (await bench.memory.in(profile).decisions.list({})).map(({ record }) => (record as { source: string }).source),
      ['message', 'chat', 'profile', 'workspace', 'policy'],
    );
  });

  it('is whom the policy of a message chooses, whatever names a model', async () => {
    await using bench = desk(['An answer.']);
    const { id: chatId } = await bench.memory.chats.createChat({ model: 'lab/b' });
    assert.deepEqual(named(await bench.ask({ chatId, workspaceModel: 'lab/b' })), ['lab/b', 'chat']);
    const reply = await bench.ask({ chatId, workspaceModel: 'lab/b', policy: 'best' });
    assert.deepEqual(named(reply), ['lab/a', 'policy']);
  });

  it('holds from the start of a run to its end, whatever is switched meanwhile, in its chat or in another window', async () => {
    await using bench = desk(['first ', 'second ', 'third'], ['Elsewhere.']);
    const { chats } = bench.memory;
    const { id: chatId } = await chats.createChat({ model: 'lab/a' });
    const switched: Promise<unknown>[] = [];
    const run = await bench.ask({ chatId }, (part) => {
      if (part.kind !== 'text' || switched.length > 0) return;
      switched.push(
        chats.updateChat(chatId, { model: 'lab/b' }),
        bench.memory.profiles.update('default', { model: 'lab/b' }),
        bench.ask({ text: 'in window B', model: 'lab/b' }),
      );
    });
    await Promise.all(switched);
    assert.equal(switched.length, 3);
    assert.deepEqual([named(run), run.text], [['lab/a', 'chat'], 'first second third']);
    assert.deepEqual((await chats.message(run.messageId)).decision, run.decision);
    assert.deepEqual(
      (await bench.memory.ledger.sums({ by: 'model', answers: [run.messageId] })).map(({ key }) => key),
      ['lab/a'],
    );
    assert.deepEqual(named(await bench.ask({ chatId, text: 'and now?' })), ['lab/b', 'chat']);
  });
});

describe('versions in a turn', () => {
  it('an edited question is answered in a branch of its own, with nothing of the old one in its prompt', async () => {
    await using bench = desk(['A1'], ['A2'], ['B2'], ['B3']);
    const { chatId } = await bench.ask({ text: 'Q1' });
    await bench.ask({ chatId, text: 'Q2 old' });
    const { chats } = bench.memory;
    const read = async () => (await chats.messages(chatId, {})).items;
    const old = (await read())[2]?.id ?? '';
    await bench.ask({ chatId, text: 'Q2 new', editOf: old });
    await bench.ask({ chatId, text: 'Q3' });
    assert.deepEqual(bench.prompt(2), ['Q1', 'A1', 'Q2 new']);
    assert.deepEqual(bench.prompt(3), ['Q1', 'A1', 'Q2 new', 'B2', 'Q3']);
    assert.deepEqual(
      (await read()).map(({ text, version, versions }) => `${text} ${version}/${versions}`),
      ['Q1 1/1', 'A1 1/1', 'Q2 new 2/2', 'B2 1/1', 'Q3 1/1', 'B3 1/1'],
    );
    await chats.chooseVersion(chatId, old, 1);
    assert.deepEqual(
      (await read()).map(({ text }) => text),
      ['Q1', 'A1', 'Q2 old', 'A2'],
    );
  });

  it('an answer whose branch was left while the model thought goes where it was asked', async () => {
    await using bench = desk(['A1'], ['A2'], ['late']);
    const { chatId } = await bench.ask({ text: 'Q1' });
    await bench.ask({ chatId, text: 'Q2' });
    const { chats } = bench.memory;
    const first = (await chats.messages(chatId, {})).items[0]?.id ?? '';
    let left: Promise<unknown> | undefined;
    const { messageId } = await bench.ask({ chatId, text: 'Q3' }, (part) => {
      if (part.kind === 'decision') left = chats.addUserMessage(chatId, { text: 'P1', editOf: first });
    });
    await left;
    assert.deepEqual(
      (await chats.messages(chatId, {})).items.map(({ text }) => text),
      ['P1'],
    );
    assert.deepEqual(
      (await chats.thread(chatId, messageId, 9)).messages.map(({ text }) => text),
      ['Q1', 'A1', 'Q2', 'A2', 'Q3', 'late'],
    );
  });

  it('a message can be edited or retried without naming its chat', async () => {
    await using bench = desk(['A1'], ['B1'], ['C1']);
    const { chatId, messageId } = await bench.ask({ text: 'Q1' });
    assert.equal((await bench.ask({ text: '', retryOf: messageId })).chatId, chatId);
    assert.equal((await bench.memory.chats.listChats({})).items.length, 1);
  });
});

describe('what a prompt holds', () => {
  it("is in the answer's record; pinned messages are in every prompt, and the transcript stays whole", async () => {
    await using bench = desk(
      [`${'long '.repeat(300)}1`],
      [`${'long '.repeat(300)}2`],
      [`${'long '.repeat(300)}3`],
      ['short'],
    );
    const { chats } = bench.memory;
    const { chatId } = await bench.ask({ text: `The rule. ${'x'.repeat(2000)}` });
    const rule = (await chats.messages(chatId, {})).items[0]?.id ?? '';
    await chats.pin(rule, true);
    for (const text of ['Q2', 'Q3']) await bench.ask({ chatId, text: text + 'y'.repeat(3000) });
    const { messageId } = await bench.ask({ chatId, text: `Q4 ${'z'.repeat(3000)}` });
    const { context } = await chats.message(messageId);
    assert.deepEqual(context?.pinned, [rule]);
    assert.ok(context.leftOut > 0, JSON.stringify(context));
    assert.equal(context.leftOut + context.recent + context.pinned.length, 7);
    assert.match(bench.prompt(-1)?.join('\n') ?? '', /The rule\./);
    assert.doesNotMatch(bench.prompt(-1)?.join('\n') ?? '', /long 1/);
    assert.equal((await chats.messages(chatId, {})).items.length, 8);
  });
});

describe('between profiles, in a turn', () => {
  it("no answer comes from another's cache, and no outcome is learned from", async () => {
    await using bench = desk(['An answer.']);
    const { id: other } = await bench.memory.profiles.create({ name: 'Other' });
    const cached = async (profile: string) => (await bench.ask({ profile, text: 'The same question' })).cached;
    assert.deepEqual(
      [await cached('default'), await cached('default'), await cached(other), await cached(other)],
      [false, true, false, true],
    );
    const { messageId, chatId } = await bench.ask({ text: 'Another question' });
    await bench.ask({ chatId, text: '', retryOf: messageId });
    await bench.router.recall(other);
    const [decision] = await bench.router.decisions('default', { limit: 1 });
    await bench.router.finish(decision?.id ?? '', { thumbs: 'down' }, 'default');
    assert.deepEqual(
      [bench.router.shadows('default').some(({ outcomes }) => outcomes > 0), bench.router.shadows(other)],
      [true, []],
    );
    await assert.rejects(bench.router.finish(decision?.id ?? '', { thumbs: 'up' }, other), {
      code: 'decision-not-found',
    });
    const restarted = bench.newRouter();
    for (const profile of ['default', other]) await restarted.recall(profile);
    assert.deepEqual(
      [restarted.shadows('default').some(({ outcomes }) => outcomes > 0), restarted.shadows(other)],
      [true, []],
    );
    restarted.forget('default');
    assert.deepEqual(restarted.shadows('default'), []);
  });

  it('a profile that is gone is a sentence', async () => {
    await using bench = desk(['An answer.']);
    await assert.rejects(bench.ask({ profile: 'gone' }), { code: 'profile-not-found' });
  });
});
