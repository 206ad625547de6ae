// Titles of chats: who makes them and when, and what of a model's answer becomes one. Real storage, the real router, and models that
// say what a script says.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterEach, describe, it } from 'mocha';
import { CancelledError } from '../../../../daemon/base/errors.ts';
import type { TurnRequest } from '../../../../daemon/features/chat/chat.ts';
import { cleanTitle } from '../../../../daemon/features/chat/clean-title.ts';
import { IdleWork } from '../../../../daemon/features/chat/idle-work.ts';
import { Titles } from '../../../../daemon/features/chat/titles.ts';
import { createModels } from '../../../../daemon/models/ask.ts';
import { createAnswerCache } from '../../../../daemon/models/cache/cache.ts';
import { createCosts } from '../../../../daemon/models/costs/costs.ts';
import type { FinishReason, ModelRequest, Provider } from '../../../../daemon/models/providers/provider.ts';
import { createRouter } from '../../../../daemon/models/router/create.ts';
import type { Candidate } from '../../../../daemon/models/router/router.ts';
import type { DaemonShapes } from '../../../../daemon/services.ts';
import { openTestStorage, silentLog, testFolder } from '../../storage/open-storage.ts';
import { createTestChat } from './kit.ts';

interface LabModel {
  name: string;
  isCloud?: boolean;
  loaded?: boolean;
}

type TitleScript = (signal: AbortSignal) => Promise<{ text: string; finish?: FinishReason }>;

const isTitleRequest = ({ messages }: ModelRequest): boolean =>
  messages.at(-1)?.content.startsWith('Write a title') === true;
const question = 'How do I keep the harbour cranes from colliding at night?';

