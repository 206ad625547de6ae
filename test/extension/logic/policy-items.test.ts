// The rows of "Routing Policy…".
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { type PolicyLevels, policyItems } from '../../../extension/logic/policy-items.ts';

describe('the policies to choose from', () => {
  const situations: [levels: PolicyLevels, checked: string[]][] = [
    [{ config: 'cheapest' }, ['As set in config.json: Cheapest', 'Cheapest: current, from config.json']],
    [{ config: 'cheapest', user: 'best' }, ['Best: current, set in user settings']],
    [{ config: 'cheapest', user: 'best', workspace: 'fastest' }, ['Fastest: current, set in workspace settings']],
    [{ config: 'local-only', user: 'best' }, ['Local only: current, from config.json']],
    [{ config: 'local-only', user: 'local-only' }, ['Local only: current, set in user settings']],
    [{}, ['As set in config.json: ']],
  ];
  for (const [levels, checked] of situations)
    it(`check the current one and say who set it: ${JSON.stringify(levels)}`, () => {
      const found = policyItems(levels).filter(({ label }) => label.startsWith('$(check) '));
      assert.deepEqual(
        found.map(({ label, description }) => `${label.slice('$(check) '.length)}: ${description}`),
        checked,
      );
    });
});
