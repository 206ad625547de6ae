// Which model is meant, and who said so: the nearest level that names one.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { effectiveModel } from '../../../../daemon/features/profiles/model.ts';

describe('the effective model', () => {
  const levels = ['message', 'chat', 'profile', 'workspace'] as const;

  it('is named by the message, else the chat, else the profile, else the workspace; else the policy decides', () => {
    for (let named = 0; named < 2 ** levels.length; named++) {
      const given = Object.fromEntries(
        levels.flatMap((level, bit) => (named & (1 << bit) ? [[level, `lab/${level}`]] : [])),
      );
      const nearest = levels.find((level) => level in given);
      assert.deepEqual(
        effectiveModel(given),
        nearest ? { model: `lab/${nearest}`, source: nearest } : { source: 'policy' },
      );
    }
  });

  it('an empty name, or none on purpose, names nothing', () => {
    assert.deepEqual(effectiveModel({ message: '', chat: null, profile: undefined, workspace: 'lab/w' }), {
      model: 'lab/w',
      source: 'workspace',
    });
  });
});
