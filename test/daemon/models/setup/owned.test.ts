// Models as things one owns, over a scripted hub: got, paused, resumed, imported, set, deleted and brought back.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { ConfigFile } from '../../../../daemon/base/config/config.ts';
import { CancelledError, UserError } from '../../../../daemon/base/errors.ts';
import { readGgufHeader } from '../../../../daemon/models/inference/gguf/header.ts';
import type { LoadedModelInfo } from '../../../../daemon/models/inference/inference.ts';
import type { PullProgress } from '../../../../daemon/models/setup/downloads.ts';
import { createModelSetup, type ModelSetup, type ModelSetupDeps } from '../../../../daemon/models/setup/setup.ts';
import { writeRandomModel } from '../../../fakes/gguf.ts';
import { writeProjector } from '../../../fakes/gguf-projector.ts';
import { FakeHub } from '../../../fakes/hub.ts';
import { until } from '../../../process/home.ts';
import { never } from '../inference/workbench.ts';

describe('a model of one’s own', () => {
  let place: string;
  let folder: string;
  let hub: FakeHub;
  let config: ConfigFile;
  let setup: ModelSetup;
  let model: Buffer;
  const unloaded: string[] = [];
  let loaded: LoadedModelInfo[] = [];

  beforeEach(async () => {
    place = mkdtempSync(join(tmpdir(), 'switchyard-owned-'));
    folder = join(place, 'models');
    mkdirSync(folder);
    writeRandomModel(join(place, 'source.gguf'));
    model = readFileSync(join(place, 'source.gguf'));
    hub = await new FakeHub().listen();
    hub.repositories['ann/coder'] = {
      license: 'apache-2.0',
      files: {
        'coder-Q4_K_M.gguf': model,
        'big-Q8_0-00001-of-00002.gguf': model,
        'big-Q8_0-00002-of-00002.gguf': Buffer.alloc(300_000, 'GGUF of the second part'),
      },
    };
    writeFileSync(join(place, 'config.json'), `{\n  // my hub\n  "modelHub": "${hub.address}"\n}\n`);
    config = new ConfigFile(join(place, 'config.json'));
    setup = begin();
  });
  afterEach(async () => {
    setup[Symbol.dispose]();
    await hub[Symbol.asyncDispose]();
    rmSync(place, { recursive: true, force: true });
    unloaded.length = 0;
    loaded = [];
  });

  function begin(rest: Partial<ModelSetupDeps> = {}): ModelSetup {
    const inference = {
      describe: readGgufHeader,
      loaded: () => loaded,
      unload: async (path: string) => void unloaded.push(path),
    } as unknown as ModelSetupDeps['inference'];
    const speeds = { of: () => undefined, forget() {} } as unknown as ModelSetupDeps['speeds'];
    const asked = { hasKey: async () => false, hasModels: async () => false, onChange() {} };
    return createModelSetup({ config, folder, inference, fetch, speeds, ...asked, ...rest });
  }

  const pull = (asked: string, seen: PullProgress[] = [], signal = never) =>
    setup.pull(asked, { signal, onProgress: (progress) => seen.push(progress) });
  const visible = () => readdirSync(folder).filter((name) => !name.startsWith('.'));

  it('comes from the hub with all its parts, telling of the bytes of all, and is one model', async () => {
    const seen: PullProgress[] = [];
    assert.equal(await pull('ann/coder:Q8_0', seen), 'local/big-Q8_0');
    assert.deepEqual(visible(), ['big-Q8_0-00001-of-00002.gguf', 'big-Q8_0-00002-of-00002.gguf']);
    const total = model.length + 300_000;
    assert.deepEqual([seen.at(-1)?.received, seen.at(-1)?.total], [total, total]);
    const facts = await setup.facts();
    assert.deepEqual([...facts.keys()], ['local/big-Q8_0']);
    const { license, isOwned } = facts.get('local/big-Q8_0') ?? {};
    assert.deepEqual([license, isOwned], ['apache-2.0', true]);
    assert.deepEqual(await setup.downloads(), []);
  });

  it('comes by the address of its first part as well', async () => {
    await pull(`${hub.address}/ann/coder/resolve/main/big-Q8_0-00001-of-00002.gguf`);
    assert.equal(visible().length, 2);
  });

  it('comes with all its parts from an address that is no hub’s', async () => {
    assert.equal(await pull(`${hub.address}/storage/ann/coder/big-Q8_0-00001-of-00002.gguf?a=1`), 'local/big-Q8_0');
    assert.equal(visible().length, 2);
    const second = `${hub.address}/storage/ann/coder/big-Q8_0-00002-of-00002.gguf`;
    await assert.rejects(pull(second), { code: 'later-part' });
  });

  it('is not reached where only this machine may be', async () => {
    setup[Symbol.dispose]();
    setup = begin({ fetch: () => Promise.reject(new UserError('local-only', 'Local only is on.')) });
    for (const asked of [
      'ann/coder',
      'smollm2-135m',
      'qwen2.5-coder-0.5b',
      'https://hub.example/a.gguf',
      'ollama/tiny',
    ])
      await assert.rejects(pull(asked), { code: 'local-only' }, asked);
    await assert.rejects(setup.search('coder', { signal: never }), { code: 'local-only' });
  });

  it('is not fetched again where it is here, and another file of its name is not replaced', async () => {
    await pull('ann/coder');
    const asked = hub.requests.length;
    await pull('ann/coder');
    assert.ok(!hub.requests.slice(asked).some((path) => path.includes('/resolve/')));
    writeFileSync(join(folder, 'coder-Q4_K_M.gguf'), 'mine');
    await assert.rejects(pull('ann/coder'), { code: 'name-taken' });
    assert.equal(readFileSync(join(folder, 'coder-Q4_K_M.gguf'), 'utf8'), 'mine');
  });

  /** Sends half of the file that ends with `name`, and no more. */
  function stall(name: string): void {
    hub.instead = (request, response) => {
      if (!request.url?.startsWith('/storage/') || !request.url.endsWith(name)) return false;
      const [, id = '', file = ''] = /^\/storage\/([^/]+\/[^/]+)\/(.+)$/.exec(request.url) ?? [];
      const bytes = hub.repositories[id]?.files[file] ?? Buffer.alloc(0);
      response.writeHead(200, { 'content-length': bytes.length }).write(bytes.subarray(0, bytes.length / 2));
      return true;
    };
  }

  /** Cancels a download once it has received something of the file that stalls. */
  async function pause(asked: string, leastBytes = 1): Promise<void> {
    const cancel = new AbortController();
    const pulling = setup.pull(asked, { signal: cancel.signal, onProgress() {} });
    await until('something received', async () => ((await setup.downloads())[0]?.received ?? 0) >= leastBytes);
    assert.equal((await setup.downloads())[0]?.isRunning, true);
    cancel.abort();
    await assert.rejects(pulling, CancelledError);
    hub.instead = () => false;
  }

  it('is paused by a cancel, listed, and resumed by another daemon', async () => {
    stall('coder-Q4_K_M.gguf');
    await pause('ann/coder');
    const [paused] = await setup.downloads();
    assert.deepEqual([paused?.model, paused?.total, paused?.isRunning], ['ann/coder', model.length, false]);
    assert.ok((paused?.received ?? 0) > 0);
    assert.deepEqual(visible(), []);
    setup[Symbol.dispose]();
    setup = begin();
    await pull('ann/coder');
    assert.match(hub.requests.at(-1) ?? '', /bytes=\d+-/);
    assert.deepEqual(readFileSync(join(folder, 'coder-Q4_K_M.gguf')), model);
  });

  it('keeps the parts that are whole while a later one is under way, and none is offered before all are here', async () => {
    stall('00002-of-00002.gguf');
    await pause('ann/coder:Q8_0', model.length + 1);
    assert.deepEqual(visible(), []);
    const asked = hub.requests.length;
    await pull('ann/coder:Q8_0');
    assert.ok(!hub.requests.slice(asked).some((path) => path.startsWith('/storage/') && path.includes('00001-of')));
    assert.equal(visible().length, 2);
  });

  it('begins anew where the hub has another file since', async () => {
    stall('coder-Q4_K_M.gguf');
    await pause('ann/coder');
    writeRandomModel(join(place, 'newer.gguf'), { seed: 2 });
    const newer = readFileSync(join(place, 'newer.gguf'));
    hub.repositories['ann/coder'] = { files: { 'coder-Q4_K_M.gguf': newer } };
    await pull('ann/coder');
    assert.deepEqual(readFileSync(join(folder, 'coder-Q4_K_M.gguf')), newer);
  });

  it('is refused where what came is not what the hub says', async () => {
    hub.instead = (request, response) => {
      if (!request.url?.startsWith('/storage/')) return false;
      const wrong = Buffer.from(model).fill(0, model.length - 100);
      response.writeHead(200, { 'content-length': wrong.length }).end(wrong);
      return true;
    };
    await assert.rejects(pull('ann/coder'), { code: 'wrong-checksum' });
    assert.deepEqual(visible(), []);
  });

  const refusals: [what: string, headers: Record<string, string>, status: number, message: RegExp][] = [
    ['to accounts alone', { 'x-error-code': 'GatedRepo' }, 401, /requires an account/],
    ['no longer', {}, 404, /Check the address/],
    ['not so often', { 'retry-after': '9' }, 429, /Try again later/],
  ];
  for (const [what, headers, status, message] of refusals)
    it(`tells that the hub gives a file ${what}`, async () => {
      hub.instead = (request, response) => {
        if (!request.url?.includes('/resolve/')) return false;
        response.writeHead(status, headers).end();
        return true;
      };
      await assert.rejects(pull('ann/coder'), message);
    });

  it('is discarded while it is paused', async () => {
    stall('coder-Q4_K_M.gguf');
    await pause('ann/coder');
    await setup.discard('ann/coder');
    assert.deepEqual(await setup.downloads(), []);
    await assert.rejects(setup.discard('ann/coder'), { code: 'no-such-download' });
  });

  it('goes to the trash with all its parts, comes back, and is deleted for good', async () => {
    await pull('ann/coder:Q8_0');
    const id = await setup.delete('local/big-Q8_0');
    assert.ok(id);
    assert.deepEqual([visible(), unloaded.length], [[], 1]);
    const [deleted] = await setup.deleted();
    assert.deepEqual([deleted?.id, deleted?.model], [id, 'local/big-Q8_0']);
    assert.ok((deleted?.bytes ?? 0) > model.length);
    assert.equal(await setup.restore(id), 'local/big-Q8_0');
    assert.equal(visible().length, 2);
    const again = await setup.delete('local/big-Q8_0');
    assert.ok((await setup.purge(again)) > model.length);
    assert.deepEqual(await setup.deleted(), []);
    for (const wrong of [id, '../../config.json', 'none', ''])
      await assert.rejects(setup.restore(wrong), { code: 'model-not-found' });
  });

  for (const { there, kept } of [
    { there: 'mmproj-eye-Q8_0.gguf', kept: 'mmproj-eye-Q8_0.gguf' },
    { there: 'mmproj-F16.gguf', kept: 'mmproj-eye-Q4_K_M.gguf' },
    { there: 'eye.mmproj-f16.gguf', kept: 'eye.mmproj-f16.gguf' },
  ])
    it(`comes with ${there}, which lets it see, goes to the trash with it, and comes back`, async () => {
      writeProjector(join(place, 'projector'));
      const projector = readFileSync(join(place, 'projector'));
      hub.repositories['ann/eye'] = { files: { 'eye-Q4_K_M.gguf': model, 'eye-F16.gguf': model, [there]: projector } };
      assert.equal(await pull('ann/eye:Q4_K_M'), 'local/eye-Q4_K_M');
      await pull('ann/coder:Q4_K_M');
      const all = ['coder-Q4_K_M.gguf', 'eye-Q4_K_M.gguf', kept].toSorted();
      assert.deepEqual(visible().toSorted(), all);
      assert.deepEqual([...(await setup.facts()).keys()].toSorted(), ['local/coder-Q4_K_M', 'local/eye-Q4_K_M']);
      const id = (await setup.delete('local/eye-Q4_K_M')) ?? '';
      assert.deepEqual(visible(), ['coder-Q4_K_M.gguf']);
      assert.equal(await setup.restore(id), 'local/eye-Q4_K_M');
      assert.deepEqual(visible().toSorted(), all);
    });

  it('is copied with what lets it see, and that alone is no model', async () => {
    mkdirSync(join(place, 'eyes'));
    writeFileSync(join(place, 'eyes', 'eye.gguf'), model);
    writeProjector(join(place, 'eyes', 'mmproj-model-f16.gguf'));
    await setup.import(join(place, 'eyes', 'eye.gguf'), { copy: true, signal: never });
    assert.deepEqual(visible().toSorted(), ['eye.gguf', 'mmproj-eye.gguf']);
    const alone = setup.import(join(place, 'eyes', 'mmproj-model-f16.gguf'), { copy: false, signal: never });
    await assert.rejects(alone, /lets another model see pictures, and isn't a model by itself\. Add that model/);
  });

  it('leaves nothing behind but what brings it back: no license, no speed, no address', async () => {
    const forgotten: string[] = [];
    setup[Symbol.dispose]();
    const speeds = { of: () => undefined, forget: (model: string) => forgotten.push(model) };
    setup = begin({ speeds: speeds as unknown as ModelSetupDeps['speeds'] });
    const told = () =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
        .join('\n');
    await pull('ann/coder:Q8_0');
    assert.doesNotMatch(told(), /ann\/coder|http/);
    const id = (await setup.delete('local/big-Q8_0')) ?? '';
    assert.deepEqual(forgotten, ['local/big-Q8_0']);
    await setup.restore(id);
    assert.equal((await setup.facts()).get('local/big-Q8_0')?.license, 'apache-2.0');
    await setup.purge(await setup.delete('local/big-Q8_0'));
    assert.doesNotMatch(told(), /big-Q8_0|apache/);
  });

  it('is brought back in the place of no other file', async () => {
    await pull('ann/coder');
    const id = (await setup.delete('local/coder-Q4_K_M')) ?? '';
    writeFileSync(join(folder, 'coder-Q4_K_M.gguf'), 'another');
    await assert.rejects(setup.restore(id), { code: 'name-taken' });
    assert.equal(readFileSync(join(folder, 'coder-Q4_K_M.gguf'), 'utf8'), 'another');
  });

  it('of the user’s own is taken off the list and stays where it is', async () => {
    const path = join(place, 'source.gguf');
    assert.deepEqual(await setup.import(path, { copy: false, signal: never }), ['local/source']);
    assert.equal((await setup.facts()).get('local/source')?.isOwned, false);
    assert.equal(await setup.delete('local/source'), undefined);
    assert.ok(existsSync(path));
    assert.deepEqual(config.config.localModels, []);
  });

  it('is imported out of a folder, whole files and first parts, or copied with all parts', async () => {
    const shelf = join(place, 'shelf', 'ann');
    mkdirSync(shelf, { recursive: true });
    for (const name of [
      'one.gguf',
      'two-00001-of-00002.gguf',
      'two-00002-of-00002.gguf',
      'mmproj-one.gguf',
      'notes.txt',
    ])
      writeFileSync(join(shelf, name), model);
    const options = { copy: false, signal: never };
    assert.deepEqual(await setup.import(join(place, 'shelf'), options), ['local/one', 'local/two']);
    const part = join(shelf, 'two-00002-of-00002.gguf');
    assert.deepEqual(await setup.import(part, { ...options, copy: true }), ['local/two']);
    assert.deepEqual(visible(), ['two-00001-of-00002.gguf', 'two-00002-of-00002.gguf']);
    await assert.rejects(setup.import(join(place, 'models', '.trash'), options), { code: 'no-such-file' });
  });

  it('is set in config.json, which keeps its comments, and each value says whose it is', async () => {
    await pull('ann/coder');
    const id = 'local/coder-Q4_K_M';
    const originOf = (name: string, settings: Awaited<ReturnType<ModelSetup['settings']>>) => {
      const { value, from } = settings.find((each) => each.name === name) ?? {};
      return [value, from];
    };
    assert.deepEqual(originOf('temperature', await setup.settings(id)), ['0.7', 'default']);
    assert.deepEqual(originOf('temperature', await setup.configure(id, 'temperature', 0.1)), ['0.1', 'config.json']);
    await setup.configure('*', 'threads', 3);
    assert.deepEqual(originOf('threads', await setup.settings(id)), ['3', 'config.json']);
    loaded = [{ path: join(folder, 'coder-Q4_K_M.gguf'), bytes: 1, role: 'chat', threads: 3, flashAttention: true }];
    const now = (await setup.settings(id)).flatMap((each) =>
      each.now ? [`${each.name} ${each.value} ${each.now}`] : [],
    );
    assert.deepEqual(now, ['flashAttention "auto" on'], 'where the user decided, nothing else is in use');
    await setup.configure(id, 'keepLoaded', true);
    assert.equal((await setup.facts()).get(id)?.keepLoaded, true);
    assert.deepEqual(originOf('temperature', await setup.configure(id, 'temperature', undefined)), ['0.7', 'default']);
    assert.match(readFileSync(config.file, 'utf8'), /\/\/ my hub/);
    const all = await setup.settings(id);
    assert.ok(all.every(({ description }) => /^[A-Z0-9].*\.$/.test(description)));
    await assert.rejects(setup.configure(id, 'temperature', 9), { code: 'wrong-value' });
    await assert.rejects(setup.configure(id, 'warmth', 1), /There's no setting "warmth"\. Choose one of contextTokens/);
    await assert.rejects(setup.configure('local/none', 'threads', 1), { code: 'model-not-found' });
  });
});
