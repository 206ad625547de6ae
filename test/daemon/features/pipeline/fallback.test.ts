// Reviews and inline actions whose model cannot answer: the rules of a chat, through the same mechanism; outcomes and costs reach
// the decision records. Real router, meter and storage of costs; the models do what the test wrote down.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createActions } from '../../../../daemon/features/code-actions/perform.ts';
import { createReview } from '../../../../daemon/features/pipeline/review.ts';
import { createIgnore } from '../../../../daemon/ignore/ignore.ts';
import { createModels } from '../../../../daemon/models/ask.ts';
import { createCosts } from '../../../../daemon/models/costs/costs.ts';
import { ProviderError } from '../../../../daemon/models/providers/provider.ts';
import { createRouter } from '../../../../daemon/models/router/create.ts';
import { DecisionsInMemory } from '../../../../daemon/models/router/records.ts';
import { never } from '../../models/providers/adapters.ts';
import { type Answer, bench, failing, ScriptedProvider } from '../../models/resilience/workbench.ts';
import { silentLog } from '../../storage/open-storage.ts';
import { SuiteStorage } from '../../storage/suite.ts';
import { answerWith, editFormsWith, editGate, FindingsInMemory, noAnalysers, openGate, snippetOf } from './parts.ts';

const limited = new ProviderError('rate-limited', 'Too many.', { turnedAway: true, retryAfterMs: 180_000 });
const refusedConnection = new ProviderError('network', 'Nothing answers.', { turnedAway: true });
const usage = { input: 1, cacheRead: 0, cacheWrite: 0, output: 1, reasoning: 0 };
const answering = (text: string): Answer =>
  async function* () {
    yield { kind: 'text', text };
    yield { kind: 'usage', usage };
    yield { kind: 'finish', reason: 'stop' };
  };
/** Answers a reviewer's prompt with this, and confirms what it said when it is asked about it. */
const reviewing = (text: string): Answer =>
  async function* (request, ...others) {
    const verdicts = [{ claim: 1, reason: 'So it is.', quote: wrong.quote, verdict: 'stands' }];
    const isRefuter = request.jsonSchema?.name === 'verdicts';
    yield* answering(isRefuter ? JSON.stringify({ verdicts }) : text)(request, ...others);
  };
const cutOffAfter = (text: string): Answer =>
  async function* () {
    yield { kind: 'text', text };
    throw new ProviderError('unavailable', 'It broke off.');
  };

const sum = snippetOf('export function sum(a: number, b: number) {\n  return a - b;\n}\n');
const wrong = { line: 2, quote: 'return a - b;', message: 'Subtracts instead of adding.' };
const range = { start: { line: 1, character: 0 }, end: { line: 1, character: 5 } };

