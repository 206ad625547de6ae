// The rows of the status bar's menu.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { menuRows } from '../../../extension/logic/menu-rows.ts';

const commands = (...asked: Parameters<typeof menuRows>): string[] => menuRows(...asked).map(({ command }) => command);
const getModel = ['switchyard.downloadModel', 'switchyard.setKey'];

describe("the status bar's menu", () => {
  it('begins with the ways to get a model where there is none', () =>
    assert.deepEqual(commands({ hasModel: false }).slice(0, 3), [...getModel, 'switchyard.openChat']));

  for (const [what, facts] of [
    ['there is one', { hasModel: true }],
    ['that is not known', {}],
  ] as const)
    it(`begins with the chat where ${what}, and still has them`, () => {
      const all = commands(facts);
      assert.equal(all[0], 'switchyard.openChat');
      for (const command of getModel) assert.ok(all.includes(command));
    });

  it('has no row twice', () => {
    const all = commands({ hasModel: false });
    assert.deepEqual([...new Set(all)], all);
  });

  it('says what today cost', () => {
    const budgets = menuRows({ spent: '$0.12 today' }).find(({ command }) => command === 'switchyard.budgets');
    assert.equal(budgets?.description, '$0.12 today');
  });
});
