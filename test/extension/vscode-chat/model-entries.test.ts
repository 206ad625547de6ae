// The models that VS Code's picker shows of Switchyard.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { modelEntries } from '../../../extension/vscode-chat/model-entries.ts';
import type { Model } from '../../../shared/protocol/models.ts';

function model(id: string, more: Partial<Model> = {}): Model {
  const provider = id.split('/')[0] ?? '';
  return { id, provider, local: false, capabilities: {}, health: { state: 'ok' }, source: 'config', ...more };
}
const ids = (models: Model[]): string[] => modelEntries(models).map(({ id }) => id);
const entry = (id: string, models: Model[]) => modelEntries(models).find((one) => one.id === id);

describe("the models in VS Code's picker", () => {
  it('are the router, each policy, the smallest local one, and each model', () => {
    const models = [
      model('lab/big'),
      model('local/a', { local: true, bytes: 9 }),
      model('local/b', { local: true, bytes: 3 }),
    ];
    assert.deepEqual(ids(models), [
      'auto',
      ...['local-first', 'cheapest', 'best', 'fastest', 'local-only'].map((policy) => `policy-${policy}`),
      'small',
      'lab/big',
      'local/a',
      'local/b',
    ]);
    assert.deepEqual(entry('small', models)?.target, { model: 'local/b' });
    assert.deepEqual(entry('auto', models)?.target, {});
    assert.deepEqual(entry('policy-best', models)?.target, { policy: 'best' });
    assert.deepEqual(entry('lab/big', models)?.target, { model: 'lab/big' });
  });

  it('stay on this machine only where something on it can answer', () => {
    const cloud = ids([model('lab/big')]);
    assert.ok(!cloud.includes('policy-local-only') && !cloud.includes('small'));
  });

  const left: [why: string, model: Model][] = [
    ['only embeds', model('lab/embed', { capabilities: { chat: false } })],
    ['has no API key', model('lab/keyless', { health: { state: 'absent' } })],
  ];
  for (const [why, one] of left)
    it(`have none that ${why}`, () => assert.ok(!ids([one, model('lab/big')]).includes(one.id)));

  it('are one that says so where none can answer: without any, VS Code refuses all that needs no model, too', () => {
    for (const models of [[], left.map(([, one]) => one)]) {
      assert.deepEqual(ids(models), ['auto']);
      assert.match(entry('auto', models)?.name ?? '', /no model yet/);
      assert.deepEqual(entry('auto', models)?.target, {});
    }
  });

  it('keep one that is down, and say so', () => {
    const down = model('lab/x', { health: { state: 'down' }, unavailable: "It isn't responding." });
    assert.equal(entry('lab/x', [down])?.tooltip, "It isn't responding.");
  });

  const capabilities: [Model['capabilities'], { toolCalling: boolean; imageInput: boolean }][] = [
    [
      { tools: true, vision: true },
      { toolCalling: true, imageInput: true },
    ],
    [
      { tools: false, vision: false },
      { toolCalling: false, imageInput: false },
    ],
    [{}, { toolCalling: true, imageInput: true }],
  ];
  for (const [known, shown] of capabilities) {
    it(`can do what is known of them, and what is not known to be impossible: ${JSON.stringify(known)}`, () => {
      assert.deepEqual(entry('lab/x', [model('lab/x', { capabilities: known })])?.capabilities, shown);
    });
  }

  it('can do as the router what one of them can', () => {
    const models = [model('lab/blind', { capabilities: { vision: false } }), model('lab/eyes')];
    assert.equal(entry('auto', models)?.capabilities.imageInput, true);
    const local = model('local/blind', { local: true, capabilities: { vision: false } });
    assert.equal(entry('policy-local-only', [local, ...models])?.capabilities.imageInput, false);
  });

  for (const contextTokens of [512, 4096, 131_072, undefined]) {
    it(`leave room for an answer in a context of ${contextTokens ?? 'unknown'} tokens`, () => {
      const one = entry('lab/x', [model('lab/x', contextTokens === undefined ? {} : { contextTokens })]);
      assert.ok(one && one.maxOutputTokens >= 128 && one.maxInputTokens > one.maxOutputTokens);
      assert.equal(one.maxInputTokens + one.maxOutputTokens, contextTokens ?? 32_768);
    });
  }
});
