// What each policy chooses, what keeps a model out, the user's own rules, and staying with a model in a chat.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { estimateTokens } from '../../../../daemon/base/tokens.ts';
import { analyse } from '../../../../daemon/models/router/analyse.ts';
import { type ChosenModel, decide } from '../../../../daemon/models/router/decide.ts';
import type { PolicyName, RoutingRule } from '../../../../daemon/models/router/policies.ts';
import type { Candidate, SelectRequest } from '../../../../daemon/models/router/router.ts';
import type { RouterState } from '../../../../daemon/models/router/score.ts';
import { model, priced } from './models.ts';

const small = priced('cloud/mini', 0.55, 0.1);
const big = priced('cloud/opus', 0.95, 15);
const unpriced = model('cloud/mystery', { info: { quality: 0.55 } });
const here = model('ollama/coder-7b', { local: true });

interface RouterSetup {
  models: Candidate[];
  policy?: PolicyName;
  rules?: RoutingRule[];
  state?: RouterState;
}

function outcomeOf(
  wanted: Partial<SelectRequest> & { text: string },
  { models, policy = 'local-first', rules = [], state = {} }: RouterSetup,
) {
  const { text, ...rest } = wanted;
  const full: SelectRequest = { task: 'chat', profile: 'default', request: { text }, ...rest };
  const analysis = full.request && analyse(full.request, { task: full.task, countTokens: estimateTokens });
  return decide(full, { candidates: models, analysis, routing: { policy, rules }, state });
}

function choice(wanted: Partial<SelectRequest> & { text: string }, given: RouterSetup): ChosenModel {
  const outcome = outcomeOf(wanted, given);
  assert.equal(outcome.kind, 'chosen');
  return outcome as ChosenModel;
}

const hard = 'Design and prove a lock-free distributed protocol, compare the trade-offs, and derive its complexity.';

