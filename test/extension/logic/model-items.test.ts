// The rows of "Choose Model…".
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { modelItems } from '../../../extension/logic/model-items.ts';
import type { Model } from '../../../shared/protocol/models.ts';

const common = { capabilities: {}, source: 'server' as const };
const models: Model[] = [
  { ...common, id: 'openai/$(bug)', provider: 'openai', local: false, health: { state: 'ok' } },
  {
    ...common,
    id: 'openai/gone',
    provider: 'openai',
    local: false,
    health: { state: 'down' },
    unavailable: 'It does not answer.',
  },
  { ...common, id: 'local/tiny', provider: 'local', local: true, health: { state: 'ok' } },
];

describe('the rows of "Choose Model…"', () => {
  it("begin with the router's choice, and follow by provider with the reason for what cannot be chosen", () => {
    const items = modelItems(models, 'local/tiny');
    assert.deepEqual(
      items.map(({ label }) => label),
      [
        '$(sparkle) Automatic',
        'local · on this machine',
        '$(circle-filled) tiny',
        'openai · cloud',
        '$(circle-filled) $ (bug)',
        '$(circle-slash) gone',
      ],
    );
    assert.deepEqual(
      items.flatMap((item) => (item.kind === 'model' ? [[item.description, item.refusal]] : [])),
      [
        ['', undefined],
        ['local · chosen now', undefined],
        ['cloud', undefined],
        ['cloud', 'It does not answer.'],
      ],
    );
  });
});
