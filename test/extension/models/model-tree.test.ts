// The rows of the Models view.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { type ModelRow, type ModelTreeState, modelTree } from '../../../extension/models/model-tree.ts';
import type { Model } from '../../../shared/protocol/models.ts';
import { inEnglish, type Translate } from '../../../shared/words/translate.ts';
import { root } from '../../architecture/sources.ts';

const german = JSON.parse(readFileSync(`${root}/l10n/bundle.l10n.de.json`, 'utf8')) as Record<string, string>;

const common = { capabilities: {}, source: 'file' as const, health: { state: 'ok' as const } };
const own = (name: string, over: Partial<Model> = {}): Model => ({
  ...common,
  id: `local/${name}`,
  provider: 'local',
  local: true,
  loaded: false,
  isOwned: true,
  ...over,
});
const ollama: Model = { ...common, id: 'ollama/qwen3:1b', provider: 'ollama', local: true, bytes: 1.3e9 };
const cloud: Model = {
  ...common,
  id: 'openai/large',
  provider: 'openai',
  local: false,
  price: { input: 3, output: 15 },
};
const nothing: ModelTreeState = { models: [], downloads: [], gpu: undefined, notes: [] };
const card = { devices: ['NVIDIA H200'], installed: [], offers: [], detail: '' };

const labels = (rows: readonly ModelRow[]): string[] => rows.map(({ label }) => label);
function rowOf(state: Partial<ModelTreeState>, id: string, ...rest: Parameters<typeof modelTree>[1][]): ModelRow {
  const rows = modelTree({ ...nothing, ...state }, ...rest).flatMap((row) => [row, ...row.children]);
  const row = rows.find((each) => each.id === id);
  assert.ok(row, `no ${id} among ${rows.map((each) => each.id).join(', ')}`);
  return row;
}

