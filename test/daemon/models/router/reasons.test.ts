// What a decision says of itself: true of the models there are, of one mind, and with what the policy kept out.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { estimateTokens } from '../../../../daemon/base/tokens.ts';
import { analyse } from '../../../../daemon/models/router/analyse.ts';
import { type ChosenModel, decide } from '../../../../daemon/models/router/decide.ts';
import type { PolicyName } from '../../../../daemon/models/router/policies.ts';
import type { Candidate } from '../../../../daemon/models/router/router.ts';
import { model, priced } from './models.ts';

const looseHere = model('ollama/coder-7b', { local: true, info: { capabilities: { jsonSchema: false } } });
const otherHere = model('ollama/llama-8b', { local: true });
const stoppedHere = model('ollama/big-70b', { local: true, state: 'down', detail: 'Nothing answers.' });
const mini = priced('cloud/mini', 0.55, 0.1);
const opus = priced('cloud/opus', 0.95, 5);

const easy = 'rename a variable';
const hard = 'Design a lock-free queue across all modules and prove that it has no race condition.';
const json = 'Return only JSON with the keys a and b';

interface Asked {
  policy: PolicyName;
  models: Candidate[];
  text: string;
  needs?: { json?: boolean; tools?: boolean };
}

function chosenFor({ policy, models, text, needs }: Asked): ChosenModel['decision'] {
  const request = { text, ...(needs && { needs }) };
  const analysis = analyse(request, { task: 'chat', countTokens: estimateTokens });
  const result = decide(
    { task: 'chat', profile: 'default', request },
    { candidates: models, analysis, routing: { policy, rules: [] } },
  );
  assert.ok(result.kind === 'chosen');
  return result.decision;
}

describe('the reason for a model', () => {
  const cases: (Asked & { what: string; reason: string })[] = [
    {
      what: 'calls the only local model the only one',
      policy: 'local-first',
      models: [looseHere, mini],
      text: easy,
      reason: 'only model on this machine',
    },
    {
      what: 'does not call a model the only one while another is stopped',
      policy: 'local-only',
      models: [looseHere, stoppedHere],
      text: easy,
      reason: 'only model on this machine that can answer this now',
    },
    {
      what: 'names the request that a local model suits best',
      policy: 'local-only',
      models: [looseHere, otherHere],
      text: easy,
      reason: 'best match on this machine for a trivial refactor request',
    },
    {
      what: 'says what the local model cannot do, and nothing against the cloud model that it chose',
      policy: 'local-first',
      models: [looseHere, mini, opus],
      text: easy,
      needs: { json: true },
      reason: "best match for a trivial refactor request; ollama/coder-7b can't return strict JSON",
    },
    {
      what: 'counts further local models that cannot answer',
      policy: 'local-first',
      models: [looseHere, stoppedHere, mini],
      text: easy,
      needs: { json: true },
      reason:
        "best match for a trivial refactor request; ollama/coder-7b can't return strict JSON, and 1 more on this machine can't answer",
    },
    {
      what: 'says that no model runs on this machine',
      policy: 'local-first',
      models: [mini, opus],
      text: easy,
      reason: 'best match for a trivial refactor request; no model runs on this machine',
    },
    {
      what: 'of the cheapest names one that suits better',
      policy: 'cheapest',
      models: [mini, opus],
      text: hard,
      reason: 'cheapest model for an expert math request; cloud/opus might suit better, but costs more',
    },
    {
      what: 'of the cheapest is silent where it suits',
      policy: 'cheapest',
      models: [mini, opus],
      text: easy,
      reason: 'cheapest model for a trivial refactor request',
    },
    {
      what: 'of the fastest names one that suits better',
      policy: 'fastest',
      models: [mini, opus],
      text: hard,
      reason: 'fastest model for an expert math request; cloud/opus might suit better, but is slower',
    },
    {
      what: 'of the strongest says nothing of others',
      policy: 'best',
      models: [mini, opus],
      text: easy,
      reason: 'strongest model for a trivial refactor request',
    },
    {
      what: 'does not call a model the strongest where a stronger one costs more',
      policy: 'best',
      models: [priced('cloud/a', 0.9, 2), priced('cloud/b', 0.91, 3)],
      text: hard,
      reason: 'among the strongest for an expert math request',
    },
  ];
  for (const { what, reason, ...asked } of cases) it(what, () => assert.equal(chosenFor(asked).reason, reason));
});

describe('a wish for JSON that is only read from the words', () => {
  for (const text of [json, '只返回 JSON', 'JSONのみで回答して', 'Reply as JSON'])
    it(`sends nothing to a cloud where this machine goes first: ${text}`, () =>
      assert.equal(chosenFor({ policy: 'local-first', models: [looseHere, mini], text }).model, looseHere.id));

  it('prefers a local model that can be held to it', () =>
    assert.equal(
      chosenFor({ policy: 'local-first', models: [looseHere, otherHere, mini], text: json }).model,
      otherHere.id,
    ));

  it('keeps out a model that cannot, where the policy compares all', () =>
    assert.equal(chosenFor({ policy: 'fastest', models: [looseHere, mini], text: json }).model, mini.id));
});
