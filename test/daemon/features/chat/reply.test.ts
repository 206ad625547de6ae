// A chat turn against real storage: what is remembered, however the answer ends.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { UserError } from '../../../../daemon/base/errors.ts';
import type { ReplyPart, TurnRequest } from '../../../../daemon/features/chat/chat.ts';
import { ProviderError } from '../../../../daemon/models/providers/provider.ts';
import type { RequestOutcome } from '../../../../daemon/models/router/records.ts';
import { spendingOf } from '../../../fakes/spending.ts';
import { openTestStorage, type TestStorage, testFolder } from '../../storage/open-storage.ts';
import { routerTo, type Script, ScriptedProvider } from '../pipeline/parts.ts';
import { type BenchDeps, createTestChat, type TestChat } from './kit.ts';

interface Bench extends AsyncDisposable {
  memory: TestStorage;
  chat: TestChat;
  provider: ScriptedProvider;
  outcomes: { model: string; error: unknown }[];
  /** What the router was told, by the decision it is about. */
  told: { id: string; outcome: RequestOutcome }[];
  parts: ReplyPart[];
  ask(turn: Partial<TurnRequest>, signal?: AbortSignal): ReturnType<TestChat['reply']>;
}

function bench(scripts: Script[], contextTokens?: number): Bench {
  const folder = testFolder();
  const memory = openTestStorage(folder.database);
  const provider = new ScriptedProvider(...scripts);
  const outcomes: Bench['outcomes'] = [];
  const parts: ReplyPart[] = [];
  const router = routerTo(scripts.length > 0 ? provider : undefined, contextTokens);
  const told: Bench['told'] = [];
  let decided = 0;
  const deciding: BenchDeps['router'] = {
    select: async (...wanted) => {
      const selection = await router.select(...wanted);
      return { ...selection, decision: { ...selection.decision, id: `d${++decided}` } };
    },
    finish: async (id, outcome) => void told.push({ id, outcome: outcome as RequestOutcome }),
  };
  const chat = createTestChat({
    storage: memory,
    ...spendingOf(memory, () => 5),
    router: deciding,
    onOutcome: (model, error) => outcomes.push({ model, error }),
    now: () => 5,
  });
  return {
    memory,
    chat,
    provider,
    outcomes,
    told,
    parts,
    ask: (turn, signal = new AbortController().signal) =>
      chat.reply(
        { profile: 'default', text: 'why?', attachments: [], ...turn },
        { signal, onPart: (part) => parts.push(part) },
      ),
    async [Symbol.asyncDispose]() {
      await memory[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

const usage = { input: 3, cacheRead: 0, cacheWrite: 0, output: 2, reasoning: 1 };

describe('a chat turn', () => {
  it('stores question and answer, and hands on every part in order', async () => {
    await using desk = bench([
      [
        { kind: 'reasoning', text: 'hm' },
        'Be',
        'cause.',
        { kind: 'warning', message: 'careful' },
        { kind: 'usage', usage },
      ],
    ]);
    const reply = await desk.ask({});
    assert.deepEqual([reply.text, reply.usage, reply.finishReason], ['Because.', usage, 'stop']);
    assert.deepEqual(
      desk.parts.map(({ kind }) => kind),
      ['decision', 'reasoning', 'text', 'text', 'note', 'usage'],
    );
    const {
      items: [question, answer],
    } = await desk.memory.chats.messages(reply.chatId, {});
    assert.deepEqual([question?.role, question?.text, question?.status], ['user', 'why?', 'complete']);
    assert.deepEqual(
      [answer?.id, answer?.text, answer?.reasoning, answer?.notes, answer?.status, answer?.finishReason],
      [reply.messageId, 'Because.', 'hm', ['careful'], 'complete', 'stop'],
    );
    assert.deepEqual([answer?.decision, answer?.usage], [reply.decision, usage]);
    assert.deepEqual(desk.outcomes, [{ model: 'lab/tiny', error: undefined }]);
  });

  it('recalls the turns before it, attachments included, and continues the chat', async () => {
    await using desk = bench([['one'], ['two']]);
    const { chatId } = await desk.ask({
      text: 'first',
      attachments: [{ kind: 'file', uri: 'file:///a/b.ts', text: 'code' }],
    });
    await desk.ask({ chatId, text: 'second' });
    const turns = desk.provider.requests[1]?.messages
      .filter(({ role }) => role !== 'system')
      .map(({ role, content }) => `${role}: ${content}`);
    assert.deepEqual(turns, [
      'user: first\n\nAttached file: a/b.ts\n```\n1\tcode\n```',
      'assistant: one',
      'user: second',
    ]);
  });

  it('keeps what arrived before a failure as partial, and nothing as failed, with the reason', async () => {
    await using desk = bench([
      ['half an ', new ProviderError('unavailable', 'The server went away. Retry.')],
      [new ProviderError('auth', 'The key is wrong. Set another.')],
    ]);
    await assert.rejects(desk.ask({}), { code: 'unavailable' });
    await assert.rejects(desk.ask({}), { code: 'auth' });
    const { items: chats } = await desk.memory.chats.listChats({});
    const answers = await Promise.all(chats.map(async ({ id }) => (await desk.memory.chats.messages(id, {})).items[1]));
    assert.deepEqual(
      answers.map((answer) => [answer?.status, answer?.text, answer?.error?.code, answer?.finishReason]).toSorted(),
      [
        ['failed', '', 'auth', 'error'],
        ['partial', 'half an ', 'unavailable', 'error'],
      ],
    );
    assert.deepEqual(
      desk.outcomes.map(({ error }) => (error as UserError).code),
      ['unavailable', 'auth'],
    );
  });

  it('a bug of ours ends it as partial, and its inner workings do not reach the transcript', async () => {
    await using desk = bench([['never ', new TypeError('secret inner workings')]]);
    await assert.rejects(desk.ask({}), TypeError);
    const [chat] = (await desk.memory.chats.listChats({})).items;
    const { items } = await desk.memory.chats.messages(chat?.id ?? '', {});
    assert.deepEqual([items[1]?.status, items[1]?.error?.code], ['partial', 'internal']);
    assert.doesNotMatch(items[1]?.error?.message ?? '', /secret/);
  });

  it('cancelled, it keeps what arrived, says nothing against the model, and leaves no stream open', async () => {
    await using desk = bench([['so ', 'far', 'hang']]);
    const controller = new AbortController();
    const asked = desk.ask({}, controller.signal);
    while (desk.parts.length < 3) await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    await assert.rejects(asked, { name: 'CancelledError' });
    const [chat] = (await desk.memory.chats.listChats({})).items;
    const { items } = await desk.memory.chats.messages(chat?.id ?? '', {});
    assert.deepEqual([items[1]?.status, items[1]?.text, items[1]?.finishReason], ['cancelled', 'so far', 'cancelled']);
    assert.deepEqual([desk.outcomes, desk.provider.open], [[], 0]);
  });

  it('without any model the question is stored all the same, so that it can be asked again', async () => {
    await using desk = bench([]);
    await assert.rejects(desk.ask({}), { code: 'no-model' });
    const [chat] = (await desk.memory.chats.listChats({})).items;
    const { items } = await desk.memory.chats.messages(chat?.id ?? '', {});
    assert.deepEqual(
      items.map(({ role, text }) => [role, text]),
      [['user', 'why?']],
    );
  });

  it("asked once more, it replaces the answer and repeats the question's turns", async () => {
    await using desk = bench([['first try'], ['second try'], ['follow-up'], ['third try']]);
    const { chatId, messageId } = await desk.ask({});
    const again = await desk.ask({ chatId, text: '', retryOf: messageId });
    assert.equal(again.text, 'second try');
    assert.deepEqual(desk.provider.requests[1]?.messages, desk.provider.requests[0]?.messages);
    const { items } = await desk.memory.chats.messages(chatId, {});
    assert.deepEqual(
      items.map(({ text }) => text),
      ['why?', 'second try'],
    );
    await assert.rejects(desk.ask({ chatId, text: '', retryOf: 'no-such-message' }), { code: 'message-not-found' });
  });

  it('asked once more, the router is told so of the answer that was replaced, not of the new one, and not of one that never came', async () => {
    await using desk = bench([
      ['first try'],
      ['second try'],
      [new ProviderError('auth', 'The key is wrong. Set another.')],
      ['a try'],
    ]);
    const { chatId, messageId } = await desk.ask({});
    await desk.ask({ chatId, text: '', retryOf: messageId });
    assert.deepEqual(
      desk.told.filter(({ outcome }) => outcome.retried).map(({ id }) => id),
      ['d1'],
    );
    await assert.rejects(desk.ask({ chatId }), { code: 'auth' });
    const failed = (await desk.memory.chats.messages(chatId, {})).items.at(-1);
    await desk.ask({ chatId, text: '', retryOf: failed?.id ?? '' });
    assert.deepEqual(
      desk.told.filter(({ outcome }) => outcome.retried).map(({ id }) => id),
      ['d1'],
    );
  });

  const endings: [what: string, script: Script, note: RegExp | undefined][] = [
    ['is empty', [], /lab\/tiny sent an empty answer\. Try again/],
    ['is a line break', ['\n'], /sent an empty answer/],
    ['is reasoning alone', [{ kind: 'reasoning', text: 'hm' }], /sent an empty answer/],
    ['is withheld', [{ kind: 'finish', reason: 'content-filter' }], /withheld the answer/],
    ['is withheld in its middle', ['Half', { kind: 'finish', reason: 'content-filter' }], /withheld the rest/],
    ['is cut', ['Half', { kind: 'finish', reason: 'length' }], /so the answer is cut/],
    ['is cut before it began', [{ kind: 'finish', reason: 'length' }], /before it could answer/],
    [
      'repeats itself',
      ['Half Half', { kind: 'finish', reason: 'repetition' }],
      /^\S+ repeated itself, so [^.]*\. Try again[^.]*\.$/,
    ],
    ['ends with an error', ['Half', { kind: 'finish', reason: 'error' }], /reported an error/],
    ['is whole', ['All.'], undefined],
  ];
  for (const [what, script, note] of endings)
    it(`an answer that ${what} ${note ? 'is told, in its parts and as it is stored' : 'needs no word'}`, async () => {
      await using desk = bench([script]);
      const { chatId } = await desk.ask({});
      const told = desk.parts.flatMap((part) => (part.kind === 'note' ? part.text : []));
      const { items } = await desk.memory.chats.messages(chatId, {});
      assert.deepEqual(items.at(-1)?.notes ?? [], told);
      if (note) assert.match(told.join(), note);
      else assert.deepEqual(told, []);
    });

  it('text that turns out to be reasoning is stored as that, and sent to no model', async () => {
    await using desk = bench([['They greet.', { kind: 'thought' }, 'Hello.'], ['And?']]);
    const { chatId, text } = await desk.ask({});
    assert.equal(text, 'Hello.');
    const { items } = await desk.memory.chats.messages(chatId, {});
    assert.deepEqual([items.at(-1)?.text, items.at(-1)?.reasoning], ['Hello.', 'They greet.']);
    await desk.ask({ chatId });
    assert.doesNotMatch(JSON.stringify(desk.provider.requests[1]), /They greet/);
  });

  it('a prompt that the model finds too long is cut by the visible rule, and the user is told', async () => {
    const tooLong = new ProviderError('context-too-long', 'Too long.');
    await using desk = bench([['one'], ['two'], [tooLong], ['three']], 220);
    const { chatId } = await desk.ask({ text: 'first '.repeat(10) });
    await desk.ask({ chatId, text: 'second '.repeat(10) });
    const { text } = await desk.ask({ chatId, text: 'third' });
    assert.equal(text, 'three');
    const [refused, taken] = desk.provider.requests.slice(2).map(({ messages }) => messages.length);
    assert.ok((taken ?? 0) < (refused ?? 0), `${taken} < ${refused}`);
    const { items } = await desk.memory.chats.messages(chatId, {});
    assert.match(
      items.at(-1)?.notes?.[0] ?? '',
      /older messages? (was|were) left out because lab\/tiny's context window holds 220 tokens\. They are still in this chat\./,
    );
    assert.equal(items.length, 6, 'the transcript itself is whole');
  });

  it("a question that does not fit alone is refused with the model's own words", async () => {
    await using desk = bench([[new ProviderError('context-too-long', 'The prompt is too long.')]]);
    await assert.rejects(desk.ask({}), { code: 'context-too-long' });
    assert.equal(desk.provider.requests.length, 1, 'asking the same again would not help');
  });
});