describe('a policy', () => {
  const cases: [policy: PolicyName, text: string, chosen: string][] = [
    ['local-first', hard, 'ollama/coder-7b'],
    ['local-only', hard, 'ollama/coder-7b'],
    ['cheapest', 'hi', 'ollama/coder-7b'],
    ['best', 'hi', 'cloud/opus'],
    ['fastest', 'hi', 'cloud/mini'],
  ];
  for (const [policy, text, chosen] of cases)
    it(`"${policy}" chooses ${chosen}`, () =>
      assert.equal(choice({ text }, { models: [big, small, here], policy }).decision.model, chosen));

  it('that stays on this machine names no model elsewhere, not even as an alternative', () => {
    const { decision, excluded } = choice({ text: 'hi' }, { models: [big, here], policy: 'local-only' });
    assert.deepEqual(decision.alternatives, []);
    assert.match(excluded.map(({ reason }) => reason).join(), /it's a cloud model/);
  });

  it('says in its reason what it kept from being chosen', () => {
    const reasonOf = (policy: PolicyName, models: Candidate[]): string =>
      choice({ text: hard }, { models, policy }).decision.reason;
    assert.match(reasonOf('local-only', [big, here]), /cloud models aren't allowed \(cloud\/opus\)$/);
    assert.match(reasonOf('local-first', [big, here]), /cloud\/opus might suit better, but isn't on this machine$/);
    assert.doesNotMatch(reasonOf('best', [big, here]), /kept|allowed|better/);
  });

  it('takes the cheaper of two equals, wherever they stand, and says so of a price far above another', () => {
    const [dear, cheap] = [priced('cloud/a', 0.9, 30), priced('cloud/b', 0.9, 0.2)];
    for (const models of [
      [dear, cheap],
      [cheap, dear],
    ])
      assert.equal(choice({ text: hard }, { models, policy: 'best' }).decision.model, 'cloud/b');
    const weak = priced('cloud/weak', 0.3, 0.2);
    const { decision } = choice({ text: hard }, { models: [weak, dear], policy: 'best' });
    assert.match(decision.reason, /; costs 150 times as much as cloud\/weak$/);
  });

  it('"cheapest" does not take an unknown price for a low one', () => {
    const { decision } = choice({ text: 'hi' }, { models: [unpriced, small], policy: 'cheapest' });
    assert.equal(decision.model, 'cloud/mini');
  });

  it('states no cost where the price is unknown, and 0 only on this machine', () => {
    assert.equal(choice({ text: 'hi' }, { models: [unpriced] }).decision.estimatedCost, undefined);
    assert.equal(choice({ text: 'hi' }, { models: [here] }).decision.estimatedCost, 0);
    assert.ok((choice({ text: 'hi' }, { models: [big] }).decision.estimatedCost ?? 0) > 0);
  });

  it('uses the price for long prompts when the prompt is long', () => {
    const info = { price: { input: 1, output: 1, longPrompt: { aboveTokens: 1000, input: 100, output: 100 } } };
    const cost = (historyTokens: number) =>
      choice({ text: 'hi', request: { text: 'hi', historyTokens } }, { models: [model('cloud/x', { info })] }).decision
        .estimatedCost ?? 0;
    assert.ok(cost(1100) > 50 * cost(900));
  });

  it('follows what the user has found of a model', () => {
    const rivals = [priced('cloud/a', 0.7, 1), priced('cloud/b', 0.7, 1)];
    const state = { expect: (id: string) => (id === 'cloud/b' ? 0.95 : 0.3) };
    assert.equal(choice({ text: 'hi' }, { models: rivals, policy: 'best' }).decision.model, 'cloud/a');
    assert.equal(choice({ text: 'hi' }, { models: rivals, policy: 'best', state }).decision.model, 'cloud/b');
  });
});

describe('a model is kept out, with the reason,', () => {
  const image = { text: '', request: { text: 'What is this?', attachments: [{ kind: 'image' }] } };
  const cases: { what: string; out: Candidate; wanted?: Partial<SelectRequest> & { text: string }; reason: RegExp }[] =
    [
      {
        what: 'when it cannot see and there is an image',
        out: model('x/blind', { info: { capabilities: { vision: false } } }),
        wanted: image,
        reason: /can't see pictures/,
      },
      {
        what: 'when it holds too little',
        out: model('x/short', { info: { contextTokens: 100 } }),
        reason: /context window is 100 tokens, and this needs about/,
      },
      {
        what: 'when tools are needed and it has none',
        out: model('x/plain', { info: { capabilities: { tools: false } } }),
        wanted: { text: '', request: { text: 'hi', needs: { tools: true } } },
        reason: /can't use tools/,
      },
      {
        what: 'when JSON is needed and it cannot be held to it',
        out: model('x/loose', { info: { capabilities: { jsonSchema: false } } }),
        wanted: { text: '', request: { text: 'hi', needs: { json: true } } },
        reason: /can't return strict JSON/,
      },
      {
        what: 'when the request must stay on this machine',
        out: small,
        wanted: { text: 'hi', localOnly: true },
        reason: /it's a cloud model/,
      },
    ];
  for (const { what, out, wanted = { text: 'hi' }, reason } of cases) {
    it(what, () => {
      const { candidate, excluded } = choice(wanted, { models: [out, here] });
      assert.equal(candidate, here);
      assert.match(excluded.find((one) => one.candidate === out)?.reason ?? '', reason);
    });
  }

  it('but not for a capability that nobody stated', () => {
    assert.equal(choice(image, { models: [model('x/unstated')] }).decision.model, 'x/unstated');
  });

  it('and when that leaves none, the user is told so', () => {
    assert.equal(outcomeOf({ text: 'hi' }, { models: [small], policy: 'local-only' }).kind, 'no-able-model');
  });
});

describe("the user's rule", () => {
  const rules: RoutingRule[] = [{ when: { task: 'review', workspace: 'shop' }, use: 'cloud/opus' }];
  const review = (workspace: string): Partial<SelectRequest> & { text: string } => ({
    text: '',
    task: 'review',
    request: { text: 'Look at it', workspace },
  });

  it('goes before the policy, and is named in the reason', () => {
    const { decision } = choice(review('file:///home/me/shop'), { models: [here, big], rules });
    assert.equal(decision.model, 'cloud/opus');
    assert.match(decision.reason, /your rule for the task "review", the workspace "shop"/);
  });

  it('does not hold elsewhere', () =>
    assert.equal(choice(review('file:///home/me/other'), { models: [here, big], rules }).decision.model, here.id));
  it('cannot bring in a model that may not be used', () =>
    assert.equal(
      choice({ ...review('shop'), localOnly: true }, { models: [here, big], rules }).decision.model,
      here.id,
    ));
});

describe('a chat', () => {
  const rivals = [priced('cloud/a', 0.72, 1), priced('cloud/b', 0.7, 1)];
  const after = (previous: string, models: Candidate[]) =>
    choice({ text: '', request: { text: 'And now?', previous } }, { models, policy: 'best' }).decision;

  it('stays with its model while no other is clearly better', () => {
    assert.equal(choice({ text: 'And now?' }, { models: rivals, policy: 'best' }).decision.model, 'cloud/a');
    assert.equal(after('cloud/b', rivals).model, 'cloud/b');
  });

  it('leaves it for one that is clearly better', () =>
    assert.equal(after('cloud/mini', [small, big]).model, 'cloud/opus'));
});
