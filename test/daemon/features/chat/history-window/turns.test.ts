// Long chats, turn by turn: what is said again of their older messages, and the summaries that are made after answers. Real storage,
// the real search and router, and models that say what a script says.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterEach, describe, it } from 'mocha';
import { CancelledError } from '../../../../../daemon/base/errors.ts';
import type { TurnRequest } from '../../../../../daemon/features/chat/chat.ts';
import { createOlderTurns } from '../../../../../daemon/features/chat/history-window/older-turns.ts';
import type { SummaryMode } from '../../../../../daemon/features/chat/history-window/summaries.ts';
import { createFind } from '../../../../../daemon/features/search/search.ts';
import { createModels } from '../../../../../daemon/models/ask.ts';
import { createAnswerCache } from '../../../../../daemon/models/cache/cache.ts';
import { createCosts } from '../../../../../daemon/models/costs/costs.ts';
import type { Embedder } from '../../../../../daemon/models/embedding/embedder.ts';
import type { ModelRequest, Provider, StreamPart } from '../../../../../daemon/models/providers/provider.ts';
import { createRouter } from '../../../../../daemon/models/router/create.ts';
import type { Candidate } from '../../../../../daemon/models/router/router.ts';
import type { DaemonShapes } from '../../../../../daemon/services.ts';
import { openTestStorage, silentLog, testFolder } from '../../../storage/open-storage.ts';
import { createTestChat } from '../kit.ts';

interface Options {
  mode?: SummaryMode;
  /** By name; those of `cloud` run elsewhere, and cost a dollar for a million tokens. */
  models?: readonly { name: string; isCloud?: boolean; contextTokens?: number }[];
  dayUsd?: number;
  embedder?: Embedder;
}

class Lab implements Provider {
  readonly name: string;
  readonly local: boolean;
  readonly asked: ModelRequest[];
  /** What a request for a summary does; it says `SUMMARY` when left out. */
  summarise: ((signal: AbortSignal) => Promise<string>) | undefined;

  constructor(name: string, local: boolean, asked: ModelRequest[]) {
    this.name = name;
    this.local = local;
    this.asked = asked;
  }

  async listModels() {
    return [];
  }
  async embed() {
    return [];
  }
  async *stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<StreamPart> {
    this.asked.push(request);
    const text = isSummary(request)
      ? ((await this.summarise?.(signal)) ?? 'SUMMARY of boats')
      : `Answer ${'a'.repeat(600)}`;
    yield { kind: 'text', text };
    yield { kind: 'usage', usage: { input: 10, cacheRead: 0, cacheWrite: 0, output: 10, reasoning: 0 } };
    yield { kind: 'finish', reason: 'stop' };
  }
}

const isSummary = ({ messages }: ModelRequest): boolean =>
  messages[0]?.content.startsWith('You keep the notes') === true;
const textOf = (request: ModelRequest | undefined): string =>
  request?.messages.map(({ content }) => content).join('\n') ?? '';

/** What a log was told so far and is told from now on, to be awaited. */
class Told {
  readonly #waiting = new Set<{ message: string; resolve(fields: Record<string, unknown>): void }>();

