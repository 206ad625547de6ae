// The rows of "Download Model…", of a model's settings and of GPU support.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { fileItems, type HubModel, hubItems, listedItems, typedItems } from '../../../extension/models/found-items.ts';
import { gpuChoices, gpuOffer } from '../../../extension/models/gpu-words.ts';
import { downloadWords, shortName } from '../../../extension/models/quantities.ts';
import { settingItems, typedValue } from '../../../extension/models/setting-items.ts';

const file = (quantization: string, bytes: number, fits = true) => ({
  model: `ada/coder:${quantization}`,
  file: `coder-${quantization}.gguf`,
  quantization,
  bytes,
  parts: 1,
  fits,
  why: fits ? 'It fits.' : 'It needs 90 GB.',
});
const hub: HubModel = {
  id: 'ada/coder',
  downloads: 12_345,
  license: 'apache-2.0',
  isGated: false,
  files: [file('Q4_K_M', 1.1e9), file('Q8_0', 1.9e9), file('F16', 90e9, false)],
};

describe('the rows of "Download Model…"', () => {
  it("are the list's models that match what is typed, with size and license", () => {
    const download = { url: '', contextTokens: 1, roles: [], why: 'Fits.' };
    const downloads = [
      { ...download, id: 'tiny', label: 'Tiny: shows that all works', sizeBytes: 98e6, license: 'MIT', fits: true },
      { ...download, id: 'huge', label: 'Huge', sizeBytes: 40e9, license: 'MIT', fits: false },
    ];
    assert.deepEqual(
      listedItems(downloads, '').map(({ label, description }) => [label, description]),
      [
        ['Tiny: shows that all works', '98 MB · MIT'],
        ['$(warning) Huge', '40 GB · MIT'],
      ],
    );
    assert.deepEqual(
      listedItems(downloads, ' WORKS').map(({ model }) => model),
      ['tiny'],
    );
  });

  for (const [typed, model] of [
    ['https://models.example/a.gguf', 'https://models.example/a.gguf'],
    ['ollama/qwen3:1b', 'ollama/qwen3:1b'],
    ['http://models.example/a.gguf', undefined],
    ['ollama/', undefined],
    ['coder small', undefined],
  ] as const) {
    it(`take "${typed}" ${model ? 'as it is' : 'for words to search for'}`, () => {
      assert.equal(typedItems(typed)[0]?.model, model);
    });
  }

  it("say of a hub's model how large its files are, its license, and that terms must be accepted", () => {
    const [item] = hubItems([{ ...hub, isGated: true }]);
    assert.equal(item?.description, '1.1 GB to 90 GB · apache-2.0 · 12.3k downloads · terms must be accepted first');
    assert.equal(item?.detail, undefined);
  });

  it('warn of one of which nothing fits, leave out one without files, and show no icon of a name or a license', () => {
    const items = hubItems([
      { ...hub, id: '$(check)/x', license: '$(verified) mit', files: [file('F16', 90e9, false)] },
      { ...hub, files: [] },
    ]);
    assert.deepEqual(
      items.map(({ label, detail }) => [label, detail]),
      [['$ (check)/x', "$(warning) None of its files fit in this machine's memory."]],
    );
    assert.match(items[0]?.description ?? '', / · \$ \(verified\) mit · /);
  });

  it('begin with the best file that fits, and end with those that are too large', () => {
    assert.deepEqual(
      fileItems(hub).map(({ label, model }) => [label, model]),
      [
        ['Q8_0', 'ada/coder:Q8_0'],
        ['Q4_K_M', 'ada/coder:Q4_K_M'],
        ['$(warning) F16', 'ada/coder:F16'],
      ],
    );
  });
});

describe('how far a download is', () => {
  for (const [secondsLeft, words] of [
    [12, 'about 12 s left'],
    [125, 'about 2 min left'],
    [7300, 'about 2 h left'],
    [undefined, undefined],
  ] as const) {
    it(`is said with ${words ?? 'no time where none is known'}`, () => {
      const expected = ['12 MB of 1.1 GB', words].filter(Boolean).join(' · ');
      assert.equal(downloadWords({ received: 12e6, total: 1.1e9, secondsLeft }), expected);
    });
  }
});

describe('the name of a download', () => {
  for (const [asked, name] of [
    ['ada/coder:coder-Q4_K_M.gguf', 'coder-Q4_K_M'],
    ['ada/coder:Q4_K_M', 'ada/coder:Q4_K_M'],
    ['https://models.example/files/a.gguf?download=true', 'a'],
    ['ollama/qwen3:1b', 'ollama/qwen3:1b'],
  ] as const) {
    it(`is ${name} for ${asked}`, () => {
      assert.equal(shortName(asked), name);
    });
  }
});

describe("a model's settings", () => {
  it('are shown with the value and whose it is', () => {
    const settings = [
      { name: 'contextTokens', value: '4096', from: 'config.json', description: 'The context window.' },
      { name: 'threads', value: '"as measured"', from: 'default', now: '2', description: 'Threads.' },
      { name: 'gpuLayers', from: 'default', description: 'Layers on the GPU.' },
    ];
    assert.deepEqual(
      settingItems(settings).map(({ label, description }) => [label, description]),
      [
        ['Context tokens', '4096 · config.json'],
        ['Threads', '"as measured" · default · now 2'],
        ['GPU layers', 'automatic · default'],
      ],
    );
  });

  for (const [typed, value] of [
    ['4096', 4096],
    [' true ', true],
    ['"Q8_0"', 'Q8_0'],
    ['Answer in French.', 'Answer in French.'],
    ['[{"path":"/a.gguf"}]', [{ path: '/a.gguf' }]],
    ['  ', undefined],
  ] as const) {
    it(`take ${JSON.stringify(typed)} for ${JSON.stringify(value) ?? 'no value'}`, () => {
      assert.deepEqual(typedValue(typed), value);
    });
  }
});

describe('GPU support', () => {
  const offers = [
    { kind: 'cuda' as const, bytes: 319_526_122 },
    { kind: 'vulkan' as const, bytes: 27_476_121 },
  ];

  it('is offered with its size for each kind, the smaller download first', () => {
    assert.deepEqual(
      gpuChoices({ offers }).map(({ label, gpuKind }) => [label, gpuKind]),
      [
        ['Vulkan: 28 MB download', 'vulkan'],
        ['CUDA: 320 MB download', 'cuda'],
      ],
    );
  });

  it('is offered by the name of the GPU, but not where there is nothing to get or one kind is installed', () => {
    const status = { devices: ['NVIDIA H200'], installed: [], offers, detail: '' };
    assert.equal(gpuOffer(status), 'This machine has NVIDIA H200: get GPU support (28 MB)');
    assert.equal(gpuOffer({ ...status, offers: [] }), undefined);
    assert.equal(gpuOffer({ ...status, installed: ['vulkan'], offers: offers.slice(0, 1) }), undefined);
  });
});
