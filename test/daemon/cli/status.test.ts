// What `switchyard status` says in words.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { elapsed } from '../../../daemon/cli/status.ts';

describe('how long the daemon has run', () => {
  const second = 1000;
  const minute = 60 * second;
  const hour = 60 * minute;
  for (const [ms, words] of [
    [0, '0 s'],
    [59.9 * second, '59 s'],
    [minute, '1 min'],
    [89 * minute, '89 min'],
    [90 * minute, '1 h'],
    [47.9 * hour, '47 h'],
    [48 * hour, '2 days'],
    [75 * hour, '3 days'],
  ] as const)
    it(`is ${words}`, () => assert.equal(elapsed(ms), words));
});