describe('the rows of the Models view', () => {
  it('are the models of this machine, then those of other programs here, then those of providers', () => {
    const groups = modelTree({ ...nothing, models: [cloud, ollama, own('tiny')] });
    assert.deepEqual(labels(groups), ['On this machine', 'Ollama', 'openai']);
    assert.deepEqual(
      groups.map(({ children }) => labels(children)),
      [['tiny'], ['qwen3:1b'], ['large']],
    );
  });

  it('are in the language that they are asked in', () => {
    const inGerman: Translate = (text, ...values) => inEnglish(german[text] ?? text, ...values);
    const models = [own('tiny', { keepLoaded: true, loaded: true, memoryBytes: 640e6, speed: { write: 41 } }), ollama];
    const [here, other] = modelTree({ ...nothing, models }, new Map(), inGerman);
    assert.deepEqual([here?.label, other?.description], ['Auf diesem Rechner', 'auf diesem Rechner']);
    assert.equal(here?.children[0]?.description, 'bleibt geladen · 640 MB Speicher · 41 Token/s');
    const [none] = modelTree({ ...nothing, models: [] }, new Map(), inGerman);
    assert.equal(none?.children[0]?.label, 'Ein Modell holen…');
  });

  it('begin with a way to get a model where there is none', () => {
    const [here] = modelTree({ ...nothing, models: [cloud] });
    assert.deepEqual(labels(here?.children ?? []), ['Get a model…']);
    assert.equal(here?.children[0]?.command?.command, 'switchyard.downloadModel');
  });

  const described: [string, Partial<Model>, string][] = [
    ['one that is not loaded', { bytes: 98_362_432, contextTokens: 8192 }, '98 MB · 8.2k context'],
    [
      'one in memory, with its speed measured here',
      { loaded: true, bytes: 98e6, memoryBytes: 640e6, speed: { read: 310, write: 41.6 }, contextTokens: 8192 },
      'loaded · 640 MB of memory · 42 tokens/s · 8.2k context',
    ],
    ['a slow one', { speed: { write: 1.25 } }, '1.3 tokens/s'],
    ['one that is kept', { loaded: true, keepLoaded: true, bytes: 1.1e9 }, 'kept loaded · 1.1 GB'],
    ["one that can't be used", { unavailable: 'Its file is damaged.', bytes: 5 }, 'Its file is damaged.'],
  ];
  for (const [what, over, words] of described) {
    it(`say of ${what}: ${words}`, () => {
      assert.equal(rowOf({ models: [own('tiny', over)] }, 'model:local/tiny').description, words);
    });
  }

  const offered: [string, Partial<Model>, string[], string[]][] = [
    ['a downloaded model', {}, ['own', 'unloaded', 'free', 'owned'], ['loaded', 'kept', 'listed']],
    ['a loaded one', { loaded: true }, ['own', 'loaded', 'free'], ['unloaded']],
    ['a kept one', { loaded: true, keepLoaded: true }, ['loaded', 'kept'], ['free']],
    ["a file of the user's own", { isOwned: false }, ['own', 'listed'], ['owned']],
    ["Ollama's", { id: 'ollama/a', provider: 'ollama' }, ['model'], ['own', 'loaded', 'unloaded', 'owned', 'listed']],
  ];
  for (const [what, over, has, lacks] of offered) {
    it(`offer for ${what} what can be done with it, and nothing else`, () => {
      const { id = 'local/tiny' } = over;
      const { context } = rowOf({ models: [own('tiny', over)] }, `model:${id}`);
      for (const word of has) assert.match(context, new RegExp(`\\b${word}\\b`));
      for (const word of lacks) assert.doesNotMatch(context, new RegExp(`\\b${word}\\b`));
    });
  }

  it('have the license and the file in the tooltip, where nothing of a file name is taken for Markdown', () => {
    const { tooltip } = rowOf(
      { models: [own('a_*b*', { license: 'MIT', file: '/m/a_*b*.gguf' })] },
      'model:local/a_*b*',
    );
    assert.match(tooltip ?? '', /License: MIT|License\\: MIT/);
    assert.match(tooltip ?? '', /a\\_\\\*b\\\*\\\.gguf/);
  });

  it('offer GPU support with the name of the GPU and the size, until it is installed', () => {
    const offers = [
      { kind: 'cuda' as const, bytes: 319_526_122 },
      { kind: 'vulkan' as const, bytes: 27_476_121 },
    ];
    const offer = rowOf({ gpu: { ...card, offers } }, 'gpu');
    assert.equal(offer.label, 'This machine has NVIDIA H200: get GPU support (28 MB)');
    assert.equal(offer.command?.command, 'switchyard.installGpu');
    const installed = rowOf({ gpu: { ...card, installed: ['vulkan'], offers: offers.slice(0, 1) } }, 'gpu');
    assert.equal(installed.command, undefined);
    assert.equal(installed.context, 'gpu-installed');
    assert.equal(modelTree({ ...nothing, gpu: { ...card, devices: [] } })[0]?.id, 'group:local');
  });

  it('show how far downloads are: of this window, of others, and paused ones', () => {
    const downloads = [
      { model: 'ours', received: 1e6, total: 98e6, isRunning: true },
      { model: 'theirs', received: 2e6, total: 98e6, isRunning: true },
      { model: 'paused', received: 3e6, total: 98e6, isRunning: false },
    ];
    const progress = new Map([['ours', { received: 49e6, total: 98e6, secondsLeft: 130 }]]);
    const rows = ['ours', 'theirs', 'paused'].map((model) => rowOf({ downloads }, `download:${model}`, progress));
    assert.deepEqual(
      rows.map(({ context, description }) => [context, description]),
      [
        ['download running', '49 MB of 98 MB · about 2 min left'],
        ['download elsewhere', '2 MB of 98 MB'],
        ['download paused', 'paused · 3 MB of 98 MB'],
      ],
    );
  });

  it('show a download as soon as it has begun', () => {
    assert.equal(rowOf({}, 'download:new', new Map([['new', { received: 0 }]])).context, 'download running');
  });
});
