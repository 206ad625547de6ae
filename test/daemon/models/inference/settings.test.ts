// What the user sets for a local model, what its file recommends, and that the host does as they say.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
  contextOf,
  isForCode,
  originsOf,
  recommendedSampling,
  samplingOf,
  settingsFor,
} from '../../../../daemon/models/inference/settings.ts';
import { writeRandomModel } from '../../../fakes/gguf.ts';
import { until } from '../../../process/home.ts';
import { ask, collect, finishOf, never, openWorkbench, textOf } from './workbench.ts';

describe('the settings of a local model', () => {
  it("are the model's own before those for all models", () => {
    const all = { '*': { temperature: 0.2, threads: 2 }, coder: { temperature: 0 } };
    assert.deepEqual(settingsFor('/models/coder.gguf', all), { temperature: 0, threads: 2 });
    assert.deepEqual(settingsFor('/models/Other.GGUF', all), { temperature: 0.2, threads: 2 });
  });

  it('go before what the file recommends, and a request before both', () => {
    const file = { temperature: 0.6, topK: 20 };
    assert.deepEqual(samplingOf({}, {}, undefined), { temperature: 0.7, topK: 40, topP: 0.95, minP: 0.05 });
    assert.deepEqual(samplingOf({ topP: 0.5 }, file, undefined), { temperature: 0.6, topK: 20, topP: 0.5, minP: 0.05 });
    assert.deepEqual(samplingOf({ temperature: 1 }, file, 0), { temperature: 0 });
  });

  it('say where each value comes from', () => {
    assert.deepEqual(
      originsOf({ topP: 0.5, slots: 2 }, { path: '/m/tiny.gguf', sampling: { topK: 20 } }).map(
        ({ name, value, from }) => `${name} ${value} ${from}`,
      ),
      [
        'flashAttention "auto" default',
        'kvType "F16" default',
        'minP 0.05 default',
        'slots 2 config.json',
        'temperature 0.7 default',
        'threads "as measured" default',
        "topK 20 the model's file",
        'topP 0.5 config.json',
      ],
    );
  });

  it('come from the catalog where neither the user nor the file says otherwise', () => {
    const listed = { path: '/m/Qwen3-4B-Instruct-2507-Q4_K_M.gguf', sampling: { topK: 30 } };
    const told = originsOf({ minP: 0.1 }, listed).map(({ name, value, from }) => `${name} ${value} ${from}`);
    assert.deepEqual(told, [
      'flashAttention "auto" default',
      'kvType "F16" default',
      'minP 0.1 config.json',
      'temperature 0.7 catalog',
      'threads "as measured" default',
      "topK 30 the model's file",
      'topP 0.8 catalog',
    ]);
    assert.deepEqual(recommendedSampling(listed), { temperature: 0.7, topP: 0.8, topK: 30, minP: 0 });
  });

  it('hold for the context, the slots, the length of an answer and its words', async () => {
    await using bench = openWorkbench();
    const { inference } = bench;
    const path = bench.file('tiny.gguf');
    writeRandomModel(path);
    inference.configure({ tiny: { contextTokens: 512, slots: 1, maxOutputTokens: 40, temperature: 0 } });
    const once = () => collect(inference.chat(ask(path), never));
    const [first, second] = [await once(), await once()];
    assert.equal(finishOf(first).outputTokens, 40);
    assert.equal(textOf(first), textOf(second));
    await assert.rejects(collect(inference.chat(ask(path, 'x'.repeat(600)), never)), { code: 'context-too-long' });
    const long = inference.chat(ask(path, 'hi', { maxOutputTokens: 400 }), never)[Symbol.asyncIterator]();
    await long.next();
    const waiting = await collect(inference.chat(ask(path), never));
    assert.partialDeepStrictEqual(waiting[0], { kind: 'waiting', ahead: 1 });
    await long.return?.();
  });

  it('that are left to the machine are told once the model is loaded', async () => {
    await using bench = openWorkbench();
    const { inference } = bench;
    const [auto, off] = [bench.file('auto.gguf'), bench.file('off.gguf')];
    for (const path of [auto, off]) writeRandomModel(path);
    inference.configure({ off: { flashAttention: false, threads: 1 } });
    for (const path of [auto, off]) await collect(inference.chat(ask(path, 'hi', { maxOutputTokens: 3 }), never));
    const of = (path: string) => inference.loaded().find((loaded) => loaded.path === path);
    assert.equal(typeof of(auto)?.flashAttention, 'boolean');
    assert.ok((of(auto)?.threads ?? 0) >= 1);
    assert.partialDeepStrictEqual(of(off), { threads: 1 });
    assert.equal(of(off)?.flashAttention, undefined, 'the user decided');
  });

  it('take effect while the host runs: a model is loaded anew where it must be', async () => {
    await using bench = openWorkbench();
    const { inference } = bench;
    const path = bench.file('tiny.gguf');
    writeRandomModel(path);
    const prompt = ask(path, 'x'.repeat(600), { maxOutputTokens: 3 });
    await collect(inference.chat(prompt, never));
    inference.configure({ '*': { contextTokens: 512 } });
    await assert.rejects(collect(inference.chat(prompt, never)), { code: 'context-too-long' });
    inference.configure({});
    assert.equal(finishOf(await collect(inference.chat(prompt, never))).outputTokens, 3);
  });

  it('that a model cannot take are named as such', async () => {
    await using bench = openWorkbench();
    const path = bench.file('tiny.gguf');
    writeRandomModel(path); // its heads are too small to be stored in blocks
    bench.inference.configure({ tiny: { kvType: 'Q8_0' } });
    await assert.rejects(collect(bench.inference.chat(ask(path), never)), { message: /tiny\.gguf.*"localSettings"/ });
  });

  it('keep a model loaded that would leave memory, and one that is loaded before it is asked', async () => {
    await using bench = openWorkbench({ idleUnloadMinutes: 1 / 60_000 });
    const { inference } = bench;
    const [kept, other] = [bench.file('kept.gguf'), bench.file('other.gguf')];
    for (const path of [kept, other]) writeRandomModel(path);
    inference.configure({ kept: { keepLoaded: true } });
    await inference.load(kept, never);
    await inference.load(other, never);
    await until('the other has left', () => inference.loaded().length === 1);
    assert.deepEqual(
      inference.loaded().map(({ path }) => path),
      [kept],
    );
    inference.configure({});
    await until('none is kept', () => inference.loaded().length === 0);
  });
});

describe('a context for code', () => {
  const rows: [what: string, path: string, hasChatTemplate: boolean, isAlone: boolean][] = [
    ['a base model', '/m/base.gguf', false, true],
    ['a model that chats', '/m/coder.gguf', true, false],
    ['a listed model for completion, though its file has a template', '/m/qwen2.5-coder-0.5b-q8_0.gguf', true, true],
    ['a listed model for chats', '/m/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf', true, false],
  ];
  for (const [what, path, hasChatTemplate, isAlone] of rows)
    it(`is ${isAlone ? 'short' : "as long as a chat's"} of ${what}`, () => {
      const alone = isForCode({ path, hasChatTemplate });
      assert.equal(alone, isAlone);
      assert.equal(contextOf({}, 32_768, { isForCode: alone }), isAlone ? 8192 : 32_768);
      assert.equal(contextOf({ contextTokens: 2048 }, 32_768, { isForCode: alone }), 2048);
    });
});