  readonly log = {
    ...silentLog,
    info: (fields: Record<string, unknown>, message: string): void => {
      for (const waiting of [...this.#waiting]) {
        if (waiting.message !== message) continue;
        this.#waiting.delete(waiting);
        waiting.resolve(fields);
      }
    },
  };

  next(message: string): Promise<Record<string, unknown>> {
    return new Promise((resolve) => this.#waiting.add({ message, resolve }));
  }
}

function bench({ mode = 'local', models = [{ name: 'a' }], dayUsd, embedder }: Options = {}) {
  const folder = testFolder();
  const memory = openTestStorage<DaemonShapes>(folder.database);
  const told = new Told();
  const requests: ModelRequest[] = [];
  const labs = { here: new Lab('here', true, requests), cloud: new Lab('cloud', false, requests) };
  const candidates = models.map(
    ({ name, isCloud = false, contextTokens = 4096 }): Candidate => ({
      id: `${isCloud ? 'cloud' : 'here'}/${name}`,
      provider: isCloud ? labs.cloud : labs.here,
      health: { state: 'ok' },
      info: {
        name,
        contextTokens,
        capabilities: { chat: true },
        source: 'config',
        ...(isCloud && { price: { input: 1, output: 1 } }),
      },
    }),
  );
  const router = createRouter({
    models: async () => candidates,
    decisions: (profile) => memory.in(profile).decisions,
    onUnsaved: (error) => assert.fail(String(error)),
  });
  const costs = createCosts({
    storage: memory,
    budgets: () => ({ warnAt: 0.8, ...(dayUsd !== undefined && { dayUsd }) }),
    newId: () => crypto.randomUUID(),
    now: Date.now,
    log: silentLog,
  });
  const find = createFind({
    searchOf: (profile) => memory.in(profile).search,
    log: silentLog,
    ...(embedder && { embedder }),
  });
  const older = createOlderTurns({
    olderOf: (profile) => memory.in(profile).older,
    find,
    models: createModels({ router, costs, onOutcome() {}, now: Date.now }),
    mode: () => mode,
    log: told.log,
    quietMs: 1,
  });
  costs.onBegin(({ task }) => older.giveWay(task));
  const chat = createTestChat({
    storage: memory,
    older,
    router,
    costs,
    cache: createAnswerCache({ now: Date.now }),
    onOutcome() {},
    now: Date.now,
  });
  const { signal } = new AbortController();
  const ask = (turn: Partial<TurnRequest>) =>
    chat.reply({ profile: 'default', text: 'why?', attachments: [], ...turn }, { signal, onPart() {} });
  const desk = {
    memory,
    requests,
    labs,
    told,
    ask,
    older,
    select: () => router.select({ task: 'chat', profile: 'default' }, signal),
    /** The last request that was no summary's. */
    prompt: () => textOf(requests.findLast((request) => !isSummary(request))),
    summaries: () => requests.filter(isSummary),
    contextOf: async (messageId: string) => (await memory.chats.message(messageId)).context,
    /** Asks about nothing until something was left out of a prompt. */
    async fill(chatId: string) {
      for (let i = 0; ; i++) {
        const { messageId } = await ask({ chatId, text: `Filler number ${i} ${'f'.repeat(300)}` });
        const context = await desk.contextOf(messageId);
        if ((context?.leftOut ?? 0) + (context?.summarised ?? 0) + (context?.found?.length ?? 0) > 0) return context;
      }
    },
    /** A chat of so many long questions with their answers, of which one was empty. */
    async stored(questions: number): Promise<string> {
      const { id: chatId } = await memory.chats.createChat({});
      for (let i = 0; i < questions; i++) {
        await memory.chats.addUserMessage(chatId, { text: `Old ${i} ${'o'.repeat(900)}` });
        const { id } = await memory.chats.startAnswer(chatId, {});
        await memory.chats.finishAnswer(id, {
          last: [{ text: i === 3 ? '' : `Reply ${i}` }],
          status: 'complete',
        });
      }
      return chatId;
    },
    async [Symbol.asyncDispose]() {
      await older[Symbol.asyncDispose]();
      await memory[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
  return desk;
}

describe('a long chat', () => {
  let desk: ReturnType<typeof bench>;
  afterEach(() => desk[Symbol.asyncDispose]());

  it('is told again what bears on the question, from its own branch alone, and says so in its record', async () => {
    desk = bench({ mode: 'off' });
    const { chatId } = await desk.ask({ text: 'The harbour code is 4711.' });
    await desk.ask({ text: 'The harbour code of another chat is 9999.' });
    await desk.ask({ chatId, text: 'The harbour code is 1234, no, wait.' });
    const { items } = await desk.memory.chats.messages(chatId, {});
    await desk.ask({ chatId, text: 'Let us go on.', editOf: items[2]?.id });
    await desk.fill(chatId);
    const { messageId } = await desk.ask({ chatId, text: 'What was the harbour code?' });
    assert.match(
      desk.prompt(),
      /Found again from earlier[\s\S]*I said:\nThe harbour code is 4711\.[\s\S]*Now:\n\nWhat was the harbour code\?$/,
    );
    assert.doesNotMatch(desk.prompt(), /1234|9999/);
    const context = await desk.contextOf(messageId);
    assert.deepEqual(context?.found, [items[0]?.id, items[1]?.id]);
    assert.equal(
      (context?.leftOut ?? 0) + (context?.found?.length ?? 0) + (context?.recent ?? 0),
      (await desk.memory.chats.chat(chatId)).messageCount - 1,
    );
    await desk.ask({ chatId, text: 'Thanks!' });
    assert.doesNotMatch(desk.prompt(), /Found again/);
    assert.equal(desk.summaries().length, 0);
  });

  it("does not wait for a question's vector where no model gives one", async () => {
    const hanging: Embedder = {
      model: 'x',
      dimensions: 64,
      embed: (_texts, { signal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(new CancelledError()))),
    };
    desk = bench({ mode: 'off', embedder: hanging });
    const { chatId } = await desk.ask({ text: 'The harbour code is 4711.' });
    await desk.fill(chatId);
    await desk.ask({ chatId, text: 'What was the harbour code?' });
    assert.match(desk.prompt(), /harbour code is 4711/);
  });

  it('is summarised after an answer, without what is pinned, and the next question has the summary as a record', async () => {
    desk = bench();
    const { chatId } = await desk.ask({ text: 'Never use var.' });
    const [rule] = (await desk.memory.chats.messages(chatId, {})).items;
    await desk.memory.chats.pin(rule?.id ?? '', true);
    const made = desk.told.next('a summary was made');
    await desk.fill(chatId);
    assert.deepEqual(await made, { chatId, model: 'here/a' });
    const { messageId } = await desk.ask({ chatId, text: 'Go on.' });
    const [request] = desk.summaries();
    assert.match(textOf(request), /Assistant: Answer a+\n\nUser: Filler number 0/);
    assert.doesNotMatch(textOf(request), /use var/);
    assert.match(
      desk.prompt(),
      /I said:\nNever use var\.\n\nOlder messages of this conversation[^\n]*\n```\nSUMMARY of boats\n```\n\nNow:/,
    );
    assert.doesNotMatch(
      textOf({ ...desk.requests.at(-1), messages: desk.requests.at(-1)?.messages.slice(0, 1) ?? [] } as ModelRequest),
      /SUMMARY/,
      'it is no instruction',
    );
    const context = await desk.contextOf(messageId);
    assert.deepEqual([context?.summary, context?.leftOut], [{ text: 'SUMMARY of boats', model: 'here/a' }, 0]);
    assert.ok((context?.summarised ?? 0) > 0);
    const sums = await desk.memory.ledger.sums({ by: 'chat' });
    assert.equal(sums.find(({ key }) => key === chatId)?.requests, desk.requests.length, 'it is counted in its chat');
  });

  it('is not kept waiting: a summary under way is given up for the next question, and made after it', async () => {
    desk = bench();
    const { chatId } = await desk.ask({ text: 'One' });
    let underWay: AbortSignal | undefined;
    let told = (): void => {};
    desk.labs.here.summarise = async (signal) => {
      underWay = signal;
      told();
      if (!signal.aborted) await once(signal, 'abort');
      throw new CancelledError();
    };
    await desk.fill(chatId);
    while (!underWay || underWay.aborted)
      await new Promise<void>((resolve) => {
        told = resolve;
      });
    desk.labs.here.summarise = undefined;
    const made = desk.told.next('a summary was made');
    await desk.ask({ text: 'Something in another chat' });
    assert.equal(underWay.aborted, true);
    assert.equal((await made)['chatId'], chatId);
  });

  it('catches up in rounds, each going on with the summary before', async () => {
    desk = bench({ models: [{ name: 'a', contextTokens: 2048 }] });
    const chatId = await desk.stored(12);
    const made = [desk.told.next('a summary was made')];
    await desk.ask({ chatId, text: 'Go on.' });
    await Promise.all(made);
    await desk.told.next('a summary was made');
    const [first, second] = desk.summaries();
    assert.match(textOf(first), /User: Old 0 /);
    assert.doesNotMatch(textOf(first), /The summary so far/);
    assert.match(textOf(second), /The summary so far:\n(=+\w+=+)\nSUMMARY of boats\n\1/);
    assert.doesNotMatch(textOf(second), /User: Old 0 /);
  });
});

describe('the chats that wait for a summary', () => {
  let desk: ReturnType<typeof bench>;
  afterEach(() => desk[Symbol.asyncDispose]());

  async function answered(chatId: string, characters: number): Promise<void> {
    const turns = Array.from({ length: 12 }, (_, index) => ({
      id: `${chatId}-${index}`,
      role: index % 2 === 0 ? ('user' as const) : ('assistant' as const),
      content: 'w'.repeat(characters),
      pinned: false,
      hasCode: false,
    }));
    const selection = await desk.select();
    desk.older.answered({ profile: 'default', chatId, selection, turns, earlier: 0, contextTokens: 4096 });
  }

  for (const [name, characters, chats, waiting] of [
    ['are none of those that fit their model', 10, 30, 0],
    ['are those that do not fit', 4000, 3, 3],
    ['are never many, however many were answered', 4000, 30, 20],
  ] as const)
    it(name, async () => {
      desk = bench();
      const rest = desk.older.giveWay('chat'); // nothing is summarised meanwhile
      for (let index = 0; index < chats; index++) await answered(`chat ${index}`, characters);
      assert.equal(desk.older.waiting, waiting);
      rest();
    });

  it('are no deleted ones, and none that fits again', async () => {
    desk = bench();
    const rest = desk.older.giveWay('chat');
    for (const chatId of ['a', 'b', 'c']) await answered(chatId, 4000);
    desk.older.forget('a');
    await answered('b', 10);
    assert.equal(desk.older.waiting, 1);
    rest();
  });
});

describe('who makes summaries', () => {
  let desk: ReturnType<typeof bench>;
  afterEach(() => desk[Symbol.asyncDispose]());
  const both = [{ name: 'a' }, { name: 'b', isCloud: true }];

  async function outcome(message: string): Promise<Record<string, unknown>> {
    const { chatId } = await desk.ask({ text: 'One', model: 'cloud/b' });
    await desk.memory.chats.updateChat(chatId, { model: 'cloud/b' });
    const told = desk.told.next(message);
    await desk.fill(chatId);
    return await told;
  }

  it('is a model of this machine, also for a chat with another', async () => {
    desk = bench({ models: both });
    assert.equal((await outcome('a summary was made'))['model'], 'here/a');
  });

  it('is nobody where this machine has none', async () => {
    desk = bench({ models: both.slice(1) });
    assert.match(String((await outcome('no summary was made'))['error']), /only local models are allowed/);
    assert.equal(desk.summaries().length, 0);
  });

  it('is the model that answered where the user allows that', async () => {
    desk = bench({ mode: 'chat model', models: both });
    assert.equal((await outcome('a summary was made'))['model'], 'cloud/b');
  });

  it('is nobody once a budget is used up', async () => {
    desk = bench({ mode: 'chat model', models: both.slice(1), dayUsd: 0 });
    const chatId = await desk.stored(12);
    const { items: turns } = await desk.memory.chats.messages(chatId, {});
    const told = desk.told.next('no summary was made');
    desk.older.answered({
      profile: 'default',
      chatId,
      turns: turns.map((turn) => ({ ...turn, content: turn.text })),
      earlier: 0,
      contextTokens: 2048,
      selection: await desk.select(),
    });
    assert.match(String((await told)['error']), /budget/);
    assert.equal(desk.requests.length, 0);
  });
});
