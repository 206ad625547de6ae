// The one way to ask a model, by itself: real router rules, meter and budgets; the models say what the test wrote down.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'mocha';
import { CancelledError, UserError } from '../../../daemon/base/errors.ts';
import { type AskRequest, type Attempt, createModels, type Prompt } from '../../../daemon/models/ask.ts';
import type { Budgets } from '../../../daemon/models/costs/budget.ts';
import { createCosts, type FinishedRequest } from '../../../daemon/models/costs/costs.ts';
import { ProviderError, type StreamPart } from '../../../daemon/models/providers/provider.ts';
import { createRouter } from '../../../daemon/models/router/create.ts';
import { DecisionsInMemory } from '../../../daemon/models/router/records.ts';
import { silentLog } from '../storage/open-storage.ts';
import { SuiteStorage } from '../storage/suite.ts';
import { type Answer, ScriptedProvider } from './resilience/workbench.ts';

const usage = { input: 1, cacheRead: 0, cacheWrite: 0, output: 1, reasoning: 0 };
const prompt: Prompt = { messages: [{ role: 'user', content: 'why?' }] };
const saying = (text: string): Answer =>
  async function* () {
    yield { kind: 'text', text };
    yield { kind: 'usage', usage };
    yield { kind: 'finish', reason: 'stop' };
  };
const failing = (error: Error, text = ''): Answer =>
  async function* () {
    if (text !== '') yield { kind: 'text', text };
    throw error;
  };
/** Says nothing until it is cancelled. */
const hanging: Answer = (_request, signal) =>
  (async function* (): AsyncGenerator<StreamPart> {
    if (!signal.aborted) await once(signal, 'abort');
    if (signal.aborted) throw new CancelledError();
    yield { kind: 'finish', reason: 'stop' };
  })();
const gone = new ProviderError('network', 'Nothing answers.', { turnedAway: true });

async function textOf(attempt: Attempt, options?: Parameters<Attempt['stream']>[1]): Promise<string> {
  let text = '';
  for await (const part of attempt.stream(prompt, options)) if (part.kind === 'text') text += part.text;
  return text;
}

