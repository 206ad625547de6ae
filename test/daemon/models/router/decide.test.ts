// The choice of a model, as a table: what there is, what is wanted, what is chosen and why.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { UserError } from '../../../../daemon/base/errors.ts';
import { createRouter } from '../../../../daemon/models/router/create.ts';
import { decide } from '../../../../daemon/models/router/decide.ts';
import type { Candidate } from '../../../../daemon/models/router/router.ts';
import { model as candidate } from './models.ts';

const cloud = candidate('openai/big');
const local = candidate('ollama/coder', { local: true });
const file = candidate('local/tiny', { local: true, state: 'unknown' });
const down = candidate('lab/off', { local: true, state: 'down', detail: 'Nothing answers.' });
const absent = candidate('anthropic/claude', { state: 'absent', detail: 'No key is stored.' });
const vectors = candidate('ollama/embed', { local: true, info: { capabilities: { chat: false, embeddings: true } } });

const routing = { policy: 'local-first', rules: [] } as const;

describe('the router chooses', () => {
  const cases: {
    what: string;
    given: Candidate[];
    explicit?: string;
    model: string;
    reason: RegExp;
    alternatives: string[];
  }[] = [
    {
      what: 'the only model',
      given: [cloud],
      model: 'openai/big',
      reason: /^only configured model$/,
      alternatives: [],
    },
    {
      what: 'a local model before one in the cloud, whatever the order',
      given: [cloud, local],
      model: 'ollama/coder',
      reason: /on this machine/,
      alternatives: ['openai/big'],
    },
    {
      what: 'the first in the given order among local ones',
      given: [file, local],
      model: 'local/tiny',
      reason: /^best match on this machine$/,
      alternatives: ['ollama/coder'],
    },
    {
      what: 'a cloud model when those here are down, and says so',
      given: [down, cloud],
      model: 'openai/big',
      reason: /; lab\/off can't answer \(Nothing answers\)$/,
      alternatives: [],
    },
    {
      what: 'a cloud model when none is here, and says so',
      given: [cloud, candidate('openai/small')],
      model: 'openai/big',
      reason: /no model runs on this machine/,
      alternatives: ['openai/small'],
    },
    {
      what: 'never a model for embeddings',
      given: [vectors, cloud],
      model: 'openai/big',
      reason: /only configured model/,
      alternatives: [],
    },
    {
      what: 'no provider without a key',
      given: [absent, cloud],
      model: 'openai/big',
      reason: /no model runs on this machine/,
      alternatives: [],
    },
    {
      what: 'what the user named',
      given: [local, cloud],
      explicit: 'openai/big',
      model: 'openai/big',
      reason: /^you chose it$/,
      alternatives: ['ollama/coder'],
    },
    {
      what: 'what the user named even when it is down, and says so',
      given: [local, down],
      explicit: 'lab/off',
      model: 'lab/off',
      reason: /^you chose it, although it may not answer \(Nothing answers\)$/,
      alternatives: ['ollama/coder'],
    },
    {
      what: 'what the user named even without its key, and says so',
      given: [local, absent],
      explicit: 'anthropic/claude',
      model: 'anthropic/claude',
      reason: /although it may not answer \(No key is stored\)$/,
      alternatives: ['ollama/coder'],
    },
  ];
  for (const { what, given, explicit, model, reason, alternatives } of cases) {
    it(what, () => {
      const outcome = decide(
        { task: 'chat', profile: 'default', ...(explicit && { explicit }) },
        { candidates: given, routing },
      );
      assert.ok(outcome.kind === 'chosen');
      assert.equal(outcome.candidate.id, model);
      assert.deepEqual(
        [outcome.decision.model, outcome.decision.provider, outcome.decision.alternatives],
        [model, model.split('/')[0], alternatives],
      );
      assert.match(outcome.decision.reason, reason);
      assert.ok(outcome.decision.confidence > 0 && outcome.decision.confidence <= 1);
    });
  }

  it('with full confidence only what the user named', () => {
    const confidence = (explicit?: string) => {
      const outcome = decide(
        { task: 'chat', profile: 'default', ...(explicit && { explicit }) },
        { candidates: [local, cloud], routing },
      );
      return outcome.kind === 'chosen' ? outcome.decision.confidence : Number.NaN;
    };
    assert.equal(confidence('openai/big'), 1);
    assert.ok(confidence() < 1);
  });
});

describe('the router says', () => {
  const cases: { what: string; given: Candidate[]; explicit?: string; code: string; says: RegExp }[] = [
    {
      what: 'that there is no model, and the three ways to one',
      given: [],
      code: 'no-model',
      says: /No model is set up yet.*keys set.*Ollama.*GGUF/,
    },
    {
      what: 'the same where only embeddings are on offer',
      given: [vectors],
      code: 'no-model',
      says: /No model is set up yet/,
    },
    {
      what: 'the same to who names a model where there is none',
      given: [],
      explicit: 'x/y',
      code: 'no-model',
      says: /No model is set up yet/,
    },
    {
      what: 'that a named model does not exist, and which do',
      given: [cloud, local],
      explicit: 'x/y',
      code: 'model-not-found',
      says: /no model "x\/y".*ollama\/coder, openai\/big/,
    },
    {
      what: 'why none can answer',
      given: [down, absent],
      code: 'no-healthy-model',
      says: /lab\/off: Nothing answers; anthropic\/claude: No key is stored\. Fix/,
    },
  ];
  for (const { what, given, explicit, code, says } of cases) {
    it(what, async () => {
      const router = createRouter({ models: async () => given });
      await assert.rejects(
        router.select(
          { task: 'chat', profile: 'default', ...(explicit && { explicit }) },
          new AbortController().signal,
        ),
        (error) => {
          assert.ok(error instanceof UserError);
          assert.equal(error.code, code);
          assert.match(error.message, says);
          return true;
        },
      );
    });
  }

  for (const note of [
    '"lab" didn\'t list its models within 3 s.',
    '"lab" refused the key (401): no. Set a valid one.',
    "lab.test answered with a web page instead of a model's answer.",
  ])
    it(`what was answered where a list could not be had, and not that no model is configured: ${note}`, async () => {
      const router = createRouter({ models: async () => [], listNotes: () => [note] });
      await assert.rejects(router.select({ task: 'chat', profile: 'default' }, new AbortController().signal), {
        code: 'no-healthy-model',
        message: `No model can answer right now. ${note}`,
      });
    });

  it('what is wrong with config.json where no model is known, as models may be missing for it', async () => {
    const problem = 'config.json, line 2: a value is missing';
    const router = createRouter({ models: async () => [], configProblems: () => [problem] });
    await assert.rejects(router.select({ task: 'chat', profile: 'default' }, new AbortController().signal), {
      code: 'invalid-config',
      message: `No model was found, and config.json has mistakes: ${problem}. Correct them, then try again.`,
    });
  });

  it('nothing but "cancelled" when it was', async () => {
    const abort = new AbortController();
    const router = createRouter({
      models: async () => {
        abort.abort();
        return [cloud];
      },
    });
    await assert.rejects(router.select({ task: 'chat', profile: 'default' }, abort.signal), { name: 'CancelledError' });
  });

  it('which model it chose, with its provider', async () => {
    const { candidate: chosen, decision } = await createRouter({ models: async () => [cloud, local] }).select(
      { task: 'review', profile: 'default' },
      new AbortController().signal,
    );
    assert.equal(chosen, local);
    assert.equal(decision.model, 'ollama/coder');
  });
});