function bench(models: readonly LabModel[] = [{ name: 'a', loaded: true }]) {
  const folder = testFolder();
  const memory = openTestStorage<DaemonShapes>(folder.database);
  const requests: ModelRequest[] = [];
  const ended: string[] = [];
  let tell = (): void => {};
  let script: TitleScript = async () => ({ text: 'Harbour cranes at night' });
  const log = {
    ...silentLog,
    info: (_fields: object, message: string): void => {
      ended.push(message);
      tell();
    },
  };
  const lab = (name: string, local: boolean): Provider => ({
    name,
    local,
    listModels: async () => [],
    embed: async () => [],
    async *stream(request, signal) {
      requests.push(request);
      const { text, finish = 'stop' as const } = isTitleRequest(request)
        ? await script(signal)
        : { text: 'An answer.' };
      yield { kind: 'text', text };
      yield { kind: 'finish', reason: finish };
    },
  });
  const labs = { here: lab('here', true), cloud: lab('cloud', false) };
  const candidates = models.map(
    ({ name, isCloud = false, loaded }): Candidate => ({
      id: `${isCloud ? 'cloud' : 'here'}/${name}`,
      provider: isCloud ? labs.cloud : labs.here,
      health: { state: 'ok' },
      info: { name, capabilities: { chat: true }, source: 'config', ...(loaded !== undefined && { loaded }) },
    }),
  );
  const router = createRouter({ models: async () => candidates, decisions: (profile) => memory.in(profile).decisions });
  const costs = createCosts({
    storage: memory,
    budgets: () => ({ warnAt: 0.8 }),
    newId: () => crypto.randomUUID(),
    now: Date.now,
    log: silentLog,
  });
  const idle = new IdleWork({ log, quietMs: 1 });
  costs.onBegin(({ task }) => idle.giveWay(task));
  const modelDeps = { router, costs, onOutcome() {}, now: Date.now };
  const titles = new Titles({
    chatsOf: (profile) => memory.in(profile).chats,
    models: createModels(modelDeps),
    idle,
    log,
  });
  const chat = createTestChat({ ...modelDeps, storage: memory, titles, cache: createAnswerCache({ now: Date.now }) });
  const { signal } = new AbortController();
  return {
    memory,
    requests,
    idle,
    titles,
    says(said: string | TitleScript) {
      script = typeof said === 'string' ? async () => ({ text: said }) : said;
    },
    ask: (turn: Partial<TurnRequest> = {}) =>
      chat.reply({ profile: 'default', text: question, attachments: [], ...turn }, { signal, onPart() {} }),
    titleRequests: () => requests.filter(isTitleRequest),
    titleOf: async (chatId: string) => (await memory.chats.chat(chatId)).title,
    /** How the next title ended. */
    async outcome(): Promise<string> {
      while (ended.length === 0)
        await new Promise<void>((resolve) => {
          tell = resolve;
        });
      return ended.shift() ?? '';
    },
    /** When all work that was asked for so far has ended. */
    done: () => new Promise<void>((resolve) => idle.add({ task: 'title', chatId: 'none', run: async () => resolve() })),
    async [Symbol.asyncDispose]() {
      await idle[Symbol.asyncDispose]();
      await memory[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

describe('the title of a new chat', () => {
  let desk: ReturnType<typeof bench>;
  afterEach(() => desk[Symbol.asyncDispose]());

  it("is made by the model that answered, as its conversation's next question, so that its context is kept", async () => {
    desk = bench();
    const { chatId } = await desk.ask();
    assert.equal(await desk.titleOf(chatId), question);
    assert.equal(await desk.outcome(), 'a title was made');
    assert.equal(await desk.titleOf(chatId), 'Harbour cranes at night');
    const [first, second] = desk.requests;
    assert.deepEqual(second?.messages.slice(0, first?.messages.length), first?.messages);
  });

  it('is made by a loaded model of this machine where a cloud answered, from an excerpt', async () => {
    desk = bench([
      { name: 'c', isCloud: true },
      { name: 'sleeping', loaded: false },
      { name: 'a', loaded: true },
    ]);
    const { chatId } = await desk.ask({ model: 'cloud/c', text: `${question}\n${'code '.repeat(5000)}` });
    assert.equal(await desk.outcome(), 'a title was made');
    assert.equal(await desk.titleOf(chatId), 'Harbour cranes at night');
    const [request] = desk.titleRequests();
    assert.equal(request?.model, 'a');
    assert.ok(JSON.stringify(request?.messages).length < 6000);
  });

  for (const [name, models, model] of [
    ['a cloud', [{ name: 'c', isCloud: true, loaded: true }], 'cloud/c'],
    ['a model that would have to be loaded', [{ name: 'a', loaded: false }], 'here/a'],
    ['a model of which nobody says that it is loaded', [{ name: 'a' }], 'here/a'],
    ['a cloud beside a model that would have to be loaded', [{ name: 'c', isCloud: true }, { name: 'a' }], 'cloud/c'],
  ] as const)
    it(`is never asked of ${name}`, async () => {
      desk = bench(models);
      const { chatId } = await desk.ask({ model });
      assert.equal(await desk.outcome(), 'no title was made');
      assert.equal(desk.titleRequests().length, 0);
      assert.equal(await desk.titleOf(chatId), question);
    });

  it('gives way to a question at once, and is made after it', async () => {
    desk = bench();
    const begun = Promise.withResolvers<AbortSignal>();
    desk.says(async (signal) => {
      begun.resolve(signal);
      if (!signal.aborted) await once(signal, 'abort');
      throw new CancelledError();
    });
    const { chatId } = await desk.ask();
    const signal = await begun.promise;
    desk.says('Cranes');
    await desk.ask({ text: 'Something in another chat' });
    assert.equal(signal.aborted, true);
    while ((await desk.titleOf(chatId)) === question) await desk.outcome();
    assert.equal(await desk.titleOf(chatId), 'Cranes');
  });

  /** Each happens while the model writes its title. */
  const changes: [string, (chatId: string) => Promise<unknown>, string | undefined][] = [
    ['the user has given another', (id) => desk.memory.chats.updateChat(id, { title: 'Mine' }), 'Mine'],
    ['the user has given the same words', async (id) => desk.titles.settle(id), question],
    ['the chat was deleted', (id) => desk.memory.chats.deleteChat(id), undefined],
    [
      'the chat was deleted for good',
      (id) => desk.memory.chats.deleteChat(id).then(() => desk.memory.trash.purge(id)),
      undefined,
    ],
  ];
  for (const [name, change, title] of changes)
    it(`is dropped where ${name} meanwhile`, async () => {
      desk = bench();
      const asked = Promise.withResolvers<void>();
      const go = Promise.withResolvers<void>();
      desk.says(async () => {
        asked.resolve();
        await go.promise;
        return { text: 'Late' };
      });
      const { chatId } = await desk.ask();
      await asked.promise;
      await change(chatId);
      go.resolve();
      await desk.done();
      assert.equal(title === undefined ? undefined : await desk.titleOf(chatId), title);
      const { items } = await desk.memory.chats.listChats({});
      assert.deepEqual(
        items.map((chat) => chat.title),
        title === undefined ? [] : [title],
      );
    });

  for (const [name, begin] of [
    ['the user named it at its beginning', () => desk.memory.chats.createChat({ title: 'Mine' })],
    ['it was imported', () => imported()],
    ['it is a fork', () => forked()],
  ] as const)
    it(`stays as it is where ${name}`, async () => {
      desk = bench();
      const { id: chatId } = await begin();
      const title = await desk.titleOf(chatId);
      await desk.ask({ chatId });
      await desk.done();
      assert.equal(await desk.titleOf(chatId), title);
      assert.equal(desk.titleRequests().length, 0);
    });

  async function imported(): Promise<{ id: string }> {
    const { chatId = '' } = await desk.memory.chats.importChat({
      origin: { source: 'chatgpt', id: '1' },
      title: question,
      createdAt: 1,
      updatedAt: 1,
      messages: [{ id: 'm', role: 'user', text: question, status: 'complete', createdAt: 1 }],
    } as Parameters<typeof desk.memory.chats.importChat>[0]);
    return { id: chatId };
  }

  async function forked(): Promise<{ id: string }> {
    const { id } = await desk.memory.chats.createChat({});
    await desk.memory.chats.addUserMessage(id, { text: question });
    return await desk.memory.chats.forkChat(id);
  }

  for (const [name, script] of [
    ['is empty', async () => ({ text: '' })],
    ['is cut', async () => ({ text: 'Harbour cra', finish: 'length' as const })],
    ['is withheld', async () => ({ text: 'Harbour', finish: 'content-filter' as const })],
    ['is an essay', async () => ({ text: 'The harbour has many cranes, '.repeat(20) })],
  ] satisfies [string, TitleScript][])
    it(`stays the question's first words where the answer ${name}, and no second one is asked for`, async () => {
      desk = bench();
      desk.says(script);
      const { chatId } = await desk.ask();
      assert.equal(await desk.outcome(), 'no title was made');
      assert.equal(await desk.titleOf(chatId), question);
      await desk.ask({ chatId, text: 'And by day?' });
      await desk.done();
      assert.equal(desk.titleRequests().length, 1);
    });

  it("stays the question's first words where the model fails", async () => {
    desk = bench();
    desk.says(() => Promise.reject(new Error('the server is gone')));
    const { chatId } = await desk.ask();
    assert.equal(await desk.outcome(), 'no title was made');
    assert.equal(await desk.titleOf(chatId), question);
  });
});

describe("a model's answer becomes a title", () => {
  const title = 'Fix the login bug';
  for (const said of [
    title,
    `"${title}"`,
    `“${title}”`,
    `„${title}“`,
    `«${title}»`,
    `'${title}'`,
    `"${title}`,
    `**${title}**`,
    `# ${title}`,
    `- ${title}`,
    `1. ${title}`,
    `Title: ${title}`,
    `**Title:** "${title}"`,
    `"Title: ${title}"`,
    `Titel: ${title}`,
    `Here's a title for this conversation: ${title}`,
    `Sure! Here is a title:\n\n${title}`,
    `Title:\n${title}`,
    `\n\n${title}.\n\nIt names the subject.`,
    `<think>What about "Login"?</think>\n${title}`,
    `What about "Login"?</think>${title}`,
    `{"title": "${title}"}`,
    `\`\`\`json\n{"title": "${title}"}\n\`\`\``,
    `\`\`\`\n${title}\n\`\`\``,
    `Fix\u200b the\u202e login\u0007 bug`,
    `Fix   the\tlogin bug  `,
    `${title}<|im_end|>`,
  ])
    it(`without what stands around it: ${JSON.stringify(said)}`, () => assert.equal(cleanTitle(said), title));

  for (const said of [
    "Don't panic: the borrow checker",
    'What "use strict" does',
    'Title-case function in C++',
    "'in' and 'of' in JavaScript",
    'Почему падает тест',
    'なぜテストが失敗するのか',
    '__init__.py and friends',
  ])
    it(`as it is: ${said}`, () => assert.equal(cleanTitle(said), said));

  for (const [name, said] of [
    ['nothing', ''],
    ['blanks', ' \n\t '],
    ['marks alone', '***'],
    ['thoughts alone', '<think>Let me see. A title, then.'],
    ['a refusal', "I'm sorry, but I can't help with that."],
    ['a refusal with a typographic apostrophe', 'I can’t write a title for this.'],
    ['a greeting', 'Sure!'],
    ['no title', 'Untitled'],
    ['a long sentence', `It is about ${'many '.repeat(30)}things`],
    ['hidden characters alone', '\u200b\u202e\u2060'],
  ] as const)
    it(`not at all: ${name}`, () => assert.equal(cleanTitle(said), undefined));
});
