// Requests at the same time, on the whole way of a chat turn: equal ones make one call and are counted once; a race asks several
// models, each under its own meter. Real storage, real router, real meter; the models do what the test wrote down.
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { describe, it } from 'mocha';
import { CancelledError } from '../../../../daemon/base/errors.ts';
import type { ReplyPart, TurnRequest } from '../../../../daemon/features/chat/chat.ts';
import { createAnswerCache } from '../../../../daemon/models/cache/cache.ts';
import type { Budgets } from '../../../../daemon/models/costs/budget.ts';
import { createCosts, type FinishedRequest } from '../../../../daemon/models/costs/costs.ts';
import { ProviderError } from '../../../../daemon/models/providers/provider.ts';
import { createRouter } from '../../../../daemon/models/router/create.ts';
import { DecisionsInMemory } from '../../../../daemon/models/router/records.ts';
import { never } from '../../models/providers/adapters.ts';
import { type Answer, bench, failing, ScriptedProvider } from '../../models/resilience/workbench.ts';
import { openTestStorage, silentLog, testFolder } from '../../storage/open-storage.ts';
import { createTestChat } from './kit.ts';

/** A dollar for each answer of `saying`. */
const price = { input: 500_000, output: 500_000, asOf: '2026-07-01' };
const whole: Answer = async function* () {
  yield { kind: 'text', text: 'Whole.' };
  yield { kind: 'usage', usage: { input: 1, cacheRead: 0, cacheWrite: 0, output: 1, reasoning: 0 } };
  yield { kind: 'finish', reason: 'stop' };
};
const silent: Answer = async function* (_request, signal) {
  await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new CancelledError())));
  yield { kind: 'text', text: 'never' };
};
const down = new ProviderError('network', 'Nothing answers.', { turnedAway: true });

