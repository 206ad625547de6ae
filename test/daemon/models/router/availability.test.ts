// Why a model cannot be chosen now, and budgets from several places.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { mergeBudgets } from '../../../../daemon/models/costs/merge-budgets.ts';
import { whyUnavailable } from '../../../../daemon/models/router/availability.ts';
import { model, priced } from './models.ts';

describe('a model in a list', () => {
  const open = { localOnly: false };
  const cases: [string, ReturnType<typeof whyUnavailable>, string | undefined][] = [
    ['can be chosen', whyUnavailable(model('a/b'), open), undefined],
    [
      'is no chat model',
      whyUnavailable(model('a/b', { info: { capabilities: { chat: false } } }), open),
      "It isn't a chat model.",
    ],
    [
      'is elsewhere',
      whyUnavailable(model('a/b'), { localOnly: true }),
      '"Local only" is on, and this model doesn\'t run on this machine.',
    ],
    [
      'has no key',
      whyUnavailable(model('a/b', { state: 'absent', detail: 'no key for "a" is stored' }), open),
      'No key for "a" is stored.',
    ],
    [
      'is left alone',
      whyUnavailable(model('a/b'), { ...open, resting: 'a/b is left alone until 10:42.' }),
      'a/b is left alone until 10:42.',
    ],
    [
      'would cost what is not there',
      whyUnavailable(priced('a/b', 0.5, 1), { ...open, usedUp: "Today's budget" }),
      "Today's budget is used up.",
    ],
    [
      'may cost what is not there',
      whyUnavailable(model('a/b'), { ...open, usedUp: "Today's budget" }),
      "Today's budget is used up.",
    ],
    ['is free', whyUnavailable(model('a/b', { local: true }), { ...open, usedUp: "Today's budget" }), undefined],
  ];
  for (const [name, reason, expected] of cases) it(name, () => assert.equal(reason, expected));
});

describe('budgets from several places', () => {
  it('hold where they are lowest, and none is raised', () => {
    const budgets = mergeBudgets({ dayUsd: 2, warnAt: 0.8, profileUsd: 9 }, [
      { dayUsd: 5, monthUsd: 30 },
      undefined,
      { monthUsd: 20 },
    ]);
    assert.deepEqual(budgets, { dayUsd: 2, monthUsd: 20, profileUsd: 9, warnAt: 0.8 });
    assert.equal(mergeBudgets({}, [{ dayUsd: 0 }]).dayUsd, 0);
    assert.equal(mergeBudgets({}, [{}]).dayUsd, undefined);
  });
});
