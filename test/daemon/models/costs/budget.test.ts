// Budgets: when they warn, when they stop, and what they say.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { budgetStates, checkBudget } from '../../../../daemon/models/costs/budget.ts';

const nothing = { dayUsd: 0, monthUsd: 0, profileUsd: 0 };

describe('a budget', () => {
  it('that is not set stops nothing', () => {
    assert.deepEqual(checkBudget({ dayUsd: 1e6, monthUsd: 1e6, profileUsd: 1e6 }, 100, {}), { kind: 'ok' });
  });

  it('lets a request through that just fits, and stops one that does not', () => {
    assert.equal(checkBudget({ ...nothing, dayUsd: 0.5 }, 0.5, { dayUsd: 1, warnAt: 1 }).kind, 'ok');
    assert.equal(checkBudget({ ...nothing, dayUsd: 0.5 }, 0.51, { dayUsd: 1, warnAt: 1 }).kind, 'stop');
  });

  it('that is used up stops every request that may cost something, however little', () => {
    const spent = { ...nothing, dayUsd: 1 };
    assert.equal(checkBudget(spent, 1e-9, { dayUsd: 1 }).kind, 'stop');
    assert.equal(checkBudget(spent, 'unknown', { dayUsd: 1 }).kind, 'stop');
  });

  it('never stops what is free', () => {
    assert.deepEqual(
      checkBudget({ dayUsd: 9, monthUsd: 9, profileUsd: 9 }, 'free', { dayUsd: 1, monthUsd: 1, profileUsd: 1 }),
      { kind: 'ok' },
    );
  });

  it('of zero allows only what is free', () => {
    assert.equal(checkBudget(nothing, 0.01, { monthUsd: 0 }).kind, 'stop');
    assert.equal(checkBudget(nothing, 'free', { monthUsd: 0 }).kind, 'ok');
  });

  it('says which one stopped the request, what was spent, and what to do', () => {
    const verdict = checkBudget({ dayUsd: 1, monthUsd: 5.02, profileUsd: 0 }, 0.3, { dayUsd: 2, monthUsd: 5 });
    assert.deepEqual(verdict, {
      kind: 'stop',
      sentence:
        "Not sent, because it would exceed this month's budget of $5.00: you've spent $5.02. " +
        'Choose a model on this machine, raise "budgets.monthUsd" in config.json (and in your editor\'s settings, if set there), or wait until next month.',
    });
    const wouldExceed = checkBudget({ ...nothing, profileUsd: 1.9 }, 0.3, { profileUsd: 2 });
    assert.match(
      wouldExceed.kind === 'stop' ? wouldExceed.sentence : '',
      /this profile's monthly budget .* you've spent \$1\.90, and this answer may cost \$0\.30\..*budgets\.profileUsd/,
    );
  });

  it('warns from its share on, naming each budget that is nearly used up', () => {
    const budgets = { dayUsd: 10, monthUsd: 10, warnAt: 0.5 };
    assert.equal(checkBudget({ ...nothing, dayUsd: 4.9, monthUsd: 4.9 }, 0.01, budgets).kind, 'ok');
    const verdict = checkBudget({ ...nothing, dayUsd: 5, monthUsd: 6 }, 0.01, budgets);
    assert.deepEqual(verdict, {
      kind: 'warn',
      sentence: "$5.00 of today's budget ($10.00) is spent. $6.00 of this month's budget ($10.00) is spent.",
    });
  });

  it('neither blocks an unknown price nor lets it pass in silence', () => {
    const verdict = checkBudget(nothing, 'unknown', { dayUsd: 1 });
    assert.equal(verdict.kind, 'warn');
    assert.match(verdict.kind === 'warn' ? verdict.sentence : '', /price of this model is unknown/);
    assert.deepEqual(checkBudget(nothing, 'unknown', {}), { kind: 'ok' }); // without a budget there is nothing to say
  });

  it('shows how it stands', () => {
    assert.deepEqual(
      budgetStates({ dayUsd: 0.85, monthUsd: 3, profileUsd: 0 }, { dayUsd: 1, monthUsd: 3, profileUsd: 1 }),
      [
        { name: 'dayUsd', limitUsd: 1, spentUsd: 0.85, state: 'warn' },
        { name: 'monthUsd', limitUsd: 3, spentUsd: 3, state: 'stop' },
        { name: 'profileUsd', limitUsd: 1, spentUsd: 0, state: 'ok' },
      ],
    );
  });
});