describe('asking a model', () => {
  const stored = new SuiteStorage('for the suite');

  /** Models in the order in which they are chosen, dollars apart: each answer costs half a dollar. */
  function bench(answers: Record<string, Answer>, { budgets = {} as Budgets, neverSwitch = false } = {}) {
    const providers = Object.entries(answers).map(([name, answer]) => new ScriptedProvider(answer, { name }));
    const price = { input: 250_000, output: 250_000 };
    const candidates = providers.map((provider) => ({
      id: `${provider.name}/m`,
      provider,
      info: { name: 'm', contextTokens: 8192, capabilities: {}, source: 'config' as const, price },
      health: { state: 'ok' as const },
    }));
    const decisions = new DecisionsInMemory();
    const paid: FinishedRequest[] = [];
    const outcomes: string[] = [];
    const costs = createCosts({
      storage: stored.storage,
      budgets: () => budgets,
      newId: () => crypto.randomUUID(),
      now: Date.now,
      log: silentLog,
    });
    costs.onFinish((request) => paid.push(request));
    const models = createModels({
      router: createRouter({ models: async () => candidates, decisions: () => decisions }),
      costs,
      onOutcome: (id, error) => outcomes.push(`${id} ${error === undefined ? 'ok' : (error as UserError).code}`),
      neverSwitch: () => neverSwitch,
      now: Date.now,
    });
    const controller = new AbortController();
    const ask = <T>(work: (attempt: Attempt) => Promise<T>, more: Partial<AskRequest> = {}): Promise<T> =>
      models.ask({ wanted: { task: 'review', profile: 'default' }, signal: controller.signal, ...more }, work);
    return {
      ask,
      controller,
      outcomes,
      paid,
      calls: () => providers.map(({ calls }) => calls),
      records: async () =>
        (await decisions.list({}))
          .map(({ model, outcome }) => `${model} ${outcome?.status} ${outcome?.costUsd}`)
          .toSorted(),
    };
  }

  it('the next model takes over, is told why, and every outcome is reported with its cost', async () => {
    const at = bench({ one: failing(gone), two: saying('because') });
    const notes: (readonly string[])[] = [];
    const answer = await at.ask((attempt) => {
      notes.push(attempt.notes);
      return textOf(attempt);
    });
    assert.equal(answer, 'because');
    assert.deepEqual(notes, [[], ["one/m can't be reached, so two/m answered."]]);
    assert.deepEqual(at.outcomes, ['one/m network', 'two/m ok']);
    assert.deepEqual(await at.records(), ['one/m failed 0', 'two/m complete 0.5']);
  });

  it('no other model takes over once a part was shown', async () => {
    const at = bench({ one: failing(gone, 'It sub'), two: saying('It subtracts.') });
    const asked = at.ask(async (attempt) => {
      for await (const part of attempt.stream(prompt)) if (part.kind === 'text') attempt.isShown = true;
    });
    await assert.rejects(asked, { code: 'network' });
    assert.deepEqual(at.calls(), [1, 0]);
    assert.match((await at.records()).join(), /one\/m partial/);
  });

  for (const [name, more, options] of [
    ['the work can wait', { mayFallBack: false }, {}],
    ['the user wants no other', {}, { neverSwitch: true }],
  ] as const)
    it(`no other model takes over where ${name}`, async () => {
      const at = bench({ one: failing(gone), two: saying('x') }, options);
      await assert.rejects(at.ask(textOf, more), { code: 'network' });
      assert.deepEqual(at.calls(), [1, 0]);
    });

  it('a budget that is used up stops the call before it is made, and is not held against the model', async () => {
    const at = bench({ one: saying('x') }, { budgets: { dayUsd: 0 } });
    await assert.rejects(at.ask(textOf), { code: 'budget-reached' });
    assert.deepEqual([at.calls(), at.outcomes], [[0], []]);
  });

  it('a failure of our own, such as a full disk, is not held against the model', async () => {
    const at = bench({ one: saying('x') });
    const full = new UserError('disk-full', 'The disk is full.');
    const asked = at.ask(async (attempt) => {
      await textOf(attempt);
      throw full;
    });
    await assert.rejects(asked, full);
    assert.deepEqual([at.outcomes, await at.records()], [[], ['one/m failed 0.5']]);
  });

  it('all calls of one attempt are counted, and their sum is in its record', async () => {
    const at = bench({ one: saying('x') });
    assert.equal(
      await at.ask(async (attempt) => (await textOf(attempt)) + (await textOf(attempt)) + attempt.costUsd),
      'xx1',
    );
    assert.deepEqual([at.paid.map(({ costUsd }) => costUsd), await at.records()], [[0.5, 0.5], ['one/m complete 1']]);
  });

  it('equal requests at the same time make one call, which is checked and paid once', async () => {
    const at = bench({ one: saying('same') });
    const both = await Promise.all([1, 2].map(() => at.ask((attempt) => textOf(attempt, { shareAs: 'key' }))));
    assert.deepEqual([both, at.calls()], [['same', 'same'], [1]]);
    assert.deepEqual(at.paid.map(({ costUsd }) => costUsd).toSorted(), [0, 0.5]);
  });

  it('a race is won by the first to say something; the others are closed and reported', async () => {
    const at = bench({ one: hanging, two: saying('first') });
    const { answer, notes, usd } = await at.ask(
      async (attempt) => ({ answer: await textOf(attempt), notes: attempt.notes, usd: attempt.costUsd }),
      { race: () => prompt },
    );
    assert.deepEqual([answer, usd], ['first', 0.5]);
    assert.match(notes.join(), /^Also asked: one\/m\./);
    assert.deepEqual((await at.records()).map((line) => line.split(' ')[1]).toSorted(), ['cancelled', 'complete']);
  });

  it('cancelled, it ends the call, asks nobody else and reports no failure', async () => {
    const at = bench({ one: hanging, two: saying('x') });
    const asked = at.ask(async (attempt) => {
      setImmediate(() => at.controller.abort());
      return textOf(attempt);
    });
    await assert.rejects(asked, CancelledError);
    assert.deepEqual([at.calls(), at.outcomes], [[1, 0], []]);
    assert.match((await at.records()).join(), /one\/m cancelled/);
  });
});
