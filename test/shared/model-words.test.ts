// A model in words: prices that are not known, what cannot be chosen, and the order of the list.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { groupModels, modelFacts, priceWords } from '../../shared/model-words.ts';
import type { Model } from '../../shared/protocol/models.ts';
import { formatTokens } from '../../shared/tokens.ts';

const model = (id: string, over: Partial<Model> = {}): Model => ({
  id,
  provider: id.split('/')[0] ?? '',
  local: false,
  capabilities: {},
  health: { state: 'ok' },
  source: 'server',
  ...over,
});

describe('a model in words', () => {
  it('has a price, or says that it is not known, and never that it is nothing', () => {
    assert.equal(
      priceWords(model('a/b', { price: { input: 0.15, output: 15 } })),
      '$0.15 in / $15.00 out per million tokens',
    );
    assert.equal(priceWords(model('a/b')), 'price unknown');
    assert.equal(priceWords(model('a/b', { local: true })), 'free');
    assert.equal(priceWords(model('a/b', { price: { input: 0, output: 0 } })), 'free');
  });
  it('says what helps to choose', () => {
    assert.equal(
      modelFacts(model('a/b', { local: true, loaded: true, contextTokens: 131_072 })),
      'loaded · 131k context · free',
    );
    assert.equal(
      modelFacts(model('a/b', { health: { state: 'unknown' } })),
      'context unknown · price unknown · not asked yet',
    );
  });
  it('stands with its provider: this machine first, what can be chosen first', () => {
    const groups = groupModels([
      model('z/one', { unavailable: 'It is down.' }),
      model('z/two'),
      model('here/three', { local: true }),
      model('a/four'),
    ]);
    assert.deepEqual(
      groups.map(({ provider, models }) => [provider, ...models.map(({ id }) => id)]),
      [
        ['here', 'here/three'],
        ['a', 'a/four'],
        ['z', 'z/two', 'z/one'],
      ],
    );
    assert.deepEqual(
      groupModels([model('a/Four'), model('b/five')], ' FOUR ').map(({ provider }) => provider),
      ['a'],
    );
  });
  it('counts tokens as people do', () => {
    assert.deepEqual([950, 1234, 131_072, 1_048_576].map(formatTokens), ['950', '1.2k', '131k', '1M']);
  });
});