describe('reviews and inline actions whose model cannot answer', () => {
  const stored = new SuiteStorage('for the suite');

  function desk(answers: Record<string, Answer>, { local = [] as string[], neverSwitch = false } = {}) {
    const { clock, resilience } = bench({ attempts: 1 });
    const providers = Object.entries(answers).map(
      ([name, answer]) => new ScriptedProvider(answer, { name, local: local.includes(name) }),
    );
    const candidates = providers.map((provider) => ({
      id: `${provider.name}/m`,
      provider: resilience.wrap(provider),
      info: {
        name: 'm',
        contextTokens: 8192,
        capabilities: {},
        source: 'config' as const,
        price: { input: 250_000, output: 250_000 },
      },
      health: { state: 'ok' as const },
    }));
    const decisions = new DecisionsInMemory();
    const findings = new FindingsInMemory();
    const outcomes: string[] = [];
    const costs = createCosts({
      storage: stored.storage,
      budgets: () => ({}),
      newId: () => crypto.randomUUID(),
      now: clock.now,
      log: silentLog,
    });
    const onOutcome = (id: string, error?: unknown) =>
      outcomes.push(`${id} ${error instanceof ProviderError ? error.code : 'ok'}`);
    const models = createModels({
      router: createRouter({ models: async () => candidates, decisions: () => decisions }),
      costs,
      onOutcome,
      neverSwitch: () => neverSwitch,
      now: clock.now,
    });
    const review = createReview({
      analysers: noAnalysers,
      models,
      gate: openGate,
      speeds: { of: () => undefined },
      edits: editGate,
      forms: editFormsWith(),
      outlines: { outline: async () => [] },
      code: () => ({ symbols: async () => [] }),
      findings: () => findings,
      newId: () => crypto.randomUUID(),
      log: silentLog,
    });
    const actions = createActions({
      models,
      gate: openGate,
      ignore: createIgnore({ ownFolders: [] }),
      edits: editGate,
      forms: editFormsWith(),
      log: silentLog,
    });
    const stages: string[] = [];
    return {
      outcomes,
      stages,
      review,
      calls: () => providers.map(({ calls }) => calls),
      run: (model?: string) =>
        review.run([sum], {
          profile: 'default',
          trusts: async () => true,
          signal: never,
          onStage: (_name, detail) => stages.push(detail),
          onFinding() {},
          onWithdrawn() {},
          onNote() {},
          ...(model && { model }),
        }),
      act: (kind: 'fix' | 'explain', model?: string) =>
        actions.perform({ profile: 'default', kind, snippet: sum, range, ...(model && { model }) }, { signal: never }),
      records: async () =>
        (await decisions.list({}))
          .map(({ model, outcome, record }) => [model, outcome?.status, outcome?.costUsd, record.explicit])
          .toSorted(),
    };
  }

  it('a review is done by the next, which its stage, a note and its summary name; both outcomes and the cost are recorded', async () => {
    const at = desk({ one: failing(limited), two: reviewing(answerWith(wrong)) });
    const { findings, notes, stages, summary } = await at.run();
    assert.deepEqual(
      findings.map(({ source }) => source),
      ['two/m'],
    );
    assert.deepEqual(notes, ['one/m is rate limited until 14:03, so two/m answered.']);
    assert.equal(stages.find(({ name }) => name === 'reviewer')?.model, 'two/m');
    assert.ok(
      at.stages.includes('two/m is reading (next in order: one/m is rate limited until 14:03)'),
      at.stages.join('\n'),
    );
    assert.match(summary, /two\/m/);
    assert.deepEqual(at.outcomes, ['one/m rate-limited', 'two/m ok']);
    assert.deepEqual(await at.records(), [
      ['one/m', 'failed', 0, false],
      ['two/m', 'complete', 1, false], // it read, and double-checked
    ]);
  });

  it('a review stays with its model once a finding was shown, and keeps it', async () => {
    const at = desk({ one: cutOffAfter(answerWith(wrong).slice(0, -1)), two: answering(answerWith(wrong)) });
    const { findings, notes } = await at.run();
    assert.deepEqual(
      findings.map(({ source }) => source),
      ['one/m'],
    );
    assert.match(notes.join(), /The review by one\/m was interrupted/);
    assert.deepEqual(at.calls(), [1, 0]);
    assert.deepEqual(
      (await at.records()).map(([model, status]) => [model, status]),
      [['one/m', 'partial']],
    );
  });

  it('a review goes on with what the analysers found where nobody may take over, and where nobody can', async () => {
    const never = desk({ one: failing(limited), two: answering(answerWith(wrong)) }, { neverSwitch: true });
    assert.match((await never.run()).notes.join(), /one\/m was interrupted/);
    assert.deepEqual(never.calls(), [1, 0]);
    const here = desk({ here: failing(refusedConnection), cloud: answering(answerWith(wrong)) }, { local: ['here'] });
    assert.match((await here.run('here/m')).notes.join(), /here\/m was interrupted/);
    assert.deepEqual(here.calls(), [1, 0], 'a model on this machine that was named is not replaced by one elsewhere');
  });

  it('an action is done by the next, and says so', async () => {
    const at = desk({ one: failing(refusedConnection), two: answering('```ts\n  return a + b;\n```') });
    const result = await at.act('fix');
    assert.deepEqual(
      [result.decision.model, result.edits?.length, result.note],
      ['two/m', 1, "one/m can't be reached, so two/m answered."],
    );
    assert.deepEqual(at.outcomes, ['one/m network', 'two/m ok']);
    assert.deepEqual(await at.records(), [
      ['one/m', 'failed', 0, false],
      ['two/m', 'complete', 0.5, false],
    ]);
  });

  it('an action stays with its model once its text was shown, and where the user wants no other', async () => {
    const shown = desk({ one: cutOffAfter('It sub'), two: answering('It subtracts.') });
    await assert.rejects(shown.act('explain'), { code: 'unavailable' });
    assert.deepEqual([shown.calls(), (await shown.records()).map(([, status]) => status)], [[1, 0], ['partial']]);
    const named = desk({ one: failing(limited), two: answering('It subtracts.') }, { neverSwitch: true });
    await assert.rejects(named.act('explain'), /one\/m is rate limited/);
    assert.deepEqual(named.calls(), [1, 0]);
  });

  it('a fix that a model must write is written by the next, and says so', async () => {
    let asked = 0;
    const at = desk({
      one: (...args) => (asked++ === 0 ? answering(answerWith(wrong)) : failing(refusedConnection))(...args),
      two: answering('```ts\n  return a + b;\n```'),
    });
    const [finding] = (await at.run()).findings;
    const { edits, notes } = await at.review.fix(finding?.id ?? '', sum, { profile: 'default', signal: never });
    assert.deepEqual([edits?.length, notes], [1, ["one/m can't be reached, so two/m answered."]]);
  });

  it('a suggestion with the placeholder of a secret is not offered; the finding is', async () => {
    const at = desk({ one: answering(answerWith({ ...wrong, replacement: 'return "[redacted: password]";' })) });
    const [finding] = (await at.run()).findings;
    assert.deepEqual([finding?.evidence, finding?.replacement], ['return a - b;', undefined]);
  });

  it('is no failure of the model when it finds nothing to change', async () => {
    const at = desk({ one: answering('```ts\n  return a - b;\n```') });
    await assert.rejects(at.act('fix'), { code: 'nothing-to-change' });
    assert.deepEqual(await at.records(), [['one/m', 'complete', 0.5, false]]);
  });
});
