// Who is believed about a model: the user, then the server, then the catalogue, then the name; and that each value says by whom.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { type ProviderConfig, parseConfig } from '../../../../daemon/base/config/config.ts';
import type { Catalogue, CatalogueEntry } from '../../../../daemon/models/providers/catalogue.ts';
import { completeInfo } from '../../../../daemon/models/providers/model-facts.ts';
import type { ModelInfo } from '../../../../daemon/models/providers/provider.ts';

const entry: CatalogueEntry = {
  provider: 'openai',
  names: ['m'],
  contextTokens: 300,
  capabilities: { tools: true, vision: true, chat: true },
  price: { input: 3, output: 30 },
  quality: 0.5,
  asOf: '2026-01-02',
  source: 'https://prices.example',
};
const catalogue: Catalogue = { entries: [entry], find: (_, name) => (name === 'm' ? entry : undefined) };
const nothing: Catalogue = { entries: [], find: () => undefined };
const told = (over: Partial<ModelInfo> = {}): ModelInfo => ({ name: 'm', capabilities: {}, source: 'server', ...over });
const config = (over: Partial<ProviderConfig> = {}): ProviderConfig => ({ type: 'openai', ...over });

describe('what is known of a model', () => {
  it('comes from the user before the server before the catalogue, and says so', () => {
    const server = told({ contextTokens: 200, capabilities: { vision: false }, price: { input: 2, output: 20 } });
    const user = config({
      models: [{ name: 'm', contextTokens: 100, capabilities: { tools: false }, price: { input: 1, output: 10 } }],
    });
    const info = completeInfo(server, user, catalogue);
    assert.deepEqual([info.contextTokens, info.price, info.quality], [100, { input: 1, output: 10 }, 0.5]);
    assert.deepEqual(info.capabilities, { chat: true, tools: false, vision: false });
    assert.deepEqual(info.sources, {
      contextTokens: 'config',
      price: 'config',
      quality: 'catalogue',
      capabilities: { chat: 'catalogue', tools: 'config', vision: 'server' },
    });
    const withoutUser = completeInfo(server, config(), catalogue);
    assert.deepEqual(
      [withoutUser.contextTokens, withoutUser.price?.input, withoutUser.sources?.price],
      [200, 2, 'server'],
    );
    const withoutServer = completeInfo(told(), config(), catalogue);
    assert.deepEqual(
      [withoutServer.contextTokens, withoutServer.price],
      [300, { input: 3, output: 30, asOf: '2026-01-02' }],
    );
  });

  it('stays unknown where nobody knows: neither "no" nor nothing to pay', () => {
    const info = completeInfo(told(), config(), nothing);
    assert.deepEqual(
      [info.capabilities, info.contextTokens, info.price, info.quality],
      [{}, undefined, undefined, undefined],
    );
  });

  it('is guessed by the name only where nobody else says anything', () => {
    const guessed = told({ capabilities: { chat: false }, sources: { capabilities: { chat: 'name' } } });
    assert.deepEqual(completeInfo(guessed, config(), catalogue).capabilities.chat, true);
    const info = completeInfo(guessed, config(), nothing);
    assert.deepEqual([info.capabilities.chat, info.sources?.capabilities?.chat], [false, 'name']);
  });

  it('takes no price of the catalogue for a model that somebody else serves', () => {
    const info = completeInfo(told(), config({ baseUrl: 'https://gateway.example' }), catalogue);
    assert.deepEqual([info.price, info.contextTokens], [undefined, 300]);
  });

  it('leaves a context that the server confirmed for the configured size', () => {
    const info = completeInfo(
      told({ contextTokens: 80, sources: { contextTokens: 'config' } }),
      config({ contextTokens: 100 }),
      catalogue,
    );
    assert.deepEqual([info.contextTokens, info.sources?.contextTokens], [80, 'config']);
  });

  it('may be written into the configuration; a wrong entry is named, and the others stay', () => {
    const { config: parsed, problems } = parseConfig(
      JSON.stringify({
        providers: {
          lab: {
            type: 'groq',
            models: ['a', { name: 'b', contextTokens: 9, price: { input: 0, output: 0 } }, { contextTokens: 9 }],
          },
        },
      }),
    );
    assert.deepEqual(parsed.providers['lab']?.models, [
      'a',
      { name: 'b', contextTokens: 9, price: { input: 0, output: 0 } },
    ]);
    assert.match(problems.join(), /providers\.lab\.models\.2/);
  });
});