function desk(answers: Record<string, Answer>, budgets: Budgets = {}) {
  const folder = testFolder();
  const memory = openTestStorage(folder.database);
  const { clock, resilience } = bench({ attempts: 1 });
  const providers = Object.entries(answers).map(([name, answer]) => new ScriptedProvider(answer, { name }));
  const candidates = providers.map((provider) => ({
    id: `${provider.name}/m`,
    provider: resilience.wrap(provider),
    info: { name: 'm', capabilities: {}, source: 'config' as const, price },
    health: { state: 'ok' as const },
  }));
  const finished: FinishedRequest[] = [];
  const watchers = new Set<() => void>();
  const costs = createCosts({
    storage: memory,
    budgets: () => budgets,
    newId: () => crypto.randomUUID(),
    now: clock.now,
    log: silentLog,
  });
  costs.onFinish((end) => {
    finished.push(end);
    for (const watcher of watchers) watcher();
  });
  const decisions = new DecisionsInMemory();
  const chat = createTestChat({
    storage: memory,
    costs,
    cache: createAnswerCache({ now: clock.now }),
    now: clock.now,
    onOutcome() {},
    router: createRouter({ models: async () => candidates, decisions: () => decisions }),
  });
  const parts: ReplyPart[] = [];
  const told = (part: ReplyPart): void => {
    parts.push(part);
    for (const watcher of watchers) watcher();
  };
  return {
    clock,
    memory,
    finished,
    decisions,
    parts,
    calls: () => providers.map(({ calls }) => calls),
    running: () => providers.map(({ running }) => running),
    ask: (over: Partial<TurnRequest> = {}, signal = never) =>
      chat.reply({ profile: 'default', text: 'Hello?', attachments: [], ...over }, { signal, onPart: told }),
    /** Resolves when so many turns have chosen their model, and ask it. */
    async chosen(turns: number): Promise<void> {
      while (parts.filter(({ kind }) => kind === 'decision').length < turns)
        await new Promise<void>((resolve) => watchers.add(resolve));
      await setImmediate();
    },
    /** Resolves when so many requests have been counted. */
    async counted(requests: number): Promise<void> {
      while (finished.length < requests) await new Promise<void>((resolve) => watchers.add(resolve));
    },
    async [Symbol.asyncDispose]() {
      await memory[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

describe('a hundred equal turns at once', () => {
  it('make one call; each is answered, and the budget is checked and counted once', async () => {
    await using at = desk({ lab: whole }, { dayUsd: 300 }); // enough for what one of them is thought to cost
    const replies = await Promise.all(Array.from({ length: 100 }, () => at.ask()));
    assert.deepEqual(at.calls(), [1]);
    assert.deepEqual(new Set(replies.map(({ text }) => text)), new Set(['Whole.']));
    assert.equal(new Set(replies.map(({ messageId }) => messageId)).size, 100);
    assert.equal(
      replies.reduce((sum, { cost = Number.NaN }) => sum + cost, 0),
      1,
    );
    const [sum] = await at.memory.ledger.sums({ by: 'all' });
    assert.deepEqual([sum?.requests, sum?.costUsd, sum?.unknown, sum?.usage.output], [100, 1, 0, 1]);
  });

  it('are cancelled one by one: the others still get their answer, of one call', async () => {
    const gate = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    await using at = desk({
      lab: async function* (...args) {
        begun.resolve();
        await gate.promise;
        yield* whole(...args);
      },
    });
    const aborts = Array.from({ length: 10 }, () => new AbortController());
    const replies = aborts.map(({ signal }) => at.ask({}, signal));
    const settled = Promise.allSettled(replies);
    await begun.promise;
    await at.chosen(10);
    for (const abort of aborts.slice(0, 9)) abort.abort();
    await assert.rejects(replies[0] as Promise<unknown>, CancelledError);
    gate.resolve();
    assert.deepEqual(
      (await settled).map(({ status }) => status),
      [...Array<string>(9).fill('rejected'), 'fulfilled'],
    );
    assert.equal((await replies[9])?.text, 'Whole.');
    assert.deepEqual([at.calls(), at.running()], [[1], [0]]);
    const [sum] = await at.memory.ledger.sums({ by: 'all' });
    assert.deepEqual([sum?.costUsd, sum?.unknown], [1, 0]);
  });

  it('that come while it runs, or when it has just ended, make no second call', async () => {
    await using at = desk({ lab: whole });
    const replies: Promise<{ text: string }>[] = [];
    for (let i = 0; i < 40; i++) {
      replies.push(at.ask());
      await setImmediate();
    }
    await Promise.all(replies);
    assert.deepEqual(at.calls(), [1]);
  });

  it('are not taken together across profiles, modes or workspaces', async () => {
    await using at = desk({ lab: whole });
    const { id: work } = await at.memory.profiles.create({ name: 'work' });
    await Promise.all([
      at.ask(),
      at.ask({ profile: work }),
      at.ask({ mode: 'tutor' }),
      at.ask({ workspace: 'file:///a' }),
    ]);
    assert.deepEqual(at.calls(), [4]);
    assert.deepEqual(
      at.finished.map(({ profile }) => profile).toSorted(),
      ['default', 'default', 'default', work].toSorted(),
    );
  });
});

describe('a kept answer', () => {
  it("is labelled, costs nothing, and is never another profile's or another mode's", async () => {
    await using at = desk({ lab: whole });
    await at.ask();
    const again = await at.ask();
    assert.deepEqual([again.cached, again.cost, at.calls()], [true, 0, [1]]);
    assert.match(
      at.parts.flatMap((part) => (part.kind === 'note' ? [part.text] : [])).join(),
      /From the cache: lab\/m/,
    );
    const { id: work } = await at.memory.profiles.create({ name: 'work' });
    assert.equal((await at.ask({ profile: work })).cached, false);
    assert.equal((await at.ask({ mode: 'tutor' })).cached, false);
  });

  it('holds an hour where nothing was said before, half an hour within a chat', async () => {
    await using at = desk({ lab: whole });
    const { chatId } = await at.ask();
    await at.ask({ chatId, text: 'And?' });
    const fork = async () =>
      (await at.memory.chats.forkChat(chatId, (await at.memory.chats.messages(chatId, {})).items[1]?.id)).id;
    at.clock.advance(30 * 60_000 - 1);
    assert.equal((await at.ask({ chatId: await fork(), text: 'And?' })).cached, true);
    at.clock.advance(1);
    assert.equal((await at.ask({ chatId: await fork(), text: 'And?' })).cached, false);
    assert.equal((await at.ask()).cached, true);
    at.clock.advance(30 * 60_000);
    assert.equal((await at.ask()).cached, false);
  });
});

describe('a race', () => {
  const racing: Answer = async function* (...args) {
    yield { kind: 'text', text: 'First. ' };
    yield* whole(...args);
  };

  it('counts each contender: the winner what it cost, the others as cancelled at an estimate, and says who was asked', async () => {
    await using at = desk({ one: silent, two: racing, three: silent });
    const { text, messageId, cost, chatId, decision } = await at.ask({ fastest: true });
    assert.deepEqual([text, decision.model, cost], ['First. Whole.', 'two/m', 1]);
    await at.counted(3);
    const rows = at.finished
      .map(({ model, status, costUsd = 0, answer, chat }) => ({
        model,
        status,
        costUsd: status === 'cancelled' && costUsd > 0 ? 'estimated' : costUsd,
        answer,
        chat,
      }))
      .toSorted((a, b) => a.model.localeCompare(b.model));
    assert.deepEqual(rows, [
      { model: 'one/m', status: 'cancelled', costUsd: 'estimated', answer: undefined, chat: chatId },
      { model: 'three/m', status: 'cancelled', costUsd: 'estimated', answer: undefined, chat: chatId },
      { model: 'two/m', status: 'complete', costUsd: 1, answer: messageId, chat: chatId },
    ]);
    assert.deepEqual(at.running(), [0, 0, 0]);
    assert.match(
      at.parts.flatMap((part) => (part.kind === 'note' ? [part.text] : [])).join(),
      /Also asked: one\/m, three\/m\./,
    );
    const outcomes = (await at.decisions.list({}))
      .map(({ model, outcome, record }) => [model, outcome?.status, record.explicit])
      .toSorted();
    assert.deepEqual(outcomes, [
      ['one/m', 'cancelled', false],
      ['three/m', 'cancelled', false],
      ['two/m', 'complete', false],
    ]);
  });

  it('asks no model that the budget does not allow', async () => {
    await using at = desk({ one: racing, two: silent, three: silent }, { dayUsd: 0 });
    await assert.rejects(at.ask({ fastest: true }), { code: 'budget-reached' });
    assert.deepEqual([at.calls(), at.finished.length], [[0, 0, 0], 0]);
  });

  it('asks them all once where the user lets this question exceed the budget', async () => {
    await using at = desk({ one: whole, two: whole }, { dayUsd: 0 });
    assert.equal((await at.ask({ fastest: true, overBudget: true })).text, 'Whole.');
    await assert.rejects(at.ask({ noCache: true }), { code: 'budget-reached' });
  });

  it('is not run for an answer that is kept', async () => {
    await using at = desk({ one: racing, two: silent });
    await at.ask();
    assert.equal((await at.ask({ fastest: true })).cached, true);
    assert.deepEqual(at.calls(), [1, 0]);
  });

  it("is run by nothing but the user's word", async () => {
    await using at = desk({ one: racing, two: silent });
    await at.ask();
    assert.deepEqual(at.calls(), [1, 0]);
  });

  it('that all have lost is answered by the next, and every failure is told to its record', async () => {
    await using at = desk({ one: failing(down), two: failing(down), three: failing(down), four: whole });
    assert.equal((await at.ask({ fastest: true })).text, 'Whole.');
    assert.deepEqual(at.calls(), [1, 1, 1, 1]);
    const outcomes = (await at.decisions.list({})).map(({ model, outcome }) => [model, outcome?.status]).toSorted();
    assert.deepEqual(outcomes, [
      ['four/m', 'complete'],
      ['one/m', 'failed'],
      ['three/m', 'failed'],
      ['two/m', 'failed'],
    ]);
  });
});
